package main

import (
	"fmt"
	"strconv"

	"github.com/postroom/postroom/tasks/budget"
)

// limitsConfig says what an account may send for which `worker auth set` says
// nothing else.
type limitsConfig struct {
	Rate            *ceiling `env:"POSTROOM_RATE" placeholder:"N" help:"Sends a minute and account; 0: no limit, and none on requests in flight. Default with gmail: 60." group:"Limits"`
	Daily           *ceiling `env:"POSTROOM_DAILY" placeholder:"N" help:"Messages in 24 h and account; 0: no limit. Default with gmail: 2000, for gmail.com 500." group:"Limits"`
	DailyRecipients *ceiling `env:"POSTROOM_DAILY_RECIPIENTS" placeholder:"N" help:"Recipients in 24 h and account; 0: no limit. Default with gmail: 10000, for gmail.com 500." group:"Limits"`
	ProjectRate     ceiling  `env:"POSTROOM_PROJECT_RATE" default:"0" help:"Sends a minute over all accounts; 0: no limit." group:"Limits"`
}

// of are the limits of an account. A backend that hands mail to nobody has none
// that nobody set.
func (c *limitsConfig) of(b backend) func(account string) budget.Limits {
	return func(account string) budget.Limits {
		var l budget.Limits
		if b == backendGmail {
			l = budget.DefaultLimits(account)
		}
		for _, set := range []struct {
			to *int
			n  *ceiling
		}{{&l.Rate, c.Rate}, {&l.Daily, c.Daily}, {&l.Recipients, c.DailyRecipients}} {
			if set.n != nil {
				*set.to = int(*set.n)
			}
		}
		return l
	}
}

// ceiling is a whole number; 0 means that there is none.
type ceiling int

func (c *ceiling) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 0 || n > budget.MaxLimit {
		return fmt.Errorf("%q: must be a whole number from 0 (no limit) to %d", text, budget.MaxLimit)
	}
	*c = ceiling(n)
	return nil
}
