package digests

import (
	"bufio"
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"strings"
)

// faults are runs with a script, at least one for each lab. Between them they
// use every deed there is.
var faults = []string{
	"gossip/multicast?method=gossip&seed=10&do=1s+crash+member/3-5;4s+restart+member/4",
	"gossip/spread?n=40&loss=10%25&seed=11&do=1s+crash+gossiper/3;1500ms+crash+gossiper/4-6;4s+restart+gossiper/3",
	"gossip/exchange?seed=12&do=500ms+slow+gossiper/1+gossiper/2+2s;2s+pause+gossiper/7;3s+lose+gossiper/3+30%25;3s+duplicate+gossiper/4+0.5;3s+reorder+gossiper/5+to+gossiper/0-9+50%25;5s+resume+gossiper/7",
	"gossip/anti-entropy?compare=merkle&seed=13&do=1s+cut+gossiper/0-5+to+gossiper/6-11;8s+heal",
	"gossip/rumor?n=60&k=1&seed=14&do=1s+cut+gossiper/0-29+gossiper/30-59;6s+heal",
	"gossip/rumor?n=200&clock=cycles&mode=pull&seed=15",
	"gossip/faults?n=2000&seed=16&do=1s+pause+gossiper/1-9;2s+resume+gossiper/1-4;3s+cut+gossiper/7;5s+heal+gossiper/7",
	"queue/ptp?consumers=3&partitions=5&loss=5%25&seed=31&do=4s+crash+consumer/1;5s+send+producer/0+record;6s+send+consumer/2+leave;7s+restart+consumer/1;8s+send+consumer/2+join;9s+crash+broker/0;10s+restart+broker/0",
	"queue/pubsub?durable=2&partitions=2&loss=5%25&seed=32&do=3s+crash+consumer/1-2;5s+restart+consumer/1-2;6s+pause+broker/0;7s+resume+broker/0",
	"queue/kafka-groups?assignor=cooperative-sticky&consumers=5&join=1s&loss=5%25&seed=33&do=5s+crash+consumer/1;6s+send+consumer/0+leave;8s+restart+consumer/1;9s+pause+consumer/2;13s+resume+consumer/2",
	"queue/idempotence?txn=3&aborts=30%25&producers=2&partitions=2&loss=5%25&seed=34&do=3s+crash+producer/1;4s+restart+producer/1;5s+send+producer/0+abort;6s+crash+broker/0;7s+restart+broker/0",
	"queue/kafka?partitioner=sticky&linger=200ms&codec=lz4&retention=3s&segment=400&loss=5%25&seed=35&do=4s+slow+disk+broker/1+30x;5s+crash+broker/0;7s+restart+broker/0;9s+crash+consumer/1;10s+restart+consumer/1",
	"queue/kafka-replicas?faults=random&sync=false&records=60&loss=2%25&seed=36",
	"queue/kafka-disk?cache=256&consumers=1&partitions=3&loss=2%25&seed=37&do=200ms+slow+disk+table/0+3x;250ms+crash+broker/0;260ms+restart+broker/0;300ms+crash+table/0;320ms+restart+table/0",
	"rpc/call?clients=3&loss=10%25&seed=17&do=200ms+crash+server/0;400ms+restart+server/0",
	"rpc/call-id?tables=upgrade&clients=2&seed=18&do=500ms+send+server/0+upgrade;600ms+pause+client/1;900ms+resume+client/1",
	"rpc/registry?balance=hash&failover=true&loss=5%25&seed=23&do=5s+crash+server/1;7s+cut+registry/0+to+client/0-1;9s+heal;11s+restart+server/1;13s+crash+registry/0;17s+restart+registry/0;20s+send+server/2+leave",
	"rpc/codec?change=reuse&first=clients&loss=10%25&duplicate=10%25&seed=24&do=2s+send+client/0+update;4s+crash+server/1;5s+restart+server/1;6s+send+server+update;7s+crash+client/2;8s+restart+client/2",
	"rpc/semantics?loss=20%25&duplicate=10%25&seed=19&do=300ms+crash+server/0;500ms+restart+server/0;700ms+cut+server+to+client/1;1s+heal",
	"rpc/io?n=40&loss=5%25&seed=23&do=5s+crash+loop/0;7s+restart+loop/0;8s+send+client/1+burst;9s+cut+client/1+pool/0;12s+heal;13s+pause+threads/0;14s+resume+threads/0",
	"rpc/grpc?clients=3&servers=2&loss=5%25&reorder=5%25&mistakes=20%25&window=64&seed=24&do=300ms+send+client/0+cancel;500ms+send+server/0+shutdown;700ms+send+client/1+bidi;900ms+crash+client/2;1200ms+restart+client/2;1500ms+cut+client/0+server;4s+heal",
	"rpc/transport?loss=5%25&reorder=5%25&seed=20&do=500ms+cut+client/0+server/0;900ms+heal;1500ms+crash+client/0;2s+restart+client/0",
	"rpc/transport?transport=http1&loss=5%25&seed=21",
	"rpc/transport?transport=stream&duplicate=10%25&seed=22&do=400ms+crash+server/0;700ms+restart+server/0",
}

// Engine is the headless runner: a command to which arguments are added.
type Engine []string

// Native and Node are the two builds of the engine, relative to the root.
var (
	Native = Engine{"build/engine"}
	Node   = Engine{"node", "tests/digests/engine.mjs", "build/engine.wasm"}
)

// Labs asks the engine for the names of all labs.
func Labs(root string) ([]string, error) {
	out, err := Native.output(root, "-list")
	if err != nil {
		return nil, err
	}
	var labs []string
	lines := bufio.NewScanner(bytes.NewReader(out))
	for lines.Scan() {
		if name, _, _ := strings.Cut(lines.Text(), " "); name != "" {
			labs = append(labs, name)
		}
	}
	return labs, nil
}

// Runs are the links of all runs to compare: each lab's default, and those
// with faults.
func Runs(root string) ([]string, error) {
	labs, err := Labs(root)
	if err != nil {
		return nil, err
	}
	for _, run := range faults {
		lab, _, _ := strings.Cut(run, "?")
		if !slices.Contains(labs, lab) {
			return nil, fmt.Errorf("tests/digests names the lab %q, and the engine has only %q", lab, labs)
		}
	}
	for _, lab := range labs {
		if !slices.ContainsFunc(faults, func(run string) bool { return strings.HasPrefix(run, lab+"?") }) {
			return nil, fmt.Errorf("the lab %s has no run with faults: add one to the table in tests/digests/runs.go", lab)
		}
	}
	return append(labs, faults...), nil
}

// Digest plays the run that the link names to its end.
func (e Engine) Digest(root, link string) (string, error) {
	out, err := e.output(root, "-link", "#"+link, "-digest")
	return strings.TrimSpace(string(out)), err
}

// output runs the engine. Its status 1 means that a check failed, which is no
// error here: a run with faults may well end so.
func (e Engine) output(root string, args ...string) ([]byte, error) {
	command := exec.Command(e[0], slices.Concat(e[1:], []string{"run"}, args)...)
	command.Dir = root
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if command.ProcessState != nil && command.ProcessState.ExitCode() == 1 && len(out) > 0 {
		err = nil
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, &stderr)
	}
	return out, nil
}
