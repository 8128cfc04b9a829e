package admin

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"

	"github.com/redis/go-redis/v9"
)

// pingLimit is how long Redis may take to answer /readyz: longer than a hiccup,
// shorter than any probe waits.
const pingLimit = time.Second

// livez says that the process runs, and so needs nothing else to do so.
func livez(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, "ok\n") // Who asked has gone.
}

// readyAnswer is the body of /readyz.
type readyAnswer struct {
	// Ready is false when this process can do nothing; the status is 503 then.
	Ready bool `json:"ready"`
	// Stopping is there once the process was told to end.
	Stopping bool `json:"stopping,omitempty"`
	// Redis is "ok", or "away" where it does not answer.
	Redis    string          `json:"redis"`
	Accounts []accountAnswer `json:"accounts"`
}

type accountAnswer struct {
	Address string    `json:"address,omitempty"`
	State   State     `json:"state"`
	Reason  string    `json:"reason,omitempty"`
	Until   time.Time `json:"until,omitzero"`
}

// readyz says whether this process can do anything at all.
type readyz struct {
	cfg   Config
	pings turns
	// insider reports whether a request comes from one who may see the
	// dashboard.
	insider func(*http.Request) bool
}

func (z *readyz) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var process Readiness
	if z.cfg.Ready != nil {
		process = z.cfg.Ready(r.Context())
	}
	answer := readyAnswer{
		Stopping: process.Stopping,
		Redis:    "ok",
		Accounts: z.accounts(process.Accounts, z.insider(r)),
	}
	if err := ping(r.Context(), &z.pings, z.cfg.Redis); err != nil {
		answer.Redis = "away"
	}
	answer.Ready = answer.Redis == "ok" && !answer.Stopping
	body, err := json.Marshal(answer)
	if err != nil {
		refuse(w, http.StatusInternalServerError, "An account's state cannot be shown: "+err.Error())
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if !answer.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	_, _ = w.Write(append(body, '\n')) // Who asked has gone.
}

// accounts hides from strangers whose account it is, and the reason, which is
// free text.
func (z *readyz) accounts(list []Account, insider bool) []accountAnswer {
	answers := make([]accountAnswer, len(list))
	for i, a := range list {
		answers[i] = accountAnswer{State: a.State, Until: a.Until}
		if insider {
			answers[i].Address = z.cfg.Redact.Address(a.Address)
			answers[i].Reason = z.cfg.Redact.Text(a.Reason)
		}
	}
	return answers
}

func ping(ctx context.Context, pings *turns, rdb redis.UniversalClient) error {
	_, err := take(ctx, pings, pingLimit, func(ctx context.Context) (string, error) {
		return rdb.Ping(ctx).Result()
	})
	return err
}
