package log

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Memory is a Disk without delays, for tests: a Sync is done when it returns.
type Memory struct {
	files []memoryFile // by name
}

type memoryFile struct {
	name   string
	bytes  []byte
	synced int64
}

// NewMemory makes an empty one.
func NewMemory() *Memory { return &Memory{} }

func (m *Memory) find(name string) (int, bool) {
	return slices.BinarySearchFunc(m.files, name, func(f memoryFile, name string) int { return cmp.Compare(f.name, name) })
}

func (m *Memory) file(name string) (*memoryFile, error) {
	if i, ok := m.find(name); ok {
		return &m.files[i], nil
	}
	return nil, fmt.Errorf("no file %q on this disk", name)
}

// Crash loses bytes that were not synced: of each file that has such, keep
// says how many remain, from synced (none of them) to size (all).
func (m *Memory) Crash(keep func(file string, synced, size int64) int64) {
	for i := range m.files {
		f := &m.files[i]
		if size := int64(len(f.bytes)); f.synced < size {
			f.bytes = f.bytes[:min(max(keep(f.name, f.synced, size), f.synced), size)]
		}
		f.synced = int64(len(f.bytes))
	}
}

// Contents returns a file's bytes, nil if there is none.
func (m *Memory) Contents(file string) []byte {
	if f, err := m.file(file); err == nil {
		return f.bytes
	}
	return nil
}

// Put makes a file of these bytes, synced, or replaces one.
func (m *Memory) Put(file string, b []byte) {
	i, ok := m.find(file)
	if !ok {
		m.files = slices.Insert(m.files, i, memoryFile{name: file})
	}
	m.files[i].bytes, m.files[i].synced = slices.Clone(b), int64(len(b))
}

// Size is part of Disk.
func (m *Memory) Size(file string) (int64, bool) {
	i, ok := m.find(file)
	if !ok {
		return 0, false
	}
	return int64(len(m.files[i].bytes)), true
}

// List is part of Disk.
func (m *Memory) List(prefix string) []string {
	var names []string
	for i, _ := m.find(prefix); i < len(m.files) && strings.HasPrefix(m.files[i].name, prefix); i++ {
		names = append(names, m.files[i].name)
	}
	return names
}

// Append is part of Disk.
func (m *Memory) Append(now int64, file string, b []byte) (int64, error) {
	i, ok := m.find(file)
	if !ok {
		m.files = slices.Insert(m.files, i, memoryFile{name: file})
	}
	m.files[i].bytes = append(m.files[i].bytes, b...)
	return now, nil
}

// ReadAt is part of Disk.
func (m *Memory) ReadAt(now int64, file string, b []byte, offset int64) (int, int64, error) {
	f, err := m.file(file)
	if err != nil {
		return 0, now, err
	}
	if offset < 0 || offset > int64(len(f.bytes)) {
		return 0, now, fmt.Errorf("%q has %d bytes: none at %d", file, len(f.bytes), offset)
	}
	return copy(b, f.bytes[offset:]), now, nil
}

// Sync is part of Disk.
func (m *Memory) Sync(now int64, file string) (int64, error) {
	f, err := m.file(file)
	if err == nil {
		f.synced = int64(len(f.bytes))
	}
	return now, err
}

// Truncate is part of Disk.
func (m *Memory) Truncate(_ int64, file string, size int64) error {
	f, err := m.file(file)
	if err != nil {
		return err
	}
	if size < 0 || size > int64(len(f.bytes)) {
		return fmt.Errorf("%q has %d bytes: it cannot be cut to %d", file, len(f.bytes), size)
	}
	f.bytes = f.bytes[:size]
	f.synced = min(f.synced, size)
	return nil
}

// Delete is part of Disk.
func (m *Memory) Delete(_ int64, file string) error {
	if i, ok := m.find(file); ok {
		m.files = slices.Delete(m.files, i, i+1)
	}
	return nil
}

// Rename is part of Disk.
func (m *Memory) Rename(now int64, from, to string) error {
	i, ok := m.find(from)
	if !ok {
		return fmt.Errorf("no file %q on this disk", from)
	}
	f := m.files[i]
	m.files = slices.Delete(m.files, i, i+1)
	if err := m.Delete(now, to); err != nil {
		return err
	}
	f.name = to
	i, _ = m.find(to)
	m.files = slices.Insert(m.files, i, f)
	return nil
}
