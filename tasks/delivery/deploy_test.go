package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/ledger"
)

// lacking has no template, until it has.
type lacking struct{ has chan struct{} }

func (l lacking) Render(string, string, map[string]any) (mailer.Content, error) {
	select {
	case <-l.has:
		return mailer.Content{Subject: "New", Text: "New.\n"}, nil
	default:
		return mailer.Content{}, fmt.Errorf("%w: brand-new", mailer.ErrNoTemplate)
	}
}

// TestADeployInProgress puts mail back that a newer producer wrote, without an
// attempt.
func TestADeployInProgress(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	deployed := make(chan struct{})
	o.cfg.Renderer = lacking{deployed}
	id := o.enqueue(tasks.Email{To: hello().To, Template: "brand-new"}, tasks.Force())
	newer := "newer"
	o.queueByHand(newer, queue, `{"v":2,"to":["a@example.org"],"shiny":true}`)
	o.work()
	for _, waiting := range []string{id, newer} {
		if s := o.await(waiting, ledger.Retrying); s.Attempts != 0 || s.NextAt.IsZero() {
			t.Errorf("status = %+v; want it put back, no attempt used", s)
		}
	}
	info, err := asynq.NewInspectorFromRedisClient(o.rdb).GetQueueInfo(queue)
	if err != nil || info.FailedTotal != 0 {
		t.Errorf("asynq counts %+v (%v); want no failure", info, err)
	}
	close(deployed)
	o.hurryTo(id, ledger.Sent)
	o.accepted(id, 1)
}

func TestADeployThatNeverEnds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.cfg.Renderer = lacking{}
	id := o.enqueue(tasks.Email{To: hello().To, Template: "brand-new"}, tasks.Force())
	newer := "newer"
	o.queueByHand(newer, queue, `{"v":2,"to":["a@example.org"],"shiny":true}`)
	_, stop := o.work()
	o.await(id, ledger.Retrying)
	o.await(newer, ledger.Retrying)
	stop()
	o.cfg.Now = in(time.Hour + time.Minute)
	o.work()
	o.hurryTo(id, ledger.Failed)
	o.hurryTo(newer, ledger.Failed)
}
