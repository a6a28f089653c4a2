package client

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The types of coordinators.
const (
	groupCoordinator int8 = 0
	txnCoordinator   int8 = 1
)

// coordinator is who coordinates a group or a producer's transactions.
type coordinator struct {
	kind   int8
	key    string
	node   int32 // -1: not known
	asking bool
	wait   []func(error)
}

// coordinator returns what is known of a coordinator.
func (c *Client) coordinator(kind int8, key string) *coordinator {
	for _, co := range c.coordinators {
		if co.kind == kind && co.key == key {
			return co
		}
	}
	co := &coordinator{kind: kind, key: key, node: -1}
	c.coordinators = append(c.coordinators, co)
	return co
}

// find asks who a coordinator is; done may be called before find returns only
// by way of another answer.
func (c *Client) find(co *coordinator, done func(error)) {
	co.wait = append(co.wait, done)
	if co.asking {
		return
	}
	co.asking = true
	req := kmsg.NewPtrFindCoordinatorRequest()
	req.CoordinatorType, req.CoordinatorKey, req.CoordinatorKeys = co.kind, co.key, []string{co.key}
	c.ask(req, func(r kmsg.Response, err error) {
		co.asking = false
		if resp, ok := r.(*kmsg.FindCoordinatorResponse); ok {
			err = c.found(co, resp)
		}
		wait := co.wait
		co.wait = nil
		for _, done := range wait {
			done(err)
		}
	})
}

func (c *Client) found(co *coordinator, resp *kmsg.FindCoordinatorResponse) error {
	code, node, host, port := resp.ErrorCode, resp.NodeID, resp.Host, resp.Port
	if resp.Version >= 4 {
		if len(resp.Coordinators) == 0 {
			return kerr.CoordinatorNotAvailable
		}
		first := &resp.Coordinators[0]
		code, node, host, port = first.ErrorCode, first.NodeID, first.Host, first.Port
	}
	if code != 0 {
		return errorOf(code)
	}
	if node < 0 {
		return kerr.CoordinatorNotAvailable
	}
	co.node = node
	c.knowBroker(node, host, port)
	return nil
}

// lostCoordinator says whether an error means that the coordinator may be
// another now.
func lostCoordinator(err error) bool {
	switch err {
	case kerr.NotCoordinator, kerr.CoordinatorNotAvailable:
		return true
	}
	_, theirs := err.(*kerr.Error)
	return err != nil && !theirs
}
