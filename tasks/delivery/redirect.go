package delivery

import (
	"slices"

	"github.com/postroom/postroom/tasks"
)

// recipients are whom the mail goes to, as Gmail counts them: one address where
// all mail is redirected.
func (a *attempt) recipients() tasks.Addresses {
	if to := a.RedirectAll.Address; to != "" {
		return tasks.Addresses{to}
	}
	e := &a.email
	return slices.Concat(e.To, e.Cc, e.Bcc)
}
