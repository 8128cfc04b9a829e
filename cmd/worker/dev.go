package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"syscall"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks/admin/pages"
)

// devCommand is `worker dev`. Its backend has no variable: one that is set for
// `worker run` would have it send real mail. It has no REDIS_URL either.
type devCommand struct {
	Backend      backend `default:"console" placeholder:"console|file|gmail" help:"How mail leaves. Default: console. POSTROOM_BACKEND is not read here." group:"Mail"`
	workerConfig `kong:"embed,set='from= Default: Postroom <postroom@localhost>.',set='busy= If the port is in use, a free one is taken.',set='log=console'"`
}

// Where dev's own Redis is, if nobody else is there, and who its mail is from.
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
	if err := d.fillIn(); err != nil {
		return err
	}
	log := newLogger(&d.logConfig, to.err)
	dir := cmp.Or(d.Templates, templates.DefaultDir)
	seen := look(dir) // Before they are read, so that no change is missed.
	rdb := redis.NewClient(&redis.Options{Addr: embedded.Addr(), ContextTimeoutEnabled: true})
	defer func() { _ = rdb.Close() }() // The process ends here.
	box := &pages.Mailbox{}
	d.remember = box.Through
	w, err := newWorker(d.Backend, &d.workerConfig, rdb, log, to.out)
	if err != nil {
		return err
	}
	d.pages = pages.New(previews{live: w.templates, from: d.From.Address}, box)
	if err := d.listen(ctx, w); err != nil {
		return err
	}
	tellOfTemplates(w.templates, to)
	go watch(ctx, dir, seen, func() {
		if err := w.reloadTemplates(); err != nil {
			_, _ = fmt.Fprintf(to.err, "worker dev: templates not reloaded; those from before go on:\n  %s\n",
				strings.ReplaceAll(err.Error(), "\n", "\n  "))
			return
		}
		tellOfTemplates(w.templates, to)
	})
	go d.showAround(ctx, w, embedded.Addr(), to)
	return w.run(ctx)
}

// tellOfTemplates prints which are not rendered with their own examples.
func tellOfTemplates(live *liveTemplates, to console) {
	if failing := *live.failing.Load(); len(failing) > 0 {
		_, _ = fmt.Fprintf(to.err, "worker dev: templates that fail with their own examples:\n  %s\n", strings.Join(told(failing), "\n  "))
	}
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

// fillIn decides what nobody configured. Whose account Gmail is to send for
// only a person can say.
func (d *devCommand) fillIn() error {
	if d.Log == "" {
		d.Log = logConsole
	}
	if d.From.Address.Address == "" && d.Backend != backendGmail {
		return d.From.UnmarshalText([]byte(devAuthor))
	}
	return nil
}

// listen opens the operators' port, or a free one where it is in use.
func (d *devCommand) listen(ctx context.Context, w *worker) error {
	err := w.listen(ctx)
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	w.log.Warn("admin port is in use; taking a free one", zap.String("admin", d.AdminAddr))
	host, _, err := net.SplitHostPort(d.AdminAddr)
	if err != nil {
		return err
	}
	d.AdminAddr = net.JoinHostPort(host, "0")
	return w.listen(ctx)
}
