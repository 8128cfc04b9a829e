//go:build browser

package inline_test

import (
	"encoding/json"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/postroom/postroom/internal/browsertest"
	"github.com/postroom/postroom/mailer/templates/inline"
)

// looks gives the computed properties of all elements of two documents in a
// frame of some width, where they differ.
const looks = `((before, after, width) => {
	const set = [...getComputedStyle(document.body)].filter(p =>
		/^(color|display|font-(family|size|weight)|line-height|background-(color|image)|(margin|padding|border)-(top|right|bottom|left).*|text-(align|decoration).*)$/.test(p))
	set.push('width', '--x')
	const look = html => {
		const frame = document.createElement('iframe')
		frame.style.width = width + 'px'
		document.body.append(frame)
		frame.contentDocument.open()
		frame.contentDocument.write(html)
		frame.contentDocument.close()
		const found = [...frame.contentDocument.querySelectorAll('body, body *')].map(e => {
			const style = frame.contentWindow.getComputedStyle(e)
			return e.outerHTML.slice(0, 150) + ' | ' + set.map(p => p + ': ' + style.getPropertyValue(p)).join('; ')
		})
		frame.remove()
		return found
	}
	const a = look(before), b = look(after)
	const properties = s => s.slice(s.indexOf(' | '))
	const i = a.findIndex((s, i) => properties(s) !== properties(b[i] || ''))
	if (a.length != b.length) return 'other elements'
	if (i < 0) return ''
	const x = properties(a[i]).split('; '), y = properties(b[i]).split('; ')
	return b[i].slice(0, 150) + ': was ' + x.filter(p => !y.includes(p)).slice(0, 3) + ', is ' + y.filter(p => !x.includes(p)).slice(0, 3)
})`

// Documents in which every rule meets every other have the same computed
// properties, in a wide dark window and in a narrow light one, whatever
// their tokens stand for.
func TestRandomSheetsLookTheSame(t *testing.T) {
	t.Parallel()
	ctx := browsertest.Open(t)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		t.Fatal(err)
	}
	inlined, important := 0, 0
	documents := 200
	for seed := range uint64(documents) {
		source, values := author{rand.New(rand.NewPCG(seed, 7))}.document()
		result, err := inline.CSS(source)
		if err != nil {
			t.Fatalf("document %d: %v\n%s", seed, err, source)
		}
		inlined += strings.Count(result, "style=") - strings.Count(source, "style=")
		important += strings.Count(result, " !important") - strings.Count(source, " !important")
		for width, scheme := range map[string]string{"600": "dark", "320": "light"} {
			if err := chromedp.Do(ctx, browsertest.Prefer(scheme)); err != nil {
				t.Fatal(err)
			}
			arguments, err := json.Marshal([]string{values.Replace(source), values.Replace(result), width})
			if err != nil {
				t.Fatal(err)
			}
			difference, err := chromedp.Run(ctx, chromedp.Evaluate[string](looks+"(..."+string(arguments)+")"))
			if err != nil {
				t.Fatal(err)
			}
			if difference != "" {
				t.Fatalf("document %d at %s px, %s: %s\n--- before\n%s\n--- after\n%s", seed, width, scheme, difference, source, result)
			}
		}
	}
	if inlined < documents || important < documents/10 {
		t.Errorf("%d documents got %d style attributes and %d important declarations: they test too little", documents, inlined, important)
	}
}
