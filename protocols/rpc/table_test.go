package rpc_test

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"grapevine/protocols/rpc"
)

// A table finds what a plain list finds, in as many probes as a hash table may
// take, whatever its size and key.
func TestTableAgainstAList(t *testing.T) {
	luck := rand.New(rand.NewSource(1))
	for round := range 300 {
		var list []rpc.Entry
		for i := range luck.Intn(40) {
			e := rpc.Entry{Function: fmt.Sprintf("S.f%d", i), ID: rpc.ID{Number: luck.Uint32() >> luck.Intn(32)}, Signature: luck.Uint32()}
			if luck.Intn(2) == 0 {
				e.ID = rpc.ID{Name: e.Function}
			}
			if !slices.ContainsFunc(list, func(other rpc.Entry) bool { return other.ID == e.ID }) {
				list = append(list, e)
			}
		}
		key := rpc.Key(round % 2)
		buckets := 0
		if round%3 == 0 {
			buckets = 64
		}
		made := table(t, key, buckets, list...)
		if made.Len() != len(list) || made.Buckets() < len(list) {
			t.Fatalf("%d entries in %d buckets, expected %d", made.Len(), made.Buckets(), len(list))
		}
		look := func(e rpc.Entry) (rpc.Entry, rpc.Lookup) {
			if key == rpc.ByFunction {
				return made.Function(e.Function)
			}
			return made.ID(e.ID)
		}
		for _, want := range list {
			got, found := look(want)
			if !found.Found || got != want || found.Probes < 1 || found.Probes > len(list) {
				t.Fatalf("looking for %+v: %+v, %+v", want, got, found)
			}
			if (found.Home+found.Probes-1)%made.Buckets() != found.Bucket {
				t.Fatalf("%+v: the probes do not lead from home to the bucket", found)
			}
			if lies, ok := made.Bucket(found.Bucket); !ok || lies != want {
				t.Fatalf("in bucket %d lies %+v, expected %+v", found.Bucket, lies, want)
			}
		}
		if _, found := look(rpc.Entry{Function: "S.none", ID: rpc.ID{Name: "S.none"}}); found.Found {
			t.Fatalf("found what is not there: %+v", found)
		}
	}
}

// A full table ends a search for what it does not have.
func TestFullTable(t *testing.T) {
	made := table(t, rpc.ByID, 2, rpc.Entry{Function: "a", ID: rpc.ID{Number: 1}}, rpc.Entry{Function: "b", ID: rpc.ID{Number: 2}})
	if _, found := made.ID(rpc.ID{Number: 3}); found.Found || found.Probes != 2 {
		t.Fatalf("%+v, expected nothing in 2 probes", found)
	}
	if _, found := table(t, rpc.ByID, 0).ID(rpc.ID{}); found.Found || found.Probes != 1 {
		t.Fatalf("in an empty table: %+v", found)
	}
}

// What does not make a table is refused.
func TestTableRefuses(t *testing.T) {
	a, b := rpc.Entry{Function: "a", ID: rpc.ID{Number: 1}}, rpc.Entry{Function: "b", ID: rpc.ID{Number: 1}}
	for what, made := range map[string]func() (*rpc.Table, error){
		"not a power of two": func() (*rpc.Table, error) { return rpc.NewTable(rpc.ByID, 3) },
		"too small":          func() (*rpc.Table, error) { return rpc.NewTable(rpc.ByFunction, 1, a, b) },
		"an ID twice":        func() (*rpc.Table, error) { return rpc.NewTable(rpc.ByID, 4, a, b) },
		"no name":            func() (*rpc.Table, error) { return rpc.NewTable(rpc.ByID, 4, rpc.Entry{}) },
		"too long a name": func() (*rpc.Table, error) {
			return rpc.NewTable(rpc.ByID, 4, rpc.Entry{Function: strings.Repeat("x", rpc.MaxNameBytes+1)})
		},
	} {
		if _, err := made(); err == nil {
			t.Errorf("%s: a table was made", what)
		}
	}
}
