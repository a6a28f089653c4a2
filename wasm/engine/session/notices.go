package session

import (
	"errors"
	"fmt"

	"grapevine/wasm/api"
	"grapevine/wasm/lab"
)

// What a visitor is told when something was not understood or cannot be done,
// always in both languages and always with what was done instead.

// explain puts an error into a clause. Those that a visitor can bring about
// have words in both languages; of the others the Chinese quotes the English.
func explain(err error) api.Text {
	var t api.Text
	if errors.As(err, &t) {
		return t
	}
	return text(lab.Explain(err))
}

func (s *Session) problem(err error) {
	s.send(api.Problem{Frame: "problem", Text: explain(err).Sentence()})
}

// within is a sentence with a clause in it.
func within(en, zh string, clause api.Text) api.Text {
	return api.Text{En: fmt.Sprintf(en, clause.En), Zh: fmt.Sprintf(zh, clause.Zh)}
}

func unreadable(err error) api.Text {
	return within("This link could not be read in full: %s The nearest lab was opened.", "这个链接没有完全读懂，已打开最接近的实验：%s", explain(err).Sentence())
}

func unbuildable(err error) api.Text {
	return within("This run cannot be built (%s). This is the lab with its own values.", "无法按这些参数运行（%s），已改用实验的默认值。", explain(err))
}

// leftOut says which part of a run was ignored, and why.
func leftOut(f lab.Fault) api.Text {
	part := api.Shorten(f.Part)
	return api.Text{
		En: fmt.Sprintf("“%s” was left out: %s.", part, f.Why.En),
		Zh: fmt.Sprintf("“%s”已忽略：%s。", part, f.Why.Zh),
	}
}

// nearest finds the lab that a run names, or else the one whose name shares
// the longest beginning with it, and says so.
func nearest(labs []*lab.Lab, r api.Run) (*lab.Lab, []api.Text) {
	best, shared := labs[0], -1
	for _, l := range labs {
		if l.ID == r.Lab {
			return l, olderVersion(l, r)
		}
		if n := commonPrefix(l.ID, r.Lab); n > shared {
			best, shared = l, n
		}
	}
	if r.Lab == "" {
		return best, nil
	}
	name := api.Shorten(r.Lab)
	return best, []api.Text{{
		En: fmt.Sprintf("There is no lab “%s” here. This is %s; the others are in the list.", name, best.ID),
		Zh: fmt.Sprintf("这里没有名为“%s”的实验，已打开 %s，其他实验见列表。", name, best.ID),
	}}
}

func olderVersion(l *lab.Lab, r api.Run) []api.Text {
	if r.Version == 0 || r.Version == l.Version {
		return nil
	}
	return []api.Text{{
		En: fmt.Sprintf("This link was made with version %d of the lab; this is version %d, so the run may differ.", r.Version, l.Version),
		Zh: fmt.Sprintf("这个链接由实验的第 %d 版生成，现在是第 %d 版，运行结果可能不同。", r.Version, l.Version),
	}}
}

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
