package main

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates/preview"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/admin/pages"
)

// previews introduces the templates to the pages of dev.
type previews struct {
	live *liveTemplates
	from mailer.Address
}

var _ pages.Previews = previews{}

// Templates are those of the set.
func (p previews) Templates() []pages.Template {
	set := p.live.current()
	names := set.Names()
	failing := map[string][]string{}
	for _, one := range *p.live.failing.Load() {
		failing[one.Template] = append(failing[one.Template], one.Locale)
	}
	all := make([]pages.Template, 0, len(names))
	for _, name := range names {
		info, _ := set.Info(name)
		all = append(all, pages.Template{Name: name, Locales: info.Locales, Example: asText(info.Example), Failing: failing[name]})
	}
	return all
}

// asText is an example as a person edits it; empty where there is none.
func asText(example map[string]any) string {
	if example == nil {
		return ""
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(example); err != nil {
		return "" // Not reached: it was read as JSON can hold it.
	}
	return strings.TrimSpace(b.String())
}

// Problem is what is wrong with the files.
func (p previews) Problem() string {
	if err := p.live.problem.Load(); err != nil {
		return (*err).Error()
	}
	return ""
}

// Preview renders and composes as a worker would.
func (p previews) Preview(r pages.Request) (*mailer.Message, []string, error) {
	set := p.live.current()
	info, _ := set.Info(r.Template)
	data := info.Example
	if r.Data != "" {
		var err error
		if data, err = tasks.ParseData([]byte(r.Data)); err != nil {
			return nil, nil, err
		}
	}
	seen, err := preview.Of(set, preview.Request{
		Template: r.Template, Locale: r.Locale, Data: data, Bulk: tasks.Lane(r.Lane) == tasks.Bulk, From: p.from, Date: time.Now(),
	})
	if err != nil {
		return nil, nil, err
	}
	return seen.Message, seen.Warnings, nil
}
