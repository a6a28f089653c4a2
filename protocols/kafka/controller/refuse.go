package controller

import (
	"grapevine/protocols/kafka/quorum"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Handles says whether Handle answers requests of this API. Of Fetch it takes
// only what IsMetadataFetch says.
func Handles(key int16) bool {
	switch kmsg.Key(key) {
	case kmsg.Vote, kmsg.BeginQuorumEpoch, kmsg.EndQuorumEpoch, kmsg.Fetch, kmsg.DescribeQuorum,
		kmsg.BrokerRegistration, kmsg.BrokerHeartbeat, kmsg.UnregisterBroker, kmsg.AllocateProducerIDs,
		kmsg.AlterPartition, kmsg.CreateTopics, kmsg.DeleteTopics, kmsg.CreatePartitions, kmsg.ElectLeaders,
		kmsg.AlterConfigs, kmsg.IncrementalAlterConfigs, kmsg.AlterPartitionAssignments, kmsg.ListPartitionReassignments:
		return true
	}
	return false
}

// notHere answers a request that is not for this node: whoever asked looks for
// the active controller, and asks again.
func notHere(request kmsg.Request) kmsg.Response { return Refuse(request, kerr.NotController) }

// Refuse answers a request for the active controller with an error, wherever
// the answer has room for it.
func Refuse(request kmsg.Request, err *kerr.Error) kmsg.Response {
	code := err.Code
	response := request.ResponseKind()
	switch r := response.(type) {
	case *kmsg.BrokerRegistrationResponse:
		r.ErrorCode = code
	case *kmsg.BrokerHeartbeatResponse:
		r.ErrorCode = code
	case *kmsg.UnregisterBrokerResponse:
		r.ErrorCode = code
	case *kmsg.DescribeQuorumResponse:
		r.ErrorCode = code
	case *kmsg.AllocateProducerIDsResponse:
		r.ErrorCode = code
	case *kmsg.AlterPartitionResponse:
		r.ErrorCode = code
	case *kmsg.ListPartitionReassignmentsResponse:
		r.ErrorCode = code
	case *kmsg.AlterPartitionAssignmentsResponse:
		r.ErrorCode = code
	case *kmsg.ElectLeadersResponse:
		in := request.(*kmsg.ElectLeadersRequest)
		r.ErrorCode = code
		for _, t := range in.Topics {
			topic := kmsg.ElectLeadersResponseTopic{Topic: t.Topic}
			for _, p := range t.Partitions {
				topic.Partitions = append(topic.Partitions, kmsg.ElectLeadersResponseTopicPartition{Partition: p, ErrorCode: code})
			}
			r.Topics = append(r.Topics, topic)
		}
	case *kmsg.CreateTopicsResponse:
		for _, t := range request.(*kmsg.CreateTopicsRequest).Topics {
			out := kmsg.NewCreateTopicsResponseTopic()
			out.Topic, out.ErrorCode, out.NumPartitions, out.ReplicationFactor = t.Topic, code, -1, -1
			r.Topics = append(r.Topics, out)
		}
	case *kmsg.DeleteTopicsResponse:
		in := request.(*kmsg.DeleteTopicsRequest)
		for _, t := range in.Topics {
			r.Topics = append(r.Topics, kmsg.DeleteTopicsResponseTopic{Topic: t.Topic, TopicID: t.TopicID, ErrorCode: code})
		}
		for i := range in.TopicNames {
			r.Topics = append(r.Topics, kmsg.DeleteTopicsResponseTopic{Topic: &in.TopicNames[i], ErrorCode: code})
		}
	case *kmsg.CreatePartitionsResponse:
		for _, t := range request.(*kmsg.CreatePartitionsRequest).Topics {
			r.Topics = append(r.Topics, kmsg.CreatePartitionsResponseTopic{Topic: t.Topic, ErrorCode: code})
		}
	case *kmsg.AlterConfigsResponse:
		for _, in := range request.(*kmsg.AlterConfigsRequest).Resources {
			r.Resources = append(r.Resources, kmsg.AlterConfigsResponseResource{ResourceType: in.ResourceType, ResourceName: in.ResourceName, ErrorCode: code})
		}
	case *kmsg.IncrementalAlterConfigsResponse:
		for _, in := range request.(*kmsg.IncrementalAlterConfigsRequest).Resources {
			r.Resources = append(r.Resources, kmsg.IncrementalAlterConfigsResponseResource{ResourceType: in.ResourceType, ResourceName: in.ResourceName, ErrorCode: code})
		}
	}
	return response
}

// IsMetadataFetch says whether a Fetch is for the log of the quorum.
func IsMetadataFetch(r *kmsg.FetchRequest) bool { return quorum.IsFetch(r) }
