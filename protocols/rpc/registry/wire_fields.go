package registry

import (
	"strconv"

	"grapevine/protocols/field"
	"grapevine/protocols/field/shape"
)

func sayMicros(v uint64) string {
	if v%1000 == 0 {
		return strconv.FormatUint(v/1000, 10) + " ms"
	}
	return strconv.FormatUint(v, 10) + " µs"
}

var (
	typeShape     = shape.Shape{Name: "type", Say: func(v uint64) string { return Letter(v).String() }}
	requestShape  = shape.Shape{Name: "request"}
	serviceShape  = shape.Shape{Name: "service"}
	idShape       = shape.Shape{Name: "id"}
	lifeShape     = shape.Shape{Name: "life"}
	leaseShape    = shape.Shape{Name: "lease", Say: sayMicros}
	youngShape    = shape.Shape{Name: "young"}
	versionShape  = shape.Shape{Name: "version", Parts: []shape.Shape{{Name: "epoch"}, {Name: "counter"}}}
	pairShape     = shape.Shape{Name: "pair", Parts: []shape.Shape{{Name: "key"}, {Name: "value"}}}
	instanceShape = shape.Shape{Name: "instance", Parts: []shape.Shape{idShape, lifeShape, {Name: "address"}, {Name: "weight"},
		{Name: "metadata", Each: &pairShape}}}
	whyShape     = shape.Shape{Name: "why", Say: func(v uint64) string { return Why(v).String() }}
	refusalShape = shape.Shape{Name: "refusal", Say: func(v uint64) string { return Refusal(v).String() }}
)

// letterShapes are the messages of wire.go, by type.
var letterShapes = func() [letters]shape.Shape {
	var all [letters]shape.Shape
	for letter, parts := range [letters][]shape.Shape{
		Register:   {requestShape, serviceShape, instanceShape, leaseShape},
		Heartbeat:  {requestShape, serviceShape, idShape, lifeShape},
		Deregister: {requestShape, serviceShape, idShape, lifeShape},
		Lookup:     {requestShape, serviceShape, versionShape},
		Watch:      {requestShape, serviceShape, versionShape, leaseShape},
		Granted:    {requestShape, leaseShape},
		Unknown:    {requestShape},
		Removed:    {requestShape},
		List:       {requestShape, serviceShape, versionShape, youngShape, {Name: "instances", Each: &instanceShape}},
		Same:       {requestShape, serviceShape, versionShape, youngShape},
		Up:         {serviceShape, versionShape, instanceShape},
		Down:       {serviceShape, versionShape, idShape, whyShape},
		Refused:    {requestShape, refusalShape},
	} {
		all[letter] = shape.Shape{Name: Letter(letter).String(), Parts: append([]shape.Shape{typeShape}, parts...)}
	}
	return all
}()

// Dissect names every byte of a message. Bytes that are no message come out as
// one field that says so.
func Dissect(b []byte) field.Field {
	if _, err := decode(b); err != nil {
		return shape.Unread(b, err)
	}
	return letterShapes[b[1]].Field(b)
}
