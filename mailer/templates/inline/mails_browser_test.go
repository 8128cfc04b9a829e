//go:build browser

package inline_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

	"github.com/postroom/postroom/mailer/templates/inline"
)

// computed are all computed properties of all elements that are seen.
const computed = `[...document.body.querySelectorAll('*'), document.body, document.documentElement]
	.filter(e => e.tagName !== 'STYLE')
	.map((e, i) => i + ' ' + e.tagName + ': ' + [...getComputedStyle(e)].map(p => p + '=' + getComputedStyle(e).getPropertyValue(p)).join('; '))`

// Mails that others wrote look the same inlined, at the width of a desktop and
// of a phone, light and dark: each pixel, and each property of each element.
func TestMailsLookTheSame(t *testing.T) {
	t.Parallel()
	ctx := chromium(t)
	pages := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page, ok := pages[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(server.Close)
	files := mails(t)
	for name, source := range files {
		result, err := inline.CSS(source)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		pages["/before/"+name], pages["/after/"+name] = source, result
	}
	for name := range files {
		for _, width := range []int64{600, 320} {
			for _, scheme := range []string{"light", "dark"} {
				what := fmt.Sprintf("%s at %d px, %s", name, width, scheme)
				before := look(ctx, t, server.URL+"/before/"+url.PathEscape(name), width, scheme)
				after := look(ctx, t, server.URL+"/after/"+url.PathEscape(name), width, scheme)
				compareLooks(t, what, before, after)
			}
		}
	}
}

// appearance is how a page looks.
type appearance struct {
	picture  []byte
	elements []string
}

func look(ctx context.Context, t *testing.T, address string, width int64, scheme string) appearance {
	t.Helper()
	dark := func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		return cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), dark, chromedp.Navigate(address)); err != nil {
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
	return appearance{picture, elements}
}

func compareLooks(t *testing.T, what string, before, after appearance) {
	t.Helper()
	if len(before.elements) != len(after.elements) {
		t.Errorf("%s: %d elements, %d before", what, len(after.elements), len(before.elements))
		return
	}
	for i := range before.elements {
		if before.elements[i] != after.elements[i] {
			t.Errorf("%s: %s", what, firstDifference(before.elements[i], after.elements[i]))
			return
		}
	}
	old, now := decode(t, before.picture), decode(t, after.picture)
	if old.Bounds() != now.Bounds() {
		t.Errorf("%s: is %v, was %v", what, now.Bounds(), old.Bounds())
		return
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
		t.Errorf("%s: %d pixels differ", what, different)
	}
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
	if dir := os.Getenv("LOOKS"); dir != "" {
		_ = os.WriteFile(filepath.Join(dir, "look.png"), picture, 0o600)
	}
	return decoded
}
