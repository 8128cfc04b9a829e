package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/gmail"
)

// tokenFault says why a credential gave no access token, as workers and `worker
// check` do, and what to do.
func tokenFault(err error) error {
	e := gmail.TokenError(err, time.Now())
	if e.Class == mailer.Blocked {
		return errors.New(withRemedy(e.Error(), e.Remedy))
	}
	return fmt.Errorf("nothing is known of the credential: try again (%w)", e)
}
