package queue

import (
	"grapevine/protocols/kafka/log"
	"grapevine/wasm/sim"
)

// disk is what a broker keeps through its crashes.
type disk struct {
	*log.Memory
	looking bool // somebody looks at the disk who is not the broker
}

func newDisk() *disk { return &disk{Memory: log.NewMemory()} }

// mount makes the disk that of the node's new life.
func (d *disk) mount(h *sim.Host) log.Disk { return d }
