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
	result := "nothing was asked of Google"
	if !r.LocalOnly {
		if result, err = r.atGoogle(ctx, a); err != nil {
			return fmt.Errorf("%s: %w", a.Address, err)
		}
	}
	if r.KeepLocal {
		err = store.Mark(ctx, a.Address, a.Version, "revoked here", "worker auth login")
		result += "; the record stays, blocked"
	} else {
		err = store.Remove(ctx, a.Address, a.Version)
		result += "; deleted here"
	}
	if err != nil && !errors.Is(err, accounts.ErrNotFound) { // Somebody else was faster.
		return ofRedis(err)
	}
	if _, err := fmt.Fprintf(to.out, "%s: %s\n", a.Address, result); err != nil {
		return err
	}
	return r.warn(ctx, store, a, to.err)
}

// warn says what has lost its account.
func (r *authRevokeCommand) warn(ctx context.Context, store *accountStore, a accounts.Account, w io.Writer) error {
	var warnings []string
	if a.Default && !r.KeepLocal {
		warnings = append(warnings, "it was the default account: make another one that, by login or import with --default")
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
