package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
)

// sampleTimeout is how long the first mail may take.
const sampleTimeout = 30 * time.Second

// showAround sends a mail for a newcomer to see, then says what to do.
func (d *devCommand) showAround(ctx context.Context, w *worker, redisAddr string, to console) {
	sample := d.sample(w.templates.current())
	status, err := sendSample(ctx, w, sample)
	if err != nil {
		if ctx.Err() == nil {
			_, _ = fmt.Fprintf(to.err, "worker dev: the sample mail did not go out: %v\n", err)
		}
		return
	}
	what, where := d.whereItIs(status)
	template, content := "", anyContent(w.templates.current())
	if sample.Template != "" {
		template, content = ", a template", `--template `+sample.Template+` --data '{"name":"You"}'`
	}
	pages := "Dashboard: off"
	if w.admin != nil {
		at := "http://" + openable(w.admin.Addr())
		pages = "Templates: " + at + "/preview\nMailbox:   " + at + "/mailbox\nDashboard: " + at + "/queues"
	}
	_, _ = fmt.Fprintf(to.err, `
Postroom is running. %s went from an app's call through Redis,
a worker%s and the %s backend, and is %s.%s

Send one yourself, in another terminal:

  %[6]s send --to you@example.org %[7]s
  %[6]s status %[8]s

%[9]s        Stop: Ctrl-C
`, what, template, d.Backend, status.State, where, enqueueCall(redisAddr), content, status.ID, pages)
}

// sample is the first mail. One that leaves this program goes to nobody but the
// account itself.
func (d *devCommand) sample(set *templates.Set) tasks.Email {
	to, name := "Ada Lovelace <ada@example.org>", "Ada"
	if d.Backend != backendConsole {
		to, name = d.From.Address.Address, cmp.Or(d.From.Name, "You")
	}
	email := tasks.Email{To: tasks.Addresses{to}}
	// The built-in one, or one that takes the same: others need data of which
	// nobody here knows.
	const welcome = "welcome"
	data := map[string]any{"name": name}
	if _, err := set.Render(welcome, "", data); err == nil {
		email.Template, email.Data = welcome, data
	} else {
		email.Subject, email.Text = "It works", "This is Postroom.\n"
	}
	return email
}

// anyContent are the flags of a mail that a newcomer can send: of the first template
// whose example is short and is rendered, else of none.
func anyContent(set *templates.Set) string {
	const mostTried, short = 50, 120
	names := set.Names()
	for _, name := range names[:min(len(names), mostTried)] {
		info, _ := set.Info(name)
		if _, err := set.Render(name, "", info.Example); err != nil {
			continue
		}
		data, err := json.Marshal(info.Example)
		switch {
		case err != nil || len(data) > short:
		case len(info.Example) == 0:
			return "--template " + name
		default:
			return "--template " + name + " --data " + shellWord(string(data))
		}
	}
	return "--subject Hi --text Hello"
}

// whereItIs says what the sample was, and, where it is not printed above, where
// to look for it.
func (d *devCommand) whereItIs(status tasks.Status) (what, where string) {
	if d.Backend == backendConsole {
		return "The mail above", ""
	}
	what = "A mail to the account's own address"
	if d.Backend == backendFile {
		return what, "\nIt lies in " + filepath.Join(d.FileDir, "new", status.GmailID)
	}
	return what, "\nLook for it in that account's inbox."
}

// enqueueCall is how enqueue is called from another terminal: the one that lies
// beside this program, or, in a clone of the repository, `go run`.
func enqueueCall(redisAddr string) string {
	call := "go run ./cmd/enqueue"
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), "enqueue")
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			call = shellWord(beside)
		}
	}
	// What REDIS_URL says here it may say there.
	if redisAddr != devRedis || os.Getenv("REDIS_URL") != "" {
		call = "REDIS_URL=redis://" + redisAddr + "/0 " + call
	}
	return call
}

// plainWord needs no quotes in a shell.
var plainWord = regexp.MustCompile(`^[A-Za-z0-9_./+@%-]+$`)

func shellWord(s string) string {
	if plainWord.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// sendSample enqueues one mail as an app would, and waits for its outcome.
func sendSample(ctx context.Context, w *worker, sample tasks.Email) (tasks.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, sampleTimeout)
	defer cancel()
	client := tasks.NewClient(w.rdb)
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
		switch {
		case status.State == tasks.StateSent:
			return status, nil
		case status.State.Settled():
			return status, fmt.Errorf("%s: %s", status.State, status.Error)
		}
		select {
		case <-ctx.Done():
			return status, fmt.Errorf("still %s: %w", status.State, ctx.Err())
		case <-ticker.C:
		}
	}
}
