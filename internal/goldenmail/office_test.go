package goldenmail_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zaptest"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

// author is whom all mails are from, unless they say otherwise.
var author = mailer.Address{Name: "Leaf & Kettle", Address: mailertest.DefaultAddress}

// office is a whole Postroom, at work, in which it is always the same time.
type office struct {
	client *tasks.Client
	gmail  *mailertest.Server
}

func open(t *testing.T, set *templates.Set) *office {
	t.Helper()
	rdb, fake := redistest.Start(t).Client(), mailertest.NewServer(t)
	publish(t, directory.New(rdb), set)
	pool, err := delivery.NewPool(delivery.Config{
		Redis:    rdb,
		Accounts: []delivery.Account{{Address: author.Address, From: author, Default: true, Sender: sender(t, fake)}},
		Renderer: set, Ledger: ledger.New(rdb, ledger.Lifetimes{}), Blobs: blobs.New(rdb),
		Budget: budget.New(rdb, budget.WithDefaults(func(string) budget.Limits { return budget.Limits{} })),
		Log:    zaptest.NewLogger(t, zaptest.Level(zap.WarnLevel)),
		Now:    func() time.Time { return sent },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := pool.Run(ctx); err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return &office{client: tasks.NewClient(rdb), gmail: fake}
}

func sender(t *testing.T, fake *mailertest.Server) mailer.Sender {
	t.Helper()
	a := fake.Account(author.Address)
	tokens, err := accounts.NewSource(accounts.SourceConfig{Credential: accounts.Credential{
		ClientID: a.ClientID, ClientSecret: accounts.NewSecret(a.ClientSecret), RefreshToken: accounts.NewSecret(a.RefreshToken),
		TokenURL: fake.TokenURL,
	}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := gmail.New(gmail.Config{Tokens: tokens, Endpoint: fake.URL})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// publish lets the client know what the worker has, as cmd/worker does.
func publish(t *testing.T, store *directory.Store, set *templates.Set) {
	t.Helper()
	listing := directory.Listing{Accounts: []directory.Account{{Address: author.Address, Default: true}}}
	for _, name := range set.Names() {
		info, _ := set.Info(name)
		listing.Templates = append(listing.Templates, directory.Template{
			Name: name, Locales: info.Locales, Data: info.Schema, OneClick: info.OneClick,
		})
	}
	if err := store.Publish(t.Context(), listing); err != nil {
		t.Fatal(err)
	}
}

// await is the mail as Gmail got it.
func (o *office) await(t *testing.T, id string) string {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if taken := o.gmail.AcceptedByMailID(id); len(taken) > 0 {
			return string(taken[0].Raw)
		}
	}
	status, err := o.client.Status(t.Context(), id)
	t.Fatalf("Gmail has not got the mail: %+v, %v", status, err)
	return ""
}
