package docs

import (
	"fmt"
	"strings"

	"grapevine/wasm/lab"
	"grapevine/wasm/labs"
)

// Labs returns the text of docs/labs.md.
func Labs() (string, error) {
	var b strings.Builder
	b.WriteString(`# The labs

Generated from the labs' own tables by ` + "`go test ./tests/docs -rewrite`" + `; do not edit.

Every lab runs headless: ` + "`./build.sh run LAB name=value ...`" + `. Any preset can be opened in the page, and its link runs there too.
`)
	for _, l := range labs.All {
		if err := writeLab(&b, l); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func writeLab(b *strings.Builder, l *lab.Lab) error {
	fmt.Fprintf(b, "\n## %s\n\n%s (version %d)\n\n", l.ID, l.Claim.En, l.Version)
	b.WriteString("| parameter | values | default | what it does |\n|---|---|---|---|\n")
	for i := range l.Params {
		p := &l.Params[i]
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", p.Name, values(p), p.Format(p.Default), p.Help.En)
	}
	play, _, err := lab.Open(lab.Run{Lab: l, Seed: 1})
	if err != nil {
		return err
	}
	b.WriteString("\n| check | must hold | the claim |\n|---|---|---|\n")
	for _, c := range play.Checks() {
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", c.Check.Name, c.Check.Kind, c.Check.Claim.En)
	}
	if len(l.Presets) > 0 {
		b.WriteString("\n| preset | settings | |\n|---|---|---|\n")
	}
	for i := range l.Presets {
		p := &l.Presets[i]
		fmt.Fprintf(b, "| %s | %s | %s |\n", p.Label.En, settings(p), fails(p))
	}
	return nil
}

func values(p *lab.Param) string {
	switch p.Kind {
	case lab.Choice:
		var all []string
		for _, c := range p.Choices {
			all = append(all, "`"+c.Value+"`")
		}
		return strings.Join(all, ", ")
	case lab.Bool:
		return "`true`, `false`"
	}
	return p.Format(p.Min) + " to " + p.Format(p.Max)
}

func settings(p *lab.Preset) string {
	var all []string
	for _, s := range p.Settings {
		all = append(all, fmt.Sprintf("`%s=%s`", s.Name, s.Value))
	}
	for _, s := range p.Script {
		all = append(all, fmt.Sprintf("`%v %s`", s.At, s.Do))
	}
	return strings.Join(all, " ")
}

func fails(p *lab.Preset) string {
	if p.Fails == "" {
		return ""
	}
	return "shows `" + strings.ReplaceAll(p.Fails, " ", "`, `") + "` failing"
}
