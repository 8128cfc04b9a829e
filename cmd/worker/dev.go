package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks"
)

// devCommand is `worker dev`.
type devCommand struct {
	config `embed:""`
}

// Where dev's own Redis and pages are, if nobody else is there.
const (
	devRedis  = "127.0.0.1:6379"
	devAuthor = "Postroom <postroom@localhost>"
	freePort  = "127.0.0.1:0"
)

// Run starts everything, sends one mail the whole way, and says what to type
// next.
func (d *devCommand) Run(ctx context.Context, to console) error {
	embedded, err := startRedis()
	if err != nil {
		return err
	}
	defer embedded.Close()
	if err := d.fillIn(ctx); err != nil {
		return err
	}
	log := newLogger(&d.config, to.err)
	rdb := redis.NewClient(&redis.Options{Addr: embedded.Addr(), ContextTimeoutEnabled: true})
	defer func() { _ = rdb.Close() }() // The process ends here.
	w, err := newWorker(ctx, &d.config, rdb, log, to.out)
	if err != nil {
		return err
	}
	go d.showAround(ctx, w, embedded.Addr(), to)
	return w.run(ctx)
}

// startRedis starts the embedded Redis on its usual port, or on a free one.
func startRedis() (*miniredis.Miniredis, error) {
	m := miniredis.NewMiniRedis()
	m.ClockTTL(true) // Else no key of it would ever end.
	if m.StartAddr(devRedis) == nil {
		return m, nil
	}
	if err := m.StartAddr(freePort); err != nil {
		return nil, fmt.Errorf("start the embedded Redis: %w", err)
	}
	return m, nil
}

// fillIn decides what nobody configured.
func (d *devCommand) fillIn(ctx context.Context) error {
	if d.Backend == "" {
		d.Backend = backendConsole
	}
	if d.From.Address.Address == "" {
		if err := d.From.UnmarshalText([]byte(devAuthor)); err != nil {
			return err
		}
	}
	if d.Log == "" {
		d.Log = logConsole
	}
	if d.AdminAddr == adminOff {
		return nil
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", d.AdminAddr)
	if err != nil {
		d.AdminAddr = freePort
		return nil //nolint:nilerr // A busy port is no error in dev.
	}
	return l.Close()
}

// sampleTimeout is how long the first mail may take.
const sampleTimeout = 30 * time.Second

// showAround sends a mail for a newcomer to see, then says what to do.
func (d *devCommand) showAround(ctx context.Context, w *worker, redisAddr string, to console) {
	status, err := sendSample(ctx, w)
	if err != nil {
		if ctx.Err() == nil {
			_, _ = fmt.Fprintf(to.err, "worker dev: the sample mail did not go out: %v\n", err)
		}
		return
	}
	prefix := ""
	if redisAddr != devRedis {
		prefix = "REDIS_URL=redis://" + redisAddr + "/0 "
	}
	pages := "off"
	if w.admin != nil {
		pages = "http://" + w.admin.Addr() + "/queues"
	}
	_, _ = fmt.Fprintf(to.err, `
Postroom is running. The mail above went from an app's call through Redis,
a worker, a template and the %s backend, and is %s.

Send one yourself, in another terminal:

  %[3]sgo run ./cmd/enqueue send --to you@example.org --template welcome --data '{"name":"You"}'
  %[3]sgo run ./cmd/enqueue status %[4]s

Dashboard: %[5]s        Stop: Ctrl-C
`, d.Backend, status.State, prefix, status.ID, pages)
}

// sendSample enqueues one mail as an app would, and waits for its outcome.
func sendSample(ctx context.Context, w *worker) (tasks.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, sampleTimeout)
	defer cancel()
	client := tasks.NewClient(w.rdb)
	sample := tasks.Email{To: tasks.Addresses{"Ada Lovelace <ada@example.org>"}, Subject: "It works", Text: "This is Postroom.\n"}
	if w.templates.Has("welcome") {
		sample = tasks.Email{To: sample.To, Template: "welcome", Data: map[string]any{"name": "Ada"}}
	}
	receipt, err := client.Enqueue(ctx, sample, tasks.Force())
	if err != nil {
		return tasks.Status{}, err
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		status, err := client.Status(ctx, receipt.ID)
		if err != nil {
			return status, err
		}
		switch status.State {
		case "sent":
			return status, nil
		case "failed", "unknown", "expired", "cancelled":
			return status, errors.New(status.State + ": " + status.Error)
		}
		select {
		case <-ctx.Done():
			return status, fmt.Errorf("still %s: %w", status.State, ctx.Err())
		case <-ticker.C:
		}
	}
}
