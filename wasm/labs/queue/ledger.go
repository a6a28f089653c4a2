package queue

import (
	"fmt"
	"slices"
	"strconv"

	"grapevine/wasm/sim"
)

// ledger is what somebody knows who sees all nodes: of every record, who has
// sent, acknowledged and read it. The checks ask it.
type ledger struct {
	orders  []order // by number
	made    []int   // orders of each producer, over its lives
	waiting []int   // those of them that are not settled
	groups  []string
	readsOf []int    // of each group, repetitions included
	changed sim.Time // when the last of all this happened

	acked, failed int
	withdrawn     int // were acknowledged, before their transaction was taken back
	aborted       int
	owed          int // acknowledged orders that a group has not read: each counts for each group
	reads         int // by groups and lone readers, repetitions included
	again         int // reads of an offset that the group had read before
	copies        int // reads of a record that the group had read at another offset
	disordered    int // reads of a sender's record after a later one in the same partition

	beyond     int   // reads at or above the high watermark
	scattered  int   // reads of a record after a later one with the same key
	dirty      int   // reads of records whose transaction was taken back
	shared     int   // times that a partition had two owners in one generation
	truncated  int64 // records that brokers cut off their logs
	repeated   int64 // records that brokers were sent again, and did not write again
	elections  int   // of partitions' leaders, beyond the first
	rebalances int

	generations []int32 // of the groups

	owners  map[owned]owner // only looked up
	lastKey map[trail]int32 // the highest order that a group read of a key; only looked up
	tops    map[top]*summit // of partitions; only looked up
}

// top names a partition.
type top struct {
	topic     uint8
	partition int32
}

// summit is how far a partition has come.
type summit struct {
	watermark int64 // the highest that any leader said
	seen      [maxGroups]seen
	epoch     int32 // the highest leader epoch
	leader    int   // in that epoch
	offices   int   // how often somebody became its leader
	searched  int   // of them, the last one whose log was looked through for lost orders
	lost      []int // that were found missing then
}

// order is one record, from the moment at which its sender thinks of it.
type order struct {
	sender, key   int32
	partition     int32 // as acknowledged
	topic         uint8
	fate          fate
	again         bool     // a group has read its offset more than once
	offset        int64    // as acknowledged; -1: nobody knows
	sent, settled sim.Time // by the producer
	read          [maxGroups]uint8
}

// maxGroups is how many groups (and lone readers) a run may have.
const maxGroups = 8

type fate uint8

const (
	waiting fate = iota
	acked
	failed
	aborted // with its transaction
)

func newLedger(producers int) ledger {
	return ledger{made: make([]int, producers), waiting: make([]int, producers), owners: map[owned]owner{}, lastKey: map[trail]int32{}, tops: map[top]*summit{}}
}

// group is a group's number. Groups beyond maxGroups share the last one.
func (l *ledger) group(name string) int {
	if i := slices.Index(l.groups, name); i >= 0 {
		return i
	}
	if len(l.groups) < maxGroups {
		l.groups, l.readsOf = append(l.groups, name), append(l.readsOf, 0)
	}
	return len(l.groups) - 1
}

// begin writes down a new order and returns its number.
func (l *ledger) begin(now sim.Time, sender, key, topic int) int {
	l.changed = now
	l.made[sender]++
	l.waiting[sender]++
	l.orders = append(l.orders, order{sender: int32(sender), key: int32(key), topic: uint8(topic), offset: -1, sent: now})
	return len(l.orders) - 1
}

// settle writes down what the producer was told of an order.
func (l *ledger) settle(now sim.Time, number int, to fate, partition int32, offset int64) {
	l.changed = now
	o := &l.orders[number]
	if o.fate != waiting {
		return
	}
	l.waiting[o.sender]--
	o.fate, o.settled, o.partition, o.offset = to, now, partition, offset
	if to == acked {
		l.acked++
		l.owed += l.unreadBy(o)
	} else {
		l.failed++
	}
}

// unreadBy is how many groups have not read an order.
func (l *ledger) unreadBy(o *order) (n int) {
	for g := range l.groups {
		if o.read[g] == 0 {
			n++
		}
	}
	return n
}

// generation writes down a generation of a group; false: that is the one it is
// in already, of which a static member has come back.
func (l *ledger) generation(group int, number int32) bool {
	for len(l.generations) <= group {
		l.generations = append(l.generations, 0)
	}
	if l.generations[group] == number {
		return false
	}
	l.generations[group] = number
	l.rebalances++
	return true
}

// forget settles what a producer has forgotten in a crash: nobody will tell
// whether it was written.
func (l *ledger) forget(now sim.Time, sender int) {
	for i := len(l.orders) - 1; i >= 0 && l.waiting[sender] > 0; i-- {
		if int(l.orders[i].sender) == sender {
			l.settle(now, i, failed, -1, -1)
		}
	}
}

// doubt takes back that an order counts as acknowledged: its transaction ended,
// and nobody knows how.
func (l *ledger) doubt(number int) {
	if o := &l.orders[number]; o.fate == acked {
		o.fate = failed
		l.acked--
		l.failed++
		l.owed -= l.unreadBy(o)
	}
}

// take writes down that a group has worked on the order that is at an offset.
func (l *ledger) take(now sim.Time, number, group, topic int, partition int32, offset int64) {
	l.changed = now
	l.reads++
	l.readsOf[group]++
	s := l.summit(topic, partition)
	seen := &s.seen[group]
	switch seen.at(offset) {
	case int32(number):
		l.again++
		l.orders[number].again = true
		return
	case -1:
		seen.put(offset, number)
	}
	if offset >= s.watermark {
		l.beyond++
	}
	o := &l.orders[number]
	if o.read[group] > 0 {
		l.copies++
		return
	}
	o.read[group]++
	switch o.fate {
	case acked:
		l.owed--
	case aborted:
		l.dirty++
	}
	if o.key >= 0 {
		l.readKey(number, group, o)
	}
	if last := seen.last(o.sender); *last > int32(number) {
		l.disordered++
	} else {
		*last = int32(number)
	}
}

// abort writes down that an order's transaction was taken back.
func (l *ledger) abort(now sim.Time, number int) {
	l.changed = now
	o := &l.orders[number]
	switch o.fate {
	case waiting:
		l.waiting[o.sender]--
	case acked:
		l.acked--
		l.withdrawn++
		l.owed -= l.unreadBy(o)
	case failed:
		l.failed--
	}
	l.aborted++
	o.fate, o.settled = aborted, now
	for _, n := range o.read {
		if n > 0 {
			l.dirty++
		}
	}
}

// seen is what a group has read of a partition.
type seen struct {
	orders  []int32 // by offset, the first that was found there; -1: none yet
	highest []int32 // by sender, its highest order that was read; -1: none yet
}

// at is the order that was found at an offset; -1: none yet.
func (s *seen) at(offset int64) int32 {
	if offset >= int64(len(s.orders)) {
		return -1
	}
	return s.orders[offset]
}

func (s *seen) put(offset int64, number int) {
	s.orders = extend(s.orders, int(offset))
	s.orders[offset] = int32(number)
}

func (s *seen) last(sender int32) *int32 {
	s.highest = extend(s.highest, int(sender))
	return &s.highest[sender]
}

// extend makes a place for the i-th of some orders.
func extend(orders []int32, i int) []int32 {
	for len(orders) <= i {
		orders = append(orders, -1)
	}
	return orders
}

// trail is what a reader of keys wants in order: a producer's records of a key.
type trail struct {
	group       uint8
	sender, key int32
}

// readKey notices records of a key that come after later ones.
func (l *ledger) readKey(number, group int, o *order) {
	t := trail{uint8(group), o.sender, o.key}
	if last, ok := l.lastKey[t]; ok && last > int32(number) {
		l.scattered++
		return
	}
	l.lastKey[t] = int32(number)
}

// owned is a partition as one of a group's.
type owned struct {
	group, topic uint8
	partition    int32
}

type owner struct {
	consumer   int
	generation int32
}

// own writes down that a member thinks it owns a partition.
func (l *ledger) own(group, topic int, partition int32, consumer int, generation int32) {
	at := owned{uint8(group), uint8(topic), partition}
	if before, ok := l.owners[at]; ok && before.consumer != consumer && before.generation == generation {
		l.shared++
	}
	l.owners[at] = owner{consumer, generation}
}

// disown writes down that it does not any more.
func (l *ledger) disown(group, topic int, partition int32, consumer int) {
	at := owned{uint8(group), uint8(topic), partition}
	if l.owners[at].consumer == consumer {
		delete(l.owners, at)
	}
}

func (l *ledger) summit(topic int, partition int32) *summit {
	at := top{uint8(topic), partition}
	if l.tops[at] == nil {
		l.tops[at] = &summit{epoch: -1, leader: -1}
	}
	return l.tops[at]
}

// leads writes down a leader of a partition.
func (l *ledger) leads(topic int, partition, epoch int32, broker int) {
	s := l.summit(topic, partition)
	if s.offices++; epoch > s.epoch {
		if s.leader >= 0 && s.leader != broker {
			l.elections++
		}
		s.epoch, s.leader = epoch, broker
	}
}

// watermark writes down a high watermark.
func (l *ledger) watermark(topic int, partition int32, at int64) {
	s := l.summit(topic, partition)
	s.watermark = max(s.watermark, at)
}

// value is a record's value: text that says its number, filled up to size bytes.
func (l *ledger) value(dst []byte, number, size int) []byte {
	dst = append(dst, '#')
	dst = strconv.AppendInt(dst, int64(number), 10)
	for len(dst) < size {
		dst = append(dst, '.')
	}
	return dst
}

// number reads an order's number out of a record's value; false: it is from outside.
func (l *ledger) number(value []byte) (int, bool) {
	if len(value) < 2 || value[0] != '#' {
		return 0, false
	}
	n := 0
	for _, c := range value[1:] {
		if c == '.' {
			break
		}
		if c < '0' || c > '9' || n > len(l.orders) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n < len(l.orders)
}

// key is the key of records with this number of a key; nil: none.
func key(n int) []byte {
	if n < 0 {
		return nil
	}
	return fmt.Appendf(nil, "key-%d", n)
}

// note packs what a note is about: an order (or a topic) and where it is. Of
// the partition it keeps 8 bits, of the offset 24: enough for the eye.
func note(number int, partition int32, offset int64) int64 {
	return int64(number)<<32 | int64(uint8(partition))<<24 | offset&unknownOffset
}

// unknownOffset is how a note keeps -1.
const unknownOffset = 1<<24 - 1

func unpack(value int64) (number int, partition int32, offset int64) {
	return int(value >> 32), int32(uint8(value >> 24)), value & unknownOffset
}
