package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/postroom/postroom/mailer/accounts"
)

// authListCommand is `worker auth list`.
type authListCommand struct {
	JSON bool `name:"json" help:"Print one JSON object an account."`

	redisConfig `embed:""`
}

// Run lists all accounts, also those that can't be read.
func (l *authListCommand) Run(ctx context.Context, to console) error {
	store, err := openAccounts(ctx, &l.redisConfig)
	if err != nil {
		return err
	}
	defer store.close()
	list := newAccountList(to.out, l.JSON)
	now := time.Now()
	if err := store.List(ctx, func(a accounts.Account) error { return list.add(listedOf(a, now)) }); err != nil {
		return ofRedis(err)
	}
	if list.empty() {
		_, err = fmt.Fprintln(to.err, "worker: no account: "+howToAdd)
		return err
	}
	return list.flush()
}

// listed is an account in a list. The names are those that scripts rely on.
type listed struct {
	Address     string     `json:"address"`
	Kind        string     `json:"kind"`
	Scopes      []string   `json:"scopes"`
	State       string     `json:"state"`
	Reason      string     `json:"reason"`
	Since       *time.Time `json:"since"`
	RefreshedAt *time.Time `json:"refreshed_at"`
	Default     bool       `json:"default"`
	Aliases     []string   `json:"aliases"`
	ExpiresAt   *time.Time `json:"expires_at,omitempty"`
}

func listedOf(a accounts.Account, now time.Time) listed {
	l := listed{
		Address: a.Address, Scopes: append([]string{}, a.Scopes...), State: string(a.State(now)),
		Since: orNull(a.Since), RefreshedAt: orNull(a.RefreshedAt),
		Default: a.Default, Aliases: append([]string{}, a.Aliases...), ExpiresAt: orNull(a.Expires),
	}
	if a.Err == nil {
		l.Kind = string(a.Credential.Kind())
	}
	l.Reason = reasonOf(a, now)
	return l
}

// reasonOf says why an account is not simply ready.
func reasonOf(a accounts.Account, now time.Time) string {
	switch a.State(now) {
	case accounts.StateExpiring:
		return ending("the grant of "+a.Address, a, now)
	case accounts.StateBlocked:
		return withRemedy(a.Blocked, remedyOf(a.Credential.Kind(), a.Blocked, a.Remedy))
	case accounts.StateUnreadable:
		reason := a.Err.Error()
		if errors.Is(a.Err, accounts.ErrNoKey) {
			// Another key, which its own text would have made, opens none of these.
			reason = accounts.EnvKey + " is not set here, so its credential is not looked at"
		}
		if a.Blocked != "" {
			reason += "; and it is blocked: " + withRemedy(a.Blocked, remedyOf(a.Credential.Kind(), a.Blocked, a.Remedy))
		}
		return reason
	case accounts.StateReady:
	}
	return ""
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// accountList writes accounts as they come: as JSON lines, or as a table, whose
// columns need all of them first.
type accountList struct {
	json  *json.Encoder     // Nil for a table.
	table *tabwriter.Writer // Nil for JSON.
	n     int
}

func newAccountList(w io.Writer, asJSON bool) *accountList {
	if asJSON {
		return &accountList{json: json.NewEncoder(w)}
	}
	return &accountList{table: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)}
}

func (l *accountList) empty() bool { return l.n == 0 }

func (l *accountList) add(a listed) error {
	l.n++
	if l.json != nil {
		return l.json.Encode(a)
	}
	if l.n == 1 {
		if err := l.row("ADDRESS", "KIND", "MAY", "STATE", "SINCE", "REFRESHED", "DEFAULT", "ALIASES", "REASON"); err != nil {
			return err
		}
	}
	preferred := ""
	if a.Default {
		preferred = "yes"
	}
	return l.row(a.Address, a.Kind, mayDo(a.Scopes), a.State, minute(a.Since), minute(a.RefreshedAt),
		preferred, strings.Join(a.Aliases, ","), a.Reason)
}

func (l *accountList) row(cells ...string) error {
	for i, cell := range cells {
		if cell == "" {
			cells[i] = "-"
		}
	}
	_, err := fmt.Fprintln(l.table, strings.Join(cells, "\t"))
	return err
}

func (l *accountList) flush() error {
	if l.table == nil {
		return nil
	}
	return l.table.Flush()
}

// mayDo is what scopes allow, in the words of this program.
func mayDo(scopes []string) string {
	var may []string
	if accounts.CanSend(scopes) {
		may = append(may, "send")
	}
	if accounts.CanRead(scopes) {
		may = append(may, "read")
	}
	return strings.Join(may, ",")
}

func minute(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04")
}
