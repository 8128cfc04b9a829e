package inline_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/templates/inline"
)

// page is a document with a sheet and a body; what stays is compared in the
// same form.
func page(sheet, body string) string {
	if sheet != "" {
		sheet = "<style>" + sheet + "</style>"
	}
	return "<!DOCTYPE html>\n<html><head>" + sheet + "</head><body>" + body + "</body></html>\n"
}

type row struct{ name, sheet, body, wantSheet, wantBody string }

func check(t *testing.T, rows []row) {
	t.Helper()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got, err := inline.CSS(page(row.sheet, row.body))
			if want := page(row.wantSheet, row.wantBody); err != nil || got != want {
				t.Errorf("CSS:\n%s%v\nwant:\n%s", got, err, want)
			}
		})
	}
}

func TestCascade(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{"a rule", `p { color: red }`, `<p>a</p>`, ``, `<p style="color: red;">a</p>`},
		{"nothing matches", `p { color: red }`, `<b>a</b>`, `p { color: red }`, `<b>a</b>`},
		{
			"specificity", `#i { width: 1px } .c { width: 2em } p { width: 3% }`, `<p class="c" id="i">a</p>`,
			``, `<p style="width: 3%; width: 2em; width: 1px;" class="c" id="i">a</p>`,
		},
		{"order", `p { width: 1px } p { width: 2em }`, `<p>a</p>`, ``, `<p style="width: 1px; width: 2em;">a</p>`},
		{"what is replaced goes", `p { width: 1px } p { width: 2px }`, `<p>a</p>`, ``, `<p style="width: 2px;">a</p>`},
		{"a fallback stays", `p { background: #fff; background: linear-gradient(red, blue) }`, `<p>a</p>`, ``, `<p style="background: #fff; background: linear-gradient(red, blue);">a</p>`},
		{
			"shorthand and longhand", `.c { margin-top: 1px } p { margin: 2px } .c { margin-left: 3px }`, `<p class="c">a</p>`,
			``, `<p style="margin: 2px; margin-top: 1px; margin-left: 3px;" class="c">a</p>`,
		},
		{"the author's style comes last", `p { width: 1em }`, `<p style="width: 2px">a</p>`, ``, `<p style="width: 1em; width: 2px">a</p>`},
		{"important comes behind it", `p { width: 1em !important; color: red }`, `<p style="width: 2px">a</p>`, ``, `<p style="color: red; width: 2px; width: 1em;">a</p>`},
		{"important behind a higher selector", `p { width: 1em !important } .c { width: 2% }`, `<p class="c">a</p>`, ``, `<p style="width: 2%; width: 1em;" class="c">a</p>`},
		{"descendant", `div p { color: red }`, `<div><b><p>a</p></b></div><p>b</p>`, ``, `<div><b><p style="color: red;">a</p></b></div><p>b</p>`},
		{"child", `div > p { color: red }`, `<div><b><p>a</p></b><p>b</p></div>`, ``, `<div><b><p>a</p></b><p style="color: red;">b</p></div>`},
		{
			"child of a child, below another of its kind", `div > b > p { color: red }`, `<div><b><p>a</p><div><i><p>c</p></i></div></b></div>`,
			``, `<div><b><p style="color: red;">a</p><div><i><p>c</p></i></div></b></div>`,
		},
		{"a list", `p, .c { color: red }`, `<p>a</p><b class="d c">b</b>`, ``, `<p style="color: red;">a</p><b style="color: red;" class="d c">b</b>`},
		{"attributes", `[align=right] { color: red }`, `<p align=right>a</p>`, ``, `<p style="color: red;" align=right>a</p>`},
		{"upper case", `P { COLOR: Red }`, `<P>a</P>`, ``, `<P style="COLOR: Red;">a</P>`},
		{"a tag that is not written", `tbody { color: red }`, `<table><tr><td>a</td></tr></table>`, `tbody { color: red }`, `<table><tr><td>a</td></tr></table>`},
		{"self-closing", `br { clear: both }`, `<br/>`, ``, `<br style="clear: both;"/>`},
	})
}

func TestWhatStays(t *testing.T) {
	t.Parallel()
	for _, stays := range []string{
		`@media print { p { color: red } }`, `@font-face { font-family: a; src: url(a) }`, `@import url("a.css");`,
		`@supports (color: red) { p { color: red } }`, `@charset "utf-8";`, `@keyframes a { from { color: red } }`,
		`p:hover { color: red }`, `a:visited, a:link { color: red }`, `p::before { color: red }`, `p:before { color: red }`,
		`p:first-child { color: red }`, `p:nth-child(2n + 1) { color: red }`, `p:only-child { color: red }`, `b + p { color: red }`,
		`a ~ p { color: red }`, `* { color: red }`, `div > * { color: red }`, `#outlook p { color: red }`, `p:not(.c) { color: red }`,
		`p { *zoom: 1 }`, `p { _height: 1px }`, `p { color: red\9 }`, `p { filter: progid:x.y(a=1) }`,
		`p:-moz-any-link, p { color: red }`, `p { color: red; &:hover { color: blue } }`, `@layer a { p { color: red } }`,
		`p { all: unset } @layer a { p { color: red } }`, `/* nothing */`,
	} {
		body := `<div><a href="x">x</a><b>b</b><p>a</p></div>`
		got, err := inline.CSS(page(stays, body))
		if err != nil || got != page(stays, body) {
			t.Errorf("%s:\n%s%v", stays, got, err)
		}
	}
}

// What stays wins or loses as it did before.
func TestWhoWins(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{"media wins", `p { color: red } @media print { p { color: blue } }`, `<p>a</p>`, ` @media print { p { color: blue !important } }`, `<p style="color: red;">a</p>`},
		{"media that won already", `p { color: red } @media print { p { color: blue!important } }`, `<p>a</p>`, ` @media print { p { color: blue!important } }`, `<p style="color: red;">a</p>`},
		{"media about something else", `p { color: red } @media print { p { width: 1px } b { color: red } }`, `<p>a</p>`, ` @media print { p { width: 1px } b { color: red } }`, `<p style="color: red;">a</p>`},
		{"media loses by its place", `@media print { p { color: blue } } p { color: red }`, `<p>a</p>`, `@media print { p { color: blue } } `, `<p style="color: red;">a</p>`},
		{"media loses by its selector", `.c { color: red } @media print { p { color: blue } }`, `<p class="c">a</p>`, ` @media print { p { color: blue } }`, `<p style="color: red;" class="c">a</p>`},
		{
			"media wins here and loses there", `p { color: red } div p { color: green } @media print { p { color: blue } }`, `<p>a</p><div><p>b</p></div>`,
			` div p { color: green !important } @media print { p { color: blue !important } }`, `<p style="color: red;">a</p><div><p style="color: red; color: green;">b</p></div>`,
		},
		{
			"the author's style beats what wins elsewhere", `p { color: red } @media print { p { color: blue } }`, `<p>a</p><p style="color: green">b</p>`,
			` @media print { p { color: blue !important } }`, `<p style="color: red;">a</p><p style="color: red; color: green; color: green !important;">b</p>`,
		},
		{
			"a token can't be repeated", `p { color: red } @media print { p { color: blue } }`, `<p>a</p><p style="color: q7zaction000001z; width: 1px">b</p>`,
			` @media print { p { color: blue !important } }`, `<p style="color: red;">a</p><p style="color: red; color: q7zaction000001z !important; width: 1px">b</p>`,
		},
		{
			"important loses to a raised one: nothing of the family is inlined", `p { color: red !important; width: 1px } .c { color: green } @media print { .c.c { color: blue } }`, `<p class="c">a</p>`,
			`p { color: red !important; } .c { color: green } @media print { .c.c { color: blue } }`, `<p style="width: 1px;" class="c">a</p>`,
		},
		{"important above a raised one", `p { color: red } @media print { p { color: blue } } p { color: green !important }`, `<p>a</p>`, ` @media print { p { color: blue !important } } p { color: green !important }`, `<p style="color: red; color: green;">a</p>`},
		{
			"important beats a style that would have to become important", `p { color: red } @media print { p { color: blue } } p { color: green !important; width: 1px }`, `<p>a</p><p style="color: white">b</p>`,
			`p { color: red } @media print { p { color: blue } } p { color: green !important; }`, `<p style="width: 1px;">a</p><p style="width: 1px; color: white">b</p>`,
		},
		{
			"a token under an important style", `p { color: red } @media print { p { color: blue } }`, `<p style="color: q7zaction000001z; color: green !important">a</p>`,
			`p { color: red } @media print { p { color: blue } }`, `<p style="color: q7zaction000001z; color: green !important">a</p>`,
		},
		{
			"a style that is all data", `p { color: red; width: 1px } @media print { p { color: blue } }`, `<p style="q7zaction000001z">a</p>`,
			`p { color: red; } @media print { p { color: blue } }`, `<p style="width: 1px; q7zaction000001z">a</p>`,
		},
		{
			"a style in a tag that is two elements", `.a { margin: 0; width: 1px } @media print { .a { margin: 1px } }`, `<a class="a" style="margin: 2px">x<div>y<a>z</a></div></a><p class="a">b</p>`,
			`.a { margin: 0; width: 1px } @media print { .a { margin: 1px } }`, `<a class="a" style="margin: 2px">x<div>y<a>z</a></div></a><p style="width: 1px;" class="a">b</p>`,
		},
		{"a tag that is two elements", `p b { color: red }`, `<p><b>a</p>b`, `p b { color: red }`, `<p><b>a</p>b`},
		{"a rule beside itself", `p, .c, p:hover { color: red }`, `<p class="c">a</p>`, `p:hover { color: red }`, `<p style="color: red;" class="c">a</p>`},
		{"nested rules", `p { color: red; width: 1px } p { height: 1px; & b { color: blue } }`, `<p>a</p>`, `p { color: red; } p { height: 1px; & b { color: blue } }`, `<p style="width: 1px;">a</p>`},
		{"a width that is asked for", `img { width: 20px } @media print { [width] { height: 1px } }`, `<img src="a">`, ` @media print { [width] { height: 1px } }`, `<img style="width: 20px;" src="a">`},
		{"hover", `a, a:hover { color: red } a:hover { width: 1px }`, `<a href="x">a</a>`, `a:hover { color: red } a:hover { width: 1px }`, `<a style="color: red;" href="x">a</a>`},
		{"hover after a rule between", `a:hover { color: red } a { color: blue }`, `<a href="x">a</a>`, `a:hover { color: red !important } `, `<a style="color: blue;" href="x">a</a>`},
		{"shorthand stays", `p { margin-top: 1px } @media print { p { margin: 0 } }`, `<p>a</p>`, ` @media print { p { margin: 0 !important } }`, `<p style="margin-top: 1px;">a</p>`},
		{"an animation loses to what is important", `p { color: red } p:hover { color: blue } @keyframes a { to { color: green } }`, `<p>a</p>`, `p { color: red } p:hover { color: blue } @keyframes a { to { color: green } }`, `<p>a</p>`},
	})
}

func TestTokens(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{"beside a class", `.btn { color: red }`, `<p class="btn q7zaction000003z">a</p>`, ``, `<p style="color: red;" class="btn q7zaction000003z">a</p>`},
		{"touching a class", `.btn { color: red }`, `<p class="btn-q7zaction000003z">a</p>`, `.btn { color: red }`, `<p class="btn-q7zaction000003z">a</p>`},
		{"a class between two", `.b { color: red }`, `<p class="q7zaction000001z b q7zaction000002z">a</p>`, `.b { color: red }`, `<p class="q7zaction000001z b q7zaction000002z">a</p>`},
		{"a class that may come", `p { color: red } .big { color: blue }`, `<p class="q7zaction000001z">a</p>`, ` .big { color: blue !important }`, `<p style="color: red;" class="q7zaction000001z">a</p>`},
		{"an attribute between two", `.x { color: red } td { width: 1px }`, `<table><td q7zaction000001zclass="x"q7zaction000002z>a</td></table>`, `.x { color: red } `, `<table><td style="width: 1px;" q7zaction000001zclass="x"q7zaction000002z>a</td></table>`},
		{"a style", `p { color: red }`, `<p style="color: q7zaction000004z">a</p>`, ``, `<p style="color: red; color: q7zaction000004z">a</p>`},
		{"a style under a condition within", `p { width: 1em }`, `<p style="q7zaction000004zcolor: redq7zaction000005z; width: 1px">a</p>`, ``, `<p style="width: 1em; q7zaction000004zcolor: redq7zaction000005z; width: 1px">a</p>`},
		{"in a sheet", `p { color: q7zaction000001z }`, `<p>a</p>`, `p { color: q7zaction000001z }`, `<p>a</p>`},
		{"in content", `td { color: red }`, `<table><!--q7zaction000001z--><tr><td>q</td></tr><!--q7zaction000002z--></table>`, ``, `<table><!--q7zaction000001z--><tr><td style="color: red;">q</td></tr><!--q7zaction000002z--></table>`},
		{"in an address", `a[href^="https:"] { color: red }`, `<a href="https://x/q7zaction000001z">a</a><a href="q7zaction000002z">b</a>`, `a[href^="https:"] { color: red }`, `<a style="color: red;" href="https://x/q7zaction000001z">a</a><a href="q7zaction000002z">b</a>`},
	})
}

// A block with a token in it stays as it is, and wins where it did.
func TestBlocks(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, source, want string }{
		{
			"data wins", "<style>p { color: red; width: 1px }</style><style>p { color: q7zaction000001z }</style><p>a</p>",
			"<style>p { color: red; }</style><style>p { color: q7zaction000001z }</style><p style=\"width: 1px;\">a</p>",
		},
		{"data-embed", "<style data-embed>p { color: red }</style><p>a</p>", "<style data-embed>p { color: red }</style><p>a</p>"},
		{"not CSS", "<style type=text/less>p { @x }</style><p>a</p>", "<style type=text/less>p { @x }</style><p>a</p>"},
		{"under a query", "<style media=print>p { color: red }</style><p>a</p>", "<style media=print>p { color: red }</style><p>a</p>"},
		{
			"maybe under a condition", "<head><!--q7zaction000001z--><style>p { color: red }</style><!--q7zaction000002z--></head><p>a</p>",
			"<head><!--q7zaction000001z--><style>p { color: red }</style><!--q7zaction000002z--></head><p>a</p>",
		},
		{
			"several", "<head>\n  <style>\n    p { color: red }\n  </style>\n<style>\n  /* sizes */\n  p { width: 1px }\n  @media print { p { height: 1px } }\n</style>\n</head><p>a</p><style>p { height: 2px }</style>b",
			"<head>\n<style>\n  /* sizes */\n  @media print { p { height: 1px } }\n</style>\n</head><p style=\"color: red; width: 1px; height: 2px;\">a</p>b",
		},
		{"no style", "<p>a", "<p>a"},
		{"left by its author empty", "<style></style><p>a", "<style></style><p>a"},
		{"in a comment", "<!--[if mso]><style>p { color: red }</style><![endif]--><style>p{}</style><p>a", "<!--[if mso]><style>p { color: red }</style><![endif]--><p>a"},
		{"a picture's width", "<style>img { width: 20px }</style><img src=a><img src=b width=4>", "<img style=\"width: 20px;\" width=\"20\" src=a><img style=\"width: 20px;\" src=b width=4>"},
	} {
		got, err := inline.CSS(test.source)
		if err != nil || got != test.want {
			t.Errorf("%s:\n%s, %v\nwant:\n%s", test.name, got, err, test.want)
		}
	}
}

func TestQuotes(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{"double in single", `p { font-family: "A" }`, `<p style='width: 1px'>a</p>`, ``, `<p style='font-family: &#39;A&#39;; width: 1px'>a</p>`},
		{"double", `p { font-family: "A" }`, `<p style="width: 1px">a</p>`, ``, `<p style="font-family: 'A'; width: 1px">a</p>`},
		{"both", `p { font-family: "it's" }`, `<p style="font-family: &quot;B&quot;, 'C'">a</p>`, ``, `<p style="font-family: &quot;it's&quot;; font-family: &quot;B&quot;, 'C'">a</p>`},
		{"none", `p { color: red }`, `<p style=width:1px>a</p>`, ``, `<p style="color: red; width:1px">a</p>`},
		{"empty", `p { color: red }`, `<p style>a</p>`, ``, `<p style="color: red;">a</p>`},
		{"an ampersand", `p { background: url("a?b=1&amp=2") }`, `<p>a</p>`, ``, `<p style="background: url(&quot;a?b=1&amp;amp=2&quot;);">a</p>`},
	})
}

func TestErrors(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"<p>\n<style>p { color: red }<p>":                                            `line 2: this <style> is not closed`,
		"<style>\np { color: red</style>":                                            `line 2: in <style>: the block of "p" is not closed`,
		"<style>\n\n@media print { p { color: red }</style>":                         `line 3: in <style>: the block of @media print is not closed`,
		"<style>p { color: red }\n}</style>":                                         `line 2: in <style>: there is a } too many`,
		"<style>\np { color red }</style>":                                           `line 2: in <style>: this is no declaration, it has no colon after a name: color red`,
		"<style>\np</style>":                                                         `line 2: in <style>: there is no { after "p"`,
		"<style>/* a\n p { }</style>":                                                `line 1: in <style>: a comment is not closed: there is no */ to this /*`,
		"<style>p { a: \"b\n\" }</style>":                                            `line 1: in <style>: a string has a line break in it: "b`,
		"<style>\np $ b { a: b }</style>":                                            `line 2: in <style>: this selector cannot be read: p $ b ($ stands where a name, a class or an ID should)`,
		"<style>.c b { color: red }</style><p><b><b><b><i class=c><b>z</b></i></p>a": `the tags are nested so wrongly that inlining would move some; close each element inside the one that it began in`,
		"<style>p { }\n{ a: b }</style>":                                             `line 2: in <style>: a { stands without a selector`,
		"<style>\np, { a: b }</style>":                                               `line 2: in <style>: a selector is missing beside a comma or before {`,
		"<style>\n> p { a: b }</style>":                                              `line 2: in <style>: this selector cannot be read: > p (nothing stands before >)`,
		"<style>\n[a { a: b }</style>":                                               `line 2: in <style>: there is no { after "[a { a: b }"`,
		"<style>p { a: b) }</style>":                                                 `line 1: in <style>: a bracket is not closed or not opened: a: b)`,
		"<style>p { a: b }</style>\n<p style='c: (d'>":                               `line 2: in a style attribute: a bracket is not closed or not opened: c: (d`,
		"<p>\n<b q7zaction000001zstyle=\"a\"q7zaction000002z>": `line 2: the style attribute of <b> stands between two actions, under a condition: put the condition into the attribute, ` +
			`as in style="{{if …}}color: red{{end}}", or the attribute before the first action of the tag`,
		"<style>p { a: b }</style>" + strings.Repeat("<b>", 600):                                                     `the HTML cannot be read: open stack of elements exceeds 512 nodes`,
		strings.Repeat("a", inline.MaxSize+1):                                                                        `the document has 4194305 bytes, more than 4194304`,
		"\n<style>" + strings.Repeat("p,", inline.MaxSelectors) + "p { a: b }</style>":                               `line 2: there are more than 5000 selectors in the style blocks`,
		"<style>" + strings.Repeat("b { a: b }", 4000) + "</style>" + strings.Repeat("<b></b>", 1000):                `there are too many rules for so many elements; make them fewer, or mark a style block with data-embed`,
		"<style>b { background: url(" + strings.Repeat("a", 10000) + ") }</style>" + strings.Repeat("<b></b>", 1000): `inlined, the document would have 10034000 bytes, more than 4194304`,
	} {
		got, err := inline.CSS(source)
		if err == nil || err.Error() != want || got != "" {
			t.Errorf("CSS(%.40q): %v, want %s", source, err, want)
		}
	}
}
