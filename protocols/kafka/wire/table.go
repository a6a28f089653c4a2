package wire

import (
	"cmp"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// API is one kind of request, and which versions of it we speak.
type API struct {
	Key      int16
	Min, Max int16
	Name     string // as in the Kafka protocol guide
	// Internal is for the brokers among themselves: what Offered does not tell
	// a client.
	Internal bool
	// Told is the newest version that clients are told of, where brokers use
	// newer ones among themselves; 0: Max.
	Told int16
	// New makes an empty request; its ResponseKind makes the response.
	New func() kmsg.Request
}

const (
	produceKey     = 0
	fetchKey       = 1
	apiVersionsKey = 18
)

// APIs is what our broker speaks, ordered by key.
//
// The newest versions end where something begins that we leave out: topic ids
// in Produce (13) and in offsets (OffsetCommit and OffsetFetch 10, KIP-848),
// transactions that bump their epoch each time (KIP-890's second part: EndTxn
// 5, TxnOffsetCommit 5, AddPartitionsToTxn 5), tiered storage (ListOffsets 8).
// The oldest end where offsets were kept elsewhere or record batches were of
// an older format.
var APIs = []API{
	{Key: 0, Min: 3, Max: 12, Name: "Produce", New: func() kmsg.Request { return kmsg.NewPtrProduceRequest() }},
	{Key: 1, Min: 4, Max: 17, Name: "Fetch", New: func() kmsg.Request { return kmsg.NewPtrFetchRequest() }},
	{Key: 2, Min: 1, Max: 7, Name: "ListOffsets", New: func() kmsg.Request { return kmsg.NewPtrListOffsetsRequest() }},
	{Key: 3, Min: 0, Max: 12, Name: "Metadata", New: func() kmsg.Request { return kmsg.NewPtrMetadataRequest() }},
	{Key: 8, Min: 2, Max: 9, Name: "OffsetCommit", New: func() kmsg.Request { return kmsg.NewPtrOffsetCommitRequest() }},
	{Key: 9, Min: 1, Max: 9, Name: "OffsetFetch", New: func() kmsg.Request { return kmsg.NewPtrOffsetFetchRequest() }},
	{Key: 10, Min: 0, Max: 5, Name: "FindCoordinator", New: func() kmsg.Request { return kmsg.NewPtrFindCoordinatorRequest() }},
	{Key: 11, Min: 0, Max: 9, Name: "JoinGroup", New: func() kmsg.Request { return kmsg.NewPtrJoinGroupRequest() }},
	{Key: 12, Min: 0, Max: 4, Name: "Heartbeat", New: func() kmsg.Request { return kmsg.NewPtrHeartbeatRequest() }},
	{Key: 13, Min: 0, Max: 5, Name: "LeaveGroup", New: func() kmsg.Request { return kmsg.NewPtrLeaveGroupRequest() }},
	{Key: 14, Min: 0, Max: 5, Name: "SyncGroup", New: func() kmsg.Request { return kmsg.NewPtrSyncGroupRequest() }},
	{Key: 15, Min: 0, Max: 5, Name: "DescribeGroups", New: func() kmsg.Request { return kmsg.NewPtrDescribeGroupsRequest() }},
	{Key: 16, Min: 0, Max: 5, Name: "ListGroups", New: func() kmsg.Request { return kmsg.NewPtrListGroupsRequest() }},
	{Key: 18, Min: 0, Max: 4, Name: "ApiVersions", New: func() kmsg.Request { return kmsg.NewPtrApiVersionsRequest() }},
	{Key: 19, Min: 0, Max: 7, Name: "CreateTopics", New: func() kmsg.Request { return kmsg.NewPtrCreateTopicsRequest() }},
	{Key: 20, Min: 0, Max: 6, Name: "DeleteTopics", New: func() kmsg.Request { return kmsg.NewPtrDeleteTopicsRequest() }},
	{Key: 21, Min: 0, Max: 2, Name: "DeleteRecords", New: func() kmsg.Request { return kmsg.NewPtrDeleteRecordsRequest() }},
	{Key: 22, Min: 0, Max: 5, Name: "InitProducerId", New: func() kmsg.Request { return kmsg.NewPtrInitProducerIDRequest() }},
	{Key: 23, Min: 2, Max: 4, Name: "OffsetForLeaderEpoch", New: func() kmsg.Request { return kmsg.NewPtrOffsetForLeaderEpochRequest() }},
	{Key: 24, Min: 0, Max: 4, Told: 3, Name: "AddPartitionsToTxn", New: func() kmsg.Request { return kmsg.NewPtrAddPartitionsToTxnRequest() }},
	{Key: 25, Min: 0, Max: 4, Name: "AddOffsetsToTxn", New: func() kmsg.Request { return kmsg.NewPtrAddOffsetsToTxnRequest() }},
	{Key: 26, Min: 0, Max: 4, Name: "EndTxn", New: func() kmsg.Request { return kmsg.NewPtrEndTxnRequest() }},
	{Key: 27, Min: 0, Max: 1, Name: "WriteTxnMarkers", Internal: true, New: func() kmsg.Request { return kmsg.NewPtrWriteTxnMarkersRequest() }},
	{Key: 28, Min: 0, Max: 4, Name: "TxnOffsetCommit", New: func() kmsg.Request { return kmsg.NewPtrTxnOffsetCommitRequest() }},
	{Key: 32, Min: 0, Max: 4, Name: "DescribeConfigs", New: func() kmsg.Request { return kmsg.NewPtrDescribeConfigsRequest() }},
	{Key: 33, Min: 0, Max: 2, Name: "AlterConfigs", New: func() kmsg.Request { return kmsg.NewPtrAlterConfigsRequest() }},
	{Key: 35, Min: 0, Max: 4, Name: "DescribeLogDirs", New: func() kmsg.Request { return kmsg.NewPtrDescribeLogDirsRequest() }},
	{Key: 37, Min: 0, Max: 3, Name: "CreatePartitions", New: func() kmsg.Request { return kmsg.NewPtrCreatePartitionsRequest() }},
	{Key: 42, Min: 0, Max: 2, Name: "DeleteGroups", New: func() kmsg.Request { return kmsg.NewPtrDeleteGroupsRequest() }},
	{Key: 43, Min: 0, Max: 2, Name: "ElectLeaders", New: func() kmsg.Request { return kmsg.NewPtrElectLeadersRequest() }},
	{Key: 44, Min: 0, Max: 1, Name: "IncrementalAlterConfigs", New: func() kmsg.Request { return kmsg.NewPtrIncrementalAlterConfigsRequest() }},
	{Key: 45, Min: 0, Max: 0, Name: "AlterPartitionReassignments", New: func() kmsg.Request { return kmsg.NewPtrAlterPartitionAssignmentsRequest() }},
	{Key: 46, Min: 0, Max: 0, Name: "ListPartitionReassignments", New: func() kmsg.Request { return kmsg.NewPtrListPartitionReassignmentsRequest() }},
	{Key: 47, Min: 0, Max: 0, Name: "OffsetDelete", New: func() kmsg.Request { return kmsg.NewPtrOffsetDeleteRequest() }},
	{Key: 52, Min: 0, Max: 2, Name: "Vote", Internal: true, New: func() kmsg.Request { return kmsg.NewPtrVoteRequest() }},
	{Key: 53, Min: 0, Max: 1, Name: "BeginQuorumEpoch", Internal: true, New: func() kmsg.Request { return kmsg.NewPtrBeginQuorumEpochRequest() }},
	{Key: 54, Min: 0, Max: 1, Name: "EndQuorumEpoch", Internal: true, New: func() kmsg.Request { return kmsg.NewPtrEndQuorumEpochRequest() }},
	{Key: 55, Min: 0, Max: 2, Name: "DescribeQuorum", New: func() kmsg.Request { return kmsg.NewPtrDescribeQuorumRequest() }},
	{Key: 56, Min: 2, Max: 3, Name: "AlterPartition", Internal: true, New: func() kmsg.Request { return kmsg.NewPtrAlterPartitionRequest() }},
	{Key: 60, Min: 0, Max: 2, Name: "DescribeCluster", New: func() kmsg.Request { return kmsg.NewPtrDescribeClusterRequest() }},
	{Key: 61, Min: 0, Max: 0, Name: "DescribeProducers", New: func() kmsg.Request { return kmsg.NewPtrDescribeProducersRequest() }},
	{Key: 62, Min: 0, Max: 3, Name: "BrokerRegistration", Internal: true, New: func() kmsg.Request { return kmsg.NewPtrBrokerRegistrationRequest() }},
	{Key: 63, Min: 0, Max: 1, Name: "BrokerHeartbeat", Internal: true, New: func() kmsg.Request { return kmsg.NewPtrBrokerHeartbeatRequest() }},
	{Key: 64, Min: 0, Max: 0, Name: "UnregisterBroker", New: func() kmsg.Request { return kmsg.NewPtrUnregisterBrokerRequest() }},
	{Key: 65, Min: 0, Max: 0, Name: "DescribeTransactions", New: func() kmsg.Request { return kmsg.NewPtrDescribeTransactionsRequest() }},
	{Key: 66, Min: 0, Max: 1, Name: "ListTransactions", New: func() kmsg.Request { return kmsg.NewPtrListTransactionsRequest() }},
	{Key: 67, Min: 0, Max: 0, Name: "AllocateProducerIds", Internal: true, New: func() kmsg.Request { return kmsg.NewPtrAllocateProducerIDsRequest() }},
	{Key: 75, Min: 0, Max: 0, Name: "DescribeTopicPartitions", New: func() kmsg.Request { return kmsg.NewPtrDescribeTopicPartitionsRequest() }},
}

// index holds, for each key, one more than its place in APIs.
var index = func() (x [76]uint8) {
	for i := range APIs {
		x[APIs[i].Key] = uint8(i + 1)
	}
	return x
}()

// Find returns the API of a key, nil if there is none in the table.
func Find(key int16) *API {
	if key < 0 || int(key) >= len(index) || index[key] == 0 {
		return nil
	}
	return &APIs[index[key]-1]
}

// Offered is what an ApiVersions response tells a client: all that is not
// Internal. Of Produce it tells that versions from 0 on are spoken, as Kafka 4
// does, and as little means it: a librdkafka that does not see version 0 sends
// all its batches uncompressed.
func Offered() []kmsg.ApiVersionsResponseApiKey {
	offered := make([]kmsg.ApiVersionsResponseApiKey, 0, len(APIs))
	for _, a := range APIs {
		if a.Internal {
			continue
		}
		k := kmsg.ApiVersionsResponseApiKey{ApiKey: a.Key, MinVersion: a.Min, MaxVersion: cmp.Or(a.Told, a.Max)}
		if a.Key == produceKey {
			k.MinVersion = 0
		}
		offered = append(offered, k)
	}
	return offered
}
