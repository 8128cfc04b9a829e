package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/tasks"
)

func TestSaveWithinGivesUp(t *testing.T) {
	t.Parallel()
	rdb, err := tasks.OpenRedis("redis://127.0.0.1:1/0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rdb.Close() }()
	keys, err := accounts.ParseKeys(oneKey)
	if err != nil {
		t.Fatal(err)
	}
	store := &accountStore{accounts.NewStore(rdb, keys), rdb}
	account := accounts.Account{Address: "shop@example.com", Credential: accounts.Credential{
		ClientID: "id", ClientSecret: accounts.NewSecret("s"), RefreshToken: accounts.NewSecret("r"),
	}}
	var said bytes.Buffer
	err = store.saveWithin(t.Context(), time.Second, account, &said)
	if exitStatus(err) != exitRedis || strings.Count(said.String(), "trying on for a minute") != 1 {
		t.Errorf("%v, %q", err, said.String())
	}
	// What another try meets too is not tried again.
	said.Reset()
	account.Credential.ClientID = ""
	if err = store.saveWithin(t.Context(), time.Hour, account, &said); err == nil || said.Len() > 0 {
		t.Errorf("%v, %q", err, said.String())
	}
}

func TestImportStopsReading(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	never, _ := io.Pipe()
	err := (&authImportCommand{File: "-"}).Run(ctx, console{in: never, out: io.Discard, err: io.Discard})
	if !errors.Is(err, errStopped) || exitStatus(err) != exitFailed {
		t.Error(err)
	}
}

func TestSetAside(t *testing.T) {
	t.Parallel()
	found := accounts.Import{Address: "shop@example.com", Scopes: []string{accounts.ScopeSend}, Credential: accounts.Credential{
		ClientID: "id", ClientSecret: accounts.NewSecret("s"), RefreshToken: accounts.NewSecret("1//new"), TokenURL: accounts.GoogleTokenURL,
	}}
	dir, why := t.TempDir(), usageError{errors.New("no")}
	err := (&authImportCommand{File: filepath.Join(dir, "token.json")}).setAside(found, why)
	if exitStatus(err) != exitUsage || strings.Contains(err.Error(), "1//new") {
		t.Error(err)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(names) != 1 || !strings.Contains(err.Error(), names[0]) {
		t.Fatalf("%q, %v", names, err)
	}
	text, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	again, err := accounts.ParseImport(text)
	if err != nil || again.Address != found.Address || again.Credential.RefreshToken.Reveal() != "1//new" || again.Credential.Validate() != nil || len(again.Scopes) != 1 {
		t.Errorf("%+v, %v", again, err)
	}
}

func TestPasted(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"http://127.0.0.1:47100/?state=a&code=b":                       "http://127.0.0.1:47100/?state=a&code=b",
		"'127.0.0.1:47100/?state=a&code=b'":                            "http://127.0.0.1:47100/?state=a&code=b",
		"\"http://127.0.0.1:47100/?state=a&code=b\"\r":                 "http://127.0.0.1:47100/?state=a&code=b",
		"127.0.0.1:47100/?state=a&code=b&scope=openid%20https://x.com": "http://127.0.0.1:47100/?state=a&code=b&scope=openid%20https://x.com",
		"127.0.0.1:47100/?state=a&code=b&scope=https://x.com":          "http://127.0.0.1:47100/?state=a&code=b&scope=https://x.com",
	} {
		if got := pasted(line); got != want || !hasAnswer(got) {
			t.Errorf("%q: %q", line, got)
		}
	}
	for _, line := range []string{"hello", "http://127.0.0.1:47100/", "http://127.0.0.1:47100/?state=a", "http://127.0.0.1:47100/?code=a", "http://%zz/"} {
		if hasAnswer(pasted(line)) {
			t.Error(line)
		}
	}
}

func TestRemedyOf(t *testing.T) {
	t.Parallel()
	const (
		user, robot = accounts.KindUser, accounts.KindServiceAccount
		login       = "log in: worker auth login"
		late        = "blocked 400 invalid_grant: no access token: Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim."
	)
	for _, row := range []struct {
		kind                 accounts.Kind
		reason, remedy, want string
	}{
		{user, "x", login, login},
		{user, late, login, login},
		{robot, "Invalid JWT Signature.", login, delegatedRemedy},
		{robot, late, login, clockRemedy},
		{robot, "x", "switch the Gmail API on", "switch the Gmail API on"},
	} {
		if got := remedyOf(row.kind, row.reason, row.remedy); got != row.want {
			t.Errorf("%+v: %q", row, got)
		}
	}
}
