package main

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"
	"golang.org/x/sync/errgroup"

	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/admin"
	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/budget"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
	"github.com/postroom/postroom/tasks/ledger"
	"github.com/postroom/postroom/tasks/sweeper"
)

// worker is the whole consumer, put together.
type worker struct {
	backend   backend
	cfg       *workerConfig
	rdb       redis.UniversalClient
	log       *zap.Logger
	metrics   *prometheus.Registry
	pool      *delivery.Pool
	sweeper   *sweeper.Sweeper
	roster    *roster
	directory *directory.Store
	grants    *grants
	admin     *admin.Server // nil where it is off, and before listen.
	templates *liveTemplates
	news      chan struct{} // Producers are to be told now.
	started   func()        // Called once they were told first, or Redis did not answer; nil: nobody asks.
}

// newWorker puts a worker together. Mail of the console backend goes to out.
// Nothing runs yet, and Redis need not be there.
func newWorker(b backend, c *workerConfig, rdb redis.UniversalClient, log *zap.Logger, out io.Writer) (*worker, error) {
	set, err := openTemplates(c.Templates)
	if err != nil {
		return nil, usageError{err}
	}
	who, err := newRoster(b, &c.mailConfig, rdb, 2*int(c.Concurrency), out)
	if err != nil {
		return nil, usageError{err}
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		admin.NewQueues(rdb, time.Now),
	)
	w := &worker{
		backend: b, cfg: c, rdb: rdb, log: log, metrics: metrics, templates: set, roster: who, directory: directory.New(rdb),
		grants: newGrants(metrics, c.Redact, log), news: make(chan struct{}, 1),
	}
	records := ledger.New(rdb, ledger.Lifetimes{Sent: time.Duration(c.KeepSent), Failed: time.Duration(c.KeepFailed)})
	files := blobs.New(rdb)
	w.pool, err = delivery.NewPool(delivery.Config{
		Redis: rdb, Accounts: who.own, Mark: who.mark, Renderer: set,
		Ledger: records, Blobs: files,
		Budget:      budget.New(rdb, budget.WithDefaults(c.Limits.of(b)), budget.WithProject(int(c.Limits.ProjectRate))),
		Concurrency: int(c.Concurrency), Attempts: int(c.Attempts),
		MaxAge: time.Duration(c.MaxAge), Grace: time.Duration(c.Grace), WaitReplicas: c.waitReplicas,
		SendTimeout: gmail.SendTimeout, RedirectAll: c.RedirectAll.Address, Redact: c.Redact, Log: log, Metrics: metrics,
	})
	if err != nil {
		return nil, err
	}
	w.sweeper, err = sweeper.New(sweeper.Config{
		Redis: rdb, Ledger: records, Blobs: files, Directory: w.directory, Requeue: tasks.NewClient(rdb).Requeue,
		Redact: c.Redact, Log: log, Metrics: metrics,
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
	if to := w.cfg.RedirectAll.Address.Address; to != "" {
		w.log.Warn("all mail is redirected, and no recipient gets any; where that is not wanted, unset POSTROOM_REDIRECT_ALL",
			zap.String("redirected_to", w.cfg.Redact.Address(to)))
	}
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
		w.follow(serving)
		return nil
	})
	sweeping, stopSweeping := context.WithCancel(ctx)
	all.Go(func() error {
		w.sweeper.Run(sweeping)
		return nil
	})
	all.Go(func() error {
		defer stopServing()
		defer stopSweeping()
		return w.pool.Run(ctx)
	})
	return all.Wait()
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
