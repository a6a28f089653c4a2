package schema

// Who is there: what clients learn of the cluster, the quorum of the metadata log
// (KIP-595), and brokers that report to the controller (KIP-631).
//
// Behaviour: see the machines that speak these; here is only what the bytes are.
// Versions: all up to the newest that wire offers, and mostly beyond.
// Not done: nothing of a message is left out.
var cluster = []text{
	{3, 9, // Metadata
		`topics:[ topic_id:uuid/10+ topic:string?10+ ]?1+ allow_auto_topic_creation:bool/4+ include_cluster_authorized_operations:bool/8-10
			include_topic_authorized_operations:bool/8+`,
		`throttle_ms:int32/3+ brokers:[ node_id:int32 host:string port:int32 rack:string?/1+ ] cluster_id:string?/2+ controller_id:int32/1+=-1
			topics:[ error_code:int16 topic:string?12+ topic_id:uuid/10+ is_internal:bool/1+ partitions:[ error_code:int16 partition:int32 leader:int32
			leader_epoch:int32/7+=-1 replicas:[]int32 isr:[]int32 offline_replicas:[]int32/5+ ] authorized_operations:int32/8+=-2147483648 ]
			authorized_operations:int32/8-10=-2147483648 error_code:int16/13+`},
	{18, 3, // ApiVersions
		`client_software_name:string/3+ client_software_version:string/3+ cluster_id:string?/5+ node_id:int32/5+=-1`,
		`error_code:int16 api_keys:[ api_key:int16 min_version:int16 max_version:int16 ] throttle_ms:int32/1+ supported_features:[ name:string
			min_version:int16 max_version:int16 ]#0 finalized_features_epoch:int64#1=-1 finalized_features:[ name:string max_version_level:int16
			min_version_level:int16 ]#2 zk_migration_ready:bool#3`},
	{52, 0, // Vote
		`cluster_id:string? voter_id:int32/1+=-1 topics:[ topic:string partitions:[ partition:int32 candidate_epoch:int32 candidate_id:int32
			candidate_directory_id:uuid/1+ voter_directory_id:uuid/1+ last_offset_epoch:int32 last_offset:int64 pre_vote:bool/2+ ] ]`,
		`error_code:int16 topics:[ topic:string partitions:[ partition:int32 error_code:int16 leader_id:int32 leader_epoch:int32 vote_granted:bool ]
			] node_endpoints:[ node_id:int32/1+ host:string/1+ port:uint16/1+ ]#0`},
	{53, 1, // BeginQuorumEpoch
		`cluster_id:string? voter_id:int32/1+=-1 topics:[ topic:string partitions:[ partition:int32 voter_directory_id:uuid/1+ leader_id:int32
			leader_epoch:int32 ] ] leader_endpoints:[ name:string host:string port:uint16 ]/1+`,
		`error_code:int16 topics:[ topic:string partitions:[ partition:int32 error_code:int16 leader_id:int32 leader_epoch:int32 ] ] node_endpoints:[
			node_id:int32/1+ host:string/1+ port:uint16/1+ ]#0`},
	{54, 1, // EndQuorumEpoch
		`cluster_id:string? topics:[ topic:string partitions:[ partition:int32 leader_id:int32 leader_epoch:int32 preferred_successors:[]int32/0-0
			preferred_candidates:[ candidate_id:int32 candidate_directory_id:uuid ]/1+ ] ] leader_endpoints:[ name:string host:string port:uint16 ]/1+`,
		`error_code:int16 topics:[ topic:string partitions:[ partition:int32 error_code:int16 leader_id:int32 leader_epoch:int32 ] ] node_endpoints:[
			node_id:int32/1+ host:string/1+ port:uint16/1+ ]#0`},
	{55, 0, // DescribeQuorum
		`topics:[ topic:string partitions:[ partition:int32 ] ]`,
		`error_code:int16 error_message:string?/2+ topics:[ topic:string partitions:[ partition:int32 error_code:int16 error_message:string?/2+
			leader_id:int32 leader_epoch:int32 high_watermark:int64 current_voters:[ replica_id:int32 replica_directory_id:uuid/2+ log_end_offset:int64
			last_fetch_timestamp:int64/1+=-1 last_caught_up_timestamp:int64/1+=-1 ] observers:[ replica_id:int32 replica_directory_id:uuid/2+
			log_end_offset:int64 last_fetch_timestamp:int64/1+=-1 last_caught_up_timestamp:int64/1+=-1 ] ] ] nodes:[ node_id:int32 listeners:[
			name:string host:string port:uint16 ] ]/2+`},
	{56, 0, // AlterPartition
		`broker_id:int32 broker_epoch:int64=-1 topics:[ topic:string/0-1 topic_id:uuid/2+ partitions:[ partition:int32 leader_epoch:int32
			new_isr:[]int32/0-2 new_epoch_isr:[ broker_id:int32 broker_epoch:int64=-1 ]/3+ leader_recovery_state:int8/1+ partition_epoch:int32 ] ]`,
		`throttle_ms:int32 error_code:int16 topics:[ topic:string/0-1 topic_id:uuid/2+ partitions:[ partition:int32 error_code:int16 leader_id:int32
			leader_epoch:int32 isr:[]int32 leader_recovery_state:int8/1+ partition_epoch:int32 ] ]`},
	{60, 0, // DescribeCluster
		`include_cluster_authorized_operations:bool endpoint_type:int8/1+=1 include_fenced_brokers:bool/2+`,
		`throttle_ms:int32 error_code:int16 error_message:string? endpoint_type:int8/1+=1 cluster_id:string controller_id:int32=-1 brokers:[
			node_id:int32 host:string port:int32 rack:string? is_fenced:bool/2+ ] cluster_authorized_operations:int32=-2147483648`},
	{62, 0, // BrokerRegistration
		`broker_id:int32 cluster_id:string incarnation_id:uuid listeners:[ name:string host:string port:uint16 security_protocol:int16 ] features:[
			name:string min_supported_version:int16 max_supported_version:int16 ] rack:string? is_migrating_zk_broker:bool/1+ log_dirs:[]uuid/2+
			previous_broker_epoch:int64/3+=-1`,
		`throttle_ms:int32 error_code:int16 broker_epoch:int64=-1`},
	{63, 0, // BrokerHeartbeat
		`broker_id:int32 broker_epoch:int64=-1 current_metadata_offset:int64 want_fence:bool want_shutdown:bool offline_log_dirs:[]uuid#0
			cordoned_log_dirs:[]uuid?#1`,
		`throttle_ms:int32 error_code:int16 is_caught_up:bool is_fenced:bool=1 should_shutdown:bool`},
	{64, 0, // UnregisterBroker
		`broker_id:int32`,
		`throttle_ms:int32 error_code:int16 error_message:string?`},
}
