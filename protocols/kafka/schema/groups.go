package schema

// Consumer groups of the classic protocol, and their offsets.
//
// Behaviour: see the machines that speak these; here is only what the bytes are.
// Versions: all up to the newest that wire offers, and mostly beyond.
// Not done: nothing of a message is left out.
var groups = []text{
	{8, 8, // OffsetCommit
		`group_id:string generation_id:int32/1+=-1 member_id:string/1+ group_instance_id:string?/7+ retention_time_ms:int64/2-4=-1 topics:[
			topic:string/0-9 topic_id:uuid/10+ partitions:[ partition:int32 offset:int64 timestamp:int64/1-1=-1 leader_epoch:int32/6+=-1
			metadata:string? ] ]`,
		`throttle_ms:int32/3+ topics:[ topic:string/0-9 topic_id:uuid/10+ partitions:[ partition:int32 error_code:int16 ] ]`},
	{9, 6, // OffsetFetch
		`group_id:string/0-7 topics:[ topic:string partitions:[]int32 ]?2+/0-7 groups:[ group_id:string member_id:string?/9+ member_epoch:int32/9+=-1
			topics:[ topic:string/8-9 topic_id:uuid/10+ partitions:[]int32 ]? ]/8+ require_stable:bool/7+`,
		`throttle_ms:int32/3+ topics:[ topic:string partitions:[ partition:int32 offset:int64 leader_epoch:int32/5+=-1 metadata:string?
			error_code:int16 ] ]/0-7 error_code:int16/2-7 groups:[ group_id:string topics:[ topic:string/8-9 topic_id:uuid/10+ partitions:[
			partition:int32 offset:int64 leader_epoch:int32=-1 metadata:string? error_code:int16 ] ] error_code:int16 ]/8+`},
	{10, 3, // FindCoordinator
		`coordinator_key:string/0-3 coordinator_type:int8/1+ coordinator_keys:[]string/4+`,
		`throttle_ms:int32/1+ error_code:int16/0-3 error_message:string?/1-3 node_id:int32/0-3 host:string/0-3 port:int32/0-3 coordinators:[
			key:string node_id:int32 host:string port:int32 error_code:int16 error_message:string? ]/4+`},
	{11, 6, // JoinGroup
		`group_id:string session_timeout_ms:int32 rebalance_timeout_ms:int32/1+=-1 member_id:string group_instance_id:string?/5+ protocol_type:string
			protocols:[ name:string metadata:subscription ] reason:string?/8+`,
		`throttle_ms:int32/2+ error_code:int16 generation_id:int32=-1 protocol_type:string?/7+ protocol:string?7+ leader_id:string
			skip_assignment:bool/9+ member_id:string members:[ member_id:string group_instance_id:string?/5+ protocol_metadata:subscription ]`},
	{12, 4, // Heartbeat
		`group_id:string generation_id:int32 member_id:string group_instance_id:string?/3+`,
		`throttle_ms:int32/1+ error_code:int16`},
	{13, 4, // LeaveGroup
		`group_id:string member_id:string/0-2 members:[ member_id:string group_instance_id:string? reason:string?/5+ ]/3+`,
		`throttle_ms:int32/1+ error_code:int16 members:[ member_id:string group_instance_id:string? error_code:int16 ]/3+`},
	{14, 4, // SyncGroup
		`group_id:string generation_id:int32 member_id:string group_instance_id:string?/3+ protocol_type:string?/5+ protocol:string?/5+
			group_assignment:[ member_id:string member_assignment:assignment ]`,
		`throttle_ms:int32/1+ error_code:int16 protocol_type:string?/5+ protocol:string?/5+ member_assignment:assignment`},
	{15, 5, // DescribeGroups
		`groups:[]string include_authorized_operations:bool/3+`,
		`throttle_ms:int32/1+ groups:[ error_code:int16 error_message:string?/6+ group_id:string state:string protocol_type:string protocol:string
			members:[ member_id:string group_instance_id:string?/4+ client_id:string client_host:string protocol_metadata:subscription
			member_assignment:assignment ] authorized_operations:int32/3+=-2147483648 ]`},
	{16, 3, // ListGroups
		`states_filter:[]string/4+ types_filter:[]string/5+`,
		`throttle_ms:int32/1+ error_code:int16 groups:[ group_id:string protocol_type:string group_state:string/4+ group_type:string/5+ ]`},
	{42, 2, // DeleteGroups
		`groups:[]string`,
		`throttle_ms:int32 groups:[ group_id:string error_code:int16 error_message:string?/3+ ]`},
	{47, never, // OffsetDelete
		`group_id:string topics:[ topic:string partitions:[ partition:int32 ] ]`,
		`error_code:int16 throttle_ms:int32 topics:[ topic:string partitions:[ partition:int32 error_code:int16 ] ]`},
}

// nested are the consumers' own messages within those of their groups, which
// the broker passes on without a look: ConsumerProtocolSubscription and
// ConsumerProtocolAssignment of the protocol guide.
var nested = map[Kind]*Message{
	Subscription: {Flexible: never, Fields: parse(`version:int16 topics:[]string user_data:bytes?
		owned_partitions:[ topic:string partitions:[]int32 ]/1+ generation_id:int32/2+ rack_id:string?/3+`)},
	Assignment: {Flexible: never, Fields: parse(`version:int16 assigned_partitions:[ topic:string partitions:[]int32 ] user_data:bytes?`)},
}
