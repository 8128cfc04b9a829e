package tasks_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/tasks"
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
