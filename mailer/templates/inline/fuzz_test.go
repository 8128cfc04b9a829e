package inline_test

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/postroom/postroom/internal/othermails"
	"github.com/postroom/postroom/mailer/templates/inline"
)

var token = regexp.MustCompile(`q7zaction\d{6}z`)

// Whatever comes in, no token is lost, and nothing changes but style.
func FuzzCSS(f *testing.F) {
	for _, source := range othermails.All(f) {
		f.Add(source)
	}
	for seed := range uint64(20) {
		source, _ := author{rand.New(rand.NewPCG(seed, 1))}.document()
		f.Add(source)
	}
	for _, source := range []string{
		"<style>.c b { color: red }</style><p><b><b><b><i class=c><b>z</b></i></p>a", "<style>b{a:b}</style><svg><style>b</style><b>", "<style>b{a:b}</style><table>a<style>b{a:b}</style>c",
		"<style>*{a:b}p{a:b!important}</style><p style=\"a:'&quot;'\" style='b'>", "<style>a{b:c}</style><noscript><style>a{b:d}</style><a></noscript>",
		"<body style=a:b><style>body{a:c}</style><body style=a:d>", "<style>p{a:url(}</style><p =a style>", "<style>p{a:b}</style><pre>\n<style>p{a:b}</style>\n<p>",
	} {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		result, err := inline.CSS(source)
		if err != nil {
			if result != "" || strings.ContainsAny(err.Error(), "\n\r") {
				t.Errorf("CSS: %q, %q", result, err)
			}
			return
		}
		if !slices.Equal(token.FindAllString(source, -1), token.FindAllString(result, -1)) {
			t.Errorf("other tokens:\n%s\n%s", source, result)
		}
		if before, after := tree(t, source), tree(t, result); before != after {
			t.Errorf("another tree:\n%s\n%s\n%s\n%s", source, result, before, after)
		}
		if again, err := inline.CSS(result); err == nil && !slices.Equal(token.FindAllString(again, -1), token.FindAllString(result, -1)) {
			t.Errorf("other tokens the second time:\n%s\n%s", result, again)
		}
	})
}

// tree writes what a document is but for style and space.
func tree(t *testing.T, source string) string {
	t.Helper()
	root, err := html.ParseWithOptions(strings.NewReader(source), html.ParseOptionEnableScripting(false))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range root.Descendants() {
		depth := 0
		for p := n.Parent; p != nil; p = p.Parent {
			depth++
		}
		text := strings.Join(strings.Fields(n.Data), "")
		switch {
		case n.Type == html.ElementNode && n.Data == "style" && n.Namespace == "", n.Parent.Type == html.ElementNode && n.Parent.Data == "style":
			continue
		case n.Type == html.TextNode:
			b.WriteString(text)
			continue
		}
		b.WriteString("\n" + strings.Repeat(" ", depth) + text)
		for _, a := range n.Attr {
			if a.Key != "style" && a.Key != "width" {
				b.WriteString(" " + a.Key + "=" + a.Val)
			}
		}
	}
	return b.String()
}
