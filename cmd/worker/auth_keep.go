package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer/accounts"
)

// keepConfig is what login and import are told of the account.
type keepConfig struct {
	Alias   []accountAddress `placeholder:"ADDRESS" help:"Another address that its mail may carry in From; may be repeated. Without any, those that it has stay." group:"Account"`
	Default bool             `help:"Make it the account for mail that names none. The first one is that by itself." group:"Account"`
}

// keep stores an account, and says what came of it.
func (c *keepConfig) keep(ctx context.Context, store *accountStore, a accounts.Account, to console) error {
	a.Default = c.Default
	for _, alias := range c.Alias {
		a.Aliases = append(a.Aliases, string(alias))
	}
	if _, err := store.Save(ctx, a); err != nil {
		return ofRedis(err)
	}
	a, err := store.Get(ctx, a.Address)
	if err != nil {
		return ofRedis(err)
	}
	if _, err := fmt.Fprintln(to.out, ableTo(a)); err != nil {
		return err
	}
	if !a.Expires.IsZero() {
		_, err = fmt.Fprintln(to.err, "worker: "+ending(a, time.Now()))
	}
	return err
}

// ableTo says what the account can do from now on.
func ableTo(a accounts.Account) string {
	text := a.Address + " can send now"
	if len(a.Aliases) > 0 {
		text += ", also as " + strings.Join(a.Aliases, ", ")
	}
	if a.Default {
		text += "; it is the default account"
	}
	return text
}

const (
	// whileTesting is how long a grant lasts while a consent screen is in Testing.
	whileTesting = 7 * 24 * time.Hour

	audiencePage = "https://console.cloud.google.com/auth/audience"
)

// ending says when the account's grant ends, and what to do about it.
func ending(a accounts.Account, now time.Time) string {
	at, left := clock(a.Expires), a.Expires.Sub(now)
	switch {
	case left <= 0:
		return fmt.Sprintf("the grant of %s ended at %s: worker auth login", a.Address, at)
	case a.Expires.Sub(a.Since) <= whileTesting+time.Hour:
		return fmt.Sprintf("the grant of %s ends at %s, in %s, as grants do while the app's consent screen is in Testing: "+
			"publish the app at %s and log in again; else log in again before then", a.Address, at, days(left), audiencePage)
	default:
		return fmt.Sprintf("the grant of %s ends at %s, in %s: log in again before then", a.Address, at, days(left))
	}
}

// clock is a time as people read it.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04 MST") }

// days is a length of time in days, or in hours where it is short.
func days(d time.Duration) string {
	const day, short = 24 * time.Hour, 48 * time.Hour
	if d < short {
		return fmt.Sprintf("%d hours", int(d.Round(time.Hour)/time.Hour))
	}
	return fmt.Sprintf("%d days", int(d.Round(day)/day))
}
