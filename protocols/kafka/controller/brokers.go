package controller

import (
	"cmp"
	"math"
	"slices"
	"sort"

	"grapevine/protocols/kafka/meta"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// Behaviour: BrokerRegistration, BrokerHeartbeat and UnregisterBroker as in
// KIP-631. A broker registers, fenced; it is unfenced when a heartbeat says
// that it has read the metadata log past its registration; without a
// heartbeat for the session timeout it is fenced again. One that asks to shut
// down is given no more leaderships, and may go when all the others have read
// who took them over. A second process with the ID of one that is alive is
// refused until the session is over; so is a broker that restarts at once.
//
// A registration whose PreviousBrokerEpoch is not that of the broker's last
// one says that part of its log may be lost (KIP-966).
//
// Versions: all.
//
// Not done: log directories, features, ZooKeeper migration.

// session is what the controller remembers of a broker that has registered.
type session struct {
	broker   int32
	heard    int64 // when
	reached  int64 // the metadata offset that it has read to
	handOver int64 // when it is shutting down: who takes over was decided before this offset
}

// session returns a broker's session, and begins it if need be.
func (a *active) session(broker int32) *session {
	i, ok := slices.BinarySearchFunc(a.sessions, broker, func(s session, id int32) int { return cmp.Compare(s.broker, id) })
	if !ok {
		a.sessions = slices.Insert(a.sessions, i, session{broker: broker, heard: math.MinInt64 / 2, reached: -1})
	}
	return &a.sessions[i]
}

// alive says whether a broker was heard of lately.
func (a *active) alive(broker int32) bool {
	return a.n.now < a.session(broker).heard+a.n.c.SessionMicros
}

// expireSessions fences those that were not heard of for too long, the most
// silent first: of an in-sync set the last to go stays in it.
func (a *active) expireSessions() {
	if a.n.now < a.sessionsUntil() {
		return
	}
	var silent []session
	for _, b := range a.image.Brokers() {
		if s := *a.session(b.ID); !b.Fenced && a.n.now >= s.heard+a.n.c.SessionMicros {
			silent = append(silent, s)
		}
	}
	sort.SliceStable(silent, func(i, j int) bool { return silent[i].heard < silent[j].heard })
	for _, s := range silent {
		a.fence(a.image.Broker(s.broker))
	}
	a.propose()
}

// sessionsUntil is when the next session is over.
func (a *active) sessionsUntil() int64 {
	at := int64(math.MaxInt64)
	for _, b := range a.image.Brokers() {
		if !b.Fenced {
			at = min(at, a.session(b.ID).heard+a.n.c.SessionMicros)
		}
	}
	return at
}

func (a *active) fence(b *meta.Broker) {
	a.add(&meta.ChangeBroker{Broker: b.ID, Epoch: b.Epoch, Fenced: 1})
	a.changeAll(b.ID, change{lost: nobody})
}

func (a *active) register(r *kmsg.BrokerRegistrationRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.BrokerRegistrationResponse)
	old := a.image.Broker(r.BrokerID)
	switch {
	case r.ClusterID != a.n.c.ClusterID:
		resp.ErrorCode = kerr.InconsistentClusterID.Code
	case r.BrokerID < 0 || len(r.Listeners) > maxListeners || old == nil && len(a.image.Brokers()) >= a.n.c.MaxBrokers:
		resp.ErrorCode = kerr.InvalidRequest.Code
	case old != nil && old.Incarnation == r.IncarnationID:
		resp.BrokerEpoch = old.Epoch // the answer was lost
	case old != nil && !old.Fenced && !old.ShuttingDown && a.alive(old.ID):
		resp.ErrorCode = kerr.DuplicateBrokerRegistration.Code
	default:
		record := &meta.RegisterBroker{Broker: r.BrokerID, Incarnation: r.IncarnationID, Epoch: a.next(), Rack: r.Rack}
		for _, l := range r.Listeners {
			record.Listeners = append(record.Listeners, meta.Listener{Name: l.Name, Host: l.Host, Port: l.Port})
		}
		lost := r.BrokerID
		if old != nil && r.PreviousBrokerEpoch == old.Epoch {
			lost = nobody
		}
		a.add(record)
		a.changeAll(r.BrokerID, change{lost: lost})
		s := a.session(r.BrokerID)
		*s = session{broker: r.BrokerID, heard: a.n.now, reached: -1}
		resp.BrokerEpoch = record.Epoch
	}
	return resp
}

// maxListeners bounds the addresses of a broker.
const maxListeners = 16

func (a *active) heartbeat(r *kmsg.BrokerHeartbeatRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.BrokerHeartbeatResponse)
	b := a.image.Broker(r.BrokerID)
	if resp.ErrorCode = brokerError(b, r.BrokerEpoch); resp.ErrorCode != 0 {
		return resp
	}
	s := a.session(b.ID)
	s.heard, s.reached = a.n.now, max(s.reached, r.CurrentMetadataOffset)
	resp.IsCaughtUp = s.reached >= b.Epoch
	switch {
	case b.Fenced && r.WantShutdown:
		resp.ShouldShutdown = true
	case b.Fenced && resp.IsCaughtUp && !r.WantFence && !b.ShuttingDown:
		a.add(&meta.ChangeBroker{Broker: b.ID, Epoch: b.Epoch, Fenced: -1})
		a.changeAll(b.ID, change{lost: nobody}) // it may be the one that some wait for
	case b.Fenced:
	case r.WantFence:
		a.fence(b)
	case b.ShuttingDown:
		if a.othersReached(b.ID, s.handOver) {
			a.fence(b)
			resp.ShouldShutdown = true
		}
	case r.WantShutdown:
		a.add(&meta.ChangeBroker{Broker: b.ID, Epoch: b.Epoch, ShuttingDown: 1})
		a.changeAll(b.ID, change{lost: nobody})
		s.handOver = a.next()
		if a.othersReached(b.ID, s.handOver) { // there are no others
			a.fence(b)
			resp.ShouldShutdown = true
		}
	}
	resp.IsFenced = a.image.Broker(b.ID).Fenced
	return resp
}

// othersReached says whether all brokers that are not fenced, but one, have
// read the metadata log up to an offset.
func (a *active) othersReached(but int32, end int64) bool {
	return !slices.ContainsFunc(a.image.Brokers(), func(b *meta.Broker) bool {
		return b.ID != but && !b.Fenced && a.session(b.ID).reached < end-1
	})
}

// brokerError says what is wrong with one that says it is a broker with that epoch.
func brokerError(b *meta.Broker, epoch int64) int16 {
	switch {
	case b == nil:
		return kerr.BrokerIDNotRegistered.Code
	case b.Epoch != epoch:
		return kerr.StaleBrokerEpoch.Code
	}
	return 0
}

func (a *active) unregister(r *kmsg.UnregisterBrokerRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.UnregisterBrokerResponse)
	b := a.image.Broker(r.BrokerID)
	if b == nil {
		resp.ErrorCode = kerr.BrokerIDNotRegistered.Code
		resp.ErrorMessage = message("broker %d is not registered", r.BrokerID)
		return resp
	}
	a.add(&meta.UnregisterBroker{Broker: b.ID, Epoch: b.Epoch})
	a.changeAll(r.BrokerID, change{lost: nobody})
	a.sessions = slices.DeleteFunc(a.sessions, func(s session) bool { return s.broker == r.BrokerID })
	return resp
}

// idBlock is how many producer IDs a broker is given at a time.
const idBlock = 1000

// Behaviour: AllocateProducerIDs as in KIP-730. Versions: all.
func (a *active) allocateProducerIDs(r *kmsg.AllocateProducerIDsRequest) kmsg.Response {
	resp := r.ResponseKind().(*kmsg.AllocateProducerIDsResponse)
	if resp.ErrorCode = brokerError(a.image.Broker(r.BrokerID), r.BrokerEpoch); resp.ErrorCode != 0 {
		return resp
	}
	first := a.image.NextProducerID()
	a.add(&meta.SetProducerIDs{Broker: r.BrokerID, Epoch: r.BrokerEpoch, Next: first + idBlock})
	resp.ProducerIDStart, resp.ProducerIDLen = first, idBlock
	return resp
}
