package plain_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/mailer/templates/plain"
)

func TestTextOfHTML(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		html string
		want []string
	}{
		"paragraphs":              {"<p>One\n two</p><p>three</p>", []string{"One two", "", "three"}},
		"line breaks":             {"<p>1 Main St<br>London<br/>UK</p>", []string{"1 Main St", "London", "UK"}},
		"line breaks in a row":    {"a<br><br><br>b", []string{"a", "", "b"}},
		"a last line break":       {"<div>a<br></div><div>b</div>", []string{"a", "b"}},
		"divisions":               {"<div>a</div><div><div>b</div></div>c", []string{"a", "b", "c"}},
		"sections":                {"<header>a</header><section>b</section><footer>c</footer>", []string{"a", "", "b", "", "c"}},
		"headings":                {"<h1>Your <b>order</b></h1><h2>Items</h2><h3>Tea</h3><p>x", []string{"Your order", "==========", "", "Items", "-----", "", "Tea", "", "x"}},
		"wide letters":            {"<h1>日本ー é</h1>", []string{"日本ー é", "========"}},
		"an empty heading":        {"<p>a</p><h1> </h1><p>b</p>", []string{"a", "", "b"}},
		"a long heading":          {"<h1>" + strings.Repeat("x", 90) + "</h1>", []string{strings.Repeat("x", 90), strings.Repeat("=", 60)}},
		"a heading in a link":     {`<h2><a href="https://x.org/a">A</a></h2><p>b`, []string{"A", "-", "https://x.org/a", "", "b"}},
		"rule":                    {"a<hr>b", []string{"a", "", strings.Repeat("-", 40), "", "b"}},
		"list":                    {"<p>a</p><ul><li>b<li>c</ul>d", []string{"a", "", "- b", "- c", "", "d"}},
		"nested lists":            {"<ul><li>a<ul><li>b<ol><li>c</ol></ul><li>d</ul>", []string{"- a", "  - b", "    1. c", "- d"}},
		"numbers":                 {"<ol><li>a<li>b</ol><ol start=9><li>c<br>d<li>e<br>f</ol>", []string{"1. a", "2. b", "", "9. c", "   d", "10. e", "    f"}},
		"paragraphs in an item":   {"<ul><li><p>a</p><p>b</p><li><p>c</p></ul>", []string{"- a", "", "  b", "", "- c"}},
		"an empty item":           {"<ol><li>a<li> <li>b</ol>", []string{"1. a", "2. b"}},
		"an item of no list":      {"<li>a<li>b", []string{"- a", "- b"}},
		"definitions":             {"<dl><dt>a<dd>b<dt>c<dd>d</dl>", []string{"a", "  b", "c", "  d"}},
		"quote":                   {"<blockquote><p>a<br>b<p>c</blockquote>d", []string{"> a", "> b", ">", "> c", "", "d"}},
		"a quote in a quote":      {"<blockquote>a<blockquote>b</blockquote>c</blockquote>", []string{"> a", ">", "> > b", ">", "> c"}},
		"a list in a quote":       {"<blockquote><ul><li>a<li>b</ul></blockquote>", []string{"> - a", "> - b"}},
		"preformatted":            {"<p>a</p><pre>\n  if x {\n\n\n\ty   z  \n  }\n</pre><p>b", []string{"a", "", "  if x {", "", "", "\ty   z", "  }", "", "b"}},
		"preformatted, indented":  {"<pre>  \n\n   a\n \n  b </pre>", []string{"   a", "", "  b"}},
		"preformatted, quoted":    {"<blockquote><pre>a\n\n b</pre></blockquote>", []string{"> a", ">", ">  b"}},
		"white space":             {" <p> a <b> b </b> c&nbsp; d\t</p> ", []string{"a b c d"}},
		"entities":                {"<p>Tea &amp; caf&eacute; &lt;3 &#8364;", []string{"Tea & café <3 €"}},
		"soft hyphen, zero width": {"<p>a&shy;b&#8203;c\ufeffd", []string{"abcd"}},
		"joiners that join":       {"<p>می\u200cخواهم 👩\u200d🚀 a&zwnj; &zwj;b", []string{"می\u200cخواهم 👩\u200d🚀 a b"}},
		"control characters":      {"<p>a&#1;b\x02c&#x81;d\x7fe</p>", []string{"abcde"}},
		"invalid UTF-8":           {"<p>a\xffb</p>", []string{"a\uFFFDb"}},
		"a template of others":    {"<p>{{user}} &lt;%= x %&gt;", []string{"{{user}} <%= x %>"}},
		"text alone":              {"Hello", []string{"Hello"}},
		"images":                  {`<p><img src=a alt="Logo"> <img src=b alt=""><img src=c>x`, []string{"Logo x"}},
		"tracking images":         {`a<img width=1 height=1 alt="pixel"><img width="0px" alt="pixel">`, []string{"a"}},
		"word break":              {"a<wbr>b", []string{"ab"}},
		"nothing":                 {"<html><body><p> </p></body></html>", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkText(t, test.html, test.want)
		})
	}
}

func TestTextOfWhatIsNotShown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		html string
		want []string
	}{
		"the head":              {"<head><title>x</title><style>p{}</style></head><body>a", []string{"a"}},
		"a head without end":    {"<html><head><meta charset=x><title>x</title><p>a", []string{"a"}},
		"scripts, drawings":     {"a<script>x</script><svg><title>x</title><text>x</text></svg><template>x</template>b", []string{"ab"}},
		"comments":              {"a<!-- x --><!--[if mso]><p>x</p><![endif]--><![if !mso]>b<![endif]>", []string{"ab"}},
		"a preheader":           {`<div style="display:none;max-height:0">x &zwnj;&nbsp;&zwnj;&nbsp;</div><p>a`, []string{"a"}},
		"a preheader's padding": {"<p>a</p><p>&#847;&zwnj;&nbsp;&#8199;&#65279;&#847;</p><p>b", []string{"a", "", "b"}},
		"loud style":            {`<p STYLE="color:red; Display : NONE !important">x</p>a`, []string{"a"}},
		"visibility":            {`<p style="visibility:hidden">x</p><p style="mso-hide:all">x</p>a`, []string{"a"}},
		"hidden":                {`<p hidden>x</p><p hidden="">x</p><span aria-hidden="true">x</span><span aria-hidden="false">a</span>`, []string{"a"}},
		"what is within":        {`<div hidden><p>x<div>x</div><br>x</p><hr><ul><li>x</ul></div>a`, []string{"a"}},
		"a paragraph":           {`<p hidden>x<p>a`, []string{"a"}},
		"an item":               {`<ol><li>a<li hidden>x<li>b</ol>`, []string{"1. a", "2. b"}},
		"a row":                 {`<table><tr hidden><td>x<td>x<tr><td>a<td>b</table>`, []string{"a | b"}},
		"an image":              {`<img alt="x" style="display:none">a`, []string{"a"}},
		"fields of a form":      {`<form>a<select><option>x</select><textarea>x</textarea><input value=x></form>`, []string{"a"}},
		"not hidden by these":   {`<p style="display:block;content:'display:none'">a</p>`, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkText(t, test.html, test.want)
		})
	}
}

func TestTextOfLinks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		html string
		want []string
	}{
		"in a sentence":     {`<p>See <a href="https://x.org/t">our terms</a>.</p>`, []string{"See our terms <https://x.org/t>."}},
		"a line":            {`<p><a href="https://x.org/p">Pay now</a></p>`, []string{"Pay now: https://x.org/p"}},
		"lines":             {`<a href="https://x.org/a">A</a><br><a href="https://x.org/b">B</a>`, []string{"A: https://x.org/a", "B: https://x.org/b"}},
		"an item":           {`<ul><li><a href="https://x.org/a">A</a></ul>`, []string{"- A: https://x.org/a"}},
		"a question":        {`<p><a href="https://x.org/p">Forgot it?</a></p>`, []string{"Forgot it? https://x.org/p"}},
		"an arrow":          {`<p><a href="https://x.org/p">Go →</a></p>`, []string{"Go → https://x.org/p"}},
		"at a line's end":   {`<p>Or <a href="https://x.org/p">pay now</a></p>`, []string{"Or pay now <https://x.org/p>"}},
		"beside each other": {`<p><a href="https://x.org/a">A</a> | <a href="https://x.org/b">B</a></p>`, []string{"A <https://x.org/a> | B <https://x.org/b>"}},
		"around blocks":     {`<a href="https://x.org/a"><h3>A</h3><p>b</p></a>c`, []string{"A", "", "b", "https://x.org/a", "", "c"}},
		"around an image":   {`<a href="https://x.org/"><img alt="Acme"></a>`, []string{"Acme: https://x.org/"}},
		"empty":             {`<p>a<a href="https://x.org/"> <img alt=""></a>b`, []string{"a b"}},
		"the address":       {`<p>Go to <a href="https://x.org/a">https://x.org/a</a>.`, []string{"Go to https://x.org/a."}},
		"nearly":            {`<p>Go to <a href="https://www.x.org/">X.org</a>.`, []string{"Go to https://www.x.org/."}},
		"another address":   {`<p><a href="https://evil.example/">https://x.org/</a>`, []string{"https://x.org/: https://evil.example/"}},
		"a mailbox":         {`<p>Ask <a href="mailto:ada@x.org">ada@x.org</a>`, []string{"Ask ada@x.org"}},
		"a named mailbox":   {`<p>Ask <a href="mailto:ada@x.org?subject=Hi">Ada</a>.`, []string{"Ask Ada <ada@x.org>."}},
		"a telephone":       {`<p>Call <a href="tel:+4930123456">+49 30 123456</a> or <a href="tel:110">us</a>`, []string{"Call +4930123456 or us <110>"}},
		"anchors, scripts":  {`<p><a href="#top">a</a> <a href="JavaScript:x()">b</a> <a href=" data:x">c</a> <a name=x>d</a> <a href="">e</a>`, []string{"a b c d e"}},
		"spaces":            {`<p>a <a href=" https://x.org/a b<c> ">b</a>`, []string{"a b <https://x.org/a%20b%3Cc%3E>"}},
		"relative":          {`<p><a href="/a">b</a>`, []string{"b: /a"}},
		"one in another":    {`<p>a <a href="https://x.org/a">b <a href="https://x.org/c">d</a></a>`, []string{"a b <https://x.org/a> d <https://x.org/c>"}},
		"without end":       {`<p>a <a href="https://x.org/a">b`, []string{"a b <https://x.org/a>"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkText(t, test.html, test.want)
		})
	}
}

func TestTextOfTables(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		html string
		want []string
	}{
		"data":                {"<p>a<table><tr><td>Tea<td>4.50<tr><td><p>Cup</p><td>12</table>b", []string{"a", "", "Tea | 4.50", "Cup | 12", "", "b"}},
		"a header":            {"<table><thead><tr><th>Item<th>Price</thead><tbody><tr><td>Tea<td>4</table>", []string{"Item | Price", "------------", "Tea | 4"}},
		"an empty cell":       {"<table><tr><th>A<th>B<th>C<tr><td>1<td><td>3</table>", []string{"A | B | C", "---------", "1 | | 3"}},
		"empty cells":         {"<table><tr><th>A<th>B<th>C<tr><td>1<td><td><tr><td><td><td>3<tr><td><td>2<td></table>", []string{"A | B | C", "---------", "1", "| | 3", "| 2"}},
		"an empty head":       {"<table><tr><th>Item<th><th>Price<tr><td>Tea<td>2<td>4<tr><td>Post<td><td>1</table>", []string{"Item | | Price", "--------------", "Tea | 2 | 4", "Post | | 1"}},
		"an empty first head": {"<table><tr><th><th>Price<tr><td>Tea<td>4<tr><td>Post:<td>1</table>", []string{"| Price", "-------", "Tea | 4", "Post: 1"}},
		"an empty last head":  {"<table><tr><th>Hi<th></table>", []string{"Hi"}},
		"heads and a spacer":  {"<table><tr><th>A<td><th>B<tr><td>1<td><td>2</table>", []string{"A | B", "-----", "1 | 2"}},
		"a spacer":            {"<table><tr><td>a<td>&nbsp;<td>b</table>", []string{"a | b"}},
		"names":               {"<table><tr><th>Total:<td>4</table>", []string{"Total: 4"}},
		"a few words on it":   {"<table><tr><td>Tea<br>green<td>4<tr><td>Cup<td>5</table>", []string{"Tea | 4", "  green", "Cup | 5"}},
		"in a quote":          {"<blockquote><table><tr><td>a<br>b<td>c<tr><td>d<td>e</table></blockquote>", []string{"> a | c", ">   b", "> d | e"}},
		"in an item":          {"<ul><li><table><tr><td>a<td>b<tr><td>c<td>d</table></ul>", []string{"- a | b", "  c | d"}},
		"a cell a row":        {"<table role=presentation><tr><td>Hi<tr><td>a<br>b</table>", []string{"Hi", "", "a", "b"}},
		"columns of blocks":   {"<table><tr><td><h2>a</h2>b<td><p>c<p>d</table>", []string{"a", "-", "", "b", "", "c", "", "d"}},
		"columns of headings": {"<table><tr><td><h2>a</h2><td>b</table>", []string{"a", "-", "", "b"}},
		"a link around a row": {"<blockquote><blockquote><blockquote><table><tr><td>a<td>b</tr><a href='https://x.org'><tr><td>c<td>d</tr></a></table>", []string{"> > > a | b", "> > > c | d: https://x.org"}},
		"a cell of no row":    {"<table><tr><td><table><td>b</table><td>c<tr><td>d<td>e<tr><td>f<td>g</table>", []string{"b", "", "c", "", "d | e", "f | g"}},
		"columns of prose":    {"<table><tr><td>" + strings.Repeat("a ", 40) + "<td>b</table>", []string{strings.TrimSpace(strings.Repeat("a ", 40)), "", "b"}},
		"columns of lists":    {"<table><tr><td><ul><li>a</ul><td><ul><li>b</ul></table>", []string{"- a", "", "- b"}},
		"tables in tables":    {"<table><tr><td><table><tr><td>a<td>b</table><td>c</table>", []string{"a | b", "", "c"}},
		"a bar of links":      {`<table><tr><td><a href="https://f.org"><img alt=F></a><td><a href="https://t.org">T</a></table>`, []string{"F: https://f.org", "T: https://t.org"}},
		"a link among data":   {`<table><tr><td>Tea<td><a href="https://x.org/` + strings.Repeat("a", 60) + `">See</a></table>`, []string{"Tea | See: https://x.org/" + strings.Repeat("a", 60)}},
		"the link around":     {`<a href="https://x.org"><table><tr><td>a<td>b</table></a>`, []string{"a | b: https://x.org"}},
		"text out of a cell":  {"<table>a<tr>b<td>c</table>", []string{"a", "", "b", "", "c"}},
		"a cell out of a row": {"<table><td>a<td>b</table>", []string{"a", "", "b"}},
		"a caption":           {"<table><caption>a</caption><tr><td>b<td>c</table>", []string{"a", "", "b | c"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkText(t, test.html, test.want)
		})
	}
}

func checkText(t *testing.T, html string, lines []string) {
	t.Helper()
	want := ""
	if len(lines) > 0 {
		want = strings.Join(lines, "\n") + "\n"
	}
	got := plain.Tidy(plain.Text(html, func(token string) plain.Kind {
		t.Errorf("asked for the token %s", token)
		return plain.Output
	}))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("text of %s (-want +got):\n%s", html, diff)
	}
}
