package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks/admin"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
)

// worker is the whole consumer, put together.
type worker struct {
	backend   backend
	cfg       *workerConfig
	rdb       redis.UniversalClient
	log       *zap.Logger
	metrics   *prometheus.Registry
	pool      *delivery.Pool
	listing   directory.Listing
	admin     *admin.Server // nil where it is off, and before listen.
	templates *templates.Set
}

// newWorker puts a worker together. Mail of the console backend goes to out.
// Nothing runs yet, and Redis need not be there.
func newWorker(b backend, c *workerConfig, rdb redis.UniversalClient, log *zap.Logger, out io.Writer) (*worker, error) {
	set, err := templates.Open(c.Templates)
	if err != nil {
		return nil, usageError{err}
	}
	account, err := defaultAccount(b, &c.mailConfig, 2*int(c.Concurrency), out)
	if err != nil {
		return nil, usageError{err}
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		admin.NewQueues(rdb, time.Now),
	)
	w := &worker{backend: b, cfg: c, rdb: rdb, log: log, metrics: metrics, templates: set, listing: listing(account, set)}
	w.pool, err = delivery.NewPool(delivery.Config{
		Redis: rdb, Accounts: []delivery.Account{account}, Renderer: set,
		Ledger:      ledger.New(rdb, ledger.Lifetimes{Sent: time.Duration(c.KeepSent), Failed: time.Duration(c.KeepFailed)}),
		Blobs:       blobs.New(rdb),
		Budget:      budget.New(rdb),
		Concurrency: int(c.Concurrency), Attempts: int(c.Attempts),
		MaxAge: time.Duration(c.MaxAge), Grace: time.Duration(c.Grace),
		SendTimeout: gmail.SendTimeout, Redact: c.Redact, Log: log, Metrics: metrics,
	})
	return w, err
}

// listen opens the operators' port, where there is to be one.
func (w *worker) listen(ctx context.Context) (err error) {
	w.admin, err = listenAdmin(ctx, &w.cfg.operatorConfig, w.rdb, w.log, w.metrics, func() admin.Readiness {
		return admin.Readiness{Stopping: ctx.Err() != nil, Accounts: standing(w.pool)}
	})
	return err
}

// run sends until ctx is done. The operators' pages stay up until all mail is
// put back, so that they can say that it is stopping.
func (w *worker) run(ctx context.Context) error {
	serving, stopServing := context.WithCancel(context.WithoutCancel(ctx))
	defer stopServing()
	unsaid := context.AfterFunc(ctx, func() {
		w.log.Info("worker stopping; a second signal ends it at once", zap.Duration("grace", time.Duration(w.cfg.Grace)))
	})
	defer unsaid() // An end for other reasons is no stop.
	var all errgroup.Group
	if w.admin != nil {
		all.Go(func() error { return w.admin.Serve(serving) })
	}
	all.Go(func() error {
		publish(serving, directory.New(w.rdb), w.listing, w.log)
		return nil
	})
	all.Go(func() error {
		defer stopServing()
		return w.pool.Run(ctx)
	})
	return all.Wait()
}

// defaultAccount is the one account that the environment names. conns is how
// many requests it may make at once.
func defaultAccount(b backend, c *mailConfig, conns int, out io.Writer) (delivery.Account, error) {
	account := delivery.Account{Address: c.From.Address.Address, From: c.From.Address, Default: true}
	var err error
	switch b {
	case backendConsole:
		account.Sender = mailer.NewConsole(out)
	case backendFile:
		if account.Sender, err = mailer.NewMaildir(c.FileDir); err != nil {
			return account, fmt.Errorf("POSTROOM_FILE_DIR: %w", err)
		}
	case backendGmail:
		account.Sender, err = gmailSender(c, conns)
	default:
		err = errors.New("POSTROOM_BACKEND is not set: must be gmail, console or file. To try Postroom: worker dev")
	}
	if err == nil && account.Address == "" {
		err = errors.New("POSTROOM_FROM is not set: must be the address that mail is sent from, such as Shop <shop@example.com>")
	}
	return account, err
}

func gmailSender(c *mailConfig, conns int) (mailer.Sender, error) {
	tokens, err := tokenSource(c)
	if err != nil {
		return nil, err
	}
	sender, err := gmail.New(gmail.Config{
		Tokens: tokens, Endpoint: c.GmailEndpoint, Transport: gmail.NewTransport(conns),
	})
	if err != nil {
		return nil, fmt.Errorf("GMAIL_ENDPOINT: %w", err)
	}
	return sender, nil
}

// tokenSource gives access tokens for the account that the environment names.
func tokenSource(c *mailConfig) (*accounts.Source, error) {
	flags := map[string]string{
		accounts.EnvClientID: c.GmailClientID, accounts.EnvCredentials: c.GmailCredentials,
		accounts.EnvTokenURL: c.GmailTokenURL,
	}
	credential, err := accounts.FromEnvironment(func(variable string) (string, bool) {
		if value, isFlag := flags[variable]; isFlag {
			return value, value != ""
		}
		return os.LookupEnv(variable)
	})
	if err != nil {
		return nil, err
	}
	return accounts.NewSource(accounts.SourceConfig{Credential: credential})
}

func listing(account delivery.Account, set *templates.Set) directory.Listing {
	l := directory.Listing{Accounts: []directory.Account{{Address: account.Address, Default: true}}}
	for _, name := range set.Names() {
		l.Templates = append(l.Templates, directory.Template{Name: name})
	}
	return l
}

// standing is how the accounts are, in the words of the operators' pages.
func standing(pool *delivery.Pool) []admin.Account {
	all := pool.Accounts()
	list := make([]admin.Account, 0, len(all))
	for _, a := range all {
		list = append(list, admin.Account{
			Address: a.Address, State: admin.State(a.State), Reason: withRemedy(a.Reason, a.Remedy), Until: a.Until,
		})
	}
	return list
}

// withRemedy is why an account can't send, and what to do.
func withRemedy(reason, remedy string) string {
	if remedy == "" {
		return reason
	}
	return strings.TrimSuffix(reason, ".") + ": " + remedy
}
