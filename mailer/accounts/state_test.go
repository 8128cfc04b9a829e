package accounts_test

import (
	"errors"
	"testing"
	"time"

	"github.com/postroom/postroom/mailer/accounts"
)

func TestState(t *testing.T) {
	t.Parallel()
	now := time.Now()
	ends := func(left time.Duration) accounts.Account { return accounts.Account{Expires: now.Add(left)} }
	blocked := ends(time.Hour)
	blocked.Blocked = "dead"
	unread := blocked
	unread.Err = errors.New("wrong key")
	for _, row := range []struct {
		account accounts.Account
		want    accounts.State
	}{
		{accounts.Account{}, accounts.StateReady},
		{ends(accounts.ExpiryWarning + time.Second), accounts.StateReady},
		{ends(accounts.ExpiryWarning), accounts.StateExpiring},
		{ends(-time.Hour), accounts.StateExpiring},
		{blocked, accounts.StateBlocked},
		{unread, accounts.StateUnreadable},
	} {
		if got := row.account.State(now); got != row.want {
			t.Errorf("%+v is %s, want %s", row.account, got, row.want)
		}
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	const prefix = "https://www.googleapis.com/auth/gmail."
	for _, row := range []struct {
		scope      string
		send, read bool
	}{
		{prefix + "send", true, false},
		{prefix + "compose", true, false},
		{prefix + "modify", true, true},
		{"https://mail.google.com/", true, true},
		{prefix + "readonly", false, true},
		{prefix + "metadata", false, false},
		{"openid", false, false},
	} {
		scopes := []string{"email", row.scope}
		if accounts.CanSend(scopes) != row.send || accounts.CanRead(scopes) != row.read {
			t.Errorf("%s: send %v, read %v", row.scope, accounts.CanSend(scopes), accounts.CanRead(scopes))
		}
	}
	// Google refuses every search by a token that has gmail.metadata too.
	for _, scope := range []string{prefix + "readonly", prefix + "modify", "https://mail.google.com/"} {
		if accounts.CanRead([]string{scope, prefix + "metadata"}) {
			t.Errorf("%s can read beside gmail.metadata", scope)
		}
	}
	for scope, want := range map[string]bool{
		"email": true, "https://www.googleapis.com/auth/userinfo.email": true, "openid": false, prefix + "send": false,
	} {
		if accounts.CanTellAddress([]string{"profile", scope}) != want {
			t.Errorf("%s: tells the address: %v", scope, !want)
		}
	}
	if accounts.CanSend(nil) || accounts.CanRead(nil) {
		t.Error("no scope at all allows something")
	}
}
