package rpc

import (
	"fmt"
	"strconv"

	"grapevine/protocols/rpc"
	"grapevine/protocols/rpc/services"
)

// calculator is the server of the labs in which it matters that a remote call
// gives what a call at home would have given.
type calculator struct{}

func (calculator) Add(a, b int64) (int64, error)      { return a + b, nil }
func (calculator) Subtract(a, b int64) (int64, error) { return a - b, nil }
func (calculator) Multiply(a, b int64) (int64, error) { return a * b, nil }
func (calculator) Divide(a, b int64) (int64, error) {
	if b == 0 {
		return 0, rpc.Fail("division by zero")
	}
	return a / b, nil
}

// sums are what a caller of the calculator calls, over and over.
var sums = []struct {
	name string
	a, b int64
	call func(services.CalculatorClient, int64, int64, int64) (uint64, error)
	read func(rpc.Event) (int64, error)
	home func(a, b int64) (int64, error)
}{
	{"add", 2, 3, services.CalculatorClient.Add, services.CalculatorAddResult, calculator{}.Add},
	{"subtract", 10, 4, services.CalculatorClient.Subtract, services.CalculatorSubtractResult, calculator{}.Subtract},
	{"multiply", 6, 7, services.CalculatorClient.Multiply, services.CalculatorMultiplyResult, calculator{}.Multiply},
	{"add", 20, 22, services.CalculatorClient.Add, services.CalculatorAddResult, calculator{}.Add},
	{"divide", 84, 2, services.CalculatorClient.Divide, services.CalculatorDivideResult, calculator{}.Divide},
}

// sum is the n-th call of a caller, who begins where its number says.
func sum(member, n int) call {
	s := &sums[(member+n)%len(sums)]
	home, _ := s.home(s.a, s.b)
	return call{
		text:     fmt.Sprintf("%s(%d, %d)", s.name, s.a, s.b),
		function: "Calculator." + s.name,
		begin: func(c *rpc.Client, now int64) (uint64, error) {
			return s.call(services.CalculatorClient{Client: c}, now, s.a, s.b)
		},
		result: func(e rpc.Event) (string, error) {
			x, err := s.read(e)
			return strconv.FormatInt(x, 10), err
		},
		expect: strconv.FormatInt(home, 10),
	}
}

// mustTable makes a table of entries that the lab itself has chosen.
func mustTable(key rpc.Key, entries []rpc.Entry) *rpc.Table {
	t, err := rpc.NewTable(key, 0, entries...)
	if err != nil {
		panic("rpc: " + err.Error())
	}
	return t
}

// always makes everybody use the same table.
func always(t *rpc.Table) func(int) *rpc.Table { return func(int) *rpc.Table { return t } }
