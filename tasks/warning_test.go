package tasks_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/directory"
)

// TestBulkMailWarnsWithoutOneClick holds that it is accepted all the same.
func TestBulkMailWarnsWithoutOneClick(t *testing.T) {
	t.Parallel()
	client := tasks.NewClient(embedded(t))
	for name, test := range map[string]struct {
		lane   tasks.Lane
		way    *tasks.Unsubscribe
		warned bool
	}{
		"none":     {tasks.Bulk, nil, true},
		"mailto":   {tasks.Bulk, &tasks.Unsubscribe{Mailto: "leave@example.com"}, true},
		"http":     {tasks.Bulk, &tasks.Unsubscribe{URL: "http://example.com/u"}, true},
		"https":    {tasks.Bulk, &tasks.Unsubscribe{URL: "HTTPS://example.com/u"}, false},
		"default":  {tasks.Default, nil, false},
		"critical": {tasks.Critical, nil, false},
	} {
		e := letter()
		e.Unsubscribe = test.way
		r := enqueue(t, client, e, tasks.OnLane(test.lane), tasks.WithID(name))
		if warned := len(r.Warnings) == 1 && strings.HasPrefix(r.Warnings[0], "unsubscribe: "); warned != test.warned || len(r.Warnings) > 1 {
			t.Errorf("%s: warnings %q", name, r.Warnings)
		}
		if r := enqueue(t, client, e, tasks.OnLane(test.lane), tasks.WithID(name)); !r.Duplicate || r.Warnings != nil {
			t.Errorf("%s, again: %+v, want a duplicate without a warning", name, r)
		}
	}
}

// TestTheTemplatesWayCounts, as far as workers say that it has one.
func TestTheTemplatesWayCounts(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	client := tasks.NewClient(rdb)
	check := func(template string, own *tasks.Unsubscribe, warned bool) {
		t.Helper()
		e := tasks.Email{To: letter().To, Template: template, Unsubscribe: own}
		if r := enqueue(t, client, e, tasks.OnLane(tasks.Bulk)); warned != (len(r.Warnings) == 1) {
			t.Errorf("%s: warnings %q, want one: %v", template, r.Warnings, warned)
		}
	}
	check("leave", nil, false) // No worker has said anything yet.
	publish(t, rdb, directory.Listing{Templates: []directory.Template{{Name: "leave", OneClick: true}, {Name: "stay"}}})
	client = tasks.NewClient(rdb)
	check("leave", nil, false)
	check("stay", nil, true)
	check("stay", &tasks.Unsubscribe{URL: "https://example.com/u"}, false)
	check("leave", &tasks.Unsubscribe{Mailto: "leave@example.com"}, true)
}
