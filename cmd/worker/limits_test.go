package main_test

import (
	"testing"

	"github.com/alecthomas/kong"

	worker "github.com/postroom/postroom/cmd/worker"
	"github.com/postroom/postroom/tasks/budget"
)

// TestLimitsOfAnAccount goes through what workers allow where nobody set anything
// for the account itself.
func TestLimitsOfAnAccount(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		backend worker.Backend
		account string
		flags   []string
		want    budget.Limits
	}{
		{"gmail", "shop@example.com", nil, budget.Limits{Rate: 60, Daily: 2000, Recipients: 10_000, Concurrency: 4}},
		{"gmail", "ada@gmail.com", nil, budget.Limits{Rate: 60, Daily: 500, Recipients: 500, Concurrency: 4}},
		{"console", "shop@example.com", nil, budget.Limits{}},
		{"file", "shop@example.com", []string{"--rate=5"}, budget.Limits{Rate: 5}},
		{
			"gmail", "ada@gmail.com",
			[]string{"--rate=0", "--daily=7", "--daily-recipients=9"},
			budget.Limits{Rate: 0, Daily: 7, Recipients: 9, Concurrency: 4},
		},
	} {
		var limits worker.Limits
		parser, err := kong.New(&limits)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(c.flags); err != nil {
			t.Fatal(err)
		}
		if got := limits.Of(c.backend, c.account); got != c.want {
			t.Errorf("%s, %s, %q: %+v, want %+v", c.backend, c.account, c.flags, got, c.want)
		}
	}
	for _, flag := range []string{"--rate=-1", "--daily=many", "--daily-recipients=1.5", "--project-rate=1000000001", "--rate="} {
		var limits worker.Limits
		parser, err := kong.New(&limits)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse([]string{flag}); err == nil {
			t.Errorf("%s was taken", flag)
		}
	}
}
