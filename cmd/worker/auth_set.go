package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/tasks/budget"
)

// authSetCommand is `worker auth set`. The account need not be stored: the
// default one may come from a worker's environment.
type authSetCommand struct {
	Address     accountAddress `arg:"" help:"The account's own address."`
	Rate        limit          `placeholder:"N" help:"Sends a minute; 0: no limit; default: what the workers have." group:"Limits"`
	Daily       limit          `placeholder:"N" help:"Messages in 24 h; 0 and default as above." group:"Limits"`
	Recipients  limit          `placeholder:"N" help:"Recipients in 24 h, of all messages; 0 and default as above." group:"Limits"`
	Concurrency limit          `placeholder:"N" help:"Sends on their way at once, over all workers; 0 and default as above." group:"Limits"`

	redisConfig `embed:""`
}

// Run sets the limits that are named, and prints what is set then. Workers keep
// to it within seconds: they look once a second for an account without limits.
func (s *authSetCommand) Run(ctx context.Context, to console) error {
	rdb, err := openRedis(&s.redisConfig)
	if err != nil {
		return err
	}
	defer func() { _ = rdb.Close() }() // The process ends here.
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	set, err := budget.New(rdb).SetLimits(ctx, string(s.Address), budget.Change{
		Rate: s.Rate.Setting, Daily: s.Daily.Setting, Recipients: s.Recipients.Setting, Concurrency: s.Concurrency.Setting,
	})
	if err != nil {
		return fmt.Errorf("%s: %w", s.Address, ofRedis(err))
	}
	if err := printLimits(to.out, string(s.Address), set); err != nil {
		return err
	}
	return s.warn(ctx, rdb, to.err)
}

// warn says that nobody here knows the account: the address may have a typo.
func (s *authSetCommand) warn(ctx context.Context, rdb redis.UniversalClient, w io.Writer) error {
	var from mailbox
	_ = from.UnmarshalText([]byte(secret("POSTROOM_FROM"))) // Where it is none it names nobody.
	if strings.EqualFold(from.Address.Address, string(s.Address)) {
		return nil
	}
	// Without keys: whether there is a record is all that is asked.
	_, err := accounts.NewStore(rdb, accounts.Keys{}).Get(ctx, string(s.Address))
	if !errors.Is(err, accounts.ErrNotFound) {
		return nil // The limits are set, which was asked for.
	}
	_, err = fmt.Fprintf(w, "worker: %s is not among the stored accounts, nor POSTROOM_FROM here: see that it is the account of a worker's environment\n", s.Address)
	return err
}

// printLimits writes a line for each limit. What a default comes to the workers
// know: their settings may differ from those here.
func printLimits(w io.Writer, address string, set budget.Change) error {
	d := budget.DefaultLimits(address)
	for _, l := range []struct {
		name, unit string
		set        budget.Setting
		otherwise  string
	}{
		{"rate", "sends a minute", set.Rate, fmt.Sprintf("POSTROOM_RATE, else %d", d.Rate)},
		{"daily", "messages in 24 h", set.Daily, fmt.Sprintf("POSTROOM_DAILY, else %d", d.Daily)},
		{"recipients", "recipients in 24 h", set.Recipients, fmt.Sprintf("POSTROOM_DAILY_RECIPIENTS, else %d", d.Recipients)},
		{"concurrency", "sends at once", set.Concurrency, fmt.Sprintf("%d, or none where the rate has no limit", d.Concurrency)},
	} {
		says := "default of the workers: " + l.otherwise
		switch n, isSet := l.set.Number(); {
		case isSet && n == 0:
			says = "no limit"
		case isSet:
			says = strconv.Itoa(n) + " " + l.unit
		}
		if _, err := fmt.Fprintf(w, "%-11s  %s\n", l.name, says); err != nil {
			return err
		}
	}
	return nil
}

// limit is a whole number, or "default". A flag that is not given leaves the
// limit as it is.
type limit struct{ budget.Setting }

func (l *limit) UnmarshalText(text []byte) error {
	if string(text) == "default" {
		l.Setting = budget.ToDefault()
		return nil
	}
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 0 || n > budget.MaxLimit {
		return fmt.Errorf("%.200q: must be a whole number from 0 (no limit) to %d, or default", text, budget.MaxLimit)
	}
	l.Setting = budget.To(n)
	return nil
}
