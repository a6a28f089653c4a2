package headless

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"grapevine/wasm/api"
	"grapevine/wasm/engine/line"
	"grapevine/wasm/engine/session"
	"grapevine/wasm/labs"
)

// run carries out one command line, words apart by spaces.
func run(t *testing.T, line string) (status int, out, problems string) {
	t.Helper()
	var o, p bytes.Buffer
	status = Main(strings.Fields(line), &o, &p)
	return status, o.String(), p.String()
}

// quick is a run that takes no time, and failing one whose check fails.
const (
	quick   = "gossip/rumor n=20 clock=cycles mode=pull"
	failing = "gossip/rumor n=200 k=1 memory=blind stop=coin"
)

// Exit statuses; what is wrong is on the error output alone.
func TestExitStatus(t *testing.T) {
	for _, c := range []struct {
		line   string
		status int
		want   string // in the problems if the status is not 0, else in the output
	}{
		{quick, 0, "gossip/rumor  seed 1  digest "},
		{quick + " -seed 7", 0, "seed 7"},
		{"-seed=7 " + quick, 0, "seed 7"},
		{quick + " --seeds 3..5 -digest", 0, "\n"},
		{"-list", 0, "gossip/rumor "},
		{"-help", 0, "Usage: ./build.sh run LAB"},
		{"gossip/rumor -help", 0, "fanout"},
		{"-link gossip/rumor?n=20&clock=cycles&seed=9", 0, "seed 9"},
		{"-link https://example.org/?lang=zh#gossip/rumor?n=20&clock=cycles&seed=9 -seed 4", 0, "seed 4"},
		{quick + " -until 1ms", 0, "1ms"},
		{failing, 1, "./build.sh run -link 'gossip/rumor?"},
		{"", 2, "no lab named: expected for example gossip/rumor; -list shows them all"},
		{"gossip/rumour", 2, `there is no lab "gossip/rumour"; -list shows them all`},
		{"gossip/rumor gossip/spread", 2, "the lab is already gossip/rumor; a parameter is written name=value"},
		{"gossip/rumor n=1", 2, "n=1: it is outside"},
		{"gossip/rumor n", 2, "the lab is already gossip/rumor"},
		{"gossip/rumor nodes=5", 2, `this lab has no parameter "nodes"; it has n, k`},
		{"gossip/rumor -seed", 2, "-seed: expected a value after it"},
		{"gossip/rumor -seed -1", 2, "-seed -1: expected a whole number"},
		{"gossip/rumor -seeds 5", 2, "-seeds 5: expected a range such as 1..100"},
		{"gossip/rumor -seeds 5..4", 2, "expected a range"},
		{"gossip/rumor -seeds 0..18446744073709551615", 2, "at most 10000000 seeds"},
		{"gossip/rumor -until soon", 2, `-until: "soon" is not a span of time`},
		{"gossip/rumor -script nowhere.txt", 2, "-script: open nowhere.txt"},
		{"-link nonsense", 2, "-link: the link begins with"},
		{"gossip/spread -link gossip/rumor?seed=1", 2, "the lab is already gossip/rumor"},
		{"gossip/rumor -seeds 1..2 -pcap x", 2, "-pcap x: a capture is of one run"},
		{"gossip/rumor -pcap no/such/folder/x", 2, "-pcap: open no/such/folder/x"},
		{"gossip/rumor -json=false", 2, "-json=false: this flag takes no value"},
		{"gossip/rumor -faster", 2, "there is no flag -faster; -help lists them"},
		{"-link gossip/rumor?do=1s+explode", 2, "expected crash, restart"},
	} {
		status, out, problems := run(t, c.line)
		if status != c.status {
			t.Errorf("run %s: status %d, expected %d; %s", c.line, status, c.status, problems)
		}
		where := out
		if c.status != 0 {
			where = problems
		}
		if !strings.Contains(where, c.want) || status == 0 && problems != "" || status == 2 && out != "" {
			t.Errorf("run %s:\noutput   %.300q\nproblems %q\nexpected %q", c.line, out, problems, c.want)
		}
	}
}

// The JSON is the contract's, name by name and in its order.
func TestJSON(t *testing.T) {
	_, out, _ := run(t, quick+" -seeds 3..5 -json")
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	if len(lines) != 3 {
		t.Fatalf("%d lines for three seeds", len(lines))
	}
	for i, line := range lines {
		if got, want := keys(t, line), "lab version params seed digest time_us events metrics checks"; got != want {
			t.Errorf("the object has %s, expected %s", got, want)
		}
		var r struct {
			Lab     string
			Version int
			Params  map[string]string
			Seed    uint64
			Digest  string
			TimeUS  int64 `json:"time_us"`
			Events  uint64
			Metrics json.RawMessage
			Checks  []json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r.Lab != "gossip/rumor" || r.Version < 1 || r.Params["n"] != "20" || r.Params["mode"] != "pull" || r.Params["k"] == "" ||
			r.Seed != uint64(3+i) || len(r.Digest) != 16 || r.TimeUS <= 0 || r.Events == 0 || len(r.Checks) == 0 {
			t.Errorf("%+v", r)
		}
		if got, want := keys(t, string(r.Metrics)), "residue traffic t_avg t_last messages bytes rounds"; got != want {
			t.Errorf("the metrics are %s, expected %s", got, want)
		}
		for _, c := range r.Checks {
			if got := keys(t, string(c)); got != "name ok detail" {
				t.Errorf("a check has %s, expected name ok detail", got)
			}
		}
	}
	// A run that was stopped before its end says that its checks are open.
	_, out, _ = run(t, quick+" -until 1ms -json")
	if !strings.Contains(out, "not decided: stopped at 1ms, before the run's end") || !strings.Contains(out, `"time_us":1000,`) {
		t.Errorf("stopped early: %s", out)
	}
}

// keys returns the names of a JSON object in the order in which they stand.
func keys(t *testing.T, object string) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(object))
	if _, err := d.Token(); err != nil {
		t.Fatal(err)
	}
	var names []string
	for d.More() {
		name, err := d.Token()
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, name.(string))
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			t.Fatal(err)
		}
	}
	return strings.Join(names, " ")
}

// However a run is asked for, it is the same run.
func TestSameRun(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script.txt")
	text := "# the town square burns\n2s crash gossiper/3   # at once\n\n500ms   cut gossiper/0  gossiper/1-4\n"
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, want, _ := run(t, "gossip/rumor n=40 -seed 6 -digest -script "+script)
	if len(want) != 17 {
		t.Fatalf("-digest prints %q", want)
	}
	const link = "gossip/rumor?n=40&seed=6&do=500ms+cut+gossiper/0+gossiper/1-4;2s+crash+gossiper/3"
	for _, line := range []string{
		"-link " + link,
		"-link https://example.org/x#" + link + "&v=1",
		"n=40 -link gossip/rumor?n=7&seed=6 -script " + script, // what stands beside the link wins
		"-script " + script + " -seeds 6..6 gossip/rumor n=30 n=40",
		"gossip/rumor n=40 -seed 6 -script " + script + " -until 10000h",
	} {
		if status, got, problems := run(t, line+" -digest"); got != want {
			t.Errorf("run %s: status %d, digest %q, expected %q; %s", line, status, got, want, problems)
		}
	}
	_, plain, _ := run(t, "gossip/rumor n=40 -seed 6 -digest")
	if plain == want {
		t.Error("the script changes nothing")
	}
	// And the page, whose digest it is.
	var status api.Status
	now := int64(0)
	s := session.New(session.Config{
		Labs:  labs.All,
		Clock: func() int64 { now += 1000; return now },
		Send: func(message []byte) {
			if f, err := api.UnmarshalFrame(message); err == nil {
				if st, ok := f.(api.Status); ok {
					status = st
				}
			}
		},
	})
	s.OpenLink("#" + link)
	for range 100_000 {
		if status.Finished {
			break
		}
		now += max(s.Slice(), 0)
	}
	if status.Digest+"\n" != want {
		t.Errorf("the page at %d µs has %s, the command line %s", status.Now, status.Digest, want)
	}
}

// The line that a failing run prints repeats it, in a shell.
func TestFailingRunRepeats(t *testing.T) {
	for _, line := range []string{failing + " -seed 5", failing + " -until 20s", "-link gossip/rumor?n=100&k=1&memory=blind&stop=coin&seed=8&do=1s+crash+gossiper/4"} {
		status, want, problems := run(t, line+" -digest")
		_, command, found := strings.Cut(problems, "this line repeats the run: ./build.sh run ")
		if status != 1 || !found {
			t.Fatalf("run %s: status %d, %q; expected a check to fail", line, status, problems)
		}
		words, err := exec.Command("sh", "-c", "printf '%s\\n' "+command).Output()
		if err != nil {
			t.Fatal("a shell is to read the line: ", err)
		}
		args := append(strings.Split(strings.TrimSuffix(string(words), "\n"), "\n"), "-digest")
		var again, complaints bytes.Buffer
		if status := Main(args, &again, &complaints); status != 1 || again.String() != want || complaints.String() != problems {
			t.Errorf("run %q: status %d, digest %s, %s; expected %s, %s", args, status, again.String(), complaints.String(), want, problems)
		}
	}
}

// A script that is too long for a link is not printed as one, and a line of it
// that is none is named, in short.
func TestLongAndBrokenScripts(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script.txt")
	for _, c := range []struct {
		text   string
		status int
		want   string
	}{
		{strings.Repeat("1h crash gossiper/0\n", 5000), 1, "a check failed with -seed 5; the script is too long for a link"},
		{"1s heal\n\nheal\n", 2, `:3: "heal": expected a time and a deed`},
		{"1s\n", 2, `:1: "1s": expected a time and a deed`},
		{strings.Repeat("\xff", 5000), 2, "…"},
		{strings.Repeat("\n", 4<<20+1), 2, "is longer than 4 MiB"},
	} {
		if err := os.WriteFile(script, []byte(c.text), 0o600); err != nil {
			t.Fatal(err)
		}
		status, _, problems := run(t, failing+" -seed 5 -script "+script)
		if status != c.status || !strings.Contains(problems, c.want) || len(problems) > 500 {
			t.Errorf("%.20q: status %d, expected %d; %.600s; expected it to say %q", c.text, status, c.status, problems, c.want)
		}
	}
}

// full is a disk that takes a few bytes and no more.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	n := min(len(b), f.room)
	if f.room -= n; n < len(b) {
		return n, errors.New("no space left")
	}
	return n, nil
}

// Output that is not complete is no success, and no check that failed; nor does
// a run of many seeds go on then.
func TestUnwritableOutput(t *testing.T) {
	for _, line := range []string{quick, quick + " -json", quick + " -digest -seeds 1..10000000", failing + " -json", "-list", "-help"} {
		for _, room := range []int{0, 10} {
			var problems bytes.Buffer
			if status := Main(strings.Fields(line), &full{room}, &problems); status != 2 || !strings.Contains(problems.String(), "the output is not complete: no space left\n") {
				t.Errorf("%s: status %d, %q", line, status, problems.String())
			}
		}
	}
}

// The flags are those of the usage.
func TestUsageNamesEveryFlag(t *testing.T) {
	for _, f := range append(new(request).flags(), line.Flag{Name: "script"}, line.Flag{Name: "link"}, line.Flag{Name: "list"}, line.Flag{Name: "help"}) {
		if !strings.Contains(usage, "-"+f.Name) {
			t.Errorf("the usage does not name -%s", f.Name)
		}
	}
}
