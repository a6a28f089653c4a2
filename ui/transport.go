package ui

import "grapevine/wasm/api"

// updateTransport is Update for time: play, step, speed, timeline.
func updateTransport(m Model, msg Msg) (Model, []Effect) {
	if m.Opened.Lab == "" {
		return m, nil // nothing to play yet
	}
	switch msg := msg.(type) {
	case TogglePlay:
		if m.Status.Finished {
			return restart(m)
		}
		// Shown at once; the next Status confirms it.
		m.Status.Playing = !m.Status.Playing
		if m.Status.Playing {
			return m, []Effect{command(api.Command{Verb: api.Play})}
		}
		m.Narration = m.say(wPausedAt, formatMicros(m.Status.Now))
		return m, []Effect{command(api.Command{Verb: api.Pause})}
	case StepOnce:
		m.Status.Playing = false
		return m, []Effect{command(api.Command{Verb: api.Step})}
	case Restart:
		return restart(m)
	case SpeedTo:
		return setSpeed(m, msg.Stop)
	case SpeedBy:
		return setSpeed(m, speedStop(m.Status.Speed)+msg.Stops)

	case ScrubTo:
		m.Scrub = min(max(msg.At, 0), m.end())
		m.Scrubbing = true
		if m.Waiting {
			return m, nil
		}
		return seek(m)
	case ScrubBy:
		return updateTransport(m, ScrubTo{m.now() + msg.Percent*m.end()/100})
	case ScrubTick:
		m.Waiting = false
		if m.Scrubbing && m.Scrub != m.Sought {
			return seek(m)
		}
	case ScrubEnd:
		if m.Scrub != m.Sought {
			return seek(m)
		}
	}
	return m, nil
}

func seek(m Model) (Model, []Effect) {
	m.Sought, m.Waiting = m.Scrub, true
	return m, []Effect{command(api.Command{Verb: api.Seek, At: m.Scrub}), After{scrubMillis, ScrubTick{}}}
}

func restart(m Model) (Model, []Effect) {
	m.Status.Playing, m.Status.Finished, m.Status.Now = true, false, 0
	return m, []Effect{command(api.Command{Verb: api.Seek, At: 0}), command(api.Command{Verb: api.Play})}
}

func setSpeed(m Model, stop int) (Model, []Effect) {
	stop = min(max(stop, 0), len(speeds)-1)
	m.SpeedKept, m.SpeedChosen = speeds[stop].speed, true
	m.Status.Speed = m.SpeedKept
	return m, []Effect{command(api.Command{Verb: api.Speed, Speed: m.SpeedKept})}
}
