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
		_, err = fmt.Fprintln(to.err, "worker: "+ending("the grant of "+a.Address, a, time.Now()))
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
