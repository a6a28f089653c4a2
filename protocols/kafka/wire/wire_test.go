package wire

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/schema"
	"grapevine/protocols/kafka/schema/fill"
)

func TestTable(t *testing.T) {
	before := int16(-1)
	for i := range APIs {
		a := &APIs[i]
		r := a.New()
		if a.Key <= before || Find(a.Key) != a || schema.Of(a.Key) == nil {
			t.Errorf("%s: key %d after %d, or not found", a.Name, a.Key, before)
		}
		before = a.Key
		if r.Key() != a.Key || a.Min < 0 || a.Max < a.Min || a.Max > r.MaxVersion() {
			t.Errorf("%s: %d %d to %d, kmsg has %d up to %d", a.Name, a.Key, a.Min, a.Max, r.Key(), r.MaxVersion())
		}
		if name := kmsg.Key(a.Key).Name(); !strings.EqualFold(name, a.Name) && a.Name != "AlterPartitionReassignments" {
			t.Errorf("%d is %s, kmsg calls it %s", a.Key, a.Name, name)
		}
	}
	for _, key := range []int16{-1, 4, 7, 17, 68, 76, 1000} {
		if Find(key) != nil {
			t.Errorf("API %d is in the table", key)
		}
	}
	for _, o := range Offered() {
		a := Find(o.ApiKey)
		least := a.Min
		if a.Name == "Produce" {
			least = 0 // librdkafka looks for it before it compresses
		}
		most := a.Max
		if a.Name == "AddPartitionsToTxn" {
			most = 3 // the next is the brokers' own
		}
		if a.Internal || o.MinVersion != least || o.MaxVersion != most {
			t.Errorf("%s: offered %v", a.Name, o)
		}
	}
}

// A request of a megabyte must not become a gigabyte of topics without a name.
func TestMaxElements(t *testing.T) {
	for _, count := range []int{maxElements / 2, maxElements/2 + 1} {
		r := kmsg.NewPtrDeleteRecordsRequest()
		r.Topics = make([]kmsg.DeleteRecordsRequestTopic, count)
		for i := range r.Topics {
			r.Topics[i].Partitions = make([]kmsg.DeleteRecordsRequestTopicPartition, 1)
		}
		if _, err := ParseRequest(AppendRequest(nil, 1, "", r)[4:]); (err == nil) != (count == maxElements/2) {
			t.Errorf("%d elements: %v", 2*count, err)
		}
	}
}

// What stock clients were seen to send.
func TestClientsVersions(t *testing.T) {
	for client, versions := range map[string]map[int16]int16{
		"librdkafka 2.0.2":   {0: 7, 1: 11, 2: 2, 3: 4, 8: 7, 9: 7, 10: 2, 11: 5, 12: 3, 13: 1, 14: 3, 18: 3, 22: 4},
		"kafka-python 2.0.2": {0: 7, 1: 4, 2: 1, 3: 0, 8: 2, 9: 1, 10: 0, 11: 2, 13: 1, 14: 1, 18: 0},
		"kafkajs 2.2.4":      {0: 7, 1: 11, 2: 3, 3: 6, 8: 5, 9: 4, 10: 2, 11: 5, 12: 3, 13: 3, 14: 3, 18: 2, 19: 3},
	} {
		for key, version := range versions {
			if a := Find(key); a == nil || a.Internal || version < a.Min || version > a.Max {
				t.Errorf("%s sends %s in version %d, which we refuse", client, kmsg.Key(key).Name(), version)
			}
		}
	}
}

// frames are two requests and a response, one behind the other.
func frames() (stream []byte, each [][]byte) {
	metadata := kmsg.NewPtrMetadataRequest()
	metadata.SetVersion(9)
	produce := kmsg.NewPtrProduceRequest()
	produce.SetVersion(3)
	answer := kmsg.NewPtrMetadataResponse()
	for _, b := range [][]byte{AppendRequest(nil, 1, "me", metadata), AppendRequest(nil, 2, "", produce), AppendResponse(nil, 1, answer)} {
		stream = append(stream, b...)
		each = append(each, b[4:])
	}
	return stream, each
}

func TestReaderSplitAnywhere(t *testing.T) {
	stream, want := frames()
	for step := 1; step <= len(stream)+1; step++ {
		var r Reader
		var got [][]byte
		for at := 0; at < len(stream); at += step {
			r.Receive(stream[at:min(at+step, len(stream))])
			for {
				frame, ok, err := r.Next()
				if err != nil {
					t.Fatal(err)
				}
				if !ok {
					break
				}
				got = append(got, bytes.Clone(frame))
			}
		}
		if !reflect.DeepEqual(got, want) || r.Waiting() != 0 {
			t.Fatalf("in steps of %d: %d frames, %d bytes wait", step, len(got), r.Waiting())
		}
	}
}

func TestReaderLimits(t *testing.T) {
	for _, c := range []struct {
		b  string
		ok bool
	}{
		{"\x00\x00\x00\x64", true}, {"\x00\x00\x00\x65", false}, {"\xff\xff\xff\xff", false}, {"\x00\x00\x00\x03", false},
		{"GET / HTTP/1.1\r\n", false}, {"\x16\x03\x01\x02", false},
	} {
		r := Reader{MaxFrameBytes: 100}
		r.Receive([]byte(c.b))
		if _, _, err := r.Next(); (err == nil) != c.ok {
			t.Errorf("%q: %v", c.b, err)
		}
	}
}

func TestReaderGivesMemoryBack(t *testing.T) {
	var r Reader
	r.Receive(append([]byte{0, 0x10, 0, 0}, make([]byte, 1<<20)...))
	if _, ok, _ := r.Next(); !ok {
		t.Fatal("no frame")
	}
	r.Receive([]byte{0})
	if cap(r.buf) > keptBytes {
		t.Errorf("%d bytes are kept", cap(r.buf))
	}
}

// kmsg's own writer and reader are the twins of ours, which work by the schema.
func TestBodiesAgainstKmsg(t *testing.T) {
	formatter := kmsg.NewRequestFormatter(kmsg.FormatterClientID("grape"))
	for _, a := range APIs {
		for version := a.Min; version <= a.Max; version++ {
			for mode := range fill.Modes {
				sent := a.New()
				fill.Message(sent, mode, nil)
				sent.SetVersion(version)
				b := AppendRequest(nil, 77, "grape", sent)
				if want := formatter.AppendRequest(nil, sent, 77); !bytes.Equal(b, want) {
					t.Fatalf("%s version %d:\ngot  %q\nkmsg %q", a.Name, version, b, want)
				}
				r, err := ParseRequest(b[4:])
				if err != nil || r.Key != a.Key || r.Version != version || r.Correlation != 77 || r.ClientID != "grape" {
					t.Fatalf("%s version %d: %+v %v", a.Name, version, r, err)
				}
				theirs := a.New()
				theirs.SetVersion(version)
				if err := theirs.ReadFrom(sent.AppendTo(nil)); err != nil || !reflect.DeepEqual(r.Body, theirs) {
					t.Fatalf("%s version %d: %v\ngot  %+v\nkmsg %+v", a.Name, version, err, r.Body, theirs)
				}
				answer := sent.ResponseKind()
				fill.Message(answer, mode, nil)
				answer.SetVersion(version)
				b = AppendResponse(nil, 78, answer)
				if want := answer.AppendTo(nil); !bytes.HasSuffix(b, want) || len(b) > len(want)+9 {
					t.Fatalf("%s version %d:\ngot  %q\nkmsg %q", a.Name, version, b, want)
				}
				correlation, body, err := ParseResponse(b[4:], sent)
				if err != nil || correlation != 78 {
					t.Fatalf("%s version %d: %v", a.Name, version, err)
				}
				expect := sent.ResponseKind()
				if err := expect.ReadFrom(answer.AppendTo(nil)); err != nil || !reflect.DeepEqual(body, expect) {
					t.Fatalf("%s version %d: %v\ngot  %+v\nkmsg %+v", a.Name, version, err, body, expect)
				}
			}
		}
	}
}

// Bytes of a request that are kept must not change with the Reader's buffer.
func TestNothingAliasesTheFrame(t *testing.T) {
	for _, a := range APIs {
		sent := a.New()
		fill.Message(sent, fill.Tagged, nil)
		sent.SetVersion(a.Max)
		answer := sent.ResponseKind()
		fill.Message(answer, fill.Tagged, nil)
		answer.SetVersion(a.Max)
		request, response := AppendRequest(nil, 1, "grape", sent), AppendResponse(nil, 1, answer)
		r, err := ParseRequest(request[4:])
		_, body, err2 := ParseResponse(response[4:], sent)
		if err != nil || err2 != nil {
			t.Fatal(a.Name, err, err2)
		}
		clearAll := func() { clear(request[14:]); clear(response[8:]) }
		before := fmt.Sprintf("%+v", r.ClientID) + string(r.Body.AppendTo(nil))
		beforeAnswer := string(body.AppendTo(nil))
		clearAll()
		if a.Name != "Produce" && before != fmt.Sprintf("%+v", r.ClientID)+string(r.Body.AppendTo(nil)) {
			t.Errorf("the %s request lies in its frame", a.Name)
		}
		if a.Name != "Fetch" && beforeAnswer != string(body.AppendTo(nil)) {
			t.Errorf("the %s response lies in its frame", a.Name)
		}
	}
}

func TestUnsupportedVersions(t *testing.T) {
	ask := kmsg.NewPtrApiVersionsRequest()
	ask.SetVersion(3)
	ask.ClientSoftwareName = "someone"
	frame := AppendRequest(nil, 9, "new", ask)[4:]
	frame[3] = 99 // the version
	_, err := ParseRequest(frame)
	var unsupported *UnsupportedVersion
	if !errors.As(err, &unsupported) || unsupported.Version != 99 || unsupported.Correlation != 9 || unsupported.ClientID != "new" {
		t.Fatal(err)
	}
	answer, ok := unsupported.Answer(nil)
	if !ok {
		t.Fatal("no answer")
	}
	for _, version := range []int16{4, 3, 2, 1, 0} {
		ask.SetVersion(version)
		correlation, body, err := ParseResponse(answer[4:], ask)
		if err != nil || correlation != 9 {
			t.Fatal(err)
		}
		a := body.(*kmsg.ApiVersionsResponse)
		if a.ErrorCode != kerr.UnsupportedVersion.Code || len(a.ApiKeys) != 1 || a.ApiKeys[0].ApiKey != 18 || a.ApiKeys[0].MaxVersion != 4 || a.Version != 0 {
			t.Errorf("version %d: %+v", version, a)
		}
	}
	for _, change := range []struct {
		at   int
		to   byte
		want string
	}{{3, 99, "0 to 12"}, {0, 1, "which we do not speak"}, {1, 17, "which we do not speak"}} {
		frame := AppendRequest(nil, 9, "", kmsg.NewPtrMetadataRequest())[4:]
		frame[change.at] = change.to
		if _, err := ParseRequest(frame); !errors.As(err, &unsupported) || !strings.Contains(err.Error(), change.want) {
			t.Errorf("%v", err)
		} else if _, ok := unsupported.Answer(nil); ok {
			t.Errorf("%v is answered", err)
		}
	}
}

func TestHeadersOfAnyShape(t *testing.T) {
	request := kmsg.NewPtrMetadataRequest()
	request.SetVersion(9)
	frame := AppendRequest(nil, 9, "client", request)[4:]
	for cut := range frame {
		if _, err := ParseRequest(frame[:cut]); err == nil {
			t.Errorf("%d bytes are enough", cut)
		}
	}
	if _, err := ParseRequest(append(frame, "trailing"...)); err != nil {
		t.Error(err)
	}
	null := append(append([]byte{}, frame[:8]...), 0xff, 0xff)
	tagged := append(null, 1, 5, 2, 'x', 'y')
	r, err := ParseRequest(append(tagged, frame[17:]...))
	if err != nil || r.ClientID != "" {
		t.Error(r, err)
	}
	for _, tags := range []string{"", "\x01", "\x01\x05", "\x01\x05\x02x", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"} {
		if _, err := ParseRequest(append(null, tags...)); err == nil {
			t.Errorf("tags %q are taken", tags)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, a := range APIs {
		for _, version := range []int16{a.Min, a.Max} {
			r := a.New()
			fill.Message(r, fill.Tagged, nil)
			r.SetVersion(version)
			f.Add(AppendRequest(nil, 1, "c", r)[4:])
			answer := r.ResponseKind()
			fill.Message(answer, fill.Tagged, nil)
			answer.SetVersion(version)
			b := AppendResponse(nil, int32(a.Key)<<16|int32(version), answer)
			f.Add(b[4:])
		}
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		if r, err := ParseRequest(frame); err == nil {
			// What was taken is what kmsg reads.
			theirs := Find(r.Key).New()
			theirs.SetVersion(r.Version)
			if err := theirs.ReadFrom(bodyOf(frame, r)); err != nil || !reflect.DeepEqual(r.Body, theirs) {
				t.Errorf("%v\ngot  %+v\nkmsg %+v", err, r.Body, theirs)
			}
			// It can be sent again, and means the same.
			b := AppendRequest(nil, r.Correlation, r.ClientID, r.Body)
			again, err := ParseRequest(b[4:])
			if err != nil || !bytes.Equal(b, AppendRequest(nil, r.Correlation, r.ClientID, again.Body)) {
				t.Errorf("%v; the second time it is other bytes", err)
			}
		}
		id, _ := Correlation(frame)
		if a := Find(int16(id >> 16)); a != nil {
			sent := a.New()
			sent.SetVersion(a.Min + int16(uint16(id))%(a.Max-a.Min+1))
			ParseResponse(frame, sent)
		}
	})
}

// bodyOf is a request's frame without its header.
func bodyOf(frame []byte, r Request) []byte {
	b := frame[10:]
	if n := int16(binary.BigEndian.Uint16(frame[8:])); n > 0 {
		b = b[n:]
	}
	if r.Body.IsFlexible() {
		b, _ = skipTags(b)
	}
	return b
}

func FuzzReader(f *testing.F) {
	stream, _ := frames()
	f.Add(stream, uint8(3))
	f.Fuzz(func(t *testing.T, stream []byte, step uint8) {
		read := func(step int) (all []byte, failed bool) {
			r := Reader{MaxFrameBytes: 1000}
			for at := 0; at < len(stream) && !failed; at += step {
				r.Receive(stream[at:min(at+step, len(stream))])
				for {
					frame, ok, err := r.Next()
					if failed = err != nil; failed || !ok {
						break
					}
					all = append(append(all, frame...), '|')
				}
			}
			return all, failed
		}
		whole, failed := read(len(stream) + 1)
		if parts, failed2 := read(int(step) + 1); !bytes.Equal(whole, parts) || failed != failed2 {
			t.Error("cut otherwise, it is other frames")
		}
	})
}

// BenchmarkProduce is the request that counts: one batch for one partition.
func BenchmarkProduce(b *testing.B) {
	r := kmsg.NewPtrProduceRequest()
	r.SetVersion(9)
	topic := kmsg.NewProduceRequestTopic()
	topic.Topic = "orders"
	partition := kmsg.NewProduceRequestTopicPartition()
	partition.Records = make([]byte, 1<<10)
	topic.Partitions = append(topic.Partitions, partition)
	r.Topics = append(r.Topics, topic)
	frame := AppendRequest(nil, 1, "producer", r)
	b.Run("parse", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ParseRequest(frame[4:]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("append", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			frame = AppendRequest(frame[:0], 1, "producer", r)
		}
	})
	body := r.AppendTo(nil)
	b.Run("kmsg parses", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r := kmsg.NewPtrProduceRequest()
			r.SetVersion(9)
			if err := r.ReadFrom(body); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("kmsg appends", func(b *testing.B) {
		for b.Loop() {
			body = r.AppendTo(body[:0])
		}
	})
}
