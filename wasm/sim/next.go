package sim

// Next is when something is due to happen next: a queued event or an action of
// the script; later than Forever if nothing ever will. Whoever plays a network
// along a real clock rests until then.
func (n *Network) Next() Time {
	if !n.started {
		return n.now
	}
	next := n.wheel.next()
	if n.done < len(n.script) {
		next = min(next, n.script[n.done].At)
	}
	return next
}

// next is the time of the earliest event, Forever+1 if there is none. It moves
// nothing: in the first slot that is busy above level 0 it looks at them all.
func (w *wheel) next() Time {
	if slot := w.busy[0].first(); slot >= 0 {
		return w.now&^(wheelSlots-1) | Time(slot)
	}
	for level := 1; level < wheelLevels; level++ {
		slot := w.busy[level].first()
		if slot < 0 {
			continue
		}
		least := Forever
		for b := w.far[level][slot].head; b != 0; {
			batch := w.store.at(b)
			for k := range batch.used {
				least = min(least, batch.times[k])
			}
			b = batch.next
		}
		return least
	}
	return Forever + 1
}
