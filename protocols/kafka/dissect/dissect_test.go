package dissect

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/field"
	"grapevine/protocols/kafka/batch"
	"grapevine/protocols/kafka/schema"
	"grapevine/protocols/kafka/schema/fill"
	"grapevine/protocols/kafka/wire"
)

var crc = regexp.MustCompile(`crc=[0-9a-f]+`)

// flat is what the leaves say, a line each.
func flat(list []field.Field) (lines []string) {
	field.Field{Children: list}.Leaves(func(l field.Field) { lines = append(lines, l.Name+"="+l.Value) })
	return lines
}

func gaps(t *testing.T, list []field.Field, size int) {
	t.Helper()
	if size == 0 && len(list) == 0 {
		return
	}
	if gap := field.Gaps(field.Field{Children: list, Length: size}, size); gap != "" {
		t.Fatal(gap)
	}
	var nested func(f field.Field)
	nested = func(f field.Field) {
		at := f.Offset
		for _, c := range f.Children {
			if c.Offset != at {
				t.Fatalf("%q begins at %d, expected %d", c.Name, c.Offset, at)
			}
			at += c.Length
			nested(c)
		}
		if len(f.Children) > 0 && at != f.Offset+f.Length {
			t.Fatalf("%q ends at %d, its parts at %d", f.Name, f.Offset+f.Length, at)
		}
	}
	for _, f := range list {
		nested(f)
	}
}

// twin says what a filled message's leaves should be, by reflection over
// kmsg's structures: the fields in the schema's order, by kmsg's names.
type twin struct {
	t       *testing.T
	version int16
	leaves  []string
}

// kmsgNames are those that are not the schema's without its underscores.
var kmsgNames = map[string]string{
	"group_id": "group", "generation_id": "generation", "group_instance_id": "instanceid", "records": "records|recordbatches",
	"transactional_id": "transactionalid|transactionid", "topic_id": "topicid|topidid",
}

func (w *twin) member(v reflect.Value, name string) reflect.Value {
	want := strings.ReplaceAll(strings.ReplaceAll(name, "_ms", "millis"), "_", "")
	if other, ok := kmsgNames[name]; ok {
		want += "|" + other
	}
	for i := range v.NumField() {
		got := strings.ToLower(v.Type().Field(i).Name)
		for _, w := range strings.Split(want, "|") {
			if got == w {
				return v.Field(i)
			}
		}
	}
	w.t.Fatalf("kmsg's %v has no %s", v.Type(), name)
	return reflect.Value{}
}

func (w *twin) fields(v reflect.Value, list []schema.Field) {
	for i := range list {
		if f := &list[i]; f.Tag < 0 && f.From <= w.version && w.version <= f.To {
			w.field(w.member(v, f.Name), f)
		}
	}
}

// tags are checked by their number alone, and by the values in order.
func (w *twin) field(v reflect.Value, f *schema.Field) {
	if f.Array {
		for i := range v.Len() {
			if f.Kind == schema.Struct {
				w.fields(v.Index(i), f.Fields)
			} else {
				w.leaves = append(w.leaves, index(i)+"="+w.say(v.Index(i), f))
			}
		}
		return
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if f.Kind == schema.Struct {
		w.fields(v, f.Fields)
		return
	}
	w.leaves = append(w.leaves, f.Name+"="+w.say(v, f))
}

func (w *twin) say(v reflect.Value, f *schema.Field) string {
	switch x := v.Interface().(type) {
	case [16]byte:
		return base64.RawURLEncoding.EncodeToString(x[:])
	case []byte:
		return show(x)
	case string:
		return show([]byte(x))
	case bool:
		return fmt.Sprint(x)
	case uint16:
		return fmt.Sprint(x)
	}
	if say := says[f.Name]; say != nil {
		return say(v.Int())
	}
	return fmt.Sprint(v.Int())
}

// values are the leaves of a frame that are values of fields: without its
// header, and without those that say how many and how long.
func values(frame field.Field) (lines []string) {
	head := map[string]bool{"size": true, "api_key": true, "api_version": true, "correlation_id": true, "client_id": true}
	var visit func(f field.Field)
	visit = func(f field.Field) {
		for i, c := range f.Children {
			switch {
			case c.Name == tagsName, i == 0 && (c.Name == "count" || c.Name == "presence" || c.Name == "length"):
			case len(c.Children) > 0:
				visit(c)
			case head[c.Name] && f.Offset == 0:
				delete(head, c.Name)
			default:
				lines = append(lines, c.Name+"="+c.Value)
			}
		}
	}
	visit(frame)
	return lines
}

// untagged makes a message without tagged fields: they stand at the end of
// their structures, in an order that the twin does not know.
func untagged(message any, list []schema.Field, w *twin) {
	v := reflect.ValueOf(message).Elem()
	var clean func(v reflect.Value, list []schema.Field)
	clean = func(v reflect.Value, list []schema.Field) {
		fresh := reflect.New(v.Type())
		if d, ok := fresh.Interface().(interface{ Default() }); ok {
			d.Default()
		}
		for i := range list {
			f := &list[i]
			if f.From > w.version || w.version > f.To {
				continue
			}
			m := w.member(v, f.Name)
			switch {
			case f.Tag >= 0:
				m.Set(w.member(fresh.Elem(), f.Name))
			case f.Array && f.Kind == schema.Struct:
				for j := range m.Len() {
					clean(m.Index(j), f.Fields)
				}
			case f.Kind == schema.Struct && m.Kind() == reflect.Pointer:
				clean(m.Elem(), f.Fields)
			}
		}
	}
	clean(v, list)
}

func TestAgainstKmsg(t *testing.T) {
	for _, a := range wire.APIs {
		s := schema.Of(a.Key)
		for version := a.Min; version <= a.Max; version++ {
			for mode := range fill.Modes {
				request := a.New()
				fill.Message(request, mode, nil)
				request.SetVersion(version)
				response := request.ResponseKind()
				fill.Message(response, mode, nil)
				response.SetVersion(version)
				asked := func(correlation int32) (int16, int16, bool) { return a.Key, version, correlation == 5 }
				if version == 0 || a.Key != apiVersionsKey {
					// ErrorCode 35 means version 0 there.
					check(t, a, version, mode, response, &s.Response, func() ([]byte, []field.Field) {
						b := wire.AppendResponse(nil, 5, response)
						return b, Responses(b, asked)
					})
				}
				check(t, a, version, mode, request, &s.Request, func() ([]byte, []field.Field) {
					b := wire.AppendRequest(nil, 5, "grape", request)
					return b, Requests(b)
				})
			}
		}
	}
}

func check(t *testing.T, a wire.API, version int16, mode fill.Mode, message any, m *schema.Message, dissect func() ([]byte, []field.Field)) {
	t.Helper()
	b, list := dissect()
	gaps(t, list, len(b))
	for _, line := range flat(list) {
		if strings.Contains(line, notUnderstood) && !strings.Contains(line, "no record batch") || strings.Contains(line, cutShort) {
			t.Fatalf("%s version %d: %s", a.Name, version, line)
		}
	}
	if mode != fill.Full {
		return
	}
	w := twin{t: t, version: version}
	untagged(message, m.Fields, &w)
	b, list = dissect()
	gaps(t, list, len(b))
	if len(list) != 1 || !strings.HasPrefix(list[0].Name, a.Name) {
		t.Fatalf("%s is dissected as %s", a.Name, list[0].Name)
	}
	w.fields(reflect.ValueOf(message).Elem(), m.Fields)
	plain := values(list[0])
	for i := range plain {
		if strings.HasPrefix(plain[i], notUnderstood) { // these records are none
			plain[i] = w.leaves[i]
		}
	}
	if !reflect.DeepEqual(plain, w.leaves) {
		t.Errorf("%s version %d:\ngot  %q\nwant %q", a.Name, version, plain, w.leaves)
	}
}

// talk is one connection's two directions.
func talk(codec batch.Codec) (requests, responses []byte) {
	var builder batch.Builder
	builder.Add(1000, []byte("apple"), []byte("3 pieces"), []batch.RecordHeader{{Key: "trace", Value: []byte{1, 2}}})
	builder.Add(1001, nil, []byte("no key"), nil)
	builder.Add(1002, []byte("pear"), nil, nil)
	records := builder.Append(nil, batch.Options{Codec: codec, ProducerID: 9, LeaderEpoch: -1})

	versions := kmsg.NewPtrApiVersionsRequest()
	versions.SetVersion(3)
	requests = wire.AppendRequest(requests, 1, "grape", versions)
	told := kmsg.NewPtrApiVersionsResponse()
	told.SetVersion(3)
	told.ApiKeys = wire.Offered()
	responses = wire.AppendResponse(responses, 1, told)

	produce := kmsg.NewPtrProduceRequest()
	produce.SetVersion(9)
	produce.Acks = -1
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic = "fruit"
	partition := kmsg.NewProduceRequestTopicPartition()
	partition.Records = records
	topic.Partitions = append(topic.Partitions, partition)
	produce.Topics = append(produce.Topics, topic)
	requests = wire.AppendRequest(requests, 2, "grape", produce)
	produced := kmsg.NewPtrProduceResponse()
	produced.SetVersion(9)
	responses = wire.AppendResponse(responses, 2, produced)

	fetch := kmsg.NewPtrFetchRequest()
	fetch.SetVersion(11)
	requests = wire.AppendRequest(requests, 3, "grape", fetch)
	fetched := kmsg.NewPtrFetchResponse()
	fetched.SetVersion(11)
	there := kmsg.NewFetchResponseTopic()
	there.Topic = "fruit"
	part := kmsg.NewFetchResponseTopicPartition()
	part.RecordBatches = append(bytes.Clone(records), batch.AppendMarker(nil, batch.Marker{Commit: true}, 9, 0, 5)...)
	there.Partitions = append(there.Partitions, part)
	fetched.Topics = append(fetched.Topics, there)
	responses = wire.AppendResponse(responses, 3, fetched)

	join := kmsg.NewPtrJoinGroupRequest()
	join.SetVersion(5)
	join.ProtocolType = "consumer"
	wish := kmsg.NewConsumerMemberMetadata()
	wish.Version, wish.Topics = 1, []string{"fruit"}
	join.Protocols = []kmsg.JoinGroupRequestProtocol{{Name: "range", Metadata: wish.AppendTo(nil)}, {Name: "odd", Metadata: []byte("odd")}}
	requests = wire.AppendRequest(requests, 4, "grape", join)
	return requests, responses
}

func TestRecordsInFull(t *testing.T) {
	requests, responses := talk(batch.None)
	list := Requests(requests)
	gaps(t, list, len(requests))
	got := strings.Join(flat(list[1:2]), "\n")
	got = crc.ReplaceAllString(got, "crc=…")
	const want = `size=153
api_key=0 (Produce)
api_version=9
correlation_id=2
client_id=grape
tagged fields=none
transactional_id=null
acks=-1 (all in-sync replicas)
timeout_ms=15000
count=1
topic=fruit
count=1
partition=0
length=114
base_offset=0
batch_length=102
partition_leader_epoch=-1
magic=2
crc=…
attributes=0
last_offset_delta=2
base_timestamp=1000
max_timestamp=1002
producer_id=9
producer_epoch=0
base_sequence=0
records_count=3`
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
	for _, part := range []string{"\nkey=apple\nvalue=3 pieces\nheaders_count=1\nheader_key=trace\nheader_value=0102\nlength=", "\nkey=null\nvalue=no key\n", "\nkey=pear\nvalue=null\n"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in\n%s", part, got)
		}
	}
	got = strings.Join(flat(list[3:]), "\n")
	for _, part := range []string{"version=1\ncount=1\n[0]=fruit\nuser_data=null\nowned_partitions=none", "name=odd\nmetadata=odd"} {
		if !strings.Contains(got, part) {
			t.Errorf("no %q in\n%s", part, got)
		}
	}
	list = Responses(responses, AskedBy(requests))
	gaps(t, list, len(responses))
	var names []string
	for _, f := range list {
		names = append(names, f.Name+" "+f.Value)
	}
	want2 := []string{"ApiVersions response version 3, correlation 1", "Produce response version 9, correlation 2", "Fetch response version 11, correlation 3"}
	if !reflect.DeepEqual(names, want2) {
		t.Errorf("got %q", names)
	}
	var values []string
	field.Field{Children: list}.Leaves(func(field.Field) {})
	var visit func(f field.Field)
	visit = func(f field.Field) {
		if f.Name == "record" || f.Name == "batch" {
			values = append(values, f.Value)
		}
		for _, c := range f.Children {
			visit(c)
		}
	}
	visit(list[2])
	want3 := []string{"3 records from offset 0, producer 9", "offset 0: apple=3 pieces", "offset 1: no key", "offset 2: pear=null",
		"1 record from offset 0, producer 9", "offset 0: commit marker"}
	if !reflect.DeepEqual(values, want3) {
		t.Errorf("got %q", values)
	}
}

func TestCompressedRecords(t *testing.T) {
	for _, c := range []batch.Codec{batch.Gzip, batch.Snappy, batch.LZ4, batch.Zstd} {
		requests, _ := talk(c)
		list := Requests(requests)
		gaps(t, list, len(requests))
		want := "records=" + c.String() + ", 53 bytes unpacked: apple=3 pieces, no key, pear=null"
		if got := strings.Join(flat(list), "\n"); !strings.Contains(got, want) {
			t.Errorf("%v: no %q in\n%s", c, want, got)
		}
	}
}

// A connection is looked at up to any byte, and what is whole in it must not
// change with what follows.
func TestEveryPrefix(t *testing.T) {
	for _, c := range []batch.Codec{batch.None, batch.Snappy} {
		requests, responses := talk(c)
		asked := AskedBy(requests)
		for cut := range requests {
			gaps(t, Requests(requests[:cut]), cut)
		}
		for cut := range responses {
			gaps(t, Responses(responses[:cut], asked), cut)
			gaps(t, Responses(responses[:cut], nil), cut)
		}
		whole := Requests(requests)
		longer := Requests(append(bytes.Clone(requests), "\x00\x00\x10\x00\x00\x12"...))
		if !reflect.DeepEqual(whole, longer[:len(whole)]) || len(longer) != len(whole)+1 || !strings.Contains(longer[len(whole)].Value, "6 of 4100 bytes") {
			t.Error("what follows changes what was before")
		}
	}
}

func TestPartOfABatch(t *testing.T) {
	requests, _ := talk(batch.None)
	until := bytes.Index(requests, []byte("pear")) + 2
	got := strings.Join(flat(Requests(requests[:until])), "\n")
	if !strings.Contains(got, "key=apple\n") || !strings.HasSuffix(got, "offset_delta=2\ncut short=3 bytes") {
		t.Errorf("got\n%s", got)
	}
}

// What lies far back is named in short, and cheaply.
func TestFarBack(t *testing.T) {
	requests, _ := talk(batch.None)
	one := len(requests)
	said := bytes.Repeat(requests, 3*detailBytes/one)
	list := Requests(said)
	gaps(t, list, len(said))
	if len(list) != 4*(3*detailBytes/one) || len(list[1].Children) != 0 || list[1].Name != "Produce request" || list[1].Value != "version 9, correlation 2" {
		t.Errorf("%d frames, the second is %q %q with %d parts", len(list), list[1].Name, list[1].Value, len(list[1].Children))
	}
	last := Requests(requests)
	if got, want := flat(list[len(list)-4:]), flat(last); !reflect.DeepEqual(got, want) {
		t.Errorf("got %q", got)
	}
	var builder batch.Builder
	for range 3 * detailBytes / 100 {
		builder.Add(1, nil, make([]byte, 100), nil)
	}
	produce := kmsg.NewPtrProduceRequest()
	produce.SetVersion(3)
	produce.Topics = []kmsg.ProduceRequestTopic{{Partitions: []kmsg.ProduceRequestTopicPartition{{Records: builder.Append(nil, batch.NoProducer)}}}}
	said = wire.AppendRequest(nil, 1, "", produce)
	list = Requests(said)
	gaps(t, list, len(said))
	if n := len(flat(list)); n > detailBytes/100*7+100 {
		t.Errorf("%d leaves", n)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ bytes, want string }{
		{"GET / HTTP/1.1\r\n\r\n", "not understood=18 bytes"},
		{"\x00\x00", "cut short=2 bytes"},
		{"\x00\x00\x00\x04\x00\x00\x00\x07", "api_key=0 (Produce)|api_version=7"},
		{"\x00\x00\x00\x0a\x00\x11\x00\x01\x00\x00\x00\x07\xff\xff", "api_key=17|api_version=1|correlation_id=7|not understood=2 bytes"},
		{"\x00\x00\x00\x0b\x00\x0c\x00\x63\x00\x00\x00\x07\xff\xff\x05", "client_id=null|not understood=1 byte"},
		{"\x00\x00\x00\x0c\x00\x0c\x00\x00\x00\x00\x00\x07\xff\xff\xff\xff", "not understood=2 bytes: a field is null that must not be"},
	} {
		list := Requests([]byte(c.bytes))
		gaps(t, list, len(c.bytes))
		if got := strings.Join(flat(list), "|"); !strings.Contains(got, c.want) {
			t.Errorf("%q: got %s", c.bytes, got)
		}
	}
}

func TestRefusedApiVersions(t *testing.T) {
	e := wire.UnsupportedVersion{Key: apiVersionsKey, Version: 99, Correlation: 4}
	b, _ := e.Answer(nil)
	list := Responses(b, func(int32) (int16, int16, bool) { return apiVersionsKey, 99, true })
	gaps(t, list, len(b))
	got := strings.Join(flat(list), "|")
	if !strings.HasSuffix(got, "error_code=35 (UNSUPPORTED_VERSION)|count=1|api_key=18 (ApiVersions)|min_version=0|max_version=4") {
		t.Errorf("got %s", got)
	}
}

func FuzzDissect(f *testing.F) {
	for _, c := range []batch.Codec{batch.None, batch.LZ4} {
		requests, responses := talk(c)
		f.Add(requests, int32(0))
		f.Add(responses, int32(1)<<16|11)
	}
	for _, a := range wire.APIs {
		request := a.New()
		fill.Message(request, fill.Tagged, nil)
		request.SetVersion(a.Max)
		f.Add(wire.AppendRequest(nil, 5, "grape", request), int32(0))
		response := request.ResponseKind()
		fill.Message(response, fill.Tagged, nil)
		response.SetVersion(a.Max)
		f.Add(wire.AppendResponse(nil, 5, response), int32(a.Key)<<16|int32(a.Max))
	}
	f.Fuzz(func(t *testing.T, said []byte, api int32) {
		gaps(t, Requests(said), len(said))
		gaps(t, Responses(said, func(int32) (int16, int16, bool) { return int16(api >> 16), int16(api), true }), len(said))
		gaps(t, Responses(said, AskedBy(said)), len(said))
	})
}
