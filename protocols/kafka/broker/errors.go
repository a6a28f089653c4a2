package broker

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// asCode is the code of an error of a log, or of any other place.
func asCode(err error) int16 {
	if err == nil {
		return 0
	}
	if k, ok := err.(*kerr.Error); ok {
		return k.Code
	}
	return kerr.UnknownServerError.Code
}

// codeOf returns the error with which the active controller refuses a request
// as a whole, or that of its first item: it refuses all of them alike when it
// is not the active one.
func codeOf(answer kmsg.Response) int16 {
	switch r := answer.(type) {
	case *kmsg.CreateTopicsResponse:
		if len(r.Topics) > 0 {
			return r.Topics[0].ErrorCode
		}
	case *kmsg.DeleteTopicsResponse:
		if len(r.Topics) > 0 {
			return r.Topics[0].ErrorCode
		}
	case *kmsg.CreatePartitionsResponse:
		if len(r.Topics) > 0 {
			return r.Topics[0].ErrorCode
		}
	case *kmsg.AlterConfigsResponse:
		if len(r.Resources) > 0 {
			return r.Resources[0].ErrorCode
		}
	case *kmsg.IncrementalAlterConfigsResponse:
		if len(r.Resources) > 0 {
			return r.Resources[0].ErrorCode
		}
	case *kmsg.ElectLeadersResponse:
		return r.ErrorCode
	case *kmsg.AlterPartitionAssignmentsResponse:
		return r.ErrorCode
	case *kmsg.ListPartitionReassignmentsResponse:
		return r.ErrorCode
	case *kmsg.UnregisterBrokerResponse:
		return r.ErrorCode
	case *kmsg.DescribeQuorumResponse:
		return r.ErrorCode
	}
	return 0
}

// failure answers a request for the active controller when there is none.
func failure(request kmsg.Request, err *kerr.Error) kmsg.Response {
	answer := request.ResponseKind()
	code := err.Code
	switch r := answer.(type) {
	case *kmsg.CreateTopicsResponse:
		for _, t := range request.(*kmsg.CreateTopicsRequest).Topics {
			topic := kmsg.NewCreateTopicsResponseTopic()
			topic.Topic, topic.ErrorCode = t.Topic, code
			r.Topics = append(r.Topics, topic)
		}
	case *kmsg.DeleteTopicsResponse:
		asked := request.(*kmsg.DeleteTopicsRequest)
		for i := range asked.TopicNames {
			r.Topics = append(r.Topics, kmsg.DeleteTopicsResponseTopic{Topic: &asked.TopicNames[i], ErrorCode: code})
		}
		for _, t := range asked.Topics {
			r.Topics = append(r.Topics, kmsg.DeleteTopicsResponseTopic{Topic: t.Topic, TopicID: t.TopicID, ErrorCode: code})
		}
	case *kmsg.CreatePartitionsResponse:
		for _, t := range request.(*kmsg.CreatePartitionsRequest).Topics {
			r.Topics = append(r.Topics, kmsg.CreatePartitionsResponseTopic{Topic: t.Topic, ErrorCode: code})
		}
	case *kmsg.AlterConfigsResponse:
		for _, t := range request.(*kmsg.AlterConfigsRequest).Resources {
			r.Resources = append(r.Resources, kmsg.AlterConfigsResponseResource{ResourceType: t.ResourceType, ResourceName: t.ResourceName, ErrorCode: code})
		}
	case *kmsg.IncrementalAlterConfigsResponse:
		for _, t := range request.(*kmsg.IncrementalAlterConfigsRequest).Resources {
			r.Resources = append(r.Resources, kmsg.IncrementalAlterConfigsResponseResource{ResourceType: t.ResourceType, ResourceName: t.ResourceName, ErrorCode: code})
		}
	case *kmsg.ElectLeadersResponse:
		r.ErrorCode = code
	case *kmsg.AlterPartitionAssignmentsResponse:
		r.ErrorCode = code
	case *kmsg.ListPartitionReassignmentsResponse:
		r.ErrorCode = code
	case *kmsg.UnregisterBrokerResponse:
		r.ErrorCode = code
	case *kmsg.DescribeQuorumResponse:
		r.ErrorCode = code
	}
	return answer
}
