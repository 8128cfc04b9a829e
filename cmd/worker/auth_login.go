package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/postroom/postroom/mailer/accounts"
)

// authLoginCommand is `worker auth login`.
type authLoginCommand struct {
	Manual   bool `help:"For a machine without a browser: print the page's address, and read the one that a browser elsewhere ended on."`
	WithRead bool `help:"Ask for reading mail too, with which mail whose outcome is unknown can be looked up."`

	keepConfig    `embed:""`
	redisConfig   `embed:""`
	clientConfig  `embed:""`
	consentConfig `embed:""`
}

// Run asks an account's owner for consent, and stores it. All that is needed for
// that is seen to before the owner is asked.
func (l *authLoginCommand) Run(ctx context.Context, to console) error {
	if err := errors.Join(l.keepConfig.check(), l.clientConfig.check(), l.GmailAuthURL.check("GMAIL_AUTH_URL")); err != nil {
		return err
	}
	client, err := accounts.ClientFromEnvironment(l.lookup)
	if err != nil {
		return usageError{err}
	}
	store, err := openKeyed(ctx, &l.redisConfig)
	if err != nil {
		return err
	}
	defer store.close()
	granted, err := l.ask(ctx, accounts.ConsentConfig{
		Client: client, Read: l.WithRead, AuthURL: string(l.GmailAuthURL), UserinfoURL: string(l.GmailUserinfoURL),
	}, to)
	if errors.Is(err, context.Canceled) {
		return errors.New("stopped before there was a consent: nothing was stored")
	}
	if err != nil {
		return err
	}
	err = l.keep(ctx, store, accounts.Account{
		Address: granted.Address, Credential: granted.Credential, Scopes: granted.Scopes, Expires: granted.Expires,
	}, to)
	if _, isLost := errors.AsType[notStoredError](err); isLost {
		return fmt.Errorf("the consent of %s was given and is not stored: log in again: %w", granted.Address, err)
	}
	return err
}

func (l *authLoginCommand) ask(ctx context.Context, c accounts.ConsentConfig, to console) (accounts.Granted, error) {
	if l.Manual {
		return askByHand(ctx, c, to)
	}
	return accounts.AskInBrowser(ctx, c, func(address string) {
		_, _ = fmt.Fprintf(to.err, askInBrowser, address) // Nobody is left to tell.
		openBrowser(ctx, address, func(problem string) {
			_, _ = fmt.Fprintln(to.err, "worker: "+problem)
		})
	})
}

const askInBrowser = `Sign in as the account that mail is to go out from, and allow sending. If no browser opens, open this yourself:

  %s

The browser has to be on this machine. If there is none here, end this and use: worker auth login --manual
`
