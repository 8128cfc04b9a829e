package main_test

import (
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	worker "github.com/postroom/postroom/cmd/worker"
	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks/budget"
)

func TestLimit(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]budget.Setting{
		"0": budget.To(0), "30": budget.To(30), "1000000000": budget.To(1_000_000_000), "default": budget.ToDefault(),
	} {
		var l worker.Limit
		if err := l.UnmarshalText([]byte(text)); err != nil || l.Setting != want {
			t.Errorf("%q: %+v, %v, want %+v", text, l.Setting, err, want)
		}
	}
	for _, text := range []string{"", "-1", "1.5", "thirty", "Default", "1000000001", "99999999999999999999"} {
		var l worker.Limit
		err := l.UnmarshalText([]byte(text))
		want := `"` + text + `": must be a whole number from 0 (no limit) to 1000000000, or default`
		if err == nil || err.Error() != want || l.Setting != (budget.Setting{}) {
			t.Errorf("%q: %v, and the value is %+v", text, err, l.Setting)
		}
	}
}

func TestAuthSet(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	for _, step := range []struct{ flags, want string }{
		{"", `rate         default of the workers: POSTROOM_RATE, else 60
daily        default of the workers: POSTROOM_DAILY, else 2000
recipients   default of the workers: POSTROOM_DAILY_RECIPIENTS, else 10000
concurrency  default of the workers: 4, or none where the rate has no limit
`},
		{"--rate 30 --daily 0 --concurrency 2", `rate         30 sends a minute
daily        no limit
recipients   default of the workers: POSTROOM_DAILY_RECIPIENTS, else 10000
concurrency  2 sends at once
`},
		{"--rate default --recipients 100", `rate         default of the workers: POSTROOM_RATE, else 60
daily        no limit
recipients   100 recipients in 24 h
concurrency  2 sends at once
`},
	} {
		var set worker.AuthSet
		parser, err := kong.New(&set)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(append([]string{"Shop@Example.com", "--redis-url", server.URL()}, strings.Fields(step.flags)...)); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		if err := set.RunTo(t.Context(), &out); err != nil || out.String() != step.want {
			t.Errorf("%s: %v, and it prints\n%s\nwant\n%s", step.flags, err, out.String(), step.want)
		}
	}
	got, err := budget.New(server.Client()).Look(t.Context(), "shop@example.com")
	if want := (budget.Limits{Rate: 60, Daily: 0, Recipients: 100, Concurrency: 2}); err != nil || got.Limits != want {
		t.Errorf("the limits are %+v (%v), want %+v", got.Limits, err, want)
	}
}

func TestAuthSetRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"shop"}, {"shop@example.com", "--rate", "fast"}, {"shop@example.com", "--daily=-1"}} {
		var set worker.AuthSet
		parser, err := kong.New(&set)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(args); err == nil {
			t.Errorf("%q was taken", args)
		}
	}
}
