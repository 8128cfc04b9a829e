package delivery

import "github.com/prometheus/client_golang/prometheus"

// metrics are a Pool's own.
type metrics struct {
	deliveries  *prometheus.CounterVec
	sendErrors  *prometheus.CounterVec
	sendSeconds prometheus.Histogram
	closed      *prometheus.GaugeVec
}

func newMetrics(r prometheus.Registerer) *metrics {
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
		// account: the address, as POSTROOM_REDACT says.
		// state: frozen, unreachable, blocked, spent.
		closed: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "postroom_account_closed", Help: "1 while an account can't send.",
		}, []string{"account", "state"}),
	}
	if r != nil {
		r.MustRegister(m.deliveries, m.sendErrors, m.sendSeconds, m.closed)
	}
	return m
}

// forget ends what is said of an account that is gone.
func (m *metrics) forget(account string) {
	m.closed.DeletePartialMatch(prometheus.Labels{"account": account})
}
