package http2

import "encoding/binary"

// frameType is the kind of a frame (RFC 9113 section 6).
type frameType uint8

const (
	frameData frameType = iota
	frameHeaders
	framePriority
	frameReset
	frameSettings
	framePushPromise
	framePing
	frameGoAway
	frameWindowUpdate
	frameContinuation
)

var frameNames = [...]string{"DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS", "PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION"}

func (t frameType) String() string {
	if int(t) < len(frameNames) {
		return frameNames[t]
	}
	return "unknown frame type"
}

// Flags. END_STREAM and ACK are the same bit on different frames.
const (
	flagEndStream  = 0x1
	flagAck        = 0x1
	flagEndHeaders = 0x4
	flagPadded     = 0x8
	flagPriority   = 0x20
)

// settingID names a setting (RFC 9113 section 6.5.2).
type settingID uint16

const (
	settingHeaderTable settingID = iota + 1
	settingEnablePush
	settingMaxStreams
	settingInitialWindow
	settingMaxFrame
	settingMaxHeaderList
)

var settingNames = [...]string{"", "HEADER_TABLE_SIZE", "ENABLE_PUSH", "MAX_CONCURRENT_STREAMS", "INITIAL_WINDOW_SIZE", "MAX_FRAME_SIZE", "MAX_HEADER_LIST_SIZE"}

func (s settingID) String() string {
	if s > 0 && int(s) < len(settingNames) {
		return settingNames[s]
	}
	return "unknown setting"
}

// preface opens a client's half of a connection (RFC 9113 section 3.4).
const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

const (
	frameHeaderBytes = 9
	// maxSentFrameBytes is what every peer must take (section 6.5.2).
	maxSentFrameBytes = minMaxFrameBytes
)

// frame is a frame that came in whole.
type frame struct {
	kind    frameType
	flags   byte
	stream  uint32
	payload []byte
}

func (f *frame) has(flag byte) bool { return f.flags&flag != 0 }

// readFrameHeader reads the header in front of b. b has at least 9 bytes.
func readFrameHeader(b []byte) (f frame, payloadBytes int) {
	payloadBytes = int(b[0])<<16 | int(b[1])<<8 | int(b[2])
	return frame{kind: frameType(b[3]), flags: b[4], stream: binary.BigEndian.Uint32(b[5:]) &^ (1 << 31)}, payloadBytes
}

func appendFrameHeader(b []byte, payloadBytes int, kind frameType, flags byte, stream uint32) []byte {
	return append(b, byte(payloadBytes>>16), byte(payloadBytes>>8), byte(payloadBytes), byte(kind), flags,
		byte(stream>>24), byte(stream>>16), byte(stream>>8), byte(stream))
}

// unpad takes the padding of DATA and HEADERS off (section 6.1). It is false
// when there is more padding than frame.
func (f *frame) unpad() bool {
	if !f.has(flagPadded) {
		return true
	}
	if len(f.payload) == 0 || int(f.payload[0]) >= len(f.payload) {
		return false
	}
	f.payload = f.payload[1 : len(f.payload)-int(f.payload[0])]
	return true
}

// readDependency reads the five bytes of a priority (RFC 9113 section 6.3).
func readDependency(b []byte) (on uint32) { return binary.BigEndian.Uint32(b) &^ (1 << 31) }
