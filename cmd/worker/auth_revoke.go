package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/postroom/postroom/mailer/accounts"
)

// authRevokeCommand is `worker auth revoke`.
type authRevokeCommand struct {
	Address   accountAddress `arg:"" help:"The account's own address."`
	KeepLocal bool           `help:"End the consent at Google, and keep the record, marked blocked." xor:"half"`
	LocalOnly bool           `help:"Delete the record, and ask Google for nothing." xor:"half"`

	redisConfig  `embed:""`
	revokeConfig `embed:""`
}

// Run ends an account. What Google has not confirmed is not deleted.
func (r *authRevokeCommand) Run(ctx context.Context, to console) error {
	if err := r.GmailRevokeURL.check("GMAIL_REVOKE_URL"); err != nil {
		return err
	}
	open := openKeyed
	if r.LocalOnly {
		open = openAccounts // What is not read needs no key.
	}
	store, err := open(ctx, &r.redisConfig)
	if err != nil {
		return err
	}
	defer store.close()
	a, err := store.find(ctx, r.Address)
	if err != nil {
		return err
	}
	var result string
	if r.LocalOnly {
		result, err = r.here(ctx, store, a, "nothing was asked of Google")
	} else {
		result, err = r.everywhere(ctx, store, a)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", a.Address, err)
	}
	if _, err := fmt.Fprintf(to.out, "%s: %s\n", a.Address, result); err != nil {
		return err
	}
	return r.warn(ctx, store, a, to.err)
}

// everywhere ends the consent that is stored now, while no worker gets another
// refresh token for it, and then the record.
func (r *authRevokeCommand) everywhere(ctx context.Context, store *accountStore, a accounts.Account) (result string, err error) {
	asked := false
	err = store.Hold(ctx, a.Address, func(a accounts.Account) error {
		asked = true
		result, err = r.atGoogle(ctx, a)
		if err != nil {
			return err
		}
		// Whoever ends the command now has ended the consent.
		result, err = r.here(context.WithoutCancel(ctx), store, a, result)
		return err
	})
	if !asked {
		return "", ofRedis(err)
	}
	return result, err
}

// here deletes the record, or marks it, after what was done at Google.
func (r *authRevokeCommand) here(ctx context.Context, store *accountStore, a accounts.Account, done string) (result string, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if r.KeepLocal {
		err = store.block(ctx, a)
		result = done + "; the record stays, blocked"
	} else {
		err = store.Remove(ctx, a.Address, a.Version)
		result = done + "; deleted here"
	}
	switch {
	case errors.Is(err, accounts.ErrNotFound): // Somebody else was faster.
		return result, nil
	case errors.Is(err, accounts.ErrReplaced):
		return "", fmt.Errorf("%s; somebody logged in meanwhile; that login stays", done)
	case err != nil:
		return "", fmt.Errorf("%s; the record stays as it was; to delete it: worker auth revoke --local-only %s: %w", done, a.Address, ofRedis(err))
	}
	return result, nil
}

// block marks a record whose consent was ended.
func (s *accountStore) block(ctx context.Context, a accounts.Account) error {
	if err := s.Mark(ctx, a.Address, a.Version, "revoked here", "worker auth login"); err != nil {
		return err
	}
	now, err := s.Get(ctx, a.Address)
	if err == nil && now.Version != a.Version {
		return accounts.ErrReplaced
	}
	return err
}

// warn says what has lost its account.
func (r *authRevokeCommand) warn(ctx context.Context, store *accountStore, a accounts.Account, w io.Writer) error {
	var warnings []string
	if a.Default && !r.KeepLocal {
		next := "make another one that, by login or import with --default"
		if err := store.List(ctx, func(other accounts.Account) error {
			if other.Default { // The only one left is that by itself.
				next = other.Address + " is that now"
			}
			return nil
		}); err != nil {
			return ofRedis(err)
		}
		warnings = append(warnings, "it was the default account: "+next)
	}
	n, err := waitingFor(ctx, store.rdb, a.Address)
	if err != nil {
		return ofRedis(err)
	}
	if n > 0 {
		warnings = append(warnings, fmt.Sprintf("%d of its mails wait, and go on waiting until it is back (worker auth login) or they are stopped (enqueue cancel ID)", n))
	}
	for _, warning := range warnings {
		if _, err := fmt.Fprintln(w, "worker: "+warning); err != nil {
			return err
		}
	}
	return nil
}

// atGoogle ends the consent, and says how that went.
func (r *authRevokeCommand) atGoogle(ctx context.Context, a accounts.Account) (string, error) {
	const localOnly = "nothing was changed; to delete it here alone: worker auth revoke --local-only "
	if a.Err != nil {
		return "", fmt.Errorf("%w; %s%s", a.Err, localOnly, a.Address)
	}
	wasValid, err := a.Credential.Revoke(ctx, string(r.GmailRevokeURL), nil)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w; %s%s", err, localOnly, a.Address)
	case !wasValid:
		return "Google says that it was not valid any more", nil
	default:
		return "revoked at Google", nil
	}
}
