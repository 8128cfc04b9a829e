package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
)

// A checker is a backend that can tell, without sending, whether it could.
type checker interface {
	Check(ctx context.Context) error
}

var _ checker = (*gmail.Sender)(nil)

// checksAtOnce is how many accounts are looked at side by side.
const checksAtOnce = 8

// known is the accounts as a worker with these settings has them, for all that
// looks at them.
type known struct {
	rdb    redis.UniversalClient // Nil where REDIS_URL is none.
	budget *budget.Budget
	who    *roster
	all    []delivery.Account
	err    error // Why they are not known.
}

// readAccounts reads them. The caller closes what it returns.
func (c *checkCommand) readAccounts(ctx context.Context) (k known) {
	if k.rdb, k.err = openRedis(&c.redisConfig); k.err != nil {
		return k
	}
	if k.who, k.err = newRoster(c.Backend, &c.mailConfig, k.rdb, checksAtOnce, io.Discard); k.err != nil {
		return k
	}
	k.budget = budget.New(k.rdb, budget.WithDefaults(c.limits.of(c.Backend)))
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	k.all, k.err = k.who.read(ctx)
	return k
}

func (k known) close() {
	if k.rdb != nil {
		_ = k.rdb.Close() // The process ends here.
	}
}

// checkAccounts looks at each account.
func (c *checkCommand) checkAccounts(ctx context.Context, k known) []finding {
	if k.err != nil {
		return []finding{{"", k.err}}
	}
	looks := make([]finding, len(k.all))
	var looking errgroup.Group
	looking.SetLimit(checksAtOnce)
	for i, account := range k.all {
		looking.Go(func() error {
			looks[i] = c.checkAccount(ctx, account, k)
			return nil
		})
	}
	_ = looking.Wait() // None has an error.
	if !slices.ContainsFunc(k.all, isDefault) {
		why := errors.New("mail that names no account waits: " + k.who.whyNoDefault(k.all, c.Redact.Address))
		return slices.Concat(looks, []finding{{"", why}})
	}
	return looks
}

func isDefault(a delivery.Account) bool { return a.Default }

// checkAccount says whether mail of one account can go out, and how much.
func (c *checkCommand) checkAccount(ctx context.Context, a delivery.Account, k known) finding {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	name, stored := c.Redact.Address(a.Address), k.who.made[a.Address]
	if a.Default {
		name += " (default)"
	}
	bad := func(reason, remedy string) finding {
		return finding{"", fmt.Errorf("%s: %s", name, c.Redact.Text(withRemedy(reason, remedyOf(stored.Credential.Kind(), reason, remedy))))}
	}
	can := fmt.Sprintf("backend %s", c.Backend)
	if sender, ok := a.Sender.(checker); ok {
		can = "Google gives it access tokens"
		if err := sender.Check(ctx); err != nil {
			e, _ := errors.AsType[*mailer.Error](err)
			if e == nil {
				e = &mailer.Error{}
			}
			return bad(err.Error(), e.Remedy)
		}
		if a.Blocked != "" { // By Gmail, which tells it to a mail alone.
			return bad(a.Blocked, a.Remedy)
		}
	}
	state, err := k.budget.Look(ctx, a.Address)
	if err != nil {
		return bad("its budget is not known: "+err.Error(), "")
	}
	may, warnings := allowance(state), budgetWarnings(state, c.Redact)
	if now := time.Now(); stored.State(now) == accounts.StateExpiring {
		warnings = append(warnings, ending("its grant", stored.Account, now))
	}
	if len(warnings) > 0 {
		return finding{"", warningError{fmt.Errorf("%s: %s; %s", name, strings.Join(warnings, "; "), may)}}
	}
	return finding{fmt.Sprintf("%s, %s; %s", name, can, may), nil}
}
