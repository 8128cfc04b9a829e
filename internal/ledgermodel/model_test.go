package ledgermodel_test

import (
	"maps"
	"os"
	"strings"
	"testing"
)

// mostWorlds bounds an exploration in memory. None may come to it.
const mostWorlds = 6_000_000

// TestModel explores each scenario with either rule for an unknown outcome, and
// holds that the changes of state which were seen are those of the table, all of
// them.
func TestModel(t *testing.T) { //nolint:tparallel // What follows waits for all scenarios.
	t.Parallel()
	scenarios := usual
	if os.Getenv("POSTROOM_MODEL") == "wide" {
		scenarios = wide
	}
	seen := make([]map[transition]bool, 2)
	t.Run("rules", func(t *testing.T) {
		t.Run("hold", func(t *testing.T) {
			t.Parallel()
			seen[0] = exploreAll(t, scenarios, false)
		})
		t.Run("resend", func(t *testing.T) {
			t.Parallel()
			seen[1] = exploreAll(t, scenarios, true)
		})
	})
	if seen[0] == nil || seen[1] == nil {
		return // Somebody asked for one half alone.
	}
	for change := range transitions {
		if !seen[0][change] && !seen[1][change] {
			t.Errorf("%s: %q → %q is in the table, and was not seen", verbs[change.by], change.from, change.to)
		}
	}
}

// exploreAll returns the changes of state that were seen.
func exploreAll(t *testing.T, scenarios []scenario, resend bool) map[transition]bool {
	t.Helper()
	var (
		stage = newStage(t, nil)
		seen  = map[transition]bool{}
		sum   found
	)
	for _, s := range scenarios {
		m := newModel(stage, rules{resend: resend, canLookUp: s.canLookUp, left: s.left})
		f := m.explore(mostWorlds)
		if f.violation != nil {
			t.Errorf("%s: %v", s.name, f.violation)
		} else if !f.complete {
			t.Errorf("%s: there are more than %d worlds", s.name, mostWorlds)
		}
		t.Logf("%s: %d worlds, %d steps, %.1g schedules", s.name, f.worlds, f.steps, f.schedules)
		maps.Copy(seen, m.seen)
		sum.worlds, sum.steps, sum.schedules = sum.worlds+f.worlds, sum.steps+f.steps, sum.schedules+f.schedules
	}
	t.Logf("in all: %d worlds, %d steps, %.1g schedules; %d images of the record, %d calls tried in Redis",
		sum.worlds, sum.steps, sum.schedules, len(stage.images), len(stage.known))
	return seen
}

// TestTheSuspendedProcess holds that the model can fail, with the one thing that
// no ledger can fence: a process that stands still between its last look at its
// deadline and its send.
func TestTheSuspendedProcess(t *testing.T) {
	t.Parallel()
	m := newModel(newStage(t, nil), rules{resend: true, suspended: true, left: plenty{
		enqueues: 1, starts: 2, takeBacks: 1, longPauses: 1, shortPauses: 1,
	}})
	f := m.explore(mostWorlds)
	if f.violation == nil || !strings.Contains(f.violation.Error(), "two handlers send at the same time") {
		t.Fatalf("found %v, want two handlers that send at the same time", f.violation)
	}
	t.Log(f.violation)
}

func newModel(s *stage, r rules) *model {
	return &model{
		stage: s, rules: r,
		verdicts: newInterned[verdict](), texts: newInterned[string](),
		checked: map[imageID]error{}, changes: map[question]error{}, seen: map[transition]bool{},
	}
}
