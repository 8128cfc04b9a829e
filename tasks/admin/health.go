package admin

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"time"
)

// lookLimit is how long Redis may take to answer /readyz: longer than a hiccup,
// shorter than any probe waits.
const lookLimit = time.Second

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
	// Redis is "ok", "away" where it does not answer, or "refuses" where it takes
	// no writes.
	Redis string `json:"redis"`
	// RedisProblems are why, and what can lose accepted mail, in sentences.
	RedisProblems []string        `json:"redis_problems,omitempty"`
	Accounts      []accountAnswer `json:"accounts"`
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
	looks turns
	kept  keeping
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
		Accounts: z.accounts(process.Accounts, z.insider(r)),
	}
	answer.Redis, answer.RedisProblems = z.redis(r.Context())
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

// redis tries whether it takes writes.
func (z *readyz) redis(ctx context.Context) (word string, problems []string) {
	state, err := take(ctx, &z.looks, lookLimit, func(ctx context.Context) (RedisState, error) {
		state, masters, err := tryRedis(ctx, z.cfg.Redis)
		if err == nil && state.Refuses == "" {
			state.add(z.kept.problems(ctx, masters)...)
		}
		return state, err
	})
	switch {
	case err != nil:
		return "away", nil
	case state.Refuses != "":
		return "refuses", append([]string{state.Refuses}, state.Problems...)
	}
	return "ok", state.Problems
}

// keeping is how Redis was set to keep what it is given. It is asked now and
// then only, by who has the turn.
type keeping struct {
	state RedisState
	at    time.Time
}

// keepingFor is how long that holds.
const keepingFor = 10 * time.Second

func (k *keeping) problems(ctx context.Context, masters []master) []string {
	if k.at.IsZero() || time.Since(k.at) > keepingFor {
		k.state, k.at = readKeeping(ctx, masters, 0), time.Now()
	}
	return k.state.Problems
}
