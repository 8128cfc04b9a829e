package clitest_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/postroom/postroom/mailer/mailertest"
)

// gmailToken is `gmail-token FAULT…`.
func gmailToken(ts *testscript.TestScript, _ bool, args []string) {
	for _, arg := range args {
		name, value, _ := strings.Cut(arg, ":")
		var f mailertest.Fault
		switch name {
		case "503":
			f = mailertest.BackendError()
		case "cut":
			f = mailertest.Cut()
		case "rotate": // The next refresh gives another refresh token, of this address.
			f = mailertest.Answer(http.StatusOK, "application/json", fmt.Sprintf(`{"access_token":"ya29.rotated","expires_in":3599,"refresh_token":%q}`,
				worldOf(ts).fake.Account(value).RefreshToken))
		default:
			f = mailertest.OAuthError(name, "Scripted.")
		}
		worldOf(ts).fake.ScriptTokens(f)
	}
}

// gmailAccount is `gmail-account ADDRESS [SCOPE…]`.
func gmailAccount(ts *testscript.TestScript, _ bool, args []string) {
	first := worldOf(ts).fake.Account(mailertest.DefaultAddress)
	a := worldOf(ts).fake.AddAccount(mailertest.Account{
		Address: args[0], ClientID: first.ClientID, ClientSecret: first.ClientSecret, Scopes: args[1:],
	})
	ts.Setenv("REFRESH_TOKEN", a.RefreshToken)
}

// gmailScopes is `gmail-scopes ADDRESS SCOPE…`.
func gmailScopes(ts *testscript.TestScript, _ bool, args []string) {
	a := worldOf(ts).fake.Account(args[0])
	a.Scopes = args[1:]
	worldOf(ts).fake.AddAccount(a)
}

// robotAddress is a service account's own.
const robotAddress = "robot@fake.iam.gserviceaccount.com"

// gmailFile is `gmail-file KIND FILE [ADDRESS]`.
func gmailFile(ts *testscript.TestScript, _ bool, args []string) {
	fake := worldOf(ts).fake
	address := append(args[2:], mailertest.DefaultAddress)[0]
	a := fake.Account(address)
	client := map[string]any{
		"client_id": a.ClientID, "client_secret": a.ClientSecret, "project_id": "fake",
		"auth_uri": fake.AuthURL, "token_uri": fake.TokenURL, "redirect_uris": []string{"http://localhost"},
	}
	var file any
	switch args[0] {
	case "client":
		file = map[string]any{"installed": client}
	case "web":
		file = map[string]any{"web": client}
	case "token":
		file = map[string]any{
			"token": "ya29.old", "refresh_token": a.RefreshToken, "token_uri": fake.TokenURL, "client_id": a.ClientID,
			"client_secret": a.ClientSecret, "scopes": a.Scopes, "universe_domain": "googleapis.com", "account": "", "expiry": "2026-03-07T18:03:15Z",
		}
	case "authorized":
		file = map[string]any{
			"type": "authorized_user", "client_id": a.ClientID, "client_secret": a.ClientSecret, "refresh_token": a.RefreshToken, "account": address,
		}
	case "service", "undelegated":
		scopes := []string{"https://www.googleapis.com/auth/gmail.send"}
		if args[0] == "undelegated" {
			scopes = nil
		}
		key, err := fake.AddServiceAccount(robotAddress, fake.TokenURL, scopes...)
		ts.Check(err)
		file = json.RawMessage(key)
	default:
		ts.Fatalf("no such kind: %s", args[0])
	}
	data, err := json.MarshalIndent(file, "", "  ")
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o600))
}

// owner is `owner [-denies] [-unticks SCOPE] [-lasts TIME] [ADDRESS]`.
func owner(ts *testscript.TestScript, _ bool, args []string) {
	var o mailertest.Owner
	flags := flag.NewFlagSet("owner", flag.ContinueOnError)
	flags.BoolVar(&o.Denies, "denies", false, "")
	flags.DurationVar(&o.Lasts, "lasts", 0, "")
	flags.Func("unticks", "", func(scope string) error {
		o.Unticks = append(o.Unticks, scope)
		return nil
	})
	ts.Check(flags.Parse(args))
	o.Address = flags.Arg(0)
	worldOf(ts).fake.SetOwner(o)
}

// consent is `consent URL [FILE]`.
func consent(ts *testscript.TestScript, _ bool, args []string) {
	client := http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	page, err := client.Get(args[0])
	ts.Check(err)
	text, err := io.ReadAll(page.Body)
	ts.Check(errors.Join(err, page.Body.Close()))
	end := page.Header.Get("Location")
	if end == "" {
		ts.Fatalf("the consent page says %s: %s", page.Status, text)
	}
	if len(args) > 1 {
		ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(end+"\n"), 0o600))
	}
	there, err := client.Get(end)
	if err != nil { // Nobody is there when the address is to be pasted.
		return
	}
	text, err = io.ReadAll(there.Body)
	ts.Check(errors.Join(err, there.Body.Close()))
	worldOf(ts).holdSecrets(ts, "the page after the consent", string(text))
	_, err = fmt.Fprintf(ts.Stdout(), "%s\n%s", there.Status, text)
	ts.Check(err)
}

// newKey is `key VARIABLE`.
func newKey(ts *testscript.TestScript, _ bool, args []string) {
	var secret [32]byte
	_, err := rand.Read(secret[:])
	ts.Check(err)
	text := base64.StdEncoding.EncodeToString(secret[:])
	worldOf(ts).secrets = append(worldOf(ts).secrets, text)
	ts.Setenv(args[0], text)
}
