package main

import (
	"fmt"
	"time"

	"github.com/postroom/postroom/mailer/accounts"
)

const (
	// whileTesting is how long a grant lasts while a consent screen is in Testing.
	whileTesting = 7 * 24 * time.Hour

	audiencePage = "https://console.cloud.google.com/auth/audience"
)

// ending says when an account's grant ends, and what to do about it. whose is
// what the grant is called, such as "its grant".
func ending(whose string, a accounts.Account, now time.Time) string {
	at, left, why := clock(a.Expires), a.Expires.Sub(now), ""
	if left <= 0 {
		return fmt.Sprintf("%s ended at %s: %s", whose, at, renewal(a, now))
	}
	if isTesting(a) {
		why = ", as grants do while the app's consent screen is in Testing"
	}
	return fmt.Sprintf("%s ends at %s, in %s%s: %s", whose, at, days(left), why, renewal(a, now))
}

// renewal is what to do about a grant that ends.
func renewal(a accounts.Account, now time.Time) string {
	switch {
	case !now.Before(a.Expires):
		return "worker auth login"
	case isTesting(a):
		return "publish the app at " + audiencePage + " and log in again (worker auth login); else log in again before then"
	default:
		return "log in again before then: worker auth login"
	}
}

// isTesting reports a grant that has the length of those that end for that reason.
func isTesting(a accounts.Account) bool { return a.Expires.Sub(a.Since) <= whileTesting+time.Hour }

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
