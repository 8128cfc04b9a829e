//go:build browser

package admin_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
)

// browser opens a Chromium with an empty profile until the test ends. The name
// evil.example is loopback there, as DNS rebinding makes it.
func browser(t *testing.T) context.Context {
	t.Helper()
	var path string
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Fatal("no chromium in PATH. Debian: apt-get install chromium; macOS: brew install --cask chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()),
		chromedp.NoSandbox, // Root, as in a container, has none.
		chromedp.DisableGPU,
		chromedp.WindowSize(1400, 1000),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("host-resolver-rules", "MAP evil.example 127.0.0.1"),
	)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, options...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	// Whatever context starts the browser ends it, too.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start %s: %v", path, err)
	}
	return ctx
}

// do takes steps in the browser. A step that cannot be taken fails the test,
// with what the page shows instead.
func do(ctx context.Context, t *testing.T, what string, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := chromedp.Do(limited, steps...); err != nil {
		t.Fatalf("%s: %v; the page shows:\n%s", what, err, shown(ctx, t))
	}
}

func shown(ctx context.Context, t *testing.T) string {
	t.Helper()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func archived(t *testing.T, rdb *redis.Client) int64 {
	t.Helper()
	n, err := rdb.ZCard(t.Context(), "asynq:{"+queue+"}:archived").Result()
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const reason = "permanent 400 invalidArgument: Invalid To header"

// What whoever is on call does: look, find the reason, run the mail again.
func TestBrowserFindsTheReasonAndRunsTheMail(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	archive(t, rdb, "mail-1", lovelace, reason)
	url := serve(t, config(t, rdb))
	ctx := browser(t)
	traffic := watch(ctx, t, url)

	do(ctx, t, "see the queue", chromedp.Navigate(url+"/"), chromedp.WaitVisible(`//a[text()="`+queue+`"]`))
	do(ctx, t, "open the queue", chromedp.Click(`//a[text()="`+queue+`"]`), chromedp.WaitVisible(`//*[text()="Archived"]`))
	row := `//td[contains(text(),"` + reason + `")]`
	do(ctx, t, "open its archive", chromedp.Click(`//*[text()="Archived"]`), chromedp.WaitVisible(row))
	text := shown(ctx, t)
	for _, want := range []string{`"a***@example.org"`, `"(17 bytes)"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not show %s:\n%s", want, text)
		}
	}
	for _, hidden := range []string{"ovelace", "4711", "Dear"} {
		if strings.Contains(text, hidden) {
			t.Errorf("the page shows %s:\n%s", hidden, text)
		}
	}
	do(ctx, t, "press run",
		chromedp.Evaluate[chromedp.Void](`document.querySelector("tbody tr td:last-child button").click()`),
		chromedp.Click(`//button[@title="Run"]`), chromedp.WaitNotPresent(row))
	if n := archived(t, rdb); n != 0 {
		t.Errorf("%d tasks are archived after run, want 0", n)
	}
	do(ctx, t, "see it pending", chromedp.Click(`//*[text()="Pending"]`), chromedp.WaitVisible(`//td[text()="email:deliver"]`))
	traffic()
}

// watch has the returned func say what the page asked others for, and what the
// Content-Security-Policy refused it, save the fonts.
func watch(ctx context.Context, t *testing.T, own string) func() {
	t.Helper()
	var mu sync.Mutex
	outside := map[network.RequestID]string{}
	var complaints []string
	err := chromedp.Listen(ctx, func(event any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			if !strings.HasPrefix(e.Request.URL, own+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
				outside[e.RequestID] = e.Request.URL
			}
		case *network.EventLoadingFailed:
			if e.BlockedReason == network.BlockedReasonCsp {
				delete(outside, e.RequestID)
			}
		case *log.EventEntryAdded:
			if !strings.Contains(e.Entry.Text, "https://fonts.googleapis.com/") {
				complaints = append(complaints, e.Entry.Text)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		for _, url := range outside {
			t.Errorf("the page asked for %s", url)
		}
		for _, text := range complaints {
			t.Errorf("the browser complains: %s", text)
		}
	}
}

// A page of another site that the operator happens to open cannot run mail,
// whether it is on another host or on another port of the same.
func TestBrowserOfAnotherSiteChangesNothing(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	archive(t, rdb, "mail-1", lovelace, reason)
	url := serve(t, config(t, rdb))
	runAll := url + "/queues/api/queues/" + queue + "/archived_tasks:run_all"
	attacker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = fmt.Fprintf(w, `<form method=post enctype="text/plain" action="%s"></form><script>document.forms[0].submit()</script>`, runAll)
	}))
	t.Cleanup(attacker.Close)
	ctx := browser(t)
	for _, from := range []string{attacker.URL, strings.Replace(attacker.URL, "127.0.0.1", "evil.example", 1)} {
		do(ctx, t, "be attacked from "+from, chromedp.Navigate(from+"/"),
			chromedp.WaitVisible(`//*[contains(text(),"comes from another site")]`))
		if n := archived(t, rdb); n != 1 {
			t.Errorf("from %s: %d tasks are archived, want 1", from, n)
		}
	}
	// The same request works for those who may make it.
	if a := ask(t, http.MethodPost, runAll, nil); a.status != http.StatusOK || archived(t, rdb) != 0 {
		t.Errorf("run_all by a program: %d %s", a.status, a.body)
	}
}

// A site that has its own name resolve to loopback reads nothing.
func TestBrowserThatWasReboundReadsNothing(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	archive(t, rdb, "mail-1", lovelace, reason)
	url := serve(t, config(t, rdb))
	ctx := browser(t)
	rebound := strings.Replace(url, "127.0.0.1", "evil.example", 1)
	do(ctx, t, "look under another name", chromedp.Navigate(rebound+"/queues/api/queues"),
		chromedp.WaitVisible(`//*[contains(text(),"POSTROOM_ADMIN_HOSTS")]`))
	if text := shown(ctx, t); strings.Contains(text, queue) {
		t.Errorf("the other site sees\n%s", text)
	}
	do(ctx, t, "look under our name", chromedp.Navigate(strings.Replace(url, "127.0.0.1", "localhost", 1)+"/queues"),
		chromedp.WaitVisible(`//a[text()="`+queue+`"]`))
}

// The dashboard shows in nobody's frame, where clicks could be stolen.
func TestBrowserShowsNoFrame(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	archive(t, rdb, "mail-1", lovelace, reason)
	url := serve(t, config(t, rdb))
	framing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, `<p>before</p><iframe src="`+url+`/queues"></iframe>`)
	}))
	t.Cleanup(framing.Close)
	ctx := browser(t)
	refused := make(chan string, 8)
	if err := chromedp.Listen(ctx, func(event any) {
		if e, ok := event.(*log.EventEntryAdded); ok {
			select {
			case refused <- e.Entry.Text:
			default:
			}
		}
	}); err != nil {
		t.Fatal(err)
	}
	do(ctx, t, "frame the dashboard", chromedp.Navigate(framing.URL+"/"))
	for {
		select {
		case text := <-refused:
			if strings.Contains(text, "frame-ancestors") {
				return
			}
		case <-ctx.Done():
			t.Fatal("the browser did not refuse the frame")
		}
	}
}

// Dev's links cover nothing of a table, however many rows it has.
func TestBrowserLinksCoverNothing(t *testing.T) {
	t.Parallel()
	rdb := redistest.Start(t).Client()
	for i := range 30 {
		archive(t, rdb, fmt.Sprintf("mail-%d", i), lovelace, reason)
	}
	cfg := config(t, rdb)
	cfg.Pages = http.NotFoundHandler()
	url := serve(t, cfg)
	ctx := browser(t)
	do(ctx, t, "see the archive", chromedp.Navigate(url+"/queues/queues/"+queue+"?status=archived"), chromedp.WaitVisible(`//td[contains(text(),"`+reason+`")]`))
	covered, err := chromedp.Run(ctx, chromedp.Evaluate[string](`(() => {
		const links = document.querySelector('nav[aria-label="Pages"]').getBoundingClientRect();
		const under = [...document.querySelectorAll("table, td, th, button, h6, main a")].filter(e => {
			const r = e.getBoundingClientRect();
			return r.width && r.left < links.right && r.right > links.left && r.top < links.bottom && r.bottom > links.top;
		});
		return under.map(e => e.tagName + " " + e.innerText.slice(0, 30)).join(", ");
	})()`))
	if err != nil || covered != "" {
		t.Errorf("the links cover %s, %v", covered, err)
	}
}
