package registry

// requests numbers the questions of one machine and remembers when each of the
// last ones was asked: an answer tells what was true then, not when it came.
type requests struct {
	last uint64
	at   [rememberedRequests]int64
}

// rememberedRequests bounds how many questions can be open at a time; an answer
// to an older one counts for nothing.
const rememberedRequests = 16

func (r *requests) next(now int64) uint64 {
	r.last++
	r.at[r.last%rememberedRequests] = now
	return r.last
}

// asked says when a question was asked, if it is one of the last.
func (r *requests) asked(request uint64) (int64, bool) {
	if request == 0 || request > r.last || r.last-request >= rememberedRequests {
		return 0, false
	}
	return r.at[request%rememberedRequests], true
}
