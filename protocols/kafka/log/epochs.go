package log

import "sort"

// Epochs lists the leader epochs of what is on the disk, in order. The caller
// must not change it.
func (l *Log) Epochs() []Epoch { return l.epochs }

// LatestEpoch is the last of Epochs; -1: there is none.
func (l *Log) LatestEpoch() int32 {
	if n := len(l.epochs); n > 0 {
		return l.epochs[n-1].Epoch
	}
	return -1
}

// BeginEpoch says that what a leader appends from now on is of this epoch, so
// that its followers can ask about it before there is a batch of it. It has no
// effect for an epoch that is not later than the latest. It is not kept over a
// crash unless a batch came.
func (l *Log) BeginEpoch(epoch int32) { l.noteEpoch(epoch, l.end) }

// noteEpoch says that an epoch began at start. Another that got no batch is
// forgotten, even a later one: that of a leader which appended nothing, and
// now copies what the leader before it had appended.
func (l *Log) noteEpoch(epoch int32, start int64) {
	if epoch != l.LatestEpoch() {
		l.dropEpochs(start)
	}
	if epoch <= l.LatestEpoch() {
		return
	}
	l.epochs = append(l.epochs, Epoch{epoch, start})
}

// dropEpochs forgets those that begin at offset or later.
func (l *Log) dropEpochs(offset int64) {
	l.epochs = l.epochs[:sort.Search(len(l.epochs), func(i int) bool { return l.epochs[i].Start >= offset })]
}

// raiseEpochs forgets those that end at or before the first segment's base.
func (l *Log) raiseEpochs() {
	base := l.segments[0].base
	n := sort.Search(len(l.epochs), func(i int) bool { return l.epochs[i].Start > base })
	if n > 0 {
		l.epochs = append(l.epochs[:0], l.epochs[n-1:]...)
		l.epochs[0].Start = base
	}
}

// EndOffsetFor finds the latest epoch here that is not later than this one,
// and where it ends: the start of the next, or End (KIP-101, KIP-279). For one
// before all that are known it is that epoch itself, and where the first
// begins; for one later than the latest, -1 and -1.
func (l *Log) EndOffsetFor(epoch int32) (int32, int64) {
	if epoch < 0 || epoch > l.LatestEpoch() {
		return -1, -1
	}
	n := sort.Search(len(l.epochs), func(i int) bool { return l.epochs[i].Epoch > epoch })
	end := l.end
	if n < len(l.epochs) {
		end = l.epochs[n].Start
	}
	if n == 0 {
		return epoch, end
	}
	return l.epochs[n-1].Epoch, end
}
