package sweeper

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// found is what was wrong with a mail.
type found string

// What is found, and mended.
const (
	foundNoLease    found = "no_lease"    // Active, and nobody had it: put back.
	foundUnlisted   found = "unlisted"    // In none of its queue's lists: put back.
	foundCountedOut found = "counted_out" // Archived by asynq itself: run again.
	foundRetry      found = "retry"       // A person's retry that broke off: queued.
	foundArchived   found = "archived"    // By a person: failed.
	foundDeleted    found = "deleted"     // Its task was: failed.
	foundUnknown    found = "unknown"     // It was being sent, and its task was deleted or archived.
)

// metrics are a Sweeper's own. The gauges are those of the one that is at work,
// and missing elsewhere.
type metrics struct {
	found   *prometheus.CounterVec
	trimmed prometheus.Counter
	round   *prometheus.GaugeVec
	mails   *prometheus.GaugeVec
	left    *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		// found: no_lease, unlisted, counted_out, retry, archived, deleted,
		// unknown.
		found: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postroom_sweeper_mended_total", Help: "Mail that did not stand as the ledger says, by what was found.",
		}, []string{"found"}),
		trimmed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "postroom_sweeper_trimmed_total", Help: "Tasks taken out of asynq's archives; the ledger has their mail.",
		}),
		round: gauge("postroom_sweeper_round_timestamp_seconds", "When all open mail had been looked at the last time."),
		// state: open; failed, which counts unknown too.
		mails: gauge("postroom_ledger_mails", "Mail in the ledger at the end of the last round, by state.", "state"),
		left:  gauge("postroom_queues_unconsumed", "Queues with mail that no account sends."),
	}
	for _, f := range []found{
		foundNoLease, foundUnlisted, foundCountedOut, foundRetry, foundArchived, foundDeleted, foundUnknown,
	} {
		m.found.WithLabelValues(string(f))
	}
	if r != nil {
		r.MustRegister(m.found, m.trimmed, m.round, m.mails, m.left)
	}
	return m
}

func (m *metrics) roundEnded(at time.Time, open, failed int64) {
	m.round.WithLabelValues().Set(float64(at.UnixMilli()) / 1e3)
	m.mails.WithLabelValues("open").Set(float64(open))
	m.mails.WithLabelValues("failed").Set(float64(failed))
}

func (m *metrics) leftAlone(queues int) { m.left.WithLabelValues().Set(float64(queues)) }

// forget takes the gauges away: another Sweeper has them now.
func (m *metrics) forget() {
	for _, g := range []*prometheus.GaugeVec{m.round, m.mails, m.left} {
		g.Reset()
	}
}
