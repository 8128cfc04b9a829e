package delivery

import "github.com/prometheus/client_golang/prometheus"

// metrics are a Pool's own.
type metrics struct {
	deliveries  *prometheus.CounterVec
	sendErrors  *prometheus.CounterVec
	sendSeconds prometheus.Histogram
}

func newMetrics(r prometheus.Registerer, accounts ...prometheus.Collector) *metrics {
	m := &metrics{
		// lane: critical, default, bulk.
		// outcome: sent, failed, unknown, expired, cancelled, retrying; and
		// queued, waiting or sending, where another attempt was live.
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postroom_deliveries_total", Help: "Deliveries by lane and outcome.",
		}, []string{"lane", "outcome"}),
		// class: temporary, unreachable, throttled, blocked, permanent, unknown.
		sendErrors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "postroom_send_errors_total", Help: "Failed sends by what they mean.",
		}, []string{"class"}),
		sendSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "postroom_send_duration_seconds", Help: "Time from a send's start to its answer.",
			Buckets: []float64{.005, .025, .1, .25, .5, 1, 2.5, 5, 10, 30, 60},
		}),
	}
	if r != nil {
		r.MustRegister(m.deliveries, m.sendErrors, m.sendSeconds)
		r.MustRegister(accounts...)
	}
	return m
}

// standings are the Pool's accounts as they stand when somebody asks.
type standings struct {
	pool   *Pool
	closed *prometheus.Desc
}

func newStandings(pool *Pool) standings {
	// account: the address, as POSTROOM_REDACT says. Of several that look the
	// same one that can't send counts.
	// state: frozen, unreachable, blocked, spent.
	labels := []string{"account", "state"}
	return standings{pool, prometheus.NewDesc("postroom_account_closed", "1 while an account can't send.", labels, nil)}
}

// Describe is prometheus.Collector's.
func (s standings) Describe(to chan<- *prometheus.Desc) { to <- s.closed }

// Collect is prometheus.Collector's.
func (s standings) Collect(to chan<- prometheus.Metric) {
	type series struct{ account, state string }
	values := map[series]float64{}
	for _, a := range s.pool.Accounts() {
		name := s.pool.cfg.Redact.Address(a.Address)
		for _, state := range []string{closedFrozen, closedUnreachable, closedBlocked, closedSpent} {
			at := series{name, state}
			if values[at] += 0; a.State == state {
				values[at] = 1
			}
		}
	}
	for at, value := range values {
		to <- prometheus.MustNewConstMetric(s.closed, prometheus.GaugeValue, value, at.account, at.state)
	}
}
