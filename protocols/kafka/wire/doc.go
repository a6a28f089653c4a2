// Package wire holds what Kafka's messages have in common: frames, headers,
// and the table of APIs and versions that our brokers and clients speak. The
// bodies are those of github.com/twmb/franz-go/pkg/kmsg.
//
// Every message is a frame: four bytes of size, then a header, then a body.
// A request's header says which API and version the body is, and carries a
// correlation id; the response carries the same id back and nothing else: who
// asked must remember what. See the Kafka protocol guide, "Protocol
// Primitives" and "Common Request and Response Structure", and KIP-482 for
// flexible versions.
//
// Duties of the caller: give a Reader all bytes of a connection in order, take
// frames out of Next until there is none, and parse each before the next
// Receive:
//
//	r.Receive(bytes)
//	for {
//		frame, ok, err := r.Next()
//		if err != nil || !ok {
//			break // with an error, the connection is over
//		}
//		request, err := wire.ParseRequest(frame)
//		...
//	}
//
// What aliases what: of a parsed body only the record batches (Records of
// Produce requests and Fetch responses) and tags that nobody knows lie in the
// frame. All other parts are copies, which may be kept.
//
// Errors are the peer's: a frame too large or negative, an API or a version
// that is not in the table (*UnsupportedVersion), bytes that are not the body
// they claim to be. Each ends the connection, with one exception: a client
// that asks ApiVersions in a version that we do not know gets an answer
// (UnsupportedVersion.Answer).
//
// Left out: SASL and TLS, whose bytes come before the first frame.
package wire
