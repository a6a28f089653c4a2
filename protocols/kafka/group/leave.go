package group

import (
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// LeaveGroup (key 13)
//
// Behaviour: members leave at once, and the rest rebalance. Static members do
// not leave by themselves, but may be removed by an administrator, who names
// the instance and no member.
//
// Versions: 0-5. Before v3 one member, whose error is the request's; from v3
// many (KIP-345), each with its own.
//
// Not done: reasons (v5, KIP-800) are not kept.

func (c *Coordinator) leave(now int64, token uint64, req *kmsg.LeaveGroupRequest) {
	resp := kmsg.NewPtrLeaveGroupResponse()
	resp.SetVersion(req.Version)
	var g *group
	err := kerr.InvalidGroupID
	if req.Group != "" {
		_, g, err = c.lookUp(req.Group)
	}
	if g != nil && g.state == Dead {
		err = kerr.CoordinatorNotAvailable
	}
	switch {
	case err != nil:
		resp.ErrorCode = err.Code
	case req.Version < 3:
		resp.ErrorCode = code(c.leaveOne(now, g, req.MemberID, nil))
	default:
		for _, m := range req.Members {
			resp.Members = append(resp.Members, kmsg.LeaveGroupResponseMember{MemberID: m.MemberID, InstanceID: m.InstanceID,
				ErrorCode: code(c.leaveOne(now, g, m.MemberID, m.InstanceID))})
		}
	}
	c.desk.Reply(token, resp)
}

func (c *Coordinator) leaveOne(now int64, g *group, id string, instance *string) *kerr.Error {
	if g == nil {
		return kerr.UnknownMemberID
	}
	m := g.pending[id]
	if m == nil && id == "" && instance != nil {
		m = g.static[*instance]
	}
	if m == nil {
		var err *kerr.Error
		if m, err = g.find(id, instance); err != nil {
			return err
		}
	}
	c.leaves(now, m)
	return nil
}
