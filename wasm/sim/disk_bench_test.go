package sim

import "testing"

// BenchmarkDiskAppend is a broker's batch of 16 KB into a cached disk, and a
// read of it; the segments are deleted as they get old.
func BenchmarkDiskAppend(b *testing.B) {
	n := New(1)
	b16 := make([]byte, 16<<10)
	calls := 0
	var d *Disk
	names := []string{"a", "b"}
	user := &diskUser{
		start: func(ctx *Ctx) { ctx.After(1, 0) },
		wake: func(ctx *Ctx, _ Timer) {
			name := names[calls>>10&1]
			if calls&1023 == 0 {
				if err := d.Delete(ctx, name); err != nil {
					b.Error(err)
				}
			}
			if _, err := d.Append(ctx, name, b16); err != nil {
				b.Error(err)
			}
			size, _ := d.Size(name)
			if _, _, err := d.ReadAt(ctx, name, b16, size-16<<10); err != nil {
				b.Error(err)
			}
			if calls++; calls < b.N {
				ctx.After(1000, 0)
			}
		},
	}
	d = n.AddDisks(n.AddRole("node", 1, user), HardDisk()).Member(0)
	b.ReportAllocs()
	for n.Advance(Forever, 1<<30) != Finished {
	}
}
