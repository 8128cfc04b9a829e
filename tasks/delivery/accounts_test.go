package delivery_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

const news = "news@example.com"

// recorded is an account whose mail a Recorder takes.
func recorded(address string, r mailer.Sender) delivery.Account {
	return delivery.Account{Address: address, From: mailer.Address{Address: address}, Sender: r}
}

// accounts publishes them for producers, and gives them to the pool.
func (o *office) accounts(pool *delivery.Pool, all ...delivery.Account) {
	o.t.Helper()
	if err := pool.SetAccounts(all); err != nil {
		o.t.Fatal(err)
	}
	var listing directory.Listing
	for _, a := range all {
		listing.Accounts = append(listing.Accounts, directory.Account{Address: a.Address, Default: a.Default})
	}
	if err := directory.New(o.rdb).Publish(o.t.Context(), listing); err != nil {
		o.t.Fatal(err)
	}
}

// mailOf is a mail that names its account.
func mailOf(account string) tasks.Email {
	e := hello()
	e.Account = account
	return e
}

func (o *office) record(id string) ledger.Record {
	o.t.Helper()
	rec, err := o.cfg.Ledger.Look(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return rec
}

func (o *office) state(id string) tasks.State {
	o.t.Helper()
	s, err := o.client.Status(o.t.Context(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return s.State
}

func TestAccountsComeAndGo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Accounts = nil
	pool, _ := o.work()
	first := o.enqueue(mailOf(shop), tasks.Force())
	time.Sleep(200 * time.Millisecond)
	if got := o.state(first); got != tasks.StateQueued {
		t.Fatalf("without an account the mail is %s, want queued", got)
	}

	var forShop, forNews mailertest.Recorder
	o.accounts(pool, recorded(shop, &forShop))
	o.eventually("mail of an account that came", func() bool { return o.state(first) == tasks.StateSent })

	o.accounts(pool, recorded(shop, &forShop), recorded(news, &forNews))
	second := o.enqueue(mailOf(news), tasks.Force())
	o.eventually("mail of another", func() bool { return o.state(second) == tasks.StateSent })

	o.accounts(pool, recorded(news, &forNews))
	o.eventually("the first one's end", func() bool { return o.handlers(shop) == 0 })
	third := o.enqueue(mailOf(shop), tasks.Force())
	fourth := o.enqueue(mailOf(news), tasks.Force())
	o.eventually("mail of the one that stayed", func() bool { return o.state(fourth) == tasks.StateSent })
	if got := o.state(third); got != tasks.StateQueued {
		t.Errorf("mail of an account that went is %s, want queued", got)
	}
	o.accounts(pool, recorded(shop, &forShop), recorded(news, &forNews))
	o.eventually("mail of the one that came back", func() bool { return o.state(third) == tasks.StateSent })
	if n, m := len(forShop.Messages()), len(forNews.Messages()); n != 2 || m != 2 {
		t.Errorf("%d and %d mails went out, want 2 and 2", n, m)
	}
}

// handlers is how many servers take an account's mail, as asynq knows them.
func (o *office) handlers(account string) (n int) {
	o.t.Helper()
	servers, err := asynq.NewInspectorFromRedisClient(o.rdb).Servers()
	if err != nil {
		o.t.Fatal(err)
	}
	for _, s := range servers {
		for queue := range s.Queues {
			if _, of, _ := tasks.ParseQueue(queue); of == account {
				n++
			}
		}
	}
	return n
}

// TestTheDefaultMoves takes mail that was queued for no account.
func TestTheDefaultMoves(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var forShop, forNews mailertest.Recorder
	a, b := recorded(shop, &forShop), recorded(news, &forNews)
	a.Default = true
	o.cfg.Accounts = []delivery.Account{a, b}
	pool, _ := o.work()
	send := func() {
		t.Helper()
		id := o.plainly(hello())
		o.eventually("mail for no account", func() bool { return o.state(id) == tasks.StateSent })
	}
	send()
	a.Default, b.Default = false, true
	o.accounts(pool, a, b)
	send()
	if n, m := len(forShop.Messages()), len(forNews.Messages()); n != 1 || m != 1 {
		t.Errorf("%d and %d mails went out, want one by each default", n, m)
	}
}

// plainly queues a mail as a producer does that knows no account.
func (o *office) plainly(e tasks.Email) string {
	o.t.Helper()
	if err := o.rdb.Del(o.t.Context(), "postroom:{directory}:entries", "postroom:{directory}:published").Err(); err != nil {
		o.t.Fatal(err)
	}
	receipt, err := tasks.NewClient(o.rdb).Enqueue(o.t.Context(), e)
	if err != nil {
		o.t.Fatal(err)
	}
	if receipt.Queue != "default" {
		o.t.Fatalf("queued in %s, want the plain queue", receipt.Queue)
	}
	return receipt.ID
}

// TestFromIsTheAccountsOwn refuses an author that Gmail would replace.
func TestFromIsTheAccountsOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var out mailertest.Recorder
	account := recorded(shop, &out)
	account.Aliases = []string{"Hello@example.com"}
	o.cfg.Accounts = []delivery.Account{account}
	o.work()
	for from, want := range map[string]tasks.State{
		"Us <SHOP@example.com>":   tasks.StateSent,
		"hello@example.com":       tasks.StateSent,
		"other@example.com":       tasks.StateFailed,
		"Shop <boss@example.com>": tasks.StateFailed,
	} {
		e := mailOf(shop)
		e.From = from
		id := o.enqueue(e, tasks.Force())
		o.eventually("an outcome", func() bool { return o.state(id).Settled() })
		rec := o.record(id)
		if o.state(id) != want || want == tasks.StateFailed && !strings.Contains(rec.Error, "from: is neither the account nor one of its aliases") {
			t.Errorf("from %q: %s %q, want %s", from, rec.State, rec.Error, want)
		}
	}
}

// TestTwoMailsFindTheNetworkDown lets all accounts wait.
func TestTwoMailsFindTheNetworkDown(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	away := unreachable{}
	o.cfg.Accounts = []delivery.Account{recorded(shop, away), recorded(news, &mailertest.Recorder{})}
	pool, _ := o.work()
	stands := func(address string) string {
		for _, s := range pool.Accounts() {
			if s.Address == address {
				return s.State
			}
		}
		return "gone"
	}
	o.enqueue(mailOf(shop), tasks.Force())
	o.eventually("one account's wait", func() bool { return stands(shop) == "unreachable" })
	if got := stands(news); got != "sending" {
		t.Errorf("after one mail the other account is %s, want sending", got)
	}
	o.enqueue(mailOf(shop), tasks.Force(), tasks.OnLane(tasks.Critical))
	o.eventually("all accounts' wait", func() bool { return stands(news) == "unreachable" })
	id := o.enqueue(mailOf(news), tasks.Force())
	o.eventually("the other account's way", func() bool { return o.state(id) == tasks.StateSent })
}

type unreachable struct{}

func (unreachable) Send(context.Context, *mailer.Message) (mailer.Sent, error) {
	return mailer.Sent{}, &mailer.Error{Class: mailer.Unreachable, Text: "dial", Everyone: true}
}

func TestWrongAccounts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	pool, err := delivery.NewPool(o.cfg)
	if err != nil {
		t.Fatal(err)
	}
	out := &mailertest.Recorder{}
	main, other := recorded(shop, out), recorded(news, out)
	main.Default, other.Default = true, true
	for want, all := range map[string][]delivery.Account{
		"2 of 2 accounts are the default": {main, other},
		"is there twice":                  {recorded(shop, out), recorded("SHOP@example.com", out)},
		"has no Sender":                   {{Address: shop}},
	} {
		if err := pool.SetAccounts(all); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("SetAccounts: %v, want %q", err, want)
		}
	}
}
