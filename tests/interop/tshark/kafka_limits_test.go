package tshark

import (
	"regexp"
	"strconv"
	"sync"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/wire"
)

// limits are the newest versions that tshark knows, by API.
type limits map[int16]int16

// of is -1 for an API that tshark does not know.
func (l limits) of(key int16) int16 {
	if newest, ok := l[key]; ok {
		return newest
	}
	return -1
}

var (
	asking   sync.Mutex
	known    limits // once tshark was asked
	supports = regexp.MustCompile(`^Unsupported .* version\. Supports v(?:0-)?(\d+)\.$`)
)

// tsharkKnows asks tshark: of a broker that offers versions which nobody has,
// it complains, and says which ones it knows.
func tsharkKnows(t *testing.T) limits {
	t.Helper()
	asking.Lock()
	defer asking.Unlock()
	if known != nil {
		return known
	}
	request, response := kmsg.NewPtrApiVersionsRequest(), kmsg.NewPtrApiVersionsResponse()
	for key := range int16(128) {
		response.ApiKeys = append(response.ApiKeys, kmsg.ApiVersionsResponseApiKey{ApiKey: key, MaxVersion: 999})
	}
	list, _ := read(t, record(t, []talk{{{true, wire.AppendRequest(nil, 1, "", request)}, {false, wire.AppendResponse(nil, 1, response)}}}))
	newest := limits{}
	for _, api := range list[len(list)-1].Parts {
		key, err := strconv.ParseInt(api.find("kafka.api_versions.api_key"), 10, 16)
		if says := supports.FindStringSubmatch(api.find("_ws.expert.message")); err == nil && says != nil {
			newest[int16(key)] = int16(integer(says[1]))
		}
	}
	if newest.of(0) < 7 {
		t.Fatalf("tshark says that it knows %v", newest)
	}
	known = newest
	return known
}

// misread is where tshark 4.0 goes astray in versions that it says it knows: at
// the first field of this name (ours), if there is one in the message. It is
// wrong by Kafka's definitions of its messages, as kmsg has them, too.
var misread = []struct {
	api      string
	request  bool
	from, to int16
	field    string
	why      string
}{
	{"JoinGroup", true, 0, 5, "metadata", oldBytes},
	{"JoinGroup", false, 0, 5, "protocol_metadata", oldBytes},
	{"SyncGroup", true, 0, 3, "member_assignment", oldBytes},
	{"SyncGroup", false, 0, 3, "member_assignment", oldBytes},
	{"DescribeGroups", false, 0, 4, "protocol_metadata", oldBytes},
	{"CreateTopics", true, 0, 5, "replicas", "it does not go on behind the partition, and takes it for the number of replicas"},
	{"CreatePartitions", true, 0, 2, "replicas", "it does not expect an array of replicas for each new partition"},
	{"DeleteTopics", false, 1, 2, "throttle_ms", "it expects no throttle time before version 3"},
	{"WriteTxnMarkers", false, 0, 0, "markers", "it expects a throttle time, which this response never has"},
	{"ElectLeaders", true, 0, 2, "topic", "it expects no name of a topic"},
	{"AlterPartitionReassignments", true, 0, 0, "topics", oldArray},
	{"AlterPartitionReassignments", false, 0, 0, "throttle_ms", forgotten},
	{"ListPartitionReassignments", true, 0, 0, "topics", oldArray},
	{"ListPartitionReassignments", false, 0, 0, "throttle_ms", forgotten},
}

const (
	oldBytes  = "it takes the length of bytes from two bytes, and they have four"
	oldArray  = "it takes the length of a compact array from four bytes"
	forgotten = "it always stumbles at the request, and then does not know what is answered"
)

// misread is the name of the field at which tshark goes astray, "" if there is
// none.
func (p *pair) misread() string {
	for _, m := range misread {
		if m.api == p.api.Name && m.request == p.byClient && m.from <= p.version && p.version <= m.to {
			return m.field
		}
	}
	return ""
}
