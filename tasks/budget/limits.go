package budget

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"
)

// Limits are what an account may send. 0 is no limit.
type Limits struct {
	// Rate is in sends a minute. Who has no limit of it has none of Concurrency,
	// unless that is set for the account.
	Rate int
	// Daily is how many messages, and Recipients how many recipients of all of
	// them, may go in 24 hours.
	Daily, Recipients int
	// Concurrency is how many sends may be on their way at once, over all
	// workers.
	Concurrency int
}

// Day is how many messages and recipients an account may have in 24 hours.
type Day struct{ Messages, Recipients int }

// Day is the limits' own.
func (l Limits) Day() Day { return Day{l.Daily, l.Recipients} }

// DefaultLimits are what Google lets an account do, as far as its address
// tells: a new project's rate, and a consumer's or a Workspace's day.
func DefaultLimits(account string) Limits {
	l := Limits{Rate: 60, Daily: 2000, Recipients: 10_000, Concurrency: 4}
	_, domain, _ := strings.Cut(strings.ToLower(account), "@")
	if domain == "gmail.com" || domain == "googlemail.com" {
		l.Daily, l.Recipients = 500, 500
	}
	return l
}

// Setting is one limit as it is set for an account: a number, or the worker's
// default. In a Change the zero Setting leaves the limit as it is.
type Setting struct {
	kind settingKind
	n    int
}

type settingKind int

const (
	leave settingKind = iota
	toNumber
	toDefault
)

// To sets a limit of n, and 0 for none.
func To(n int) Setting { return Setting{kind: toNumber, n: n} }

// ToDefault goes back to the worker's default.
func ToDefault() Setting { return Setting{kind: toDefault} }

// Number is the limit that is set, and false where there is none.
func (s Setting) Number() (int, bool) { return s.n, s.kind == toNumber }

// Change sets some limits of an account.
type Change struct{ Rate, Daily, Recipients, Concurrency Setting }

// MaxLimit is more than any account has, and what scripts count without a
// rounding error.
const MaxLimit = 1_000_000_000

// fields are a change's settings by their names in Redis.
func (c *Change) fields() map[string]*Setting {
	return map[string]*Setting{
		"rate": &c.Rate, "daily": &c.Daily, "recipients": &c.Recipients, "concurrency": &c.Concurrency,
	}
}

// SetLimits sets the limits that c names, for all workers and from the next
// Take on. It returns all four as they are set then.
func (b *Budget) SetLimits(ctx context.Context, account string, c Change) (Change, error) {
	var remove []string
	set := map[string]any{}
	for name, s := range c.fields() {
		switch s.kind {
		case leave:
		case toDefault:
			remove = append(remove, name)
		case toNumber:
			if s.n < 0 || s.n > MaxLimit {
				return Change{}, fmt.Errorf("budget: %s %d: must be a number from 0 (no limit) to %d", name, s.n, MaxLimit)
			}
			set[name] = s.n
		}
	}
	name := key(account, limitsKey)
	var now *redis.MapStringStringCmd
	_, err := b.rdb.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		if len(remove) > 0 {
			pipe.HDel(ctx, name, remove...)
		}
		if len(set) > 0 {
			pipe.HSet(ctx, name, set)
		}
		now = pipe.HGetAll(ctx, name)
		return nil
	})
	if err != nil {
		return Change{}, fmt.Errorf("budget: set limits: %w", err)
	}
	return settings(now.Val())
}

// settings reads what is set.
func settings(had map[string]string) (Change, error) {
	var c Change
	for name, s := range c.fields() {
		text, ok := had[name]
		if !ok {
			*s = ToDefault()
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil {
			return Change{}, fmt.Errorf("budget: the limit %s is %q in Redis: set it again", name, text)
		}
		*s = To(n)
	}
	return c, nil
}
