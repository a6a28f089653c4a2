package group

import (
	"slices"
	"strings"

	"grapevine/protocols/kafka/desk"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// DescribeGroups (key 15) and ListGroups (key 16)
//
// Behaviour: what an administrator sees. Subscriptions and assignments are
// shown while the group is Stable. A group that is not there is Dead, or from
// DescribeGroups v6 on not found. Filters of ListGroups compare without case,
// and all groups are of the type "classic".
//
// Versions: DescribeGroups 0-6, ListGroups 0-5. States from v4 (KIP-518), types
// from v5 (KIP-848).

// groupOperations are all that one may do to a group, as a set of bits by ACL
// operation: read, delete, describe. There are no ACLs here.
const groupOperations = 1<<3 | 1<<6 | 1<<8

const classic = "classic"

func (c *Coordinator) describe(token uint64, req *kmsg.DescribeGroupsRequest) {
	resp := kmsg.NewPtrDescribeGroupsResponse()
	resp.SetVersion(req.Version)
	for _, id := range desk.OnceEach(req.Groups) {
		answer := kmsg.NewDescribeGroupsResponseGroup()
		answer.Group = id
		_, g, err := c.lookUp(id)
		switch {
		case err != nil:
			answer.ErrorCode = err.Code
		case g == nil:
			answer.State = stateNames[Dead]
			if req.Version >= 6 {
				answer.ErrorCode = kerr.GroupIDNotFound.Code
				answer.ErrorMessage = kmsg.StringPtr("Group " + id + " not found.")
			}
		default:
			g.describe(&answer)
		}
		if req.IncludeAuthorizedOperations && answer.ErrorCode == 0 {
			answer.AuthorizedOperations = groupOperations
		}
		resp.Groups = append(resp.Groups, answer)
	}
	c.desk.Reply(token, resp)
}

func (g *group) describe(answer *kmsg.DescribeGroupsResponseGroup) {
	answer.State, answer.ProtocolType = g.state.String(), g.protocolType
	if g.state == Stable {
		answer.Protocol = g.protocol
	}
	for _, m := range g.members {
		shown := kmsg.DescribeGroupsResponseGroupMember{MemberID: m.id, InstanceID: m.instance, ClientID: m.clientID, ClientHost: m.clientHost}
		if g.state == Stable {
			shown.ProtocolMetadata, shown.MemberAssignment = m.metadata(g.protocol), m.assignment
		}
		answer.Members = append(answer.Members, shown)
	}
}

func (c *Coordinator) list(token uint64, req *kmsg.ListGroupsRequest) {
	resp := kmsg.NewPtrListGroupsResponse()
	resp.SetVersion(req.Version)
	wanted := func(filter []string, word string) bool {
		return len(filter) == 0 || slices.ContainsFunc(filter, func(s string) bool { return strings.EqualFold(s, word) })
	}
	for _, p := range c.partitions {
		if p == nil {
			continue
		}
		if p.loading {
			resp.ErrorCode = kerr.CoordinatorLoadInProgress.Code
			continue
		}
		for _, g := range p.groups {
			if wanted(req.StatesFilter, g.state.String()) && wanted(req.TypesFilter, classic) {
				resp.Groups = append(resp.Groups, kmsg.ListGroupsResponseGroup{Group: g.id, ProtocolType: g.protocolType, GroupState: g.state.String(), GroupType: classic})
			}
		}
	}
	c.desk.Reply(token, resp)
}
