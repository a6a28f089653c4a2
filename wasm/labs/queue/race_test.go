package queue

import (
	"testing"

	"grapevine/wasm/lab"
	"grapevine/wasm/sim"
)

// race plays queue/kafka-disk, up to an instant, and returns its metrics.
func playRace(t *testing.T, until sim.Time, settings ...string) (p *lab.Play, metric func(name string) float64) {
	t.Helper()
	p, faults, err := lab.Open(lab.Run{Lab: &Disk, Seed: 1, Settings: lab.Settings(settings...)})
	if err != nil || len(faults) > 0 {
		t.Fatal(err, faults)
	}
	for p.Now() < until && p.Advance(until, 1<<20) != sim.Finished {
	}
	return p, func(name string) float64 {
		for _, m := range p.World.Metrics() {
			if m.Name == name {
				return m.Value
			}
		}
		t.Fatalf("there is no metric %q", name)
		return 0
	}
}

// The head moves for nearly each row, and for hardly any record of the log; a
// page cache that is large enough lets it rest.
func TestHeadsMove(t *testing.T) {
	_, metric := playRace(t, sim.Second)
	rows := metric("table_rate") * 0.4
	if metric("table_moves") < 0.9*rows || metric("log_moves") > 15 || metric("log_rate") < 1000 {
		t.Errorf("%.0f rows: %.0f moves; the log: %.0f moves, %.0f records a second", rows, metric("table_moves"), metric("log_moves"), metric("log_rate"))
	}
	if _, metric = playRace(t, sim.Second, "cache", "65536"); metric("table_moves") > 2 {
		t.Errorf("behind a large cache the table's head moved %.0f times", metric("table_moves"))
	}
}

// A row counts as written when the disk is done, not before: after a crash at
// any instant all that was acknowledged is there.
func TestTableKeepsWhatItAcknowledged(t *testing.T) {
	for _, settings := range [][]string{{}, {"cache", "1024", "sync", "true"}} {
		for at := 200 * sim.Millisecond; at < 240*sim.Millisecond; at += 1700 {
			p, faults, err := lab.Open(lab.Run{Lab: &Disk, Seed: 1, Settings: lab.Settings(settings...), Scripted: true,
				Script: []lab.Step{{At: at, Do: "crash table"}, {At: at, Do: "crash broker"}, {At: at + sim.Millisecond, Do: "restart table"}, {At: at + sim.Millisecond, Do: "restart broker"}}})
			if err != nil || len(faults) > 0 {
				t.Fatal(err, faults)
			}
			for p.Advance(sim.Forever, 1<<20) != sim.Finished {
			}
			if s := p.Checks()[1]; s.Check.Name != "on-disk" || s.State != lab.Held {
				t.Errorf("%v, crashed at %v: %v %v: %s", settings, at, s.Check.Name, s.State, s.Detail.En)
			}
		}
	}
}

// Cards show a disk without moving it: a run that is looked at is the same.
func TestLookingDisturbsNothing(t *testing.T) {
	for _, l := range []*lab.Lab{&Kafka, &Replicas, &Disk} {
		var digests [2]string
		for look := range digests {
			p, _, err := lab.Open(lab.Run{Lab: l, Seed: 3})
			if err != nil {
				t.Fatal(err)
			}
			for p.Advance(p.Now()+20*sim.Millisecond, 50) != sim.Finished {
				for node := range sim.NodeID(p.World.Net.Nodes() * look) {
					if p.World.Net.Up(node) {
						p.World.Card(node)
						p.World.Inspect(node)
					}
				}
			}
			digests[look] = p.World.Net.Journal.Digest()
		}
		if digests[0] != digests[1] {
			t.Errorf("%s: digest %s, and %s when it is looked at", l.ID, digests[0], digests[1])
		}
	}
}
