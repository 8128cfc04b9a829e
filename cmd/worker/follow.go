package main

import (
	"context"
	"reflect"
	"time"

	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
)

const (
	// followEvery is how soon a worker knows of an account that was stored,
	// removed, blocked or mended.
	followEvery = 2 * time.Second
	// readEvery is how soon it knows the rest: when a grant ends.
	readEvery = time.Minute
)

// follow keeps the pool's accounts, and what producers are told, as the store
// has them, until ctx is done.
func (w *worker) follow(ctx context.Context) {
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	var f follower
	for first := true; ; first = false {
		if ctx.Err() == nil {
			w.catchUp(ctx, &f)
			w.publish(ctx, &f, w.listing(f.all))
		}
		if first && w.started != nil {
			w.started()
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		case <-w.news:
		}
	}
}

// follower is how far a worker has followed.
type follower struct {
	changes     int64
	readAt      time.Time // Of the last reading; zero before the first.
	all         []delivery.Account
	publishedAt time.Time
	published   directory.Listing
	noDefault   bool
	failing     bool // Redis did not answer the last time.
	unpublished bool // Nor when producers were to be told.
}

// catchUp reads the accounts anew where they have changed.
func (w *worker) catchUp(whole context.Context, f *follower) {
	ctx, cancel := context.WithTimeout(whole, storeTimeout)
	defer cancel()
	changes, err := w.roster.changes(ctx)
	if err == nil && !f.readAt.IsZero() && changes == f.changes && time.Since(f.readAt) < readEvery {
		return
	}
	var all []delivery.Account
	if err == nil {
		all, err = w.roster.read(ctx)
	}
	if err == nil {
		err = w.pool.SetAccounts(all)
	}
	if err != nil {
		if !f.failing && whole.Err() == nil {
			w.log.Warn("accounts not read; those that are known go on", zap.Error(err))
		}
		f.failing = true
		return
	}
	f.failing = false
	if changes != f.changes || f.readAt.IsZero() {
		w.sayWhoIsDefault(all, f)
	}
	f.changes, f.readAt, f.all = changes, time.Now(), all
	w.grants.note(w.roster.made)
}

// sayWhoIsDefault says once that mail which names no account waits.
func (w *worker) sayWhoIsDefault(all []delivery.Account, f *follower) {
	none := true
	for _, a := range all {
		none = none && !a.Default
	}
	if none && (!f.noDefault || f.readAt.IsZero()) {
		w.log.Error("mail that names no account waits", zap.String("reason", w.roster.whyNoDefault(all, w.cfg.Redact.Address)))
	}
	f.noDefault = none
}

// publish tells producers what this worker has: now and then, and what is new at
// once.
func (w *worker) publish(whole context.Context, f *follower, l directory.Listing) {
	if f.readAt.IsZero() || time.Since(f.publishedAt) < directory.PublishEvery && reflect.DeepEqual(l, f.published) {
		return
	}
	ctx, cancel := context.WithTimeout(whole, storeTimeout)
	defer cancel()
	if err := w.directory.Publish(ctx, l); err != nil {
		if !f.unpublished && whole.Err() == nil {
			w.log.Warn("accounts and templates not published for producers", zap.Error(err))
		}
		f.unpublished = true
		return
	}
	f.publishedAt, f.published, f.unpublished = time.Now(), l, false
}
