package markdown_test

import "testing"

func TestTables(t *testing.T) {
	t.Parallel()
	const head = `
		<table>
		<thead>
		<tr>
		<th>what</th>
		<th align="right">price</th>
		</tr>
		</thead>
		`
	check(t, []row{
		{"rows in a range", `
			| what | price |
			|------|------:|
			{{range .rows}}
			| {{.what | printf "%s|"}} | **{{.price}}** |
			{{end}}`, head + `<tbody>
			{{range .rows}}
			<tr>
			<td>{{.what | printf "%s|"}}</td>
			<td align="right"><strong>{{.price}}</strong></td>
			</tr>
			{{end}}
			</tbody>
			</table>`},
		{"an empty head", `
			| | |
			|---|--:|
			| to | {{.to}} |
			{{range .rows}}
			| | {{.}} |
			{{end}}`, `
			<table>
			<tbody>
			<tr>
			<td>to</td>
			<td align="right">{{.to}}</td>
			</tr>
			{{range .rows}}
			<tr>
			<td></td>
			<td align="right">{{.}}</td>
			</tr>
			{{end}}
			</tbody>
			</table>`},
		{"with fixed rows, and else", `
			what | price
			-----|-----:
			tea | 1
			{{range .rows}}
			| {{.}} | ` + "`a\\|b`" + ` |
			{{else}}
			| none |
			{{end}}
			| all | {{.sum}} | 

			Bye`, head + `<tbody>
			<tr>
			<td>tea</td>
			<td align="right">1</td>
			</tr>
			{{range .rows}}
			<tr>
			<td>{{.}}</td>
			<td align="right"><code>a|b</code></td>
			</tr>
			{{else}}
			<tr>
			<td>none</td>
			<td></td>
			</tr>
			{{end}}
			<tr>
			<td>all</td>
			<td align="right">{{.sum}}</td>
			</tr>
			</tbody>
			</table>
			<p>Bye</p>`},
		{"if in a range, with other templates", `
			{{if .rows}}
			| what | price |
			|------|------:|
			{{range .rows}}

			{{if .x}}
			| a | b |
			{{else}}
			{{template "row" .}}
			{{end}}
			{{end}}
			{{end}}`, `{{if .rows}}` + head + `<tbody>
			{{range .rows}}
			{{if .x}}
			<tr>
			<td>a</td>
			<td align="right">b</td>
			</tr>
			{{else}}
			{{template "row" .}}
			{{end}}
			{{end}}
			</tbody>
			</table>
			{{end}}`},
		{"what follows is not in it", `
			| what | price |
			|------|------:|
			{{if .x}}
			{{template "button" .}}
			{{end}}
			| no row
			text`, head + `</table>
			{{if .x}}
			{{template "button" .}}
			{{end}}
			<p>| no row
			text</p>`},
		{"another template between rows", `
			| what | price |
			|------|------:|
			{{template "row" .}}
			| a | b |`, head + `<tbody>
			{{template "row" .}}
			<tr>
			<td>a</td>
			<td align="right">b</td>
			</tr>
			</tbody>
			</table>`},
		{"a blank line ends it, where no action does", `
			| what | price |
			|------|------:|

			| {{.a}} | b |`, head + `</table>
			<p>| {{.a}} | b |</p>`},
		{"one table after another", `
			| what | price |
			|------|------:|
			{{if .x}}
			| a |
			|---|
			{{end}}`, head + `</table>
			{{if .x}}
			<table>
			<thead>
			<tr>
			<th>a</th>
			</tr>
			</thead>
			</table>
			{{end}}`},
		{"in a list's item", `
			- a
			  | what | price |
			  |------|------:|
			  {{range .x}}
			  | {{.}} |
			  {{end}}`, `<ul>
			<li>a` + head + `<tbody>
			{{range .x}}
			<tr>
			<td>{{.}}</td>
			<td></td>
			</tr>
			{{end}}
			</tbody>
			</table>
			</li>
			</ul>`},
		{"actions in cells", `
			| what | price |
			|------|------:|
			| {{if .a}}{{.b}}{{end}} | [{{.c}}]({{.d}}) |`, head + `<tbody>
			<tr>
			<td>{{if .a}}{{.b}}{{end}}</td>
			<td align="right"><a href="{{.d}}">{{.c}}</a></td>
			</tr>
			</tbody>
			</table>`},
	})
}
