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
	"testing"

	"github.com/chromedp/chromedp"
)

// Looks is how a page looks.
type Looks struct {
	// Picture is the whole of it, a PNG.
	Picture []byte
	// Elements are all that can be seen, each with all its computed properties.
	Elements []string
}

// Window is what a page is looked at in.
type Window struct {
	Width  int64
	Scheme string // "light" or "dark".
}

// Windows are those of a desktop by day and of a phone by night.
var Windows = []Window{{600, "light"}, {320, "dark"}}

const computed = `[...document.body.querySelectorAll('*'), document.body, document.documentElement]
	.filter(e => e.tagName !== 'STYLE')
	.map((e, i) => {
		const style = getComputedStyle(e)
		return i + ' ' + e.tagName + ': ' + [...style].map(p => p + '=' + style.getPropertyValue(p)).join('; ')
	})`

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

// Look opens a page in a browser, and looks at it in a window.
func Look(ctx context.Context, t *testing.T, address string, in Window) Looks {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(in.Width, 800), Prefer(in.Scheme), chromedp.Navigate(address)); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	elements, err := chromedp.Run(ctx, chromedp.Evaluate[[]string](computed))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	picture, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return Looks{picture, elements}
}

// Difference says what is the first thing that changed, or nothing.
func Difference(t *testing.T, before, after Looks) string {
	t.Helper()
	if len(before.Elements) != len(after.Elements) {
		return fmt.Sprintf("%d elements, %d before", len(after.Elements), len(before.Elements))
	}
	for i := range before.Elements {
		if before.Elements[i] != after.Elements[i] {
			return firstDifference(before.Elements[i], after.Elements[i])
		}
	}
	return PictureDifference(t, before, after)
}

// PictureDifference is Difference for what a person sees.
func PictureDifference(t *testing.T, before, after Looks) string {
	t.Helper()
	if bytes.Equal(before.Picture, after.Picture) {
		return ""
	}
	old, now := decode(t, before.Picture), decode(t, after.Picture)
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

func firstDifference(before, after string) string {
	i := 0
	for i < min(len(before), len(after)) && before[i] == after[i] {
		i++
	}
	from := max(0, i-60)
	return fmt.Sprintf("%.20s: was …%s, is …%s", before, before[from:min(len(before), i+60)], after[from:min(len(after), i+60)])
}

func decode(t *testing.T, picture []byte) image.Image {
	t.Helper()
	decoded, err := png.Decode(bytes.NewReader(picture))
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}
