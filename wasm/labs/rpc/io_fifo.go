package rpc

// fifo is a queue, first in first out, that uses its places again.
type fifo[T any] struct {
	items []T // a ring; its size is a power of two
	head  int
	count int
}

func (f *fifo[T]) len() int { return f.count }

// at returns the i-th from the front.
func (f *fifo[T]) at(i int) T { return f.items[(f.head+i)&(len(f.items)-1)] }

func (f *fifo[T]) push(x T) {
	if f.count == len(f.items) {
		grown := make([]T, max(2*len(f.items), 8))
		for i := range f.count {
			grown[i] = f.at(i)
		}
		f.items, f.head = grown, 0
	}
	f.items[(f.head+f.count)&(len(f.items)-1)] = x
	f.count++
}

// pop takes the first out; there must be one.
func (f *fifo[T]) pop() T {
	var none T
	x := f.items[f.head]
	f.items[f.head] = none
	f.head = (f.head + 1) & (len(f.items) - 1)
	f.count--
	return x
}
