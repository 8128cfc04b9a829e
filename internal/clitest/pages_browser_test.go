//go:build browser

package clitest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// pictureOf is where the README's picture of the preview lies. It is made anew by
//
//	POSTROOM_PICTURE=1 go test -tags browser -run TestPages ./internal/clitest
const pictureOf = "../../docs/images/preview.png"

// dev is a `worker dev` of the test's own.
type dev struct {
	bin, redis string
	// url is where its pages are.
	url string
	// templates is the folder of its templates, which may be written to.
	templates string
}

// startDev starts one, with the shop's templates.
func startDev(t *testing.T) dev {
	t.Helper()
	d := dev{bin: build(t), templates: t.TempDir()}
	if err := os.CopyFS(d.templates, os.DirFS("testdata/pages/templates")); err != nil {
		t.Fatal(err)
	}
	said := filepath.Join(t.TempDir(), "said")
	out, err := os.Create(said)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(d.bin, "worker"), "dev", "--admin-addr", "127.0.0.1:0", "--templates", d.templates,
		"--from", "Tea & Co. <hello@shop.example.com>")
	cmd.Stderr = out
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "REDIS_URL=unused"}
	cmd.SysProcAttr = dieWithParent()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGINT)
		if err := cmd.Wait(); err != nil {
			t.Errorf("worker dev: %v", err)
		}
		_ = out.Close()
	})
	pages, redis := regexp.MustCompile(`Mailbox: +(http://\S+)/mailbox`), regexp.MustCompile(`REDIS_URL=(\S+)`)
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		text, err := os.ReadFile(said)
		if err != nil {
			t.Fatal(err)
		}
		if at, db := pages.FindSubmatch(text), redis.FindSubmatch(text); at != nil && db != nil {
			d.url, d.redis = string(at[1]), string(db[1])
			return d
		}
		if time.Now().After(deadline) {
			t.Fatalf("worker dev says:\n%s", text)
		}
	}
}

// send sends a mail through it, and waits until it is in the mailbox.
func (d dev) send(ctx context.Context, t *testing.T, id string, email map[string]any) {
	t.Helper()
	email["id"] = id
	line, err := json.Marshal(email)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(d.bin, "enqueue"), "send", "--email", "-")
	cmd.Env = []string{"REDIS_URL=" + d.redis}
	cmd.Stdin = bytes.NewReader(line)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("enqueue send: %v\n%s", err, out)
	}
	for limited, cancel := context.WithTimeout(ctx, patience); ; time.Sleep(pause) {
		if limited.Err() != nil {
			t.Fatalf("the mail %s does not come", id)
		}
		if strings.Contains(fetch(t, d.url+"/mailbox?q="+id), "1–1 of 1") {
			cancel()
			return
		}
	}
}

func fetch(t *testing.T, address string) string {
	t.Helper()
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var b bytes.Buffer
	if _, err := b.ReadFrom(answer.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// chromium opens a Chromium with an empty profile, which reaches nothing but
// 127.0.0.1.
func chromium(t *testing.T) context.Context {
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
		chromedp.WindowSize(1440, 900),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
	)
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
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
		t.Fatalf("%s: %v; the page shows:\n%s", what, err, value[string](ctx, t, "document.body.innerText"))
	}
}

// value is what an expression gives on the page.
func value[T any](ctx context.Context, t *testing.T, expression string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// prefer makes the reader one who likes it light or dark.
func prefer(scheme string) chromedp.Action[chromedp.Void] {
	return func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		return cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
	}
}

// probe is a mail whose color tells its width and whether the reader likes it dark.
const probe = `---
subject: Probe
---
<!DOCTYPE html>
<html lang="en">
<head>
<title>Probe</title>
<meta name="color-scheme" content="light dark">
<style data-embed>
body { margin: 0; background: #0000ff; }
@media (max-width: 620px) { body { background: #00ff00; } }
@media (prefers-color-scheme: dark) { body { background: #ff0000; } }
@media (prefers-color-scheme: dark) and (max-width: 620px) { body { background: #ffff00; } }
</style>
</head>
<body><p>Probe</p></body>
</html>
`

// What a person does with the pages of `worker dev`, in a real Chromium: one after
// the other, since there is one person.
func TestPages(t *testing.T) { //nolint:tparallel // As said.
	t.Parallel()
	d := startDev(t)
	ctx := chromium(t)
	for _, part := range []struct { //nolint:paralleltest // As said.
		name string
		test func(context.Context, *testing.T, dev)
	}{
		{"preview", testPreview},
		{"looks", testLooks},
		{"mailbox", testMailbox},
		{"hostile mail", testHostileMail},
		{"opened", testOpened},
		{"picture", testPicture},
	} {
		t.Run(part.name, func(t *testing.T) { part.test(ctx, t, d) })
	}
}

func testPreview(ctx context.Context, t *testing.T, d dev) {
	do(ctx, t, "open the pages", chromedp.Navigate(d.url+"/"), chromedp.WaitVisible(`//h1[text()="November at Tea & Co."]`))
	if names := value[string](ctx, t, `[...document.querySelectorAll(".templates a")].map(a => a.innerText).join()`); names != "newsletter,receipt,welcome" {
		t.Errorf("the page lists %s", names)
	}
	do(ctx, t, "see its warnings", chromedp.WaitVisible(`//li[contains(text(), "address without a scheme: shop.example.com/november")]`),
		chromedp.WaitVisible(`//li[contains(text(), "image by http: ")]`))
	do(ctx, t, "ask for bulk", chromedp.Click(`//a[text()="bulk"]`), chromedp.WaitVisible(`//li[contains(text(), "no unsubscribe: ")]`))

	do(ctx, t, "open another", chromedp.Click(`//a[text()="welcome"]`), chromedp.WaitVisible(`//h1[text()="Welcome, Ada"]`))
	do(ctx, t, "see the default lane's warnings", chromedp.Click(`//nav[@aria-label="Lane"]/a[text()="default"]`), chromedp.WaitVisible(`.fine`))
	do(ctx, t, "read it in German", chromedp.Click(`//a[text()="de"]`), chromedp.WaitVisible(`//h1[text()="Willkommen, Ada"]`))
	do(ctx, t, "read its text", chromedp.Click(`//a[text()="Text"]`), chromedp.WaitVisible(`//pre[contains(text(), "Die erste Kanne")]`))
	do(ctx, t, "read its source", chromedp.Click(`//a[text()="Source"]`), chromedp.WaitVisible(`//pre[contains(text(), "<!DOCTYPE html>")]`))
	do(ctx, t, "read its header", chromedp.Click(`//a[text()="Headers"]`), chromedp.WaitVisible(`//td[contains(text(), "hello@shop.example.com")]`))
	do(ctx, t, "change the data", chromedp.Evaluate[chromedp.Void](`document.querySelector("#data").value = '{"name": "<i>Zoë</i>"}'`),
		chromedp.Click(`//button[text()="Show"]`), chromedp.WaitVisible(`//h1[text()="Willkommen, <i>Zoë</i>"]`))
	do(ctx, t, "give wrong data", chromedp.Evaluate[chromedp.Void](`document.querySelector("#data").value = '{"name": 7}'`),
		chromedp.Click(`//button[text()="Show"]`), chromedp.WaitVisible(`//*[@role="alert"]//pre[contains(text(), 'variable "name" must be a string, not a number')]`))
	do(ctx, t, "take the example again", chromedp.Evaluate[chromedp.Void](`document.querySelector("#data").value = ''`),
		chromedp.Click(`//button[text()="Show"]`), chromedp.WaitVisible(`//h1[text()="Willkommen, Ada"]`))

	// By keyboard alone.
	do(ctx, t, "press Tab", chromedp.Navigate(d.url+"/preview/welcome"), chromedp.KeyEvent("\t"))
	if first := value[string](ctx, t, "document.activeElement.innerText"); first != "Skip to the content" {
		t.Errorf("the first Tab leads to %q", first)
	}
}

// Dark and the telephone's width really apply in the frames, whatever the reader of
// the page likes.
func testLooks(ctx context.Context, t *testing.T, d dev) {
	// A file that is new, wrong or right again is seen by itself.
	file := filepath.Join(d.templates, "probe.html")
	put := func(content string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	do(ctx, t, "open a page", chromedp.Navigate(d.url+"/preview/welcome"))
	put(probe)
	do(ctx, t, "see a new template", chromedp.WaitVisible(`//a[text()="probe"]`))
	put(probe + "{{nope}}")
	do(ctx, t, "see that it is broken", chromedp.WaitVisible(`//*[@role="alert"]//pre[contains(text(), "probe.html") and contains(text(), "nope")]`))
	put(probe)
	do(ctx, t, "see it mended", chromedp.WaitNotPresent(`//*[@role="alert"]`))
	defer func() { _ = os.Remove(file) }()
	for _, reader := range []string{"light", "dark"} {
		do(ctx, t, "like it "+reader, prefer(reader))
		for look, want := range map[string]color.NRGBA{
			"width=desktop&scheme=light": {B: 255, A: 255},
			"width=phone&scheme=light":   {G: 255, A: 255},
			"width=desktop&scheme=dark":  {R: 255, A: 255},
			"width=phone&scheme=dark":    {R: 255, G: 255, A: 255},
		} {
			do(ctx, t, "look at "+look, chromedp.Navigate(d.url+"/preview/probe?"+look), chromedp.WaitVisible("iframe"))
			var got color.Color
			for deadline := time.Now().Add(patience); ; time.Sleep(pause) { // A frame is painted after the page has loaded.
				seen := picture(ctx, t, "iframe")
				got = seen.At(seen.Bounds().Dx()/2, seen.Bounds().Dy()/2)
				if got == want || time.Now().After(deadline) {
					break
				}
			}
			if got != want {
				t.Errorf("%s, to one who likes it %s, is %v, want %v", look, reader, got, want)
			}
		}
	}
	do(ctx, t, "like it light", prefer("light"))
}

// picture is how an element looks.
func picture(ctx context.Context, t *testing.T, selector string) image.Image {
	t.Helper()
	shot, err := chromedp.Run(ctx, chromedp.Screenshot(selector))
	if err != nil {
		t.Fatal(err)
	}
	return plain(t, shot)
}

// plain is a picture in colors that can be compared.
func plain(t *testing.T, shot []byte) image.Image {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader(shot))
	if err != nil {
		t.Fatal(err)
	}
	pixels := image.NewNRGBA(decoded.Bounds())
	for y := range decoded.Bounds().Dy() {
		for x := range decoded.Bounds().Dx() {
			pixels.Set(x, y, decoded.At(x, y))
		}
	}
	return pixels
}

func testMailbox(ctx context.Context, t *testing.T, d dev) {
	do(ctx, t, "see the sample", chromedp.Navigate(d.url+"/mailbox"), chromedp.WaitVisible(`//a[text()="Welcome, Ada"]`))
	d.send(ctx, t, "receipt-1", map[string]any{"to": "Bob <bob@example.net>", "template": "receipt", "data": map[string]any{
		"number": 7, "name": "Bob", "total": "€ 9", "link": "https://shop.example.com/7", "items": []any{map[string]any{"title": "Sencha", "price": "€ 9"}},
	}})
	do(ctx, t, "see the list load itself", chromedp.WaitVisible(`//a[text()="Your receipt for order 7"]`))
	for query, found := range map[string]string{"order RECEIPT": "Your receipt for order 7", "bob@": "Your receipt for order 7", "sencha": "Your receipt for order 7", "lovelace": "Welcome, Ada"} {
		do(ctx, t, "search for "+query, chromedp.Navigate(d.url+"/mailbox"), chromedp.SendKeys("input[name=q]", query+"\r"),
			chromedp.WaitVisible(`//p[contains(text(), "1–1 of 1")]`), chromedp.WaitVisible(`//td/a[text()="`+found+`"]`))
	}
	do(ctx, t, "open it", chromedp.Navigate(d.url+"/mailbox?q=sencha"), chromedp.Click(`td a`), chromedp.WaitVisible(`//h1[text()="Your receipt for order 7"]`))
	do(ctx, t, "go to the queues and back", chromedp.Click(`//a[text()="Queues"]`), chromedp.Click(`//nav[@aria-label="Pages"]/a[text()="Mailbox"]`),
		chromedp.WaitVisible(`//h1[text()="Mailbox"]`), chromedp.Click(`//td/a[text()="Your receipt for order 7"]`))
	do(ctx, t, "go to its template", chromedp.Click(`//a[text()="receipt"]`), chromedp.WaitVisible(`//h1[text()="Your receipt for order 1041"]`))
}

// outside counts what is loaded from it, by path.
type outside struct {
	url string

	mu    sync.Mutex
	asked map[string]int
}

func startOutside(t *testing.T) *outside {
	t.Helper()
	o := &outside{asked: map[string]int{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.mu.Lock()
		o.asked[r.URL.Path]++
		o.mu.Unlock()
		if r.URL.Path == "/control" {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(o.hostile()))
		}
	}))
	t.Cleanup(server.Close)
	o.url = server.URL
	return o
}

// hostile is a mail that tries everything.
func (o *outside) hostile() string {
	return strings.ReplaceAll(`<html><head><title>x</title><meta http-equiv="refresh" content="1;url=OUT/refresh">
<link rel="stylesheet" href="OUT/sheet"><link rel="prefetch" href="OUT/prefetch"><link rel="preload" as="image" href="OUT/preload"><link rel="icon" href="OUT/icon">
<style>@import url("OUT/import"); body { background: url("OUT/background") } @font-face { font-family: f; src: url("OUT/font") } p { font-family: f }</style>
<script src="OUT/script"></script></head>
<body background="OUT/attribute" onload="fetch('OUT/onload')"><p style="background: url(OUT/inline)">Hi</p>
<img src="OUT/image"><img srcset="OUT/srcset 2x" src="OUT/image2"><img src="x:" onerror="fetch('OUT/onerror')">
<iframe src="OUT/iframe"></iframe><object data="OUT/object"></object><embed src="OUT/embed"><video src="OUT/video" poster="OUT/poster" autoplay></video><audio src="OUT/audio" autoplay></audio>
<svg><image href="OUT/svg"/><script>fetch('OUT/svgscript')</script></svg><input type="image" src="OUT/input">
<form action="OUT/form"><input autofocus onfocus="fetch('OUT/focus')"></form>
<script>document.title = 'owned'; fetch('OUT/fetch'); try { parent.document.title = 'owned' } catch {} </script></body></html>`, "OUT", o.url)
}

func (o *outside) paths() []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.Sorted(maps.Keys(o.asked))
}

// A mail that tries everything runs nothing, and nobody outside hears of it.
func testHostileMail(ctx context.Context, t *testing.T, d dev) {
	const subject = `</title><script>document.title="owned"</script><img src=x onerror=alert(1)>`
	control, o := startOutside(t), startOutside(t)
	// A plain page with the same HTML loads all of it: what is counted below would be seen.
	do(ctx, t, "see it work elsewhere", chromedp.Navigate(control.url+"/control"))
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		var missing []string
		for _, path := range []string{"/refresh", "/sheet", "/prefetch", "/preload", "/import", "/background", "/script", "/onload", "/inline", "/image", "/onerror", "/iframe", "/object", "/svg", "/input", "/fetch"} {
			if !slices.Contains(control.paths(), path) {
				missing = append(missing, path)
			}
		}
		if len(missing) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("the control page does not load %v; it loads %v", missing, control.paths())
		}
	}
	d.send(ctx, t, "hostile-1", map[string]any{
		"to": `"\"><script>document.title=1</script>" <eve@example.net>`, "subject": subject, "text": "<script>document.title='owned'</script>", "html": o.hostile(),
	})
	number := regexp.MustCompile(`href="/mailbox/(\d+)"`).FindStringSubmatch(fetch(t, d.url+"/mailbox?q=hostile-1"))[1]
	for _, address := range []string{
		"/mailbox", "/mailbox?q=" + "%3Cscript%3E", "/mailbox/" + number, "/mailbox/" + number + "?scheme=dark", "/mailbox/" + number + "?view=text",
		"/mailbox/" + number + "?view=source", "/mailbox/" + number + "?view=headers", "/mailbox/" + number + "?raw=html",
	} {
		do(ctx, t, "open "+address, chromedp.Navigate(d.url+address))
		// Longer than the meta refresh takes: that nothing comes is seen only by waiting.
		time.Sleep(1500 * time.Millisecond)
		if at := value[string](ctx, t, "location.href"); at != d.url+address {
			t.Errorf("%s leads to %s", address, at)
		}
		if title := value[string](ctx, t, "document.title"); title == "owned" || title == "1" {
			t.Errorf("%s runs a script", address)
		}
		if scripts := value[int](ctx, t, `[...document.scripts].filter(s => !s.src.endsWith("/pages/pages.js")).length`); scripts > 0 && !strings.Contains(address, "raw") {
			t.Errorf("%s has %d scripts of the mail's", address, scripts)
		}
	}
	if asked := o.paths(); len(asked) > 0 {
		t.Errorf("the pages load %v from outside", asked)
	}
	do(ctx, t, "see that it is shown", chromedp.Navigate(d.url+"/mailbox/"+number), chromedp.WaitVisible(`//p[contains(text(), "are not loaded here")]`))
}

// The page that `enqueue preview --open` writes shows the mail, too.
func testOpened(ctx context.Context, t *testing.T, d dev) {
	dir, probes := t.TempDir(), t.TempDir()
	if err := os.WriteFile(filepath.Join(probes, "probe.html"), []byte(probe), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(filepath.Join(d.bin, "enqueue"), "preview", "probe", "--templates", probes, "--open", "--out", dir)
	cmd.Env = []string{}
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("no browser was opened")) {
		t.Fatalf("%v\n%s", err, out)
	}
	do(ctx, t, "open the file", chromedp.Navigate("file://"+filepath.Join(dir, "preview.html")), chromedp.WaitVisible(`//h1[text()="Probe"]`), chromedp.WaitVisible(`//pre[contains(text(), "Probe")]`))
	// chromedp takes no picture of an element there, only of the page.
	at := value[[]int](ctx, t, `(r => [r.x + r.width / 2, r.y + r.height / 2].map(Math.round))(document.querySelector("iframe").getBoundingClientRect())`)
	want := color.NRGBA{B: 255, A: 255}
	var got color.Color
	for deadline := time.Now().Add(patience); got != want && time.Now().Before(deadline); time.Sleep(pause) {
		shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
		if err != nil {
			t.Fatal(err)
		}
		got = plain(t, shot).At(at[0], at[1])
	}
	if got != want {
		t.Errorf("the frame shows %v, want %v", got, want)
	}
}

// testPicture looks at the page that the README shows: both frames have the mail in
// them, with its image.
func testPicture(ctx context.Context, t *testing.T, d dev) {
	do(ctx, t, "open the receipt", chromedp.EmulateViewport(1400, 880), chromedp.Navigate(d.url+"/preview/receipt"),
		chromedp.WaitVisible(`.phone iframe`), chromedp.WaitNotPresent(`//a[text()="probe"]`))
	blue := color.NRGBA{R: 11, G: 87, B: 208, A: 255} // Of the logo and the button.
	for _, selector := range []string{".desktop iframe", ".phone iframe"} {
		for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
			seen, n := picture(ctx, t, selector), 0
			for y := range seen.Bounds().Dy() {
				for x := range seen.Bounds().Dx() {
					if seen.At(x, y) == blue {
						n++
					}
				}
			}
			if n > 5000 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("%s does not show logo and button: %d pixels of them", selector, n)
			}
		}
	}
	shot, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("POSTROOM_PICTURE") != "" {
		if err := os.WriteFile(pictureOf, shot, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(pictureOf)
	if err != nil {
		t.Fatalf("%v: run with POSTROOM_PICTURE=1", err)
	}
	size, err := png.DecodeConfig(bytes.NewReader(kept))
	if err != nil || len(kept) > 200_000 {
		t.Errorf("the picture has %d bytes, at most 200000 are right: %v", len(kept), err)
	}
	if now, err := png.DecodeConfig(bytes.NewReader(shot)); err != nil || now.Width != size.Width || now.Height != size.Height {
		t.Errorf("the README's picture is %dx%d, the page %dx%d: run with POSTROOM_PICTURE=1", size.Width, size.Height, now.Width, now.Height)
	}
}
