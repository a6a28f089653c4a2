package schema

// Produce, Fetch, ListOffsets, DeleteRecords and OffsetForLeaderEpoch: what moves
// records in and out of partitions, between clients, leaders and followers.
//
// Behaviour: see the machines that speak these; here is only what the bytes are.
// Versions: all up to the newest that wire offers, and mostly beyond.
// Not done: nothing of a message is left out.
var records = []text{
	{0, 9, // Produce
		`transactional_id:string?/3+ acks:int16 timeout_ms:int32=15000 topics:[ topic:string/0-12 topic_id:uuid/13+ partitions:[ partition:int32
			records:records? ] ]`,
		`topics:[ topic:string/0-12 topic_id:uuid/13+ partitions:[ partition:int32 error_code:int16 base_offset:int64 log_append_time:int64/2+=-1
			log_start_offset:int64/5+=-1 error_records:[ relative_offset:int32 error_message:string? ]/8+ error_message:string?/8+ current_leader:{
			leader_id:int32=-1 leader_epoch:int32=-1 }#0 ] ] throttle_ms:int32/1+ brokers:[ node_id:int32 host:string port:int32 rack:string? ]#0`},
	{1, 12, // Fetch
		`cluster_id:string?#0 replica_id:int32/0-14=-1 replica_state:{ id:int32=-1 epoch:int64=-1 }#1 max_wait_ms:int32 min_bytes:int32
			max_bytes:int32/3+=2147483647 isolation_level:int8/4+ session_id:int32/7+ session_epoch:int32/7+=-1 topics:[ topic:string/0-12
			topic_id:uuid/13+ partitions:[ partition:int32 current_leader_epoch:int32/9+=-1 fetch_offset:int64 last_fetched_epoch:int32/12+=-1
			log_start_offset:int64/5+=-1 partition_max_bytes:int32 replica_directory_id:uuid#0 high_watermark:int64#1=9223372036854775807 ] ]
			forgotten_topics:[ topic:string/7-12 topic_id:uuid/13+ partitions:[]int32 ]/7+ rack:string/11+`,
		`throttle_ms:int32/1+ error_code:int16/7+ session_id:int32/7+ topics:[ topic:string/0-12 topic_id:uuid/13+ partitions:[ partition:int32
			error_code:int16 high_watermark:int64 last_stable_offset:int64/4+=-1 log_start_offset:int64/5+=-1 diverging_epoch:{ epoch:int32=-1
			end_offset:int64=-1 }#0 current_leader:{ leader_id:int32=-1 leader_epoch:int32=-1 }#1 snapshot_id:{ end_offset:int64=-1 epoch:int32=-1 }#2
			aborted_transactions:[ producer_id:int64 first_offset:int64 ]?/4+ preferred_read_replica:int32/11+=-1 records:records? ] ] brokers:[
			node_id:int32 host:string port:int32 rack:string? ]#0`},
	{2, 6, // ListOffsets
		`replica_id:int32=-1 isolation_level:int8/2+ topics:[ topic:string partitions:[ partition:int32 current_leader_epoch:int32/4+=-1
			timestamp:int64 max_num_offsets:int32/0-0=1 ] ] timeout_ms:int32/10+=30000`,
		`throttle_ms:int32/2+ topics:[ topic:string partitions:[ partition:int32 error_code:int16 old_style_offsets:[]int64/0-0 timestamp:int64/1+=-1
			offset:int64/1+=-1 leader_epoch:int32/4+=-1 ] ]`},
	{21, 2, // DeleteRecords
		`topics:[ topic:string partitions:[ partition:int32 offset:int64 ] ] timeout_ms:int32=15000`,
		`throttle_ms:int32 topics:[ topic:string partitions:[ partition:int32 low_watermark:int64 error_code:int16 ] ]`},
	{23, 4, // OffsetForLeaderEpoch
		`replica_id:int32/3+=-2 topics:[ topic:string partitions:[ partition:int32 current_leader_epoch:int32/2+=-1 leader_epoch:int32 ] ]`,
		`throttle_ms:int32/2+ topics:[ topic:string partitions:[ error_code:int16 partition:int32 leader_epoch:int32/1+=-1 end_offset:int64=-1 ] ]`},
}
