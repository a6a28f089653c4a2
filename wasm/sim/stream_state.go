package sim

import "fmt"

// A stream is a TCP connection in small (RFC 9293, figure 5). Each end numbers
// its bytes. Three segments open it: SYN, SYN ACK, ACK tell each end where the
// other's numbers begin. Then either end sends bytes as far as the other's
// window reaches, and acknowledges the number up to which it has them all;
// what is not acknowledged in time is sent again. Each end closes its own
// direction with a FIN, which is numbered and acknowledged like a byte. An RST
// ends both directions at once.
//
// What closes first is left with a doubt: has its last ACK arrived, or will
// the other repeat its FIN? So it waits in TIME-WAIT and answers. LISTEN is no
// state of a stream here but a mark on the host's port.
//
// One difference to the RFC: a FIN waits for the bytes before it to be sent,
// and the state changes when it goes out, not when the app calls CloseWrite.
//
// Not done: congestion control (the receiver's window alone limits a sender,
// so too fast a sender overruns a slow link's buffer and learns of it by
// loss), simultaneous open (each side refuses the other), data on a SYN,
// urgent data, selective acknowledgement, keepalive (an idle stream costs
// nothing, and does not notice that its peer is gone).
type state uint8

const (
	closed state = iota
	synSent
	synReceived
	established
	finWait1
	finWait2
	closeWait
	closing
	lastAck
	timeWait
	states
)

var stateNames = [states]string{"CLOSED", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED",
	"FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"}

// turn is what makes a state change.
type turn uint8

const (
	dials     turn = iota // the app dials: SYN sent
	synCame               // a SYN for a port that listens: SYN ACK sent
	synAcked              // our SYN is acknowledged, and the peer's is here
	finGoes               // our FIN is sent
	finAcked              // our FIN is acknowledged
	finCame               // the peer's FIN is here, and all before it
	ends                  // RST either way, timeout
	forgotten             // TIME-WAIT is over
	turns
)

var turnNames = [turns]string{"dial", "SYN comes", "SYN acknowledged", "FIN goes", "FIN acknowledged", "FIN comes", "end", "forgotten"}

// transitions are all there are.
var transitions = []struct {
	from state
	on   turn
	to   state
}{
	{closed, dials, synSent},
	{closed, synCame, synReceived},
	{synSent, synAcked, established},
	{synReceived, synAcked, established},

	{established, finGoes, finWait1},
	{finWait1, finAcked, finWait2},
	{finWait1, finCame, closing},
	{finWait2, finCame, timeWait},
	{closing, finAcked, timeWait},
	{timeWait, forgotten, closed},

	{established, finCame, closeWait},
	{closeWait, finGoes, lastAck},
	{lastAck, finAcked, closed},

	{synSent, ends, closed},
	{synReceived, ends, closed},
	{established, ends, closed},
	{finWait1, ends, closed},
	{finWait2, ends, closed},
	{closeWait, ends, closed},
	{closing, ends, closed},
	{lastAck, ends, closed},
}

// after is the state that follows. A turn that the table does not have is a
// bug: what comes from a peer is checked before.
func (st state) after(t turn) state {
	for i := range transitions {
		if r := &transitions[i]; r.from == st && r.on == t {
			return r.to
		}
	}
	panic(fmt.Sprintf("sim: a stream in %s: %s", stateNames[st], turnNames[t]))
}

// takes reports whether the app may still write.
func (st state) takes() bool {
	return st == synSent || st == synReceived || st == established || st == closeWait
}

// sends reports whether bytes of the app, or its FIN, may go out.
func (st state) sends() bool { return st >= established && st <= lastAck }

// hears reports whether the peer may still send bytes.
func (st state) hears() bool { return st == established || st == finWait1 || st == finWait2 }
