package assign

import (
	"slices"

	"github.com/twmb/franz-go/pkg/kmsg"
)

// ReadMember reads what a member said of itself with JoinGroup. What makes no
// sense is left out: such a member gets nothing.
func ReadMember(from *kmsg.JoinGroupResponseMember) Member {
	m := Member{ID: from.MemberID, Generation: -1}
	if from.InstanceID != nil {
		m.InstanceID = *from.InstanceID
	}
	var meta kmsg.ConsumerMemberMetadata
	meta.Default()
	if meta.ReadFrom(from.ProtocolMetadata) != nil {
		return m
	}
	m.Topics = meta.Topics
	slices.Sort(m.Topics)
	m.Generation = meta.Generation
	for _, t := range meta.OwnedPartitions {
		for _, p := range t.Partitions {
			m.Owned = append(m.Owned, Partition{t.Topic, p})
		}
	}
	var old kmsg.StickyMemberMetadata
	if len(m.Owned) == 0 && len(meta.UserData) > 0 && old.ReadFrom(meta.UserData) == nil {
		m.Generation = old.Generation
		for _, t := range old.CurrentAssignment {
			for _, p := range t.Partitions {
				m.Owned = append(m.Owned, Partition{t.Topic, p})
			}
		}
	}
	return m
}

// AppendOwned appends what a member of a sticky group says of what it owned
// last, sorted, and in which generation.
func AppendOwned(dst []byte, owned []Partition, generation int32) []byte {
	var meta kmsg.StickyMemberMetadata
	meta.Generation = generation
	for _, p := range owned {
		if n := len(meta.CurrentAssignment); n == 0 || meta.CurrentAssignment[n-1].Topic != p.Topic {
			meta.CurrentAssignment = append(meta.CurrentAssignment, kmsg.StickyMemberMetadataCurrentAssignment{Topic: p.Topic})
		}
		last := &meta.CurrentAssignment[len(meta.CurrentAssignment)-1]
		last.Partitions = append(last.Partitions, p.Partition)
	}
	return meta.AppendTo(dst)
}

// Encode makes of a plan what SyncGroup takes.
func Encode(members []Member, plan Plan) []kmsg.SyncGroupRequestGroupAssignment {
	encoded := make([]kmsg.SyncGroupRequestGroupAssignment, 0, len(members))
	for i := range members {
		var a kmsg.ConsumerMemberAssignment
		for _, p := range plan[i] {
			if n := len(a.Topics); n == 0 || a.Topics[n-1].Topic != p.Topic {
				a.Topics = append(a.Topics, kmsg.ConsumerMemberAssignmentTopic{Topic: p.Topic})
			}
			last := &a.Topics[len(a.Topics)-1]
			last.Partitions = append(last.Partitions, p.Partition)
		}
		encoded = append(encoded, kmsg.SyncGroupRequestGroupAssignment{MemberID: members[i].ID, MemberAssignment: a.AppendTo(nil)})
	}
	return encoded
}
