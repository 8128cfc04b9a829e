package torture_test

import (
	"testing"
	"time"
)

func TestTheSameSeedIsTheSameSchedule(t *testing.T) {
	t.Parallel()
	s := settings{seed: 42, count: 250, length: 6 * time.Second}
	one, same := newPlan(s), newPlan(s)
	s.seed++
	other := newPlan(s)
	if one.String() != same.String() || len(one.mails) != len(same.mails) {
		t.Errorf("one seed makes two schedules:\n%s\n%s", one, same)
	}
	if one.String() == other.String() {
		t.Error("two seeds make one schedule")
	}
	for i, m := range one.mails {
		if n := same.mails[i]; m.id != n.id || m.at != n.at || m.again != n.again || m.lane != n.lane || m.account != n.account || m.rule != n.rule {
			t.Errorf("mail %d is %+v and %+v", i, m, n)
		}
	}
}

// TestNoFaultIsLeftOut holds it for short runs, which have little room.
func TestNoFaultIsLeftOut(t *testing.T) {
	t.Parallel()
	for _, s := range []settings{
		{count: fewestMails, length: time.Second},
		{count: 250, length: 6 * time.Second},
		{count: 4000, length: 90 * time.Second},
	} {
		for s.seed = range 100 {
			p := newPlan(s)
			events, faults := map[kind]int{}, map[string]int{}
			for _, e := range p.events {
				events[e.kind]++
				if e.at < 0 || e.at+e.lasts > s.length && e.kind != killWorker && e.kind != stopWorker {
					t.Errorf("%+v: %s at %v is not in the run", s, e, e.at)
				}
			}
			for _, m := range p.mails {
				for _, f := range m.faults {
					faults[f.name]++
				}
			}
			for _, k := range []kind{killWorker, stopWorker, killRedis, pauseRedis, loseAnswers, loseReceipts, expireTokens, refuseTokens, cutGmail, gmailOut} {
				if events[k] == 0 {
					t.Errorf("%+v: no %q", s, k)
				}
			}
			for _, f := range gmailFaults {
				if faults[f.name] == 0 && (s.isLong() || !f.long) {
					t.Errorf("%+v: no %q", s, f.name)
				}
			}
		}
	}
}
