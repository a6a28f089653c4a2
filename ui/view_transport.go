package ui

import (
	"strconv"
)

// viewTransport is the bar of time below the stage.
func viewTransport(m *Model) []*Node {
	idle := when(m.Opened.Lab == "", attr("disabled", ""))
	play, face := wPlay, "play"
	if m.Status.Playing && !m.Status.Finished {
		play, face = wPause, "pause"
	}
	button := func(id, label, face string, msg Msg) *Node {
		return el("button.round", attr("id", id), attr("type", "button"), attr("aria-label", label), attr("title", label), idle, on("click", msg), icon(face))
	}
	return []*Node{el("div", attr("role", "group"), attr("aria-label", m.say(wTransport)),
		viewTimeline(m),
		el("div.controls",
			button("restart", m.say(wRestart), "restart", Restart{}),
			button("play", m.say(play), face, TogglePlay{}),
			button("step", m.say(wStep), "step", StepOnce{}),
			el("p.clock", el("b", formatClock(m.now())), el("span", "/ "+formatClock(m.end()))),
			viewSpeed(m),
			el("p.counts",
				el("span", el("b", formatCount(m.Status.Events)), " ", m.say(wEvents)),
				el("span", el("b", formatCount(uint64(max(m.Status.InFlight, 0)))), " ", m.say(wInFlight)))))}
}

func viewTimeline(m *Model) *Node {
	end := m.end()
	line := el("div.timeline",
		el("input", attr("id", "timeline"), attr("type", "range"), attr("min", "0"), attr("max", strconv.FormatInt(end, 10)),
			attr("step", strconv.FormatInt(max(end/1000, 1), 10)), attr("value", strconv.FormatInt(m.now(), 10)),
			attr("aria-label", m.say(wTimeline)), attr("aria-valuetext", m.say(wTimeOf, formatMicros(m.now()), formatMicros(end))),
			when(m.Opened.Lab == "", attr("disabled", "")),
			onValue("input", func(e Event) Msg { return ScrubTo{micros(e.Value)} }),
			// The browser's own step is a dragging hand's, too fine for a key.
			onValue("keydown", func(e Event) Msg {
				switch e.Key {
				case "ArrowLeft", "ArrowDown":
					return ScrubBy{-1}
				case "ArrowRight", "ArrowUp":
					return ScrubBy{1}
				case "Home": // the browser does nothing where the thumb has not moved yet
					return ScrubBy{-100}
				case "End":
					return ScrubBy{100}
				}
				return nil
			}),
			on("change", ScrubEnd{})))
	marks := 0
	mark := func(class, key string, at int64, title string) {
		const maxMarks = 200 // more would be a wall
		if marks == maxMarks || at > end {
			return
		}
		marks++
		line.Children = append(line.Children, el("i.mark."+class, attr("key", key),
			attr("style", "left:"+fixed(100*float64(at)/float64(end), 2)+"%"), attr("title", title)))
	}
	for i, a := range m.Status.Script {
		mark("deed", "a"+strconv.Itoa(i), a.At, formatMicros(a.At)+" "+a.Do)
	}
	for _, c := range m.Status.Checks {
		if c.State == "failed" {
			mark("failed", "c"+c.Name, c.At, m.say(c.Claim)+" – "+m.say(wFailedAt, formatMicros(c.At), m.say(c.Detail)))
		}
	}
	return line
}

// micros reads the timeline's value, a whole number that the browser wrote.
func micros(value string) int64 {
	n, _ := strconv.ParseFloat(value, 64)
	return int64(n)
}

func viewSpeed(m *Model) *Node {
	stop := speedStop(m.Status.Speed)
	shown := formatSpeed(m.Status.Speed, m.Lang)
	if m.Opened.Lab == "" {
		stop, shown = speedStop(1), formatSpeed(1, m.Lang)
	}
	return el("div.speed",
		el("label", attr("for", "speed"), m.say(wSpeed)),
		el("div.stops",
			el("input", attr("id", "speed"), attr("type", "range"), attr("min", "0"), attr("max", strconv.Itoa(len(speeds)-1)),
				attr("value", strconv.Itoa(stop)), attr("aria-valuetext", shown), when(m.Opened.Lab == "", attr("disabled", "")),
				onValue("input", func(e Event) Msg {
					stop, err := strconv.Atoi(e.Value)
					if err != nil {
						return nil
					}
					return SpeedTo{stop}
				})),
			el("div.scale", attr("aria-hidden", "true"), el("span", "1/1000"), el("span", "1/30"), el("span", "1"), el("span", "30"), el("span", m.say(wMaxSpeed)))),
		el("output", attr("for", "speed"), shown))
}
