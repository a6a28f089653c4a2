package ui

import (
	"maps"
	"strings"

	"grapevine/wasm/api"
)

// Pauses, in milliseconds of real time.
const (
	settleMillis  = 400  // after the last key, before the run is opened anew
	scrubMillis   = 60   // between two instants asked for while dragging
	narrateMillis = 5000 // between two sentences for screen readers
	copiedMillis  = 2500 // how long "copied" stands
)

// Update is the page's only place of decision: from what is shown and what
// happened to what is shown next, and what is to be done outside.
func Update(m Model, msg Msg) (Model, []Effect) {
	return watch(update(m, msg))
}

func update(m Model, msg Msg) (Model, []Effect) {
	switch msg := msg.(type) {
	case api.Hello, api.Opened, api.Status, api.Inspection, api.Problem:
		return updateFrame(m, msg)
	case AddressChanged:
		return openAddress(m, msg.Link)

	case TypeParam, TypeSeed, SetParam, Settled, NewLuck, LuckDrawn, Defaults:
		return updateForm(m, msg)
	case TogglePlay, StepOnce, Restart, SpeedTo, SpeedBy, ScrubTo, ScrubBy, ScrubTick, ScrubEnd:
		return updateTransport(m, msg)
	case Picked, TypeNode, PickText, PairUp, Unpair, Deed, Follow, MarkSpan, Escape:
		return updateInspect(m, msg)

	case ShowPanel:
		if m.Panel == msg.Panel {
			msg.Panel = Folded
		}
		m.Panel = msg.Panel
		return fetchLesson(m)
	case Zoom:
		if msg.Steps == 0 {
			m.Span = 0
			return m, nil
		}
		return zoom(m, msg.Steps), nil
	case FoldLeft:
		m.LeftFolded = !m.LeftFolded
	case ShowLegend:
		m.Legend = !m.Legend
	case SetLang:
		m.Lang = msg.Lang
		m, effects := fetchLesson(m)
		return m, append(effects, Remember{"lang", string(m.Lang)})
	case SetTheme:
		m.Theme = msg.Theme
		return m, []Effect{Remember{"theme", string(m.Theme)}}
	case Presented:
		m.Present = !m.Present
	case AskHelp:
		m.Help = !m.Help
		if m.Help {
			return m, []Effect{Focus{"help-close"}}
		}
		return m, []Effect{Focus{"help-open"}}
	case Skip:
		return m, []Effect{Focus{"play"}}
	case Dismiss:
		m.Notices = nil

	case Copy:
		return m, []Effect{CopyText{msg.What, m.shareText(msg.What)}}
	case DidCopy:
		if msg.OK {
			m.Copied = msg.What
			m.Narration = m.say(wCopied)
		} else {
			m.Narration = m.say(wNotCopied)
		}
		return m, []Effect{After{copiedMillis, CopyFaded{}}}
	case CopyFaded:
		m.Copied = ""

	case LessonCame:
		if msg.For == m.LessonFor {
			m.Lesson, m.LessonBad = msg.Text, !msg.OK
		}
	case RetryLesson:
		m.LessonFor = ""
		return fetchLesson(m)
	case Narrate:
		if m.Status.Now != m.Narrated && m.Opened.Lab != "" {
			m.Narrated = m.Status.Now
			m.Narration = m.standing()
		}
		return m, []Effect{After{narrateMillis, Narrate{}}}
	}
	return m, nil
}

// updateFrame takes in what the engine says.
func updateFrame(m Model, frame Msg) (Model, []Effect) {
	switch frame := frame.(type) {
	case api.Hello:
		m.Labs = frame.Labs
		return m, []Effect{After{narrateMillis, Narrate{}}}
	case api.Opened:
		return opened(m, frame)
	case api.Status:
		if m.Opening {
			return m, nil // of the run before
		}
		wasFinished := m.Status.Finished
		m.Status = frame
		if m.Scrubbing && !m.Waiting && !frame.Seeking {
			m.Scrubbing = false
		}
		if frame.Finished && !wasFinished {
			m.Narration = m.standing()
		}
		var effects []Effect
		if m.Reselect {
			m.Reselect = false
			effects = append(effects, m.selection())
		}
		if frame.Link != "" && frame.Link != plainLink(m.Address) {
			m.Address = frame.Link
			// The engine speaks of another run than the address: something was done.
			effects = append(effects, PushURL{frame.Link})
		}
		return m, effects
	case api.Inspection:
		// One that was on its way when something else was picked tells of that no
		// more: the crash of the last node would make this one look crashed.
		if frame.Node == nil || frame.Node.Node == m.Node {
			m.NodeView = frame.Node
		}
		if frame.Packet == nil || frame.Packet.Packet == m.Packet {
			m.View = frame.Packet
		}
	case api.Problem:
		m.Notices = append(m.Notices[:len(m.Notices):len(m.Notices)], frame.Text)
		m.Opening = false
	}
	return m, nil
}

// opened takes in a new run: what belonged to the old one goes.
func opened(m Model, frame api.Opened) (Model, []Effect) {
	var effects []Effect
	if frame.Lab != m.Opened.Lab {
		m.SpeedChosen = false
		m.Node, m.Second, m.Packet = -1, -1, 0
		m.NodeText = ""
	}
	if m.Node >= frame.Nodes {
		m.Node = -1
	}
	if m.Second >= frame.Nodes {
		m.Second = -1
	}
	m.Packet = 0
	m.NodeView, m.View, m.Mark, m.Pairing = nil, nil, span{}, false
	m.Status = api.Status{Playing: true, Speed: frame.StartSpeed, End: frame.EndMicros, Link: frame.Link, Script: frame.Run.Script}
	m.Scrubbing, m.Waiting = false, false
	m.Opened = frame
	m.Opening = false
	m.Watched = 0 // the engine begins anew
	m.Notices = append(m.Notices[:len(m.Notices):len(m.Notices)], frame.Notices...)
	m.Drafts = stillWrong(m)
	if frame.Link != plainLink(m.Address) {
		m.Address = frame.Link
		if m.Push {
			effects = append(effects, PushURL{frame.Link})
		} else {
			effects = append(effects, ReplaceURL{frame.Link})
		}
	}
	m.Push = false
	if m.SpeedChosen && m.SpeedKept != frame.StartSpeed {
		m.Status.Speed = m.SpeedKept
		effects = append(effects, command(api.Command{Verb: api.Speed, Speed: m.SpeedKept}))
	}
	if m.Node >= 0 {
		// The engine and the stage begin anew, without a selection.
		m.Reselect = true
		effects = append(effects, command(api.Command{Verb: api.Inspect, Node: m.Node}))
	}
	m, more := fetchLesson(m)
	return m, append(effects, more...)
}

// fetchLesson asks for the lesson's text when it is to be seen and not there.
func fetchLesson(m Model) (Model, []Effect) {
	wanted := string(m.Lang) + "/" + strings.ReplaceAll(m.Opened.Lab, "/", "-")
	if m.Panel != Lesson || m.Opened.Lab == "" || m.LessonFor == wanted {
		return m, nil
	}
	m.LessonFor, m.Lesson, m.LessonBad = wanted, "", false
	return m, []Effect{FetchLesson{wanted}}
}

func command(c api.Command) Effect { return Send{c} }

// with is a copy of a map with one more entry.
func with(old map[string]string, name, value string) map[string]string {
	out := maps.Clone(old)
	if out == nil {
		out = make(map[string]string)
	}
	out[name] = value
	return out
}
