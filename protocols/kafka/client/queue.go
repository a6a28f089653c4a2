package client

// queue is first in, first out. Its room is used again when it was empty.
type queue[T any] struct {
	items []T
	from  int
}

func (q *queue[T]) push(item T) { q.items = append(q.items, item) }

func (q *queue[T]) empty() bool { return q.from == len(q.items) }

func (q *queue[T]) len() int { return len(q.items) - q.from }

// first is the oldest; there must be one.
func (q *queue[T]) first() *T { return &q.items[q.from] }

func (q *queue[T]) pop() (item T, ok bool) {
	if q.empty() {
		return item, false
	}
	item, q.items[q.from] = q.items[q.from], item
	q.from++
	switch {
	case q.empty():
		q.items, q.from = q.items[:0], 0
	case q.from >= 1024 && q.from*2 >= len(q.items): // never empty for long: make the front room again
		n := copy(q.items, q.items[q.from:])
		clear(q.items[n:])
		q.items, q.from = q.items[:n], 0
	}
	return item, true
}
