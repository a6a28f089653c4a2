package controller

import (
	"slices"
	"strconv"
	"strings"

	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Behaviour: AlterConfigs, which replaces all that was set for a resource, and
// IncrementalAlterConfigs (KIP-339), for topics, for one broker, and for all
// brokers by the name "". Entries that we do not know are refused; so are
// those of brokers that cannot change while they run. A change takes effect
// with its record: where min.insync.replicas becomes less, the ELR empties in
// the same batch; where unclean elections become allowed, they are held.
//
// Versions: all. Resource types: 2 and 4.
//
// Not done: log levels (type 8), client metrics, groups; alter policies.

// maxValueBytes bounds the value of one entry.
const maxValueBytes = 32 << 10

// checkConfig says what is wrong with an entry that is to be set.
func checkConfig(c *meta.SetConfig) *refusal {
	k := meta.FindKey(c.Resource.Kind, c.Name)
	switch {
	case k == nil:
		return refusef(kerr.InvalidConfig, "Unknown configuration name: %s", c.Name)
	case k.Fixed:
		return refusef(kerr.InvalidConfig, "Cannot update these configs dynamically: %s", c.Name)
	case k.Common && c.Resource.Name != "":
		return refusef(kerr.InvalidConfig, "Broker-level %s cannot be altered; set it for all brokers, by the name \"\"", c.Name)
	case c.Value == nil:
		return refusef(kerr.InvalidConfig, "Null value not supported for topic configs: %s", c.Name)
	case len(*c.Value) > maxValueBytes:
		return refusef(kerr.InvalidConfig, "Value of %s has %d bytes, at most %d are allowed", c.Name, len(*c.Value), maxValueBytes)
	}
	if err := k.Check(*c.Value); err != nil {
		return refusef(kerr.InvalidConfig, "%v", err)
	}
	return nil
}

// checkResource says what is wrong with what entries are to be set for.
func (a *active) checkResource(r meta.Resource) *refusal {
	switch r.Kind {
	case meta.TopicKind:
		if a.image.Topic(r.Name) == nil {
			return refusef(kerr.UnknownTopicOrPartition, "The topic '%s' does not exist.", r.Name)
		}
		return nil
	case meta.BrokerKind:
		id, err := strconv.ParseInt(r.Name, 10, 32)
		if r.Name != "" && (err != nil || strconv.Itoa(int(id)) != r.Name || a.image.Broker(int32(id)) == nil) {
			return refusef(kerr.InvalidRequest, "No broker with id %s found.", r.Name)
		}
		return nil
	}
	return refusef(kerr.InvalidRequest, "Resources of type %d have no configuration here; topics (2) and brokers (4) have", r.Kind)
}

func (a *active) alterConfigs(r *kmsg.AlterConfigsRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.AlterConfigsResponse)
	for _, in := range r.Resources {
		resource := meta.Resource{Kind: meta.Kind(in.ResourceType), Name: in.ResourceName}
		var sets []meta.SetConfig
		for _, c := range in.Configs {
			sets = append(sets, meta.SetConfig{Resource: resource, Name: c.Name, Value: c.Value})
		}
		for _, old := range a.image.Settings(resource) {
			if !slices.ContainsFunc(sets, func(s meta.SetConfig) bool { return s.Name == old.Name }) {
				sets = append(sets, meta.SetConfig{Resource: resource, Name: old.Name})
			}
		}
		out := kmsg.NewAlterConfigsResponseResource()
		out.ResourceType, out.ResourceName = in.ResourceType, in.ResourceName
		if bad := a.setConfigs(resource, sets, len(in.Configs), r.ValidateOnly); bad != nil {
			out.ErrorCode, out.ErrorMessage = bad.code, bad.message
		}
		resp.Resources = append(resp.Resources, out)
	}
	return resp
}

func (a *active) incrementalAlterConfigs(r *kmsg.IncrementalAlterConfigsRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.IncrementalAlterConfigsResponse)
	seen := map[meta.Resource]bool{}
	for _, in := range r.Resources {
		resource := meta.Resource{Kind: meta.Kind(in.ResourceType), Name: in.ResourceName}
		out := kmsg.NewIncrementalAlterConfigsResponseResource()
		out.ResourceType, out.ResourceName = in.ResourceType, in.ResourceName
		bad := refusef(kerr.InvalidRequest, "Each resource must appear at most once.")
		if !seen[resource] {
			seen[resource] = true
			bad = a.alterIncrementally(resource, in.Configs, r.ValidateOnly)
		}
		if bad != nil {
			out.ErrorCode, out.ErrorMessage = bad.code, bad.message
		}
		resp.Resources = append(resp.Resources, out)
	}
	return resp
}

func (a *active) alterIncrementally(resource meta.Resource, changes []kmsg.IncrementalAlterConfigsRequestResourceConfig, ask bool) *refusal {
	var sets, deletes []meta.SetConfig
	for i, c := range changes {
		set := meta.SetConfig{Resource: resource, Name: c.Name, Value: c.Value}
		k := meta.FindKey(resource.Kind, c.Name)
		switch {
		case slices.ContainsFunc(changes[:i], func(o kmsg.IncrementalAlterConfigsRequestResourceConfig) bool { return o.Name == c.Name }):
			return refusef(kerr.InvalidRequest, "Error due to duplicate config keys: %s", c.Name)
		case c.Op == kmsg.IncrementalAlterConfigOpDelete:
			if k == nil || k.Fixed {
				return checkConfig(&set)
			}
			set.Value = nil
			deletes = append(deletes, set)
			continue
		case c.Op == kmsg.IncrementalAlterConfigOpAppend || c.Op == kmsg.IncrementalAlterConfigOpSubtract:
			if k == nil || c.Value == nil {
				return checkConfig(&set)
			}
			if k.Type != meta.List {
				return refusef(kerr.InvalidConfig, "Can't APPEND or SUBTRACT to key %s because its type is not LIST.", c.Name)
			}
			value := a.listed(resource, k, meta.SplitList(*c.Value), c.Op == kmsg.IncrementalAlterConfigOpAppend)
			set.Value = &value
		case c.Op != kmsg.IncrementalAlterConfigOpSet:
			return refusef(kerr.InvalidRequest, "Operation %d of configuration %s is none of 0 to 3", c.Op, c.Name)
		}
		sets = append(sets, set)
	}
	return a.setConfigs(resource, append(sets, deletes...), len(sets), ask)
}

// listed returns what a list is after items are appended or subtracted.
func (a *active) listed(resource meta.Resource, k *meta.Key, items []string, add bool) string {
	topic := ""
	if resource.Kind == meta.TopicKind {
		topic = resource.Name
	}
	now, ok := a.image.Setting(resource, k.Name)
	if !ok {
		now = a.image.Values(k, topic, nobody, a.n.c.Static)[0].Value
	}
	list := meta.SplitList(now)
	for _, item := range items {
		list = slices.DeleteFunc(list, func(s string) bool { return s == item && !add })
		if add && !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	return strings.Join(list, ",")
}

// setConfigs sets the entries of a resource, all or none. The first of them,
// so many, have values; the others go.
func (a *active) setConfigs(resource meta.Resource, sets []meta.SetConfig, values int, ask bool) *refusal {
	if bad := a.checkResource(resource); bad != nil {
		return bad
	}
	for i := range sets[:values] {
		if bad := checkConfig(&sets[i]); bad != nil {
			return bad
		}
	}
	if a.full() {
		return a.fullRefusal()
	}
	if ask {
		return nil
	}
	for i := range sets {
		a.add(&sets[i])
	}
	if !slices.ContainsFunc(sets, func(s meta.SetConfig) bool {
		return s.Name == a.n.minInsync.Name || s.Name == a.n.unclean.Name
	}) {
		return nil
	}
	if resource.Kind == meta.BrokerKind {
		a.changeAll(nobody, change{lost: nobody})
		return nil
	}
	t := a.image.Topic(resource.Name)
	for i := range t.Partitions {
		a.change(t, i, change{lost: nobody})
	}
	return nil
}
