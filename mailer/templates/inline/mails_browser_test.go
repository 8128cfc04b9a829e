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
	"regexp"
	"testing"

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
				if difference := compareLooks(t, before, after); difference != "" {
					t.Errorf("%s: %s", what, difference)
				}
			}
		}
	}
	// The comparison would see what is lost.
	for name, source := range files {
		pages["/without/"+name] = styleBlock.ReplaceAllString(source, "")
		before := look(ctx, t, server.URL+"/before/"+url.PathEscape(name), 320, "dark")
		after := look(ctx, t, server.URL+"/without/"+url.PathEscape(name), 320, "dark")
		if compareLooks(t, before, after) == "" {
			t.Errorf("%s looks the same without its style blocks", name)
		}
		before.elements, after.elements = nil, nil
		if compareLooks(t, before, after) == "" {
			t.Errorf("%s has the same picture without its style blocks", name)
		}
	}
}

var styleBlock = regexp.MustCompile(`(?s)<style.*?</style>`)

// appearance is how a page looks.
type appearance struct {
	picture  []byte
	elements []string
}

func look(ctx context.Context, t *testing.T, address string, width int64, scheme string) appearance {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), prefer(scheme), chromedp.Navigate(address)); err != nil {
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

func compareLooks(t *testing.T, before, after appearance) (difference string) {
	t.Helper()
	if len(before.elements) != len(after.elements) {
		return fmt.Sprintf("%d elements, %d before", len(after.elements), len(before.elements))
	}
	for i := range before.elements {
		if before.elements[i] != after.elements[i] {
			return firstDifference(before.elements[i], after.elements[i])
		}
	}
	old, now := decode(t, before.picture), decode(t, after.picture)
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
