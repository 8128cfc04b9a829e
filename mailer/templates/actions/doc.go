// Package actions cuts the actions, {{…}}, out of a template's source and puts
// them back, so that parsers of Markdown, HTML and CSS can work on the text
// around them.
//
// In the place of each action stands a token, such as q7zaction000012z: lower
// case letters and digits alone, which come through as text, in an attribute,
// in a URL and in a style sheet. A text with tokens is called masked.
//
//	var table actions.Table
//	masked, err := table.Cut("welcome.html", 1, `<p title="{{.name}}">Hello`)
//	// <p title="q7zaction000001z">Hello
//	table.Restore(masked).Text
//	// <p title="{{.name}}">Hello
//
// # White space
//
// What trim markers trim is gone once the text was cut, since nobody knows
// what will stand beside the action later; the action comes back without its
// marker: "a {{- .x}}" is cut to "a" and a token, and comes back as
// "a{{ .x}}". [Table.CutLines] is for Markdown, where lines make blocks: there
// an action that stands on a line for itself and prints nothing keeps the line.
//
// # Promise
//
// A source that was cut and restored is parsed by text/template to the same
// tree as before, or is refused as before, and so is {.name}. All text outside of tokens is text
// when it is restored, even where a step made "{{" of it, say of Markdown's
// "\{\{".
package actions
