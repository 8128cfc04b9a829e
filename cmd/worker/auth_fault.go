package main

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
)

// tokenFault says why a credential gave no access token, as workers and `worker
// check` do, and what to do.
func tokenFault(err error, kind accounts.Kind) error {
	e := gmail.TokenError(err, time.Now())
	if e.Class == mailer.Blocked {
		return errors.New(withRemedy(e.Error(), remedyOf(kind, e.Error(), e.Remedy)))
	}
	return fmt.Errorf("nothing is known of the credential: try again (%w)", e)
}

// What mends a service account, to which nobody can log in.
const (
	delegatedRemedy = "look at its --subject and at its domain-wide delegation, with the scope " + accounts.ScopeSend + ", at " + delegationPage +
		", or import a new key: worker auth import KEY.json --subject ADDRESS"
	clockRemedy = "set this machine's clock right: by it the key's signed statement is too old, or from the future"

	delegationPage = "https://admin.google.com/ac/owl/domainwidedelegation"
)

// remedyOf is what to do about an account of that kind. Gmail's remedy knows of
// no kinds.
func remedyOf(kind accounts.Kind, reason, remedy string) string {
	switch {
	case kind != accounts.KindServiceAccount:
		return remedy
	case strings.Contains(reason, "Invalid JWT") && strings.Contains(reason, "iat and exp"):
		return clockRemedy
	case strings.Contains(remedy, "worker auth login"):
		return delegatedRemedy
	}
	return remedy
}
