package http2

// Config says what a Conn offers its peer, and what it bears from it. A zero
// field stands for its default.
type Config struct {
	// StreamWindowBytes is how much a peer may send on one stream before it
	// is consumed (SETTINGS_INITIAL_WINDOW_SIZE). Default 65,535, at most 2^31-1.
	StreamWindowBytes int
	// ConnWindowBytes is the same for all streams together. Default 1 MiB,
	// at least 65,535, at most 2^31-1.
	ConnWindowBytes int
	// MaxFrameBytes is the longest payload a peer may put into a frame
	// (SETTINGS_MAX_FRAME_SIZE). Default and least 16,384, at most 2^24-1.
	MaxFrameBytes int
	// HeaderTableBytes is the size of the table by which a peer may compress
	// its header fields (SETTINGS_HEADER_TABLE_SIZE), and the largest that
	// ours may have. Default 4096, at most 65,536.
	HeaderTableBytes int
	// MaxStreams is how many streams may be open that the peer opened
	// (SETTINGS_MAX_CONCURRENT_STREAMS; more are refused), and how many that
	// we opened. Default 100.
	MaxStreams int

	// MaxHeaderListBytes bounds a header list as RFC 9113 section 6.5.2
	// counts it: names, values and 32 bytes for each field. A larger one
	// costs the peer its stream. Default 65,536.
	MaxHeaderListBytes int
	// MaxHeaderBlockBytes bounds a header block as it travels, over all its
	// frames, and MaxContinuations the number of CONTINUATION frames in it.
	// More ends the connection: against the CONTINUATION flood
	// (CVE-2024-27316 and its kin). Defaults 65,536 and 16.
	MaxHeaderBlockBytes int
	MaxContinuations    int
	// MaxResets streams in a row may be reset by the peer, or by us for what
	// it did wrong on them, before the connection ends; each stream that ends
	// well gives one back, and time gives ResetsPerSecond. Against rapid reset
	// (CVE-2023-44487). Defaults 500 and 50.
	MaxResets       int
	ResetsPerSecond int
	// MaxIdleFrames frames in a row may come that move no message on (PING,
	// SETTINGS, PRIORITY, empty DATA, unknown types, frames for streams that
	// are over) before the connection ends; header blocks and DATA, of
	// either side, forgive them all, and time gives IdleFramesPerSecond.
	// Against PING, SETTINGS and empty-frame floods (CVE-2019-9512, -9515,
	// -9518). Defaults 1000 and 100.
	MaxIdleFrames       int
	IdleFramesPerSecond int
	// MaxOutputBytes bounds what waits in Output. SendData fills half of it;
	// sending methods that would go beyond the whole return ErrOutputFull, and
	// a peer whose demands do (it asks and never reads) loses the connection.
	// Default 1 MiB, at least 65,536.
	MaxOutputBytes int

	// SettingsTimeoutMicros is how long the peer may take to acknowledge our
	// SETTINGS (RFC 9113 section 6.5.3). Default 30 s; negative: for ever.
	SettingsTimeoutMicros int64
	// KeepaliveMicros is how long the connection may be silent before we
	// ask with a PING whether the peer is there; without an answer within
	// KeepaliveTimeoutMicros (default 20 s) the connection ends. Default 0: never.
	KeepaliveMicros        int64
	KeepaliveTimeoutMicros int64

	_ struct{}
}

// RFC 9113 sections 6.5.2 and 6.9.1.
const (
	defaultWindowBytes = 65_535
	maxWindowBytes     = 1<<31 - 1
	minMaxFrameBytes   = 16_384
	maxMaxFrameBytes   = 1<<24 - 1
)

func (c Config) withDefaults() Config {
	for _, f := range []struct {
		field             *int
		preset, low, high int
	}{
		{&c.StreamWindowBytes, defaultWindowBytes, 1, maxWindowBytes},
		{&c.ConnWindowBytes, 1 << 20, defaultWindowBytes, maxWindowBytes},
		{&c.MaxFrameBytes, minMaxFrameBytes, minMaxFrameBytes, maxMaxFrameBytes},
		{&c.HeaderTableBytes, 4096, 1, 1 << 16},
		{&c.MaxStreams, 100, 1, maxWindowBytes},
		{&c.MaxHeaderListBytes, 1 << 16, 1, maxWindowBytes},
		{&c.MaxHeaderBlockBytes, 1 << 16, 1, maxWindowBytes},
		{&c.MaxContinuations, 16, 1, maxWindowBytes},
		{&c.MaxResets, 500, 1, maxWindowBytes},
		{&c.ResetsPerSecond, 50, 1, maxWindowBytes},
		{&c.MaxIdleFrames, 1000, 1, maxWindowBytes},
		{&c.IdleFramesPerSecond, 100, 1, maxWindowBytes},
		{&c.MaxOutputBytes, 1 << 20, 1 << 16, maxWindowBytes},
	} {
		if *f.field == 0 {
			*f.field = f.preset
		}
		*f.field = min(max(*f.field, f.low), f.high)
	}
	if c.SettingsTimeoutMicros == 0 {
		c.SettingsTimeoutMicros = 30_000_000
	}
	if c.KeepaliveTimeoutMicros <= 0 {
		c.KeepaliveTimeoutMicros = 20_000_000
	}
	return c
}
