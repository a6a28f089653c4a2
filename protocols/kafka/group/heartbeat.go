package group

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Heartbeat (key 12)
//
// Behaviour: begins the member's session anew; tells of a rebalance by
// REBALANCE_IN_PROGRESS. While the partition is loading, all is well: the
// sessions begin when it is loaded.
//
// Versions: 0-4. From v3 with an instance id (KIP-345).

func (c *Coordinator) heartbeat(now int64, token uint64, req *kmsg.HeartbeatRequest) {
	g, m, err := c.caller(req.Group, req.MemberID, req.InstanceID, req.Generation)
	switch {
	case err == kerr.CoordinatorLoadInProgress:
		err = nil
	case err == nil:
		if m.joining == nil && m.syncing == nil { // otherwise the answer that it waits for begins it
			c.watch(now, m)
		}
		err = heartbeatAnswers[g.state]
	}
	resp := kmsg.NewPtrHeartbeatResponse()
	resp.SetVersion(req.Version)
	resp.ErrorCode = code(err)
	c.desk.Reply(token, resp)
}

// code returns the error code of err, 0 for nil.
func code(err *kerr.Error) int16 {
	if err == nil {
		return 0
	}
	return err.Code
}
