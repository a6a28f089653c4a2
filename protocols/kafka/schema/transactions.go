package schema

// Producer ids and transactions (KIP-98).
//
// Behaviour: see the machines that speak these; here is only what the bytes are.
// Versions: all up to the newest that wire offers, and mostly beyond.
// Not done: nothing of a message is left out.
var transactions = []text{
	{22, 2, // InitProducerId
		`transactional_id:string? transaction_timeout_ms:int32 producer_id:int64/3+=-1 producer_epoch:int16/3+=-1`,
		`throttle_ms:int32 error_code:int16 producer_id:int64=-1 producer_epoch:int16`},
	{24, 3, // AddPartitionsToTxn
		`transactional_id:string/0-3 producer_id:int64/0-3 producer_epoch:int16/0-3 topics:[ topic:string partitions:[]int32 ]/0-3 transactions:[
			transactional_id:string producer_id:int64 producer_epoch:int16 verify_only:bool topics:[ topic:string partitions:[]int32 ] ]/4+`,
		`throttle_ms:int32 error_code:int16/4+ transactions:[ transactional_id:string topics:[ topic:string partitions:[ partition:int32
			error_code:int16 ] ] ]/4+ topics:[ topic:string partitions:[ partition:int32 error_code:int16 ] ]/0-3`},
	{25, 3, // AddOffsetsToTxn
		`transactional_id:string producer_id:int64 producer_epoch:int16 group_id:string`,
		`throttle_ms:int32 error_code:int16`},
	{26, 3, // EndTxn
		`transactional_id:string producer_id:int64 producer_epoch:int16 commit:bool`,
		`throttle_ms:int32 error_code:int16 producer_id:int64/5+=-1 producer_epoch:int16/5+=-1`},
	{27, 1, // WriteTxnMarkers
		`markers:[ producer_id:int64 producer_epoch:int16 committed:bool topics:[ topic:string partitions:[]int32 ] coordinator_epoch:int32
			transaction_version:int8/2+ ]`,
		`markers:[ producer_id:int64 topics:[ topic:string partitions:[ partition:int32 error_code:int16 ] ] ]`},
	{28, 3, // TxnOffsetCommit
		`transactional_id:string group_id:string producer_id:int64 producer_epoch:int16 generation_id:int32/3+=-1 member_id:string/3+
			group_instance_id:string?/3+ topics:[ topic:string/0-5 topic_id:uuid/6+ partitions:[ partition:int32 offset:int64 leader_epoch:int32/2+=-1
			metadata:string? ] ]`,
		`throttle_ms:int32 topics:[ topic:string/0-5 topic_id:uuid/6+ partitions:[ partition:int32 error_code:int16 ] ]`},
	{61, 0, // DescribeProducers
		`topics:[ topic:string partitions:[]int32 ]`,
		`throttle_ms:int32 topics:[ topic:string partitions:[ partition:int32 error_code:int16 error_message:string? active_producers:[
			producer_id:int64 producer_epoch:int32 last_sequence:int32=-1 last_timestamp:int64=-1 coordinator_epoch:int32
			current_txn_start_offset:int64=-1 ] ] ]`},
	{65, 0, // DescribeTransactions
		`transactional_ids:[]string`,
		`throttle_ms:int32 transaction_states:[ error_code:int16 transactional_id:string state:string timeout_ms:int32 start_timestamp:int64
			producer_id:int64 producer_epoch:int16 topics:[ topic:string partitions:[]int32 ] ]`},
	{66, 0, // ListTransactions
		`state_filters:[]string producer_id_filters:[]int64 duration_filter_ms:int64/1+=-1 transactional_id_pattern:string?/2+`,
		`throttle_ms:int32 error_code:int16 unknown_state_filters:[]string transaction_states:[ transactional_id:string producer_id:int64
			transaction_state:string ]`},
	{67, 0, // AllocateProducerIds
		`broker_id:int32 broker_epoch:int64=-1`,
		`throttle_ms:int32 error_code:int16 producer_id_start:int64 producer_id_len:int32`},
}
