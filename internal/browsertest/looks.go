package browsertest

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
)

// Window is what a page is looked at in.
type Window struct {
	Width  int64
	Scheme string // "light" or "dark".
}

// Windows are those of a desktop by day and of a phone by night.
var Windows = []Window{{600, "light"}, {320, "dark"}}

// computed gives all elements that can be seen, each with all its properties.
const computed = `[...document.body.querySelectorAll('*'), document.body, document.documentElement]
	.filter(e => e.tagName !== 'STYLE')
	.map((e, i) => {
		const style = getComputedStyle(e)
		return i + ' ' + e.tagName + ': ' + [...style].map(p => p + '=' + style.getPropertyValue(p)).join('; ')
	})`

// remember keeps them where the tab's next page finds them: in Go they would be a
// megabyte of JSON for each page.
const remember = `(window.name = JSON.stringify(` + computed + `)).length`

const compare = `((was, now) => {
	if (was.length !== now.length) return now.length + ' elements, ' + was.length + ' before'
	for (let n = 0; n < was.length; n++) {
		if (was[n] === now[n]) continue
		let i = 0
		while (was[n][i] === now[n][i]) i++
		const around = s => '…' + s.slice(Math.max(0, i - 60), i + 60)
		return was[n].slice(0, 20) + ': was ' + around(was[n]) + ', is ' + around(now[n])
	}
	return ''
})(JSON.parse(window.name), ` + computed + `)`

// Serve shows pages, each at its name, until the test ends. It returns the
// address to which a name is added by url.PathEscape.
func Serve(t *testing.T, pages map[string]string) (address func(name string) string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path[1:]]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(server.Close)
	return func(name string) string { return server.URL + "/" + url.PathEscape(name) }
}

// A Change is the first thing that is not as before; empty where all is.
type Change struct {
	// Element is about a computed property, or the number of elements.
	Element string
	// Picture is about what a person sees.
	Picture string
}

// Compare opens a page in a browser, in a window, and says what changed in each of
// the others.
func Compare(ctx context.Context, t *testing.T, in Window, before string, others ...string) []Change {
	t.Helper()
	show(ctx, t, in, before)
	run(ctx, t, before, chromedp.Evaluate[int](remember))
	was := run(ctx, t, before, chromedp.FullScreenshot(100))
	changes := make([]Change, len(others))
	for i, other := range others {
		show(ctx, t, in, other)
		changes[i].Element = run(ctx, t, other, chromedp.Evaluate[string](compare))
		changes[i].Picture = comparePictures(t, was, run(ctx, t, other, chromedp.FullScreenshot(100)))
	}
	return changes
}

func show(ctx context.Context, t *testing.T, in Window, address string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(in.Width, 800), Prefer(in.Scheme), chromedp.Navigate(address)); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
}

func run[T any](ctx context.Context, t *testing.T, address string, action chromedp.Action[T]) T {
	t.Helper()
	result, err := chromedp.Run(ctx, action)
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return result
}

func comparePictures(t *testing.T, before, after []byte) string {
	t.Helper()
	if bytes.Equal(before, after) {
		return ""
	}
	old, now := decode(t, before), decode(t, after)
	if old.Bounds() != now.Bounds() {
		return fmt.Sprintf("is %v, was %v", now.Bounds(), old.Bounds())
	}
	different := 0
	for y := range old.Bounds().Dy() {
		for x := range old.Bounds().Dx() {
			if old.At(x, y) != now.At(x, y) {
				different++
			}
		}
	}
	if different > 0 {
		return fmt.Sprintf("%d pixels differ", different)
	}
	return ""
}

func decode(t *testing.T, picture []byte) image.Image {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

// Overflow is by how many pixels a page is wider than its window, and so runs off
// it.
func Overflow(ctx context.Context, t *testing.T, in Window, address string) int {
	t.Helper()
	show(ctx, t, in, address)
	return run(ctx, t, address, chromedp.Evaluate[int](`document.documentElement.scrollWidth - `+strconv.FormatInt(in.Width, 10)))
}

// Measure gives what an expression of JavaScript says of each element that a
// selector of CSS finds; e is the element.
func Measure(ctx context.Context, t *testing.T, in Window, address, selector, expression string) []float64 {
	t.Helper()
	show(ctx, t, in, address)
	return run(ctx, t, address, chromedp.Evaluate[[]float64](
		fmt.Sprintf(`[...document.querySelectorAll(%q)].map(e => %s)`, selector, expression)))
}
