package services

import (
	"grapevine/protocols/grpc"
	"grapevine/protocols/grpc/pb"
)

// ShopService is the name of the service that Shop answers.
const ShopService = "grapevine.shop.v1.Shop"

// Shop sells what is in Goods: a service with a call of each kind.
type Shop struct{ Goods []Good }

// Good is one thing on a shelf.
type Good struct {
	Shelf, Name string
	Cents       int64
}

// Goods are what a shop has that was told nothing else.
var Goods = []Good{
	{"drinks", "tea", 120}, {"drinks", "coffee", 180}, {"drinks", "milk", 90},
	{"fruit", "apple", 40}, {"fruit", "pear", 50},
}

// maxItems is how many things can be bought in one call.
const maxItems = 1_000_000

// basket is what is known of a Buy call.
type basket struct{ bill pb.Bill }

// haggle is what is known of a Haggle call: the price the shop asks now.
type haggle struct {
	name string
	asks int64
}

// Handle answers one event.
func (s *Shop) Handle(now int64, e grpc.Event) {
	switch e.Kind {
	case grpc.Start:
		switch e.Call.Method {
		case pb.ShopPrice, pb.ShopBrowse:
		case pb.ShopBuy:
			e.Call.User = new(basket)
		case pb.ShopHaggle:
			e.Call.User = new(haggle)
		default:
			unknown(e.Call)
		}
	case grpc.Received:
		switch e.Call.Method {
		case pb.ShopPrice:
			s.price(e)
		case pb.ShopBuy:
			s.buy(e, e.Call.User.(*basket))
		case pb.ShopBrowse:
			s.browse(e)
		case pb.ShopHaggle:
			s.haggle(e, e.Call.User.(*haggle))
		}
	case grpc.Writable:
		e.Call.Resume()
	case grpc.HalfClosed:
		if e.Call.User == nil {
			missing(e.Call)
			return
		}
		if b, ok := e.Call.User.(*basket); ok {
			e.Call.Send(&b.bill)
		}
		e.Call.Finish(grpc.Status{}, nil)
	}
}

// cents returns what an item costs, or ends the call.
func (s *Shop) cents(call *grpc.Call, item *pb.Item) (int64, bool) {
	if item.Count < 0 || item.Count > maxItems {
		status := grpc.Errorf(grpc.InvalidArgument, "%d of %q: expected 0 to %d", item.Count, item.Name, maxItems)
		call.Finish(status.With("google.rpc.BadRequest", &pb.BadRequest{
			FieldViolations: []*pb.BadRequestFieldViolation{{Field: "count", Description: "expected 0 to 1000000"}},
		}), nil)
		return 0, false
	}
	for _, g := range s.Goods {
		if g.Name == item.Name {
			return g.Cents * int64(item.Count), true
		}
	}
	call.Finish(grpc.Errorf(grpc.NotFound, "this shop has no %q", item.Name), nil)
	return 0, false
}

func (s *Shop) price(e grpc.Event) {
	var item pb.Item
	if !once(e.Call) || !read(e, &item) {
		return
	}
	if cents, ok := s.cents(e.Call, &item); ok {
		e.Call.Send(&pb.Quote{Name: item.Name, Cents: cents})
	}
}

func (s *Shop) buy(e grpc.Event, b *basket) {
	var item pb.Item
	if !read(e, &item) {
		return
	}
	if cents, ok := s.cents(e.Call, &item); ok {
		if b.bill.Items+item.Count > maxItems {
			e.Call.Finish(grpc.Errorf(grpc.ResourceExhausted, "more than %d things in one basket", maxItems), nil)
			return
		}
		b.bill.Items += item.Count
		b.bill.Cents += cents
	}
}

func (s *Shop) browse(e grpc.Event) {
	var shelf pb.Shelf
	if !once(e.Call) || !read(e, &shelf) {
		return
	}
	found := false
	for _, g := range s.Goods {
		if g.Shelf == shelf.Name {
			found = true
			if e.Call.Send(&pb.Quote{Name: g.Name, Cents: g.Cents}) != nil { // no room, unless the call is over
				e.Call.Finish(grpc.Errorf(grpc.ResourceExhausted, "the shelf %q is longer than what may wait to be read", shelf.Name), nil)
				return
			}
		}
	}
	if !found {
		e.Call.Finish(grpc.Errorf(grpc.NotFound, "this shop has no shelf %q", shelf.Name), nil)
	}
}

// haggle answers an offer: the shop comes down by half of what is between the
// two, but not below four fifths of the price.
func (s *Shop) haggle(e grpc.Event, h *haggle) {
	var offer pb.Offer
	if !read(e, &offer) {
		return
	}
	full, ok := s.cents(e.Call, &pb.Item{Name: offer.Name, Count: 1})
	if !ok {
		return
	}
	if h.name != offer.Name {
		*h = haggle{name: offer.Name, asks: full}
	}
	if offer.Cents < h.asks {
		h.asks = max(offer.Cents+(h.asks-offer.Cents)/2, full*4/5)
	}
	agreed := offer.Cents >= h.asks
	if agreed {
		h.asks = offer.Cents
	}
	e.Call.Send(&pb.Offer{Name: h.name, Cents: h.asks, Accepted: agreed})
	throttle(e.Call)
}
