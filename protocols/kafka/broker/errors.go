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
