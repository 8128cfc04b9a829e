package markdown_test

import "testing"

func TestLists(t *testing.T) {
	t.Parallel()
	check(t, []row{
		{"a range around items", `
			{{range .items}}
			- {{.}}
			{{end}}`, `
			<ul>
			{{range .items}}
			<li>{{.}}</li>
			{{end}}
			</ul>`},
		{"with fixed items before and after", `
			Items:
			- first
			{{range .items}}
			- {{.}}
			{{end}}
			- last

			Bye`, `
			<p>Items:</p>
			<ul>
			<li>first</li>
			{{range .items}}
			<li>{{.}}</li>
			{{end}}
			<li>last</li>
			</ul>
			<p>Bye</p>`},
		{"with blank lines around the actions", `
			- first

			{{range .items}}

			- {{.}}

			{{end}}

			- last`, `
			<ul>
			<li>first</li>
			{{range .items}}
			<li>{{.}}</li>
			{{end}}
			<li>last</li>
			</ul>`},
		{"ordered", `
			3. first
			{{range .items}}
			3. {{.}}
			{{end}}
			4. last`, `
			<ol start="3">
			<li>first</li>
			{{range .items}}
			<li>{{.}}</li>
			{{end}}
			<li>last</li>
			</ol>`},
		{"loose, where a part is", `
			- first
			{{range .items}}
			- {{.}}

			  more
			{{end}}`, `
			<ul>
			<li>
			<p>first</p>
			</li>
			{{range .items}}
			<li>
			<p>{{.}}</p>
			<p>more</p>
			</li>
			{{end}}
			</ul>`},
		{"if around a whole list", `
			{{if .x}}
			- a
			- b
			{{else}}
			- c
			{{end}}`, `
			{{if .x}}
			<ul>
			<li>a</li>
			<li>b</li>
			</ul>
			{{else}}
			<ul>
			<li>c</li>
			</ul>
			{{end}}`},
		{"if around some items", `
			- a
			{{if .x}}
			- b
			{{else if .y}}
			- c
			{{end}}`, `
			<ul>
			<li>a</li>
			{{if .x}}
			<li>b</li>
			{{else if .y}}
			<li>c</li>
			{{end}}
			</ul>`},
		{"one if after another", `
			{{if .x}}
			- a
			{{end}}
			{{if .y}}
			- b
			{{end}}`, `
			<ul>
			{{if .x}}
			<li>a</li>
			{{end}}
			{{if .y}}
			<li>b</li>
			{{end}}
			</ul>`},
		{"if around a range, and in it", `
			{{if .items}}
			{{range .items}}
			{{$x := .}}
			{{if .ok}}
			- a
			{{else}}
			- b
			{{end}}
			{{else}}
			- none
			{{end}}
			{{end}}`, `
			{{if .items}}
			<ul>
			{{range .items}}
			{{$x := .}}
			{{if .ok}}
			<li>a</li>
			{{else}}
			<li>b</li>
			{{end}}
			{{else}}
			<li>none</li>
			{{end}}
			</ul>
			{{end}}`},
		{"a range around more than a list", `
			{{range .groups}}
			## {{.name}}
			- a
			{{end}}`, `
			{{range .groups}}
			<h2>{{.name}}</h2>
			<ul>
			<li>a</li>
			</ul>
			{{end}}`},
		{"two lists in a range", "{{range .x}}\n- a\n\n* b\n{{end}}", `
			{{range .x}}
			<ul>
			<li>a</li>
			</ul>
			<ul>
			<li>b</li>
			</ul>
			{{end}}`},
		{"another marker, another list", `
			- a
			{{if .x}}
			* b
			{{end}}`, `
			<ul>
			<li>a</li>
			</ul>
			{{if .x}}
			<ul>
			<li>b</li>
			</ul>
			{{end}}`},
		{"another template is no item", `
			- a
			{{template "button" .}}
			- b`, `
			<ul>
			<li>a</li>
			</ul>
			{{template "button" .}}
			<ul>
			<li>b</li>
			</ul>`},
		{"variables and comments between", `
			{{/* before */}}
			- a
			{{$x := 1}}
			- b
			{{/* after */}}`, `
			{{/* before */}}
			<ul>
			<li>a</li>
			{{$x := 1}}
			<li>b</li>
			</ul>
			{{/* after */}}`},
		{"text in an item", `
			- a
			  {{if .x}}
			  b
			  {{end}}
			- {{template "c"}}`, `
			<ul>
			<li>a
			{{if .x}}
			b
			{{end}}
			</li>
			<li>
			{{template "c"}}
			</li>
			</ul>`},
	})
}

// However far control lines are set in, they stand where their text stands.
func TestListsInLists(t *testing.T) {
	t.Parallel()
	const nested = `
		<ul>
		<li>a
		<ol>
		{{range .x}}
		<li>b</li>
		{{end}}
		</ol>
		</li>
		<li>c</li>
		</ul>`
	check(t, []row{
		{"under the item's text", "- a\n  {{range .x}}\n  1. b\n  {{end}}\n- c", nested},
		{"at the margin", "- a\n{{range .x}}\n  1. b\n{{end}}\n- c", nested},
		{"under the inner item's text", "- a\n  {{range .x}}\n  1. b\n     {{end}}\n- c", nested},
		{"with variables", "- a\n{{$x := 1}}{{range $x}}\n  1. b\n{{end}}\n- c", `
			<ul>
			<li>a
			{{$x := 1}}
			<ol>
			{{range $x}}
			<li>b</li>
			{{end}}
			</ol>
			</li>
			<li>c</li>
			</ul>`},
		{"an outer one under an inner item", "- a\n  1. b\n     {{if .x}}\n- c\n     {{end}}", `
			<ul>
			<li>a
			<ol>
			<li>b</li>
			</ol>
			</li>
			{{if .x}}
			<li>c</li>
			{{end}}
			</ul>`},
		{"one within another", "{{range .x}}\n- a\n{{range .y}}\n  - b\n{{range .z}}\n    - c\n{{end}}\n{{end}}\n{{end}}", `
			<ul>
			{{range .x}}
			<li>a
			<ul>
			{{range .y}}
			<li>b
			<ul>
			{{range .z}}
			<li>c</li>
			{{end}}
			</ul>
			</li>
			{{end}}
			</ul>
			</li>
			{{end}}
			</ul>`},
		{"variables between inner items", "- a\n  - b\n  {{$x := 1}}\n  - c", `
			<ul>
			<li>a
			<ul>
			<li>b</li>
			{{$x := 1}}
			<li>c</li>
			</ul>
			</li>
			</ul>`},
		{"variables between inner items, set in by less", "100. a\n     - b\n   {{$x := 1}}\n     - c", `
			<ol start="100">
			<li>a
			<ul>
			<li>b</li>
			{{$x := 1}}
			<li>c</li>
			</ul>
			</li>
			</ol>`},
		{"around an inner item, at the margin", "- a\n  - b\n{{if .x}}\n  - c\n{{end}}", `
			<ul>
			<li>a
			<ul>
			<li>b</li>
			{{if .x}}
			<li>c</li>
			{{end}}
			</ul>
			</li>
			</ul>`},
		{"what prints stands where it is written", "- a\n{{template \"b\"}}\n  - c", `
			<ul>
			<li>a</li>
			</ul>
			{{template "b"}}
			<ul>
			<li>c</li>
			</ul>`},
		{"and so does what is around that", "- a\n{{if .x}}\n{{template \"b\"}}\n{{end}}\n  - c", `
			<ul>
			<li>a</li>
			</ul>
			{{if .x}}
			{{template "b"}}
			{{end}}
			<ul>
			<li>c</li>
			</ul>`},
		{"in a quotation, as it is set in", "> - a\n>   {{if .x}}\n>   b\n>   {{end}}", `
			<blockquote>
			<ul>
			<li>a
			{{if .x}}
			b
			{{end}}
			</li>
			</ul>
			</blockquote>`},
		{"code in an item", "- a\n  ```\n{{if .x}}\n  b\n  {{end}}\n  ```", `
			<ul>
			<li>a
			<pre><code>{{if .x}}
			b
			{{end}}
			</code></pre>
			</li>
			</ul>`},
		{"a quotation in an item", "- a\n  > {{if .x}}\n  > - b\n  > {{end}}", `
			<ul>
			<li>a
			<blockquote>
			{{if .x}}
			<ul>
			<li>b</li>
			</ul>
			{{end}}
			</blockquote>
			</li>
			</ul>`},
	})
}
