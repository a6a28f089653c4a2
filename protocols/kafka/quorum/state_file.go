package quorum

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// The state file holds what a node must not forget in a crash: its epoch and
// its vote in it. It is written anew under another name, synced, and renamed,
// so that there is always a whole one. Kafka keeps the same in JSON in a file
// of the same name.
const (
	stateFile    = "quorum-state"
	newStateFile = "quorum-state.new"
	stateBytes   = 4 + 4 + 4 + 4
)

// save writes epoch, vote and leader. Events wait until the disk is done. (The
// leader is there to save time after a restart, nothing rests on it.)
func (n *Node) save() {
	b := make([]byte, 0, stateBytes)
	for _, v := range []int32{n.epoch, n.voted, n.leader} {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	_ = n.disk.Delete(n.now, newStateFile)
	_, err := n.disk.Append(n.now, newStateFile, b)
	at := n.now
	if err == nil {
		at, err = n.disk.Sync(n.now, newStateFile)
	}
	if err != nil {
		n.fail(err)
		return
	}
	n.diskAt = max(n.diskAt, at)
	n.renameAt = n.diskAt
	// What waits for the state before this one waits for this one: the file
	// that held the former is gone.
	for i := range n.held {
		n.held[i].at = max(n.held[i].at, n.diskAt)
	}
}

// saved makes the state that was synced by now the one that counts.
func (n *Node) saved() {
	if n.renameAt > n.now {
		return
	}
	n.renameAt = never
	if err := n.disk.Rename(n.now, newStateFile, stateFile); err != nil {
		n.fail(err)
	}
}

// load reads what save has written.
func (n *Node) load() error {
	n.epoch, n.voted, n.leader = 0, nobody, nobody
	if _, ok := n.disk.Size(stateFile); !ok {
		return nil
	}
	b := make([]byte, stateBytes)
	got, at, err := n.disk.ReadAt(n.now, stateFile, b, 0)
	if err != nil {
		return err
	}
	n.diskAt = max(n.diskAt, at)
	if got < stateBytes || crc32.ChecksumIEEE(b[:12]) != binary.BigEndian.Uint32(b[12:]) {
		return fmt.Errorf("kafka: %s is damaged: its %d bytes are not what was written", stateFile, got)
	}
	n.epoch = int32(binary.BigEndian.Uint32(b))
	n.voted = int32(binary.BigEndian.Uint32(b[4:]))
	n.leader = int32(binary.BigEndian.Uint32(b[8:]))
	return nil
}
