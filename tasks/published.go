package tasks

import (
	"context"
	"fmt"
	"strings"

	"github.com/postroom/postroom/tasks/directory"
)

// lookUp holds the mail against what workers have published: the account, the
// author and the template. It returns the account whose queue the mail goes to,
// empty where none is known yet, and what they have published.
func (c *Client) lookUp(ctx context.Context, e *Email, force bool) (account string, dir directory.Directory, err error) {
	if dir, err = c.directory.Get(ctx); err != nil {
		return "", dir, err
	}
	if !force {
		wrong := c.against(dir, e)
		if wrong != nil {
			// What is missing may have been published since.
			if dir, err = c.directory.Refresh(ctx); err != nil {
				return "", dir, err
			}
			wrong = c.against(dir, e)
		}
		if wrong != nil {
			return "", dir, wrong.err()
		}
	}
	a, _ := e.accountIn(dir)
	return a.Address, dir, nil
}

// accountIn is the account that the mail goes out from, and whether the
// directory knows it.
func (e *Email) accountIn(dir directory.Directory) (directory.Account, bool) {
	if e.Account == "" {
		return dir.Default()
	}
	a, ok := dir.Account(e.Account)
	a.Address = e.Account // As the mail writes it.
	return a, ok
}

// against finds what no worker could do with the mail.
func (c *Client) against(dir directory.Directory, e *Email) (p problems) {
	if !dir.Known() {
		return nil
	}
	if e.Template != "" {
		c.checkTemplate(&p, dir, e)
	}
	account, ok := e.accountIn(dir)
	switch {
	case !ok && e.Account != "":
		p.addf("account", "no worker has it; there are: %s", listed(dir.Addresses()))
	case !ok && len(dir.Addresses()) > 0:
		p.addf("account", "missing, and no account is the default; there are: %s", listed(dir.Addresses()))
	case ok && e.From != "":
		e.checkFrom(&p, account, dir)
	}
	return p
}

// checkFrom refuses an author that Gmail would silently replace.
func (e *Email) checkFrom(p *problems, account directory.Account, dir directory.Directory) {
	from, err := ParseAddress(e.From)
	if err != nil || account.Owns(from.Address) {
		return
	}
	what := fmt.Sprintf("is neither %s, whose mail it is, nor an alias of it (%s)", account.Address, listed(account.Aliases))
	if owner, ok := dir.Account(from.Address); ok {
		p.addf("from", "%s: give account %s", what, owner.Address)
		return
	}
	p.addf("from", "%s: Gmail would put the account in its place", what)
}

// maxListed is how many names an error lists.
const maxListed = 20

// listed are names for people.
func listed(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	more := ""
	if n := len(names) - maxListed; n > 0 {
		names, more = names[:maxListed], fmt.Sprintf(" and %d more", n)
	}
	return strings.Join(names, ", ") + more
}
