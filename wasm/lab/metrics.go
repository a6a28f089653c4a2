package lab

import "grapevine/wasm/sim"

// Metric is one measured number, for display.
type Metric struct {
	Name  string
	Label Text
	Value float64
	Unit  string // "", "us", "cycles", "bytes", "ratio"
}

// Curve is one line of the chart: Measure is sampled as the run goes on, or
// Theory says what to expect at any time. One of them is set.
type Curve struct {
	ID      string
	Label   Text
	Color   string
	Measure func() int64
	Theory  func(at sim.Time) float64
}
