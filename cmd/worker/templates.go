package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"go.uber.org/zap"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks/delivery"
)

// liveTemplates are those that mail is rendered with. A new set takes the old
// one's place at once and as a whole; a mail ends with the set that it began with.
// It is safe for concurrent use.
type liveTemplates struct {
	dir string // As POSTROOM_TEMPLATES says.
	set atomic.Pointer[templates.Set]
	// problem is why the directory could not be read the last time; nil where it could.
	problem atomic.Pointer[error]
	// failing are those of the set that are not rendered with their own examples.
	failing atomic.Pointer[[]templates.Failure]
}

var _ delivery.Renderer = (*liveTemplates)(nil)

func openTemplates(dir string) (*liveTemplates, error) {
	set, err := templates.Open(dir)
	if err != nil {
		return nil, err
	}
	t := &liveTemplates{dir: dir}
	t.take(set)
	return t, nil
}

// take has mail rendered with a set from now on, and tries it.
func (t *liveTemplates) take(set *templates.Set) {
	t.set.Store(set)
	failing := set.Try()
	t.failing.Store(&failing)
}

// current is the set of this moment: who asks twice may get two.
func (t *liveTemplates) current() *templates.Set { return t.set.Load() }

// Render is that of the current set.
func (t *liveTemplates) Render(name, locale string, data map[string]any) (mailer.Content, error) {
	return t.current().Render(name, locale, data)
}

// reload reads the directory anew. Where anything is wrong with it all stays as it
// was: also where ./templates was there and is gone, since the built-in set would
// know no template of that mail.
func (t *liveTemplates) reload() (*templates.Set, error) {
	set, err := templates.Open(cmp.Or(t.dir, t.current().Dir()))
	if err != nil {
		t.problem.Store(&err)
		return nil, err
	}
	t.take(set)
	t.problem.Store(nil)
	return set, nil
}

// hangups has SIGHUP arrive in the channel, and not end this process, from now until
// its end. Several that nobody has taken yet are one.
func hangups() <-chan os.Signal {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGHUP)
	return c
}

// reloadAt reads the templates anew whenever it is told, until ctx is done.
func (w *worker) reloadAt(ctx context.Context, told <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-told:
		}
		if err := w.reloadTemplates(); err != nil {
			w.log.Error("templates not reloaded; those from before go on", zap.Error(err))
			continue
		}
		w.warnOfTemplates()
	}
}

// warnOfTemplates logs, in one line, which are not rendered with their own examples.
func (w *worker) warnOfTemplates() {
	if failing := *w.templates.failing.Load(); len(failing) > 0 {
		w.log.Warn("templates fail with their own examples", zap.Int("failing", len(failing)), zap.Strings("problems", told(failing)))
	}
}

// told are the failures for people, and how many more there are than can be told.
func told(failing []templates.Failure) []string {
	const most = 20
	list := make([]string, 0, most+1)
	for _, one := range failing[:min(len(failing), most)] {
		list = append(list, one.String())
	}
	if more := len(failing) - most; more > 0 {
		list = append(list, fmt.Sprintf("and %d more", more))
	}
	return list
}

// reloadTemplates says so where it was done, and has producers told at once.
func (w *worker) reloadTemplates() error {
	set, err := w.templates.reload()
	if err != nil {
		return err
	}
	w.log.Info("templates reloaded", zap.Int("templates", len(set.Names())), zap.String("from", cmp.Or(set.Dir(), "built-in")))
	select {
	case w.news <- struct{}{}:
	default: // They are about to be.
	}
	return nil
}
