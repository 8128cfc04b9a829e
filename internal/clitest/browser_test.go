//go:build browser

package clitest_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/postroom/postroom/internal/oidctest"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/mailertest"
)

// inBrowser has the scripts that log in, and what they alone can do.
func inBrowser(t *testing.T) (scripts []string, verbs map[string]func(*testscript.TestScript, bool, []string)) {
	t.Helper()
	scripts, err := filepath.Glob("testdata/browser/*.txtar")
	if err != nil || len(scripts) == 0 {
		t.Fatalf("no scripts in testdata/browser (%v)", err)
	}
	return scripts, map[string]func(*testscript.TestScript, bool, []string){
		"oidc-start": oidcStart, "consent-in-browser": consentInBrowser, "oidc-kill": oidcKill, "oidc-asked": oidcAsked,
	}
}

// oauthServer is the one that a script has started, or none.
type oauthServer struct{ *oidctest.Server }

func (o oauthServer) issued() []string {
	if o.Server == nil {
		return nil
	}
	return o.Issued()
}

// oidcStart is `oidc-start [-access TIME] [-refresh TIME] [USER…]`.
func oidcStart(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || w.oauth.Server != nil {
		ts.Fatalf("usage: oidc-start [-access TIME] [-refresh TIME] [USER…], once")
	}
	var c oidctest.Config
	for len(args) > 1 && (args[0] == "-access" || args[0] == "-refresh") {
		life, err := time.ParseDuration(args[1])
		ts.Check(err)
		if args[0] == "-access" {
			c.AccessLife = life
		} else {
			c.RefreshLife = life
		}
		args = args[2:]
	}
	c.Users = args
	s := oidctest.StartWith(w.tb, c)
	w.oauth.Server = s
	key := make([]byte, 32)
	_, _ = rand.Read(key) // It cannot fail.
	w.secrets = append(w.secrets, s.ClientSecret, base64.StdEncoding.EncodeToString(key))
	ts.Check(os.WriteFile(ts.MkAbs("client.json"), s.ClientJSON(), 0o600))
	for name, value := range map[string]string{
		"GMAIL_CREDENTIALS":   ts.MkAbs("client.json"),
		"GMAIL_AUTH_URL":      s.AuthURL,
		"GMAIL_TOKEN_URL":     s.TokenURL,
		"GMAIL_REVOKE_URL":    s.RevokeURL,
		"GMAIL_USERINFO_URL":  s.UserinfoURL,
		"GMAIL_ENDPOINT":      gateTo(ts, w),
		"GMAIL_CLIENT_ID":     "",
		"GMAIL_CLIENT_SECRET": "",
		"GMAIL_REFRESH_TOKEN": "",
		"POSTROOM_KEY":        base64.StdEncoding.EncodeToString(key),
	} {
		ts.Setenv(name, value)
	}
}

// gateTo stands before the script's fake Gmail, which has an account for
// everybody who was given an access token.
func gateTo(ts *testscript.TestScript, w *world) string {
	fake, err := url.Parse(w.fake.URL)
	ts.Check(err)
	gate := httptest.NewServer(w.oauth.Gate(fake, func(user string) (string, error) {
		a := w.fake.Account(user)
		if a.Address == "" {
			a = w.fake.AddAccount(mailertest.Account{Address: user})
		}
		source, err := accounts.NewSource(accounts.SourceConfig{Credential: accounts.Credential{
			ClientID: a.ClientID, ClientSecret: accounts.NewSecret(a.ClientSecret),
			RefreshToken: accounts.NewSecret(a.RefreshToken), TokenURL: w.fake.TokenURL,
		}})
		if err != nil {
			return "", err
		}
		return source.Token(context.Background())
	}))
	ts.Defer(gate.Close)
	return gate.URL
}

// consentInBrowser is `consent-in-browser FILE USER allow|deny [SCOPE…]`.
func consentInBrowser(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || w.oauth.Server == nil || len(args) < 3 || args[2] != "allow" && args[2] != "deny" {
		ts.Fatalf("usage: consent-in-browser FILE USER allow|deny [SCOPE…], after oidc-start")
	}
	pattern := regexp.MustCompile(regexp.QuoteMeta(w.oauth.AuthURL) + `\?\S+`)
	var address string
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		content := ts.ReadFile(args[0])
		if address = pattern.FindString(content); address != "" {
			break
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s has no address of the consent page after %v:\n%s", args[0], patience, content)
		}
	}
	page, err := oidctest.Browse(context.Background(), address, oidctest.Answer{
		User: args[1], Deny: args[2] == "deny", Without: args[3:],
	})
	ts.Check(err)
	_, err = fmt.Fprintf(ts.Stdout(), "%s\n%s\n", page.URL, page.Text)
	ts.Check(err)
}

// oidcKill is `oidc-kill USER`.
func oidcKill(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || w.oauth.Server == nil || len(args) != 1 {
		ts.Fatalf("usage: oidc-kill USER, after oidc-start")
	}
	w.oauth.KillGrant(args[0])
}

// oidcAsked is `oidc-asked CODES REVOCATIONS [REASON…]`.
func oidcAsked(ts *testscript.TestScript, neg bool, args []string) {
	w := worldOf(ts)
	if neg || w.oauth.Server == nil || len(args) < 2 {
		ts.Fatalf("usage: oidc-asked CODES REVOCATIONS [REASON…], after oidc-start")
	}
	a := w.oauth.Asked()
	reasons := make([]string, 0, len(a.Refused))
	for _, refusal := range a.Refused {
		reasons = append(reasons, refusal.Reason)
	}
	slices.Sort(reasons)
	if want := slices.Sorted(slices.Values(args[2:])); strconv.Itoa(a.Codes) != args[0] || strconv.Itoa(a.Revocations) != args[1] ||
		!slices.Equal(slices.Compact(reasons), want) {
		ts.Fatalf("the OAuth server was asked %+v", a)
	}
}
