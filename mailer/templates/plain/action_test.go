package plain_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type data = map[string]any

// Whatever the data is, the lines come out as if somebody had typed the text
// for that data.
func TestTextWithData(t *testing.T) {
	t.Parallel()
	type text struct {
		data data
		want []string
	}
	items := func(names ...string) data { return data{"items": names} }
	for name, test := range map[string]struct {
		html  string
		texts []text
	}{
		"a list": {"<p>You have:</p><ul>\n{{range .items}}\n<li>{{.}}</li>\n{{end}}\n</ul><p>Bye</p>", []text{
			{items(), []string{"You have:", "", "Bye"}},
			{items("tea"), []string{"You have:", "", "- tea", "", "Bye"}},
			{items("tea", "cup"), []string{"You have:", "", "- tea", "- cup", "", "Bye"}},
		}},
		"a list with numbers": {"<ol><li>first</li>{{range .items}}<li>{{.}}</li>{{end}}<li>last</li></ol>", []text{
			{items(), []string{"1. first", "2. last"}},
			{items("tea"), []string{"1. first", "2. tea", "3. last"}},
			{items("tea", "cup"), []string{"1. first", "2. tea", "3. cup", "4. last"}},
		}},
		"lists": {"{{range .items}}<ol><li>{{.}}<li>x</ol>{{end}}", []text{
			{items(), nil},
			{items("tea", "cup"), []string{"1. tea", "2. x", "", "1. cup", "2. x"}},
		}},
		"the list is in the range": {"a{{range .items}}<p>{{.}}</p>{{end}}b", []text{
			{items(), []string{"ab"}},
			{items("tea"), []string{"a", "", "tea", "", "b"}},
			{items("tea", "cup"), []string{"a", "", "tea", "", "cup", "", "b"}},
		}},
		"within a sentence": {"<p>Your {{range .items}}<b>{{.}}</b>, {{end}}all ready.</p>", []text{
			{items(), []string{"Your all ready."}},
			{items("tea"), []string{"Your tea, all ready."}},
			{items("tea", "cup"), []string{"Your tea, cup, all ready."}},
		}},
		"line breaks": {"<p>{{range .items}}{{.}}<br>{{end}}Bye</p>", []text{
			{items(), []string{"Bye"}},
			{items("tea"), []string{"tea", "Bye"}},
			{items("tea", "cup"), []string{"tea", "cup", "Bye"}},
		}},
		"rows": {"<p>a</p><table><tr><th>Item<th>Price</tr>{{range .items}}<tr><td>{{.}}</td><td>1</td></tr>{{end}}<tr><td>Total:</td><td>9</td></tr></table>", []text{
			{items(), []string{"a", "", "Item | Price", "------------", "Total: 9"}},
			{items("tea"), []string{"a", "", "Item | Price", "------------", "tea | 1", "Total: 9"}},
			{items("tea", "a\r\ncup"), []string{"a", "", "Item | Price", "------------", "tea | 1", "a | 1", "  cup", "Total: 9"}},
		}},
		"rows alone": {"a<table>{{range .items}}<tr><td>{{.}}</td><td>1</td></tr>{{end}}</table>b", []text{
			{items(), []string{"a", "", "b"}},
			{items("tea"), []string{"a", "", "tea | 1", "", "b"}},
			{items("tea", "cup"), []string{"a", "", "tea | 1", "cup | 1", "", "b"}},
		}},
		"cells": {"<table><tr>{{range .items}}<td>{{.}}</td>{{end}}</tr></table>", []text{
			{items(), nil},
			{items("tea"), []string{"tea"}},
			{items("tea", "cup"), []string{"tea | cup"}},
		}},
		"blocks for rows": {"<table>{{range .items}}<tr><td><h3>{{.}}</h3><p>x</p></td><td>1</td></tr>{{end}}</table>", []text{
			{items("tea", "cup"), []string{"tea", "", "x", "", "1", "", "cup", "", "x", "", "1"}},
		}},
		"lists in lists": {"<ul>{{range .items}}<li>{{.}}{{if eq . \"tea\"}}<ul><li>green</li></ul>{{end}}</li>{{end}}</ul>", []text{
			{items("tea", "cup", "tea"), []string{"- tea", "  - green", "- cup", "- tea", "  - green"}},
		}},
		"a paragraph": {"<p>a</p>{{if .on}}<p>b</p>{{else}}<p>c</p>{{end}}<p>d</p>", []text{
			{data{"on": true}, []string{"a", "", "b", "", "d"}},
			{data{"on": false}, []string{"a", "", "c", "", "d"}},
		}},
		"what a paragraph says": {"<p>a</p><p>{{if .on}}b{{end}}</p><p>c</p>", []text{
			{data{"on": true}, []string{"a", "", "b", "", "c"}},
			{data{"on": false}, []string{"a", "", "c"}},
		}},
		"a block in a sentence": {"Hello {{if .on}}<p>b</p>{{end}} there", []text{
			{data{"on": true}, []string{"Hello", "", "b", "", "there"}},
			{data{"on": false}, []string{"Hello there"}},
		}},
		"a word": {"<p>Hello {{with .name}}dear {{.}} {{end}} and all{{if .name}}, bye{{end}}.</p>", []text{
			{data{"name": "Ada"}, []string{"Hello dear Ada and all, bye."}},
			{data{"name": ""}, []string{"Hello and all."}},
		}},
		"spaces of a branch": {"<p>a{{if .on}} b {{end}} c</p>", []text{
			{data{"on": true}, []string{"a b c"}},
			{data{"on": false}, []string{"a c"}},
		}},
		"an item": {"<ol><li>a</li>{{if .on}}<li>b</li>{{end}}<li>{{if .on}}c{{end}}</li><li>d</li></ol>", []text{
			{data{"on": true}, []string{"1. a", "2. b", "3. c", "4. d"}},
			{data{"on": false}, []string{"1. a", "2. d"}},
		}},
		"one of two tags": {`{{if .on}}<blockquote class="a">{{else}}<div>{{end}}a{{if .on}}</blockquote>{{else}}</div>{{end}}b`, []text{
			{data{"on": true}, []string{"> a", "", "b"}},
			{data{"on": false}, []string{"a", "b"}},
		}},
		"the other of two tags": {`{{if .on}}<div>{{else}}<blockquote>{{end}}a{{if .on}}</div>{{else}}</blockquote>{{end}}b`, []text{
			{data{"on": true}, []string{"a", "", "b"}},
			{data{"on": false}, []string{"> a", "", "b"}},
		}},
		"one of two quotes": {`<blockquote><ul><li>{{if .on}}<blockquote class=a>{{else}}<blockquote>{{end}}q</blockquote>r<li>s</ul></blockquote>`, []text{
			{data{"on": true}, []string{"> - > q", ">", ">   r", ">", "> - s"}},
			{data{"on": false}, []string{"> - > q", ">", ">   r", ">", "> - s"}},
		}},
		"a quote that a cell ends": {`<table><tr><td>{{if .on}}<div>{{else}}<blockquote>{{end}}a{{if .on}}</div>{{end}}</td><td>b</table>`, []text{
			{data{"on": true}, []string{"a | b"}},
			{data{"on": false}, []string{"> a", "", "b"}},
		}},
		"one of two headings": {`{{if .on}}<h1 class="a">{{else}}<h1>{{end}}a</h1>b`, []text{
			{data{"on": true}, []string{"a", "=", "", "b"}},
			{data{"on": false}, []string{"a", "=", "", "b"}},
		}},
		"one of two items": {`<ul><li>x{{if .on}}<li class="a">{{else}}<li>{{end}}a</li></ul>b`, []text{
			{data{"on": true}, []string{"- x", "- a", "", "b"}},
			{data{"on": false}, []string{"- x", "- a", "", "b"}},
		}},
		"one of two rows": {`<table>{{if .on}}<tr class="a">{{else}}<tr>{{end}}<td>a<td>b</tr><tr><td>c<td>d</table>`, []text{
			{data{"on": true}, []string{"a | b", "c | d"}},
			{data{"on": false}, []string{"a | b", "c | d"}},
		}},
		"a link perhaps": {`<p>See {{if .url}}<a href="{{.url}}">{{end}}the order{{if .url}}</a>{{end}}.</p>`, []text{
			{data{"url": "https://x.org/1"}, []string{"See the order <https://x.org/1>."}},
			{data{"url": ""}, []string{"See the order."}},
		}},
		"a link's text": {`<p>Open <a href="{{.url}}">{{.text}}</a>.</p>`, []text{
			{data{"url": "https://x.org/1", "text": "https://x.org/1"}, []string{"Open https://x.org/1."}},
			{data{"url": "https://x.org/1", "text": "it"}, []string{"Open it <https://x.org/1>."}},
			{data{"url": "#a", "text": "it"}, []string{"Open it."}},
			{data{"url": "https://x.org/1", "text": ""}, []string{"Open ."}},
		}},
		"a mailbox": {`<a href="mailto:{{.mail}}">{{.mail}}</a>`, []text{
			{data{"mail": "ada@x.org"}, []string{"ada@x.org"}},
		}},
		"an address of parts": {`<a href="https://x.org/{{.id}}/?q={{.q}}{{if .q}}&r={{.q}}{{end}}#{{.id}}">a</a>`, []text{
			{data{"id": "a b/c", "q": "a&b=ü/"}, []string{"a: https://x.org/a%20b/c/?q=a%26b%3D%C3%BC%2F&r=a%26b%3D%C3%BC%2F#a%20b%2Fc"}},
			{data{"id": 7, "q": ""}, []string{"a: https://x.org/7/?q=#7"}},
		}},
		"an address or none": {`<a {{if .url}}href="{{.url}}"{{end}} title="{{.url}}">a</a>`, []text{
			{data{"url": "https://x.org"}, []string{"a: https://x.org"}},
			{data{"url": ""}, []string{"a"}},
		}},
		"one of two addresses": {`<a {{if .url}}href="{{.url}}"{{else}}href="https://y.org"{{end}}>a</a>`, []text{
			{data{"url": "https://x.org"}, []string{"a: https://x.org"}},
			{data{"url": ""}, []string{"a: https://y.org"}},
		}},
		"an image's text": {`<img src="{{.url}}" alt="{{if .on}}Logo of {{.url}}{{end}}">`, []text{
			{data{"url": "x", "on": true}, []string{"Logo of x"}},
			{data{"url": "x", "on": false}, nil},
		}},
		"a heading": {"<h1>{{.name}}</h1>x", []text{
			{data{"name": "Ada"}, []string{"Ada", "===", "", "x"}},
			{data{"name": ""}, []string{"x"}},
		}},
		"a value of several lines": {"<blockquote>{{.v}}</blockquote><ul><li>{{.v}}</ul><p>x: {{.v}}</p>", []text{
			{data{"v": "a\n\n\nb\r\nc"}, []string{"> a", ">", "> b", "> c", "", "- a", "", "  b", "  c", "", "x: a", "", "b", "c"}},
		}},
		"a value of spaces": {"<p>x:  {{.v}}</p>", []text{
			{data{"v": " a\t \x00\x01b\x07 \n\n"}, []string{"x: a", "b"}},
		}},
		"code": {"<pre>{{range .items}}  {{.}}\n{{end}}</pre>x", []text{
			{items(), []string{"x"}},
			{items("a  b", "", "", "c"), []string{"  a  b", "", "", "  c", "", "x"}},
		}},
		"variables, calls": {`{{define "b"}}<p>to {{.}}</p>{{end}}{{$n := .name}}Hi {{template "b" $n}}{{range $i, $x := .items}}{{if $i}}{{break}}{{end}}{{$x}}{{end}}`, []text{
			{data{"name": "Ada", "items": []string{"tea", "cup"}}, []string{"Hi", "", "to Ada", "", "tea"}},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, text := range test.texts {
				want := ""
				if len(text.want) > 0 {
					want = strings.Join(text.want, "\n") + "\n"
				}
				if diff := cmp.Diff(want, render(t, test.html, text.data)); diff != "" {
					t.Errorf("with %v (-want +got):\n%s", text.data, diff)
				}
			}
		})
	}
}
