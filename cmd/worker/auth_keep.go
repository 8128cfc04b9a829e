package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer/accounts"
)

// keepConfig is what login and import are told of the account.
type keepConfig struct {
	Alias   []aliasAddress `placeholder:"ADDRESS" help:"Another address that its mail may carry in From; may be repeated. Those that it had are replaced, by none with none; without any --alias they stay." group:"Account"`
	Default bool           `help:"Make it the account for mail that names none. The first one is that by itself. The address in a worker's POSTROOM_FROM goes before it." group:"Account"`
}

// check says what is wrong with the aliases, before anybody is asked for anything.
func (c *keepConfig) check() error {
	if len(c.Alias) > 1 && slices.Contains(c.Alias, noAlias) {
		return usageError{errors.New("--alias none beside another --alias: must be one of them")}
	}
	return nil
}

// aliases are the further addresses of an account: nil where those that it has
// stay.
func (c *keepConfig) aliases(own string) []string {
	if slices.Contains(c.Alias, noAlias) {
		return []string{}
	}
	var all []string
	for _, alias := range c.Alias {
		if address := string(alias); address != own && !slices.Contains(all, address) {
			all = append(all, address)
		}
	}
	return all
}

// keep stores an account, and says what came of it. What Redis did not take is a
// notStoredError.
func (c *keepConfig) keep(ctx context.Context, store *accountStore, a accounts.Account, to console) error {
	a.Default, a.Aliases = c.Default, c.aliases(a.Address)
	// Whoever ends the command now wants no more questions, and keeps what there is.
	ctx = context.WithoutCancel(ctx)
	if err := store.saveWithin(ctx, saveFor, a, to.err); err != nil {
		return notStoredError{err}
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if stored, err := store.Get(ctx, a.Address); err == nil {
		a = stored // With what it had before. Else it is stored all the same.
	}
	if _, err := fmt.Fprintln(to.out, ableTo(a)); err != nil {
		return err
	}
	if err := store.warnOfAliases(ctx, a, to.err); err != nil {
		return err
	}
	if a.Expires.IsZero() {
		return nil
	}
	_, err := fmt.Fprintln(to.err, "worker: "+ending("the grant of "+a.Address, a, time.Now()))
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

// warnOfAliases names those that are accounts themselves.
func (s *accountStore) warnOfAliases(ctx context.Context, a accounts.Account, w io.Writer) error {
	for _, alias := range a.Aliases {
		if _, err := s.Get(ctx, alias); err != nil {
			continue // It is none, or nobody knows.
		}
		if _, err := fmt.Fprintf(w, "worker: the alias %s is an account that is stored itself: see that Gmail has it among the addresses of %s (Settings, Accounts, Send mail as), "+
			"else it replaces From\n", alias, a.Address); err != nil {
			return err
		}
	}
	return nil
}

// notStoredError is about an account that could not be stored.
type notStoredError struct{ error }

func (e notStoredError) Unwrap() error { return e.error }

const (
	// saveFor is how long an account is tried to be stored: its owner has given
	// the consent, and what was imported may be worth nothing any more.
	saveFor = time.Minute
	// saveAgain is the pause between two tries.
	saveAgain = 200 * time.Millisecond
)

// saveWithin stores an account, and tries for that long where Redis does not
// take it.
func (s *accountStore) saveWithin(ctx context.Context, long time.Duration, a accounts.Account, warnings io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	for isTold := false; ; isTold = true {
		_, err := s.Save(ctx, a)
		if err = ofRedis(err); err == nil || !mayPass(err) {
			return err
		}
		if !isTold {
			_, _ = fmt.Fprintln(warnings, "worker: Redis does not answer; trying on for a minute") // Nobody is left to tell.
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(saveAgain):
		}
	}
}

// mayPass reports what another try may not meet: a Redis that does not answer, or
// one that says no, as replicas do while one of them takes over.
func mayPass(err error) bool {
	_, away := errors.AsType[redisError](err)
	_, refused := errors.AsType[redis.Error](err)
	return away || refused
}
