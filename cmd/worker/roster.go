package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/tasks/delivery"
)

// roster is which accounts a worker sends for: those that were stored, and the
// one that its configuration names.
type roster struct {
	mail      *mailConfig
	store     *accounts.Store // nil for backends that have no credentials.
	transport http.RoundTripper
	own       []delivery.Account
	// made are the stored accounts' as they were last read, by address.
	made map[string]entry
}

// entry is a stored account, and what sends for it.
type entry struct {
	accounts.Account

	sender *gmail.Sender
}

// newRoster asks nobody yet. Mail of the console backend goes to out; conns is
// how many requests there may be at once for an account.
func newRoster(b backend, c *mailConfig, rdb redis.UniversalClient, conns int, out io.Writer) (*roster, error) {
	r := &roster{mail: c, made: map[string]entry{}}
	own := delivery.Account{Address: c.From.Address.Address, From: c.From.Address, Default: true, AnyFrom: b != backendGmail}
	var err error
	switch b {
	case backendConsole:
		own.Sender = mailer.NewConsole(out)
	case backendFile:
		if own.Sender, err = mailer.NewMaildir(c.FileDir); err != nil {
			return nil, fmt.Errorf("POSTROOM_FILE_DIR: %w", err)
		}
	case backendGmail:
		r.transport = gmail.NewTransport(max(conns, sharedConns))
		if own.Sender, err = r.openStore(rdb); err != nil {
			return nil, err
		}
	default:
		return nil, errors.New("POSTROOM_BACKEND is not set: must be gmail, console or file. To try Postroom: worker dev")
	}
	if own.Sender == nil {
		return r, nil // All accounts are stored ones.
	}
	own.Sender = c.through(own.Sender)
	if own.Address == "" {
		return nil, errors.New("POSTROOM_FROM is not set: must be the address that mail is sent from, such as Shop <shop@example.com>")
	}
	r.own = []delivery.Account{own}
	return r, nil
}

// sharedConns is how many idle connections all accounts have together at least,
// to a Gmail that has only HTTP/1.
const sharedConns = 64

// openStore opens the store of accounts. It returns what sends for the account
// of the environment, if there is one.
func (r *roster) openStore(rdb redis.UniversalClient) (mailer.Sender, error) {
	keys, err := accounts.ParseKeys(secret(accounts.EnvKey))
	if err != nil {
		return nil, err
	}
	r.store = accounts.NewStore(rdb, keys)
	if secret(accounts.EnvRefreshToken) == "" && !keys.IsZero() {
		// GMAIL_CREDENTIALS alone is for `worker auth login`.
		_, err := r.sender(accounts.SourceConfig{Keeper: r.store.Keeper("")}) // Whether GMAIL_ENDPOINT is right.
		return nil, err
	}
	credential, err := accounts.FromEnvironment(r.mail.lookup)
	if errors.Is(err, accounts.ErrNoCredential) {
		return nil, fmt.Errorf("no account can send: set %s, under which worker auth login and import store accounts (docs/accounts.md); or %w",
			accounts.EnvKey, err)
	}
	if err != nil {
		return nil, err
	}
	return r.sender(accounts.SourceConfig{Credential: credential})
}

func (r *roster) sender(from accounts.SourceConfig) (*gmail.Sender, error) {
	from.Transport = r.transport
	source, err := accounts.NewSource(from)
	if err != nil {
		return nil, err
	}
	sender, err := gmail.New(gmail.Config{Tokens: source, Endpoint: r.mail.GmailEndpoint, Transport: r.transport})
	if err != nil {
		return nil, fmt.Errorf("GMAIL_ENDPOINT: %w", err)
	}
	return sender, nil
}

// read reads all accounts, sorted by address, as they stand now.
func (r *roster) read(ctx context.Context) ([]delivery.Account, error) {
	if r.store == nil {
		return slices.Clone(r.own), nil
	}
	made := map[string]entry{}
	err := r.store.List(ctx, func(a accounts.Account) (err error) {
		e := r.made[a.Address]
		if e.sender == nil || e.Version != a.Version {
			e.sender, err = r.sender(accounts.SourceConfig{Keeper: r.store.Keeper(a.Address)})
		}
		e.Account = a
		made[a.Address] = e
		return err
	})
	if err != nil {
		return nil, err
	}
	r.made = made
	all := make([]delivery.Account, 0, len(made)+1)
	for _, e := range made {
		all = append(all, r.account(e))
	}
	for _, own := range r.own {
		if _, stored := made[strings.ToLower(own.Address)]; !stored {
			own.Default = false
			all = append(all, own)
		}
	}
	slices.SortFunc(all, func(a, b delivery.Account) int { return cmp.Compare(a.Address, b.Address) })
	r.chooseDefault(all)
	return all, nil
}

// changes is another number whenever accounts changed.
func (r *roster) changes(ctx context.Context) (int64, error) {
	if r.store == nil {
		return 0, nil
	}
	return r.store.Changes(ctx)
}

func (r *roster) account(e entry) delivery.Account {
	a := delivery.Account{
		Address: e.Address, Aliases: e.Aliases, From: mailer.Address{Address: e.Address}, Default: e.Default,
		Sender: r.mail.through(e.sender), Revision: e.Version, Blocked: e.Blocked,
		Remedy: remedyOf(e.Credential.Kind(), e.Blocked, e.Remedy),
	}
	if accounts.CanRead(e.Scopes) {
		a.Finder = e.sender
	}
	if e.Err != nil {
		a.Blocked, a.Remedy = e.Err.Error(), accounts.UnreadableRemedy
	}
	return a
}

// chooseDefault makes that account the default which POSTROOM_FROM names, by its
// address or an alias; where it is not set, the stored default or the only one.
func (r *roster) chooseDefault(all []delivery.Account) {
	from := r.mail.From.Address
	if from.Address == "" {
		if len(all) == 1 {
			all[0].Default = true
		}
		return
	}
	owner := -1
	for i := range all {
		all[i].Default = false
		if strings.EqualFold(all[i].Address, from.Address) || owner < 0 && hasAlias(all[i], from.Address) {
			owner = i
		}
	}
	if owner >= 0 {
		all[owner].Default, all[owner].From = true, from
	}
}

// whyNoDefault says what to do where no account is the default.
func (r *roster) whyNoDefault(all []delivery.Account, show func(string) string) string {
	switch from := r.mail.From.Address.Address; {
	case from != "":
		return "POSTROOM_FROM is " + show(from) + ", which is no account and no alias of one: worker auth login, or login --alias"
	case len(all) == 0:
		return "there is no account: worker auth login, or worker auth import"
	default:
		return "no account is the default: set POSTROOM_FROM, or worker auth login --default"
	}
}

func hasAlias(a delivery.Account, address string) bool {
	return slices.ContainsFunc(a.Aliases, func(alias string) bool { return strings.EqualFold(alias, address) })
}

// mark keeps for all workers that an account can't send, or can again. What is
// wrong with this worker alone is not their concern: it can't read the record.
func (r *roster) mark(ctx context.Context, a delivery.Account, blocked, remedy string) error {
	if a.Revision == 0 {
		return nil // It is not stored.
	}
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	if blocked != "" {
		stored, err := r.store.Get(ctx, a.Address)
		if errors.Is(err, accounts.ErrNotFound) || err == nil && stored.Err != nil {
			return nil
		}
		if err != nil {
			return err
		}
		remedy = remedyOf(stored.Credential.Kind(), blocked, remedy)
	}
	return r.store.Mark(ctx, a.Address, a.Revision, blocked, remedy)
}

// storeTimeout bounds each question to the store.
const storeTimeout = 5 * time.Second
