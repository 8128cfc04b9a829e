package delivery

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/postroom/postroom/tasks/budget"
)

// budgets are the accounts' budgets as they were when the Pool last looked at
// them, for all workers together. While Redis does not answer there are none.
type budgets struct {
	pool   *Pool
	gauges []budgetGauge
}

// budgetGauge is one figure of an account's budget.
type budgetGauge struct {
	desc *prometheus.Desc
	of   []string // The label's value, where there is one.
	// isLimit: 0 is none, and is not shown.
	isLimit bool
	value   func(budget.State) int
}

func newBudgets(pool *Pool) budgets {
	// account: the address, as POSTROOM_REDACT says. Of several that look the
	// same it is the sum; where one of them has no limit, they have none.
	// of: messages, recipients.
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc("postroom_account_"+name, help, append([]string{"account"}, labels...), nil)
	}
	used := desc("day_used", "What went out in the last 24 hours.", "of")
	limit := desc("day_limit", "What may go out in 24 hours.", "of")
	inFlight := desc("in_flight", "Sends that are on their way.")
	inFlightLimit := desc("in_flight_limit", "Sends that may be on their way at once now.")
	rate := desc("rate_per_minute", "Sends a minute that are allowed now.")
	rateLimit := desc("rate_limit_per_minute", "Sends a minute that are allowed as long as Gmail takes them.")
	messages, recipients := []string{"messages"}, []string{"recipients"}
	return budgets{pool, []budgetGauge{
		{rate, nil, true, func(s budget.State) int { return s.Rate }},
		{rateLimit, nil, true, func(s budget.State) int { return s.Limits.Rate }},
		{used, messages, false, func(s budget.State) int { return s.Messages }},
		{used, recipients, false, func(s budget.State) int { return s.Recipients }},
		{limit, messages, true, func(s budget.State) int { return s.Limits.Daily }},
		{limit, recipients, true, func(s budget.State) int { return s.Limits.Recipients }},
		{inFlight, nil, false, func(s budget.State) int { return s.InFlight }},
		{inFlightLimit, nil, true, func(s budget.State) int { return s.Concurrency }},
	}}
}

// Describe is prometheus.Collector's.
func (b budgets) Describe(to chan<- *prometheus.Desc) {
	for _, g := range b.gauges {
		to <- g.desc
	}
}

// Collect is prometheus.Collector's.
func (b budgets) Collect(to chan<- prometheus.Metric) {
	states := map[string][]budget.State{}
	for address, s := range b.pool.budgets() {
		name := b.pool.cfg.Redact.Address(address)
		states[name] = append(states[name], s)
	}
	for name, alike := range states {
		for _, g := range b.gauges {
			if sum, ok := g.sum(alike); ok {
				to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, sum, append([]string{name}, g.of...)...)
			}
		}
	}
}

func (g budgetGauge) sum(of []budget.State) (sum float64, ok bool) {
	for _, s := range of {
		n := g.value(s)
		if g.isLimit && n == 0 {
			return 0, false
		}
		sum += float64(n)
	}
	return sum, true
}

// budgets tells what was learnt of each account's budget.
func (p *Pool) budgets() map[string]budget.State {
	p.mu.Lock()
	defer p.mu.Unlock()
	states := make(map[string]budget.State, len(p.boxes))
	for _, box := range p.boxes {
		if s := box.learnt.Load(); s != nil {
			states[strings.ToLower(box.address)] = *s
		}
	}
	return states
}
