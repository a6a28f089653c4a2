package schema

// Topics, their configuration and where their replicas are.
//
// Behaviour: see the machines that speak these; here is only what the bytes are.
// Versions: all up to the newest that wire offers, and mostly beyond.
// Not done: nothing of a message is left out.
var topics = []text{
	{19, 5, // CreateTopics
		`topics:[ topic:string num_partitions:int32 replication_factor:int16 replica_assignment:[ partition:int32 replicas:[]int32 ] configs:[
			name:string value:string? ] ] timeout_ms:int32=60000 validate_only:bool/1+`,
		`throttle_ms:int32/2+ topics:[ topic:string topic_id:uuid/7+ error_code:int16 error_message:string?/1+ config_error_code:int16#0
			num_partitions:int32/5+=-1 replication_factor:int16/5+=-1 configs:[ name:string value:string? read_only:bool source:int8=-1
			is_sensitive:bool ]?/5+ ]`},
	{20, 4, // DeleteTopics
		`topic_names:[]string/0-5 topics:[ topic:string? topic_id:uuid ]/6+ timeout_ms:int32=15000`,
		`throttle_ms:int32/1+ topics:[ topic:string?6+ topic_id:uuid/6+ error_code:int16 error_message:string?/5+ ]`},
	{32, 4, // DescribeConfigs
		`resources:[ resource_type:int8 resource_name:string config_names:[]string? ] include_synonyms:bool/1+ include_documentation:bool/3+`,
		`throttle_ms:int32 resources:[ error_code:int16 error_message:string? resource_type:int8 resource_name:string configs:[ name:string
			value:string? read_only:bool is_default:bool/0-0 source:int8/1+=-1 is_sensitive:bool config_synonyms:[ name:string value:string? source:int8
			]/1+ config_type:int8/3+ documentation:string?/3+ ] ]`},
	{33, 2, // AlterConfigs
		`resources:[ resource_type:int8 resource_name:string configs:[ name:string value:string? ] ] validate_only:bool`,
		`throttle_ms:int32 resources:[ error_code:int16 error_message:string? resource_type:int8 resource_name:string ]`},
	{35, 2, // DescribeLogDirs
		`topics:[ topic:string partitions:[]int32 ]?`,
		`throttle_ms:int32 error_code:int16/3+ dirs:[ error_code:int16 dir:string topics:[ topic:string partitions:[ partition:int32 size:int64
			offset_lag:int64 is_future:bool ] ] total_bytes:int64/4+=-1 usable_bytes:int64/4+=-1 is_cordoned:bool/5+ ]`},
	{37, 2, // CreatePartitions
		`topics:[ topic:string count:int32 assignment:[ replicas:[]int32 ]? ] timeout_ms:int32=15000 validate_only:bool`,
		`throttle_ms:int32 topics:[ topic:string error_code:int16 error_message:string? ]`},
	{43, 2, // ElectLeaders
		`election_type:int8/1+ topics:[ topic:string partitions:[]int32 ]? timeout_ms:int32=60000`,
		`throttle_ms:int32 error_code:int16/1+ topics:[ topic:string partitions:[ partition:int32 error_code:int16 error_message:string? ] ]`},
	{44, 1, // IncrementalAlterConfigs
		`resources:[ resource_type:int8 resource_name:string configs:[ name:string op:int8 value:string? ] ] validate_only:bool`,
		`throttle_ms:int32 resources:[ error_code:int16 error_message:string? resource_type:int8 resource_name:string ]`},
	{45, 0, // AlterPartitionReassignments
		`timeout_ms:int32=60000 allow_replication_factor_change:bool/1+=1 topics:[ topic:string partitions:[ partition:int32 replicas:[]int32? ] ]`,
		`throttle_ms:int32 allow_replication_factor_change:bool/1+=1 error_code:int16 error_message:string? topics:[ topic:string partitions:[
			partition:int32 error_code:int16 error_message:string? ] ]`},
	{46, 0, // ListPartitionReassignments
		`timeout_ms:int32=60000 topics:[ topic:string partitions:[]int32 ]?`,
		`throttle_ms:int32 error_code:int16 error_message:string? topics:[ topic:string partitions:[ partition:int32 replicas:[]int32
			adding_replicas:[]int32 removing_replicas:[]int32 ] ]`},
	{75, 0, // DescribeTopicPartitions
		`topics:[ topic:string ] response_partition_limit:int32=2000 cursor:{ topic:string partition:int32 }?`,
		`throttle_ms:int32 topics:[ error_code:int16 topic:string? topic_id:uuid is_internal:bool partitions:[ error_code:int16 partition:int32
			leader_id:int32 leader_epoch:int32=-1 replicas:[]int32 isr:[]int32 eligible_leader_replicas:[]int32? last_known_elr:[]int32?
			offline_replicas:[]int32 ] authorized_operations:int32=-2147483648 ] next_cursor:{ topic:string partition:int32 }?`},
}
