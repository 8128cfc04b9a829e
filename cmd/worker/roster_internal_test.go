package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/tasks/delivery"
)

const (
	shop = "shop@example.com"
	news = "news@example.com"
	// Two keys for POSTROOM_KEY.
	oneKey     = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	anotherKey = "ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8="
)

// stored saves an account as `worker auth login` does.
func stored(t *testing.T, rdb redis.UniversalClient, a accounts.Account) int64 {
	t.Helper()
	keys, err := accounts.ParseKeys(oneKey)
	if err != nil {
		t.Fatal(err)
	}
	a.Credential = accounts.Credential{
		ClientID: "1-abc.apps.googleusercontent.com", ClientSecret: accounts.NewSecret("GOCSPX-hush"),
		RefreshToken: accounts.NewSecret("1//hush"), TokenURL: "http://127.0.0.1:9/token",
	}
	version, err := accounts.NewStore(rdb, keys).Save(t.Context(), a)
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// rosterWith is one as a worker with these settings has it.
func rosterWith(t *testing.T, rdb redis.UniversalClient, from string) *roster {
	t.Helper()
	c := &mailConfig{oauthConfig: oauthConfig{GmailTokenURL: "http://127.0.0.1:9/token", GmailClientID: os.Getenv("GMAIL_CLIENT_ID")}}
	if from != "" {
		if err := c.From.UnmarshalText([]byte(from)); err != nil {
			t.Fatal(err)
		}
	}
	r, err := newRoster(backendGmail, c, rdb, 1, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func read(t *testing.T, r *roster) []delivery.Account {
	t.Helper()
	all, err := r.read(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// inShort is each account with what marks it.
func inShort(all []delivery.Account) string {
	list := make([]string, 0, len(all))
	for _, a := range all {
		s := a.Address
		if a.Default {
			s += " default from " + a.From.String()
		}
		list = append(list, s)
	}
	return strings.Join(list, "; ")
}

// TestWhoIsTheDefault goes through who sends mail that names no account.
func TestWhoIsTheDefault(t *testing.T) {
	t.Setenv("POSTROOM_KEY", oneKey)
	t.Setenv("GMAIL_REFRESH_TOKEN", "")
	rdb := redistest.Start(t).Client()
	hold := func(when, from, want string) {
		t.Helper()
		if got := inShort(read(t, rosterWith(t, rdb, from))); got != want {
			t.Errorf("%s: %q, want %q", when, got, want)
		}
	}
	hold("no account", "", "")
	hold("no account, POSTROOM_FROM", "Shop <shop@example.com>", "")
	stored(t, rdb, accounts.Account{Address: shop, Aliases: []string{"hello@example.com"}})
	hold("one account", "", "shop@example.com default from <shop@example.com>")
	hold("its own address", "Shop <Shop@example.com>", `shop@example.com default from "Shop" <Shop@example.com>`)
	hold("an alias", "Hello <hello@example.com>", `shop@example.com default from "Hello" <hello@example.com>`)
	hold("somebody else", "boss@example.com", "shop@example.com")
	stored(t, rdb, accounts.Account{Address: news})
	hold("two accounts, the first is the default", "", "news@example.com; shop@example.com default from <shop@example.com>")
	hold("two accounts, POSTROOM_FROM", news, "news@example.com default from <news@example.com>; shop@example.com")
	stored(t, rdb, accounts.Account{Address: news, Default: true})
	hold("another default", "", "news@example.com default from <news@example.com>; shop@example.com")
	hold("an alias, and another default", "hello@example.com", "news@example.com; shop@example.com default from <hello@example.com>")
}

// TestEnvironmentAndStore has an account in the environment, and then in the
// store too.
func TestEnvironmentAndStore(t *testing.T) {
	t.Setenv("POSTROOM_KEY", oneKey)
	t.Setenv("GMAIL_CLIENT_ID", "1-abc.apps.googleusercontent.com")
	t.Setenv("GMAIL_CLIENT_SECRET", "GOCSPX-hush")
	t.Setenv("GMAIL_REFRESH_TOKEN", "1//hush")
	rdb := redistest.Start(t).Client()
	r := rosterWith(t, rdb, shop)
	if all := read(t, r); len(all) != 1 || all[0].Revision != 0 || !all[0].Default {
		t.Errorf("the environment's account: %+v", all)
	}
	stored(t, rdb, accounts.Account{Address: news})
	if got, want := inShort(read(t, r)), "news@example.com; shop@example.com default from <shop@example.com>"; got != want {
		t.Errorf("with another: %q, want %q", got, want)
	}
	version := stored(t, rdb, accounts.Account{Address: shop})
	all := read(t, r)
	if len(all) != 2 || all[1].Revision != version || !all[1].Default {
		t.Errorf("the stored record of the same address does not go before: %+v", all)
	}
	again := read(t, r)
	if again[1].Sender != all[1].Sender {
		t.Error("an account that has not changed got another sender, and with it another access token")
	}
	stored(t, rdb, accounts.Account{Address: shop})
	if again = read(t, r); again[1].Sender == all[1].Sender || again[1].Revision == all[1].Revision {
		t.Error("an account that was stored anew kept its sender")
	}
}

// TestWhoMayLookUp holds that an account has a Finder as long as its last consent
// allows reading.
func TestWhoMayLookUp(t *testing.T) {
	t.Setenv("POSTROOM_KEY", oneKey)
	t.Setenv("GMAIL_CLIENT_ID", "1-abc.apps.googleusercontent.com")
	t.Setenv("GMAIL_CLIENT_SECRET", "GOCSPX-hush")
	t.Setenv("GMAIL_REFRESH_TOKEN", "1//hush")
	const prefix = "https://www.googleapis.com/auth/gmail."
	rdb := redistest.Start(t).Client()
	r := rosterWith(t, rdb, shop)
	if all := read(t, r); all[0].Finder != nil {
		t.Error("the environment's account may look up, though nobody knows its scopes")
	}
	for _, login := range []struct {
		scopes []string
		may    bool
	}{
		{[]string{prefix + "send"}, false},
		{[]string{prefix + "send", prefix + "readonly"}, true},
		{[]string{prefix + "send", prefix + "metadata"}, false},
		{[]string{"https://mail.google.com/"}, true},
		{nil, false},
	} {
		stored(t, rdb, accounts.Account{Address: shop, Scopes: login.scopes})
		a := read(t, r)[0]
		if (a.Finder != nil) != login.may || login.may && a.Finder != mailer.Finder(r.made[shop].sender) {
			t.Errorf("after a login with %v: Finder %v, want one: %v", login.scopes, a.Finder, login.may)
		}
	}
}

// TestUnreadableRecordIsNamed has a worker with another key than the others.
func TestUnreadableRecordIsNamed(t *testing.T) {
	t.Setenv("GMAIL_REFRESH_TOKEN", "")
	rdb := redistest.Start(t).Client()
	stored(t, rdb, accounts.Account{Address: shop})
	t.Setenv("POSTROOM_KEY", anotherKey)
	r := rosterWith(t, rdb, "")
	all := read(t, r)
	if len(all) != 1 || !strings.Contains(all[0].Blocked, "its secrets were encrypted under key") || all[0].Remedy != accounts.UnreadableRemedy {
		t.Fatalf("accounts %+v, want one that is blocked and says why", all)
	}
	if err := r.mark(t.Context(), all[0], "blocked: this worker can't read it", "no matter"); err != nil {
		t.Fatal(err)
	}
	t.Setenv("POSTROOM_KEY", anotherKey+","+oneKey)
	r = rosterWith(t, rdb, "")
	if all = read(t, r); all[0].Blocked != "" {
		t.Errorf("blocked for a worker that can read it: %q", all[0].Blocked)
	}
	if err := r.mark(t.Context(), all[0], "blocked 400 invalid_grant", "log in"); err != nil {
		t.Fatal(err)
	}
	if all = read(t, r); all[0].Blocked != "blocked 400 invalid_grant" || all[0].Remedy != "log in" {
		t.Errorf("%+v, want it blocked for all", all[0])
	}
	if err := r.mark(t.Context(), all[0], "", ""); err != nil {
		t.Fatal(err)
	}
	if all = read(t, r); all[0].Blocked != "" {
		t.Errorf("%+v, want it to send again", all[0])
	}
}

// TestManyAccounts reads more than a page of them.
func TestManyAccounts(t *testing.T) {
	t.Setenv("POSTROOM_KEY", oneKey)
	t.Setenv("GMAIL_REFRESH_TOKEN", "")
	rdb := redistest.Start(t).Client()
	want := make([]string, 0, 450)
	for i := range 450 {
		want = append(want, fmt.Sprintf("a%03d@example.com", i))
		stored(t, rdb, accounts.Account{Address: want[i]})
	}
	got := make([]string, 0, 450)
	for _, a := range read(t, rosterWith(t, rdb, "")) {
		got = append(got, a.Address)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%d accounts, want %d, sorted", len(got), len(want))
	}
}

// TestNoCredentialAtAll says both ways to one.
func TestNoCredentialAtAll(t *testing.T) {
	t.Setenv("POSTROOM_KEY", "")
	t.Setenv("GMAIL_REFRESH_TOKEN", "")
	rdb := redistest.Start(t).Client()
	_, err := newRoster(backendGmail, &mailConfig{}, rdb, 1, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "POSTROOM_KEY") || !strings.Contains(err.Error(), "GMAIL_REFRESH_TOKEN") {
		t.Errorf("%v, want both ways to a credential", err)
	}
}
