package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer/accounts"
)

// authTryCommand is `worker auth test`.
type authTryCommand struct {
	Address accountAddress `arg:"" help:"The account's own address."`

	redisConfig `embed:""`
}

// Run gets a fresh access token, and says what it may do. Where that works the
// workers go on with an account that was blocked.
func (t *authTryCommand) Run(ctx context.Context, to console) error {
	store, err := openKeyed(ctx, &t.redisConfig)
	if err != nil {
		return err
	}
	defer store.close()
	a, err := store.find(ctx, t.Address)
	if err != nil {
		return err
	}
	if a.Err != nil {
		return fmt.Errorf("%s: %w", a.Address, a.Err)
	}
	scopes, err := store.try(ctx, a)
	if err == nil {
		err = lackOfScope(a.Credential.Kind(), scopes)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.Address, err)
	}
	if err := store.Mark(ctx, a.Address, a.Version, "", ""); err != nil {
		return ofRedis(err)
	}
	return reportTry(to, a, scopes)
}

// try gets an access token as workers do, and returns what it may do.
func (s *accountStore) try(ctx context.Context, a accounts.Account) ([]string, error) {
	scopes := a.Scopes
	var refused error
	err := s.Keeper(a.Address).Refresh(ctx, func(c accounts.Credential) (accounts.Grant, error) {
		grant, err := c.Refresh(ctx, nil)
		refused = err
		if err == nil && len(grant.Scopes) > 0 {
			scopes = grant.Scopes
		}
		return grant, err
	})
	if refused != nil && errors.Is(err, refused) {
		return nil, tokenFault(err, a.Credential.Kind())
	}
	return scopes, ofRedis(err)
}

// lackOfScope is an account that can't send for want of a scope.
func lackOfScope(kind accounts.Kind, scopes []string) error {
	if len(scopes) == 0 || accounts.CanSend(scopes) {
		return nil
	}
	return fmt.Errorf("it gets access tokens, but may not send: its scopes are %s, and it needs %s: %s",
		strings.Join(scopes, " "), accounts.ScopeSend, remedyOf(kind, "", "worker auth login"))
}

func reportTry(to console, a accounts.Account, scopes []string) error {
	may := "it may send; it may not read (unknown mail can be looked up after: worker auth login --with-read)"
	switch {
	case len(scopes) == 0:
		may = "what it may do is not known: the first mail shows it"
	case accounts.CanRead(scopes):
		may = "it may send and read"
	case a.Credential.Kind() == accounts.KindServiceAccount:
		may = "it may send, which is all that is asked for with a service account's key"
	}
	if _, err := fmt.Fprintf(to.out, "%s: Google gives it access tokens; %s\n", a.Address, may); err != nil {
		return err
	}
	if a.Blocked != "" {
		if _, err := fmt.Fprintf(to.out, "%s: it was blocked (%s), and workers go on with it\n", a.Address, a.Blocked); err != nil {
			return err
		}
	}
	a.Blocked = ""
	now := time.Now()
	if a.State(now) != accounts.StateExpiring {
		return nil
	}
	_, err := fmt.Fprintln(to.err, "worker: "+ending("the grant of "+a.Address, a, now))
	return err
}
