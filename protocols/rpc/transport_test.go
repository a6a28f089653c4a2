package rpc_test

import (
	"bytes"
	"fmt"
	"math/rand"
	"testing"

	"grapevine/protocols/rpc"
)

var kinds = []rpc.Kind{rpc.OverDatagram, rpc.OverStream, rpc.OverHTTP1, rpc.OverHTTP2}

// carry moves what one end has for the other: over a stream in random pieces,
// over datagrams whole.
func carry(luck *rand.Rand, now int64, from, to rpc.Transport, datagrams bool) (moved bool) {
	for b := from.Output(); len(b) > 0; b = from.Output() {
		n := len(b)
		if !datagrams && n > 1 {
			n = 1 + luck.Intn(n)
		}
		piece := bytes.Clone(b[:n])
		from.Sent(n)
		to.Receive(now, piece)
		moved = true
		if luck.Intn(2) == 0 {
			break
		}
	}
	return moved
}

// Whatever the pieces, and however many frames are under way, each comes out
// as it went in, and each answer goes with its request.
func TestTransportsCarryFrames(t *testing.T) {
	for _, kind := range kinds {
		t.Run(kind.String(), func(t *testing.T) {
			luck := rand.New(rand.NewSource(1))
			limits := rpc.TransportLimits{MaxFrameBytes: 100_000, MaxStreams: 7}
			client, server := rpc.NewClientTransport(kind, limits), rpc.NewServerTransport(kind, limits)
			type open struct {
				slot  uint32
				frame []byte
			}
			var waiting []open
			sent, answered, empty := 0, map[string]bool{}, 0
			expected := 0
			for round := 0; round < 20_000 && (sent < 400 || len(answered)+empty < sent); round++ {
				if sent < 400 && luck.Intn(3) == 0 {
					frame := fmt.Appendf(nil, "request %d %s", sent, bytes.Repeat([]byte("x"), luck.Intn(1+luck.Intn(90_000))))
					if err := client.Send(0, frame); err == nil {
						sent++
					} else if err != rpc.ErrFull {
						t.Fatal(err)
					}
				}
				carry(luck, int64(round), client, server, kind == rpc.OverDatagram)
				for slot, frame, ok := server.Poll(); ok; slot, frame, ok = server.Poll() {
					waiting = append(waiting, open{slot, bytes.Clone(frame)})
				}
				if len(waiting) > 0 && luck.Intn(2) == 0 {
					i := luck.Intn(len(waiting))
					w := waiting[i]
					answer := append([]byte("answer to "), w.frame...)
					if luck.Intn(10) == 0 {
						answer = nil
					}
					if err := server.Send(w.slot, answer); err == nil {
						waiting = append(waiting[:i], waiting[i+1:]...)
						if answer == nil {
							empty++
						} else {
							expected++
						}
					} else if err != rpc.ErrFull {
						t.Fatal(err)
					}
				}
				carry(luck, int64(round), server, client, kind == rpc.OverDatagram)
				for _, frame, ok := client.Poll(); ok; _, frame, ok = client.Poll() {
					var number int
					if _, err := fmt.Sscanf(string(frame), "answer to request %d", &number); err != nil || answered[string(frame)] {
						t.Fatalf("got %.60q, twice: %v", frame, answered[string(frame)])
					}
					answered[string(frame)] = true
				}
				if client.Err() != nil || server.Err() != nil {
					t.Fatalf("client: %v, server: %v", client.Err(), server.Err())
				}
			}
			if sent != 400 || len(answered) != expected || expected+empty != sent {
				t.Fatalf("%d sent, %d answered of %d, %d with nothing to say", sent, len(answered), expected, empty)
			}
		})
	}
}
