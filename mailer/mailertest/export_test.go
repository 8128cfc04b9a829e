package mailertest

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer"
)

// FailedChecks are the names of TestSender's checks that a Sender fails, each
// with a Sender of its own.
func FailedChecks(ctx context.Context, open func() (mailer.Sender, func() int)) string {
	failed := map[string]bool{}
	for _, c := range senderChecks {
		if s, taken := open(); c.check(ctx, s, taken) != nil {
			failed[c.name] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(failed)), ", ")
}

// FailedFinderChecks does the same for TestFinder.
func FailedFinderChecks(ctx context.Context, open func() (mailer.Finder, mailer.Sender)) string {
	failed := map[string]bool{}
	for _, c := range finderChecks {
		if f, s := open(); c.check(ctx, f, s) != nil {
			failed[c.name] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(failed)), ", ")
}
