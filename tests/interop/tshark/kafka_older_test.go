package tshark

import (
	"encoding/binary"
	"maps"
	"slices"
	"testing"

	"github.com/twmb/franz-go/pkg/kmsg"

	"grapevine/protocols/kafka/wire"
)

// older is what was asked and answered, said once more in the newest versions
// that tshark knows. Record batches stay as they are. What cannot be said in
// these versions is left out: topics by ID, and APIs that are too new.
func older(t *testing.T, all conversations) (talks []talk) {
	t.Helper()
	newest := tsharkKnows(t)
	for _, stream := range slices.Sorted(maps.Keys(all)) {
		asked := map[int32]wire.Request{}
		for _, frame := range frames(all[stream].requests) {
			r, err := wire.ParseRequest(frame)
			if err != nil {
				t.Fatal(err)
			}
			asked[r.Correlation] = r
		}
		var l talk
		for _, frame := range frames(all[stream].responses) {
			id, _ := wire.Correlation(frame)
			r := asked[id]
			if r.Body == nil {
				t.Fatalf("an answer to %d, which nobody asked", id)
			}
			_, answer, err := wire.ParseResponse(frame, r.Body)
			if err != nil {
				t.Fatal(err)
			}
			version := min(r.Version, newest.of(r.Key))
			if version < wire.Find(r.Key).Min || byID(r.Body) {
				continue
			}
			r.Body.SetVersion(version)
			answer.SetVersion(version)
			l = append(l, said{true, wire.AppendRequest(nil, id, r.ClientID, r.Body)}, said{false, wire.AppendResponse(nil, id, answer)})
		}
		if len(l) > 0 {
			talks = append(talks, l)
		}
	}
	return talks
}

// byID reports whether a request names its topics by their IDs.
func byID(r kmsg.Request) bool {
	fetch, ok := r.(*kmsg.FetchRequest)
	return ok && len(fetch.Topics) > 0 && fetch.Topics[0].Topic == ""
}

// frames are the whole ones, without their sizes.
func frames(bytes []byte) (list [][]byte) {
	for len(bytes) >= 4 {
		end := 4 + int(binary.BigEndian.Uint32(bytes))
		if end > len(bytes) {
			break
		}
		list = append(list, bytes[4:end])
		bytes = bytes[end:]
	}
	return list
}
