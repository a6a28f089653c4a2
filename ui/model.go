package ui

import (
	"strconv"
	"strings"

	"grapevine/wasm/api"
)

// Model is all that the page shows. Views are functions of it; Update alone
// makes a new one. Maps and slices in it are replaced, never written to.
type Model struct {
	Lang    Lang
	Theme   Theme
	Base    string // the page's address without query and fragment
	Present bool   // presentation mode: the stage and the transport bar, large
	Legend  bool   // on a phone: the legend is unfolded
	Help    bool   // the list of shortcuts is open

	LeftFolded bool  // on a desktop: labs and parameters are folded away
	Panel      Panel // what the right side, or the sheet on a phone, shows

	Labs    []api.Lab
	Opened  api.Opened // Opened.Lab is "" until a run is there
	Status  api.Status
	Notices []api.Text

	// Address is the link in the address bar, Opening says that Open was sent
	// and not yet answered, Push that the answer belongs into the history.
	Address string
	Opening bool
	Push    bool

	// Drafts are fields as typed, while they differ from the run's values.
	// Edits counts changes, so that only the last one of a burst opens a run.
	Drafts map[string]string
	Edits  int

	// Scrub is the instant that the visitor drags the timeline to.
	Scrub     int64
	Scrubbing bool  // the thumb follows Scrub, not Status.Now
	Sought    int64 // the instant last asked for
	Waiting   bool  // an instant was asked for a moment ago: the next waits

	// SpeedKept is the speed the visitor chose for this lab; SpeedChosen says
	// that there is one.
	SpeedKept   float64
	SpeedChosen bool

	Node     int    // the picked node, -1 for none
	Second   int    // the node at the other end, -1 for none
	Pairing  bool   // the next node picked becomes Second
	Reselect bool   // the stage has a new scene coming and must be told what is picked
	Packet   uint64 // the followed packet, 0 for none
	Span     int64  // of the sequence view, in microseconds; 0: as the speed has it
	Watched  int64  // what the engine was last asked to report as a sequence, 0 for none
	NodeView *api.NodeReport
	View     *api.PacketReport
	Mark     span   // the bytes under the pointer, lit beside their field
	NodeText string // the node's name as being typed
	NodeLost bool   // no node has the name that was typed

	Lesson    string // the text, "" while loading or when there is none
	LessonFor string // lang/lab that Lesson belongs to or is being fetched for
	LessonBad bool   // fetching failed: offline, or not written yet

	Copied Share // what was just copied, for a word of confirmation
	// Narration is read out by screen readers; Narrated is the virtual time
	// it last spoke of.
	Narration string
	Narrated  int64
}

// Lang is a language of the page.
type Lang string

// The languages. Their names are the values of the html element's lang.
const (
	English Lang = "en"
	Chinese Lang = "zh"
)

// Theme is how bright the page is; auto follows the system.
type Theme string

// The themes.
const (
	Auto  Theme = "auto"
	Light Theme = "light"
	Dark  Theme = "dark"
)

// Panel is what the right side shows, a sheet on a phone.
type Panel string

// The panels. Labs is one on a phone only: a desktop has it on the left.
const (
	Folded   Panel = ""
	Labs     Panel = "labs"
	Inspect  Panel = "inspect"
	Sequence Panel = "sequence"
	Measures Panel = "measures"
	Lesson   Panel = "lesson"
	Sharing  Panel = "share"
)

// Share is something to copy.
type Share string

// What can be copied.
const (
	ShareLink    Share = "link"
	ShareEmbed   Share = "embed"
	ShareCommand Share = "command"
)

// span is a range of a packet's bytes; empty when length is 0.
type span struct{ offset, length int }

// New returns the page as it is before the engine has said anything. The
// static index.html shows just this.
func New(lang Lang, theme Theme) Model {
	return Model{Lang: lang, Theme: theme, Node: -1, Second: -1}
}

// lab returns the open lab's description, or nil while there is none.
func (m *Model) lab() *api.Lab {
	for i := range m.Labs {
		if m.Labs[i].ID == m.Opened.Lab {
			return &m.Labs[i]
		}
	}
	return nil
}

func (m *Model) say(t api.Text, args ...any) string { return say(m.Lang, t, args...) }

// value is a parameter's value in the open run.
func (m *Model) value(name string) string {
	for _, s := range m.Opened.Values {
		if s.Name == name {
			return s.Value
		}
	}
	return ""
}

// draft is what a field shows: what was typed, or else the run's value.
func (m *Model) draft(p api.Param) string {
	if text, ok := m.Drafts[p.Name]; ok {
		return text
	}
	return shown(p, m.value(p.Name))
}

// fault is what is wrong with a field, nil if nothing is.
func (m *Model) fault(p api.Param) *api.Text {
	text, typed := m.Drafts[p.Name]
	if !typed {
		return nil
	}
	_, fault := checkValue(p, text)
	return fault
}

// seedName is the seed's name among the drafts. No parameter can have it: the
// link format keeps it for the seed.
const seedName = "seed"

func (m *Model) seedText() string {
	if text, ok := m.Drafts[seedName]; ok {
		return text
	}
	return strconv.FormatUint(m.Opened.Run.Seed, 10)
}

func (m *Model) seedFault() *api.Text {
	text, typed := m.Drafts[seedName]
	if !typed {
		return nil
	}
	if _, err := strconv.ParseUint(strings.TrimSpace(text), 10, 64); err != nil {
		return fill(wNotSeed, text)
	}
	return nil
}

// nodeName is what a node is called: "gossiper/3".
func (m *Model) nodeName(node int) string {
	if r := m.roleOf(node); r.Count > 0 {
		return r.Name + "/" + strconv.Itoa(node-r.First)
	}
	return strconv.Itoa(node)
}

// roleOf is the role that a node belongs to; one without nodes if there is none.
func (m *Model) roleOf(node int) api.Role {
	for _, r := range m.Opened.Roles {
		if node >= r.First && node < r.First+r.Count {
			return r
		}
	}
	return api.Role{}
}

// nodeByName finds a node by its name or its number alone, -1 if there is none.
func (m *Model) nodeByName(text string) int {
	text = strings.TrimSpace(text)
	if n, err := strconv.Atoi(text); err == nil && n >= 0 && n < m.Opened.Nodes {
		return n
	}
	role, member, _ := strings.Cut(text, "/")
	i, err := strconv.Atoi(member)
	for _, r := range m.Opened.Roles {
		if err == nil && r.Name == role && i >= 0 && i < r.Count {
			return r.First + i
		}
	}
	return -1
}

// now is the instant that the clock and the timeline show.
func (m *Model) now() int64 {
	if m.Scrubbing {
		return m.Scrub
	}
	return m.Status.Now
}

// end is the timeline's length, never 0.
func (m *Model) end() int64 {
	if m.Status.End > 0 || m.Status.Finished {
		return max(m.Status.End, 1)
	}
	return max(m.Opened.EndMicros, 1)
}
