package main

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/zap"

	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/tasks/redact"
)

// grants warns of consents that end on a day that is known, as Google's do for
// an app in "Testing".
type grants struct {
	ends   *prometheus.GaugeVec
	redact redact.Mode
	log    *zap.Logger
	warned map[string]time.Time // When, by address.
}

// warnAgain is how often a grant that ends soon is warned of.
const warnAgain = 12 * time.Hour

func newGrants(r prometheus.Registerer, mode redact.Mode, log *zap.Logger) *grants {
	g := &grants{
		// account: the address, as POSTROOM_REDACT says.
		ends: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "postroom_account_grant_end_timestamp_seconds", Help: "When an account's consent ends, where that is known.",
		}, []string{"account"}),
		redact: mode, log: log, warned: map[string]time.Time{},
	}
	r.MustRegister(g.ends)
	return g
}

// note takes over how the stored accounts are.
func (g *grants) note(all map[string]entry) {
	g.ends.Reset()
	warned := map[string]time.Time{}
	for address, e := range all {
		if e.Expires.IsZero() {
			continue
		}
		name := g.redact.Address(address)
		g.ends.WithLabelValues(name).Set(float64(e.Expires.Unix()))
		now := time.Now()
		if e.State(now) != accounts.StateExpiring {
			continue
		}
		last := g.warned[address]
		if now.Sub(last) >= warnAgain {
			last = now
			g.log.Warn("account's consent ends",
				zap.String("account", name), zap.Time("at", e.Expires), zap.String("remedy", renewal(e.Account, now)))
		}
		warned[address] = last
	}
	g.warned = warned
}
