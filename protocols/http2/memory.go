package http2

// memory remembers the last stream numbers of a kind, so that frames which
// come late for a stream can be told from frames that should never come.
// Memory is bounded; what it has forgotten is treated as never known.
type memory struct {
	ids  []uint32
	next int
}

func (m *memory) add(id uint32, max int) {
	if len(m.ids) < max {
		m.ids = append(m.ids, id)
		return
	}
	m.ids[m.next] = id
	m.next = (m.next + 1) % max
}

func (m *memory) has(id uint32) bool {
	for _, known := range m.ids {
		if known == id {
			return true
		}
	}
	return false
}

const (
	// maxEndedRemembered streams that ended well, or that the peer reset.
	maxEndedRemembered = 128
	// maxResetRemembered streams that we reset: the peer did not know and may
	// go on sending for a while. Many, because taking one of them for a
	// fault would cost it the connection.
	maxResetRemembered = 1024
)

// budget is how much of something a peer may do in a row. Time fills it up.
type budget struct {
	micro     int64 // what is left, in millionths
	max       int64
	perSecond int64
	at        int64
}

func newBudget(max, perSecond int) budget {
	return budget{micro: int64(max) * 1_000_000, max: int64(max), perSecond: int64(perSecond)}
}

// take takes one, and is false when there is none left.
func (b *budget) take(now int64) bool {
	if now > b.at {
		// Longer than it takes to fill it up altogether counts as that long.
		elapsed := min(uint64(now)-uint64(b.at), uint64(b.max*1_000_000/b.perSecond+1))
		b.micro = min(b.micro+int64(elapsed)*b.perSecond, b.max*1_000_000)
		b.at = now
	}
	b.micro -= 1_000_000
	return b.micro >= 0
}

// give gives n back.
func (b *budget) give(n int64) { b.micro = min(b.micro+n*1_000_000, b.max*1_000_000) }

// fill gives all back.
func (b *budget) fill() { b.micro = b.max * 1_000_000 }
