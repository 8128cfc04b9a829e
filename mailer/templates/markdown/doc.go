// Package markdown makes HTML of Markdown in which tokens stand for a
// template's actions: of masked Markdown, masked HTML (see package actions).
//
// It is CommonMark with GitHub's tables, strikethrough and bare links. HTML in
// it stays as it is: who writes a template is trusted, and data never comes
// here.
//
// # Actions in text
//
// An action in a sentence, link, heading, table cell or code is a word there,
// and its token comes out where it stood. A bare link, <https://…> as well, may
// have actions that print: they come out twice, in the link and in its text.
//
// # Actions between blocks
//
// A line of control actions alone (range, if, else, end, template, variables,
// comments; see [actions.Kind.Controls]) is no text. It ends a paragraph, and
// comes out as comments, <!--q7zaction000001z-->, around whole blocks:
//
//	{{range .items}}
//	- {{.}}             <ul><!--range--><li>…</li><!--end--></ul>
//	{{end}}
//
// Lists with the same marker that only such lines part are one list; a range
// around a list repeats its items, and if or with around a whole list stays
// around it. Rows of a table, which begin with "|", are the table's also after
// such lines; {{template}} is a row of it where other rows follow or stand in
// the same region. In and around lists it does not matter how far the lines are
// indented: what they open stands where the next text stands, and ends there.
//
// # Refused
//
// What begins in one block and ends in another, an action in the definition of
// a link or in the place of a tag's name, and code by four spaces right after a
// control line are errors, which name file and line; so are more than 100
// quotations and lists that begin in one line, and other things in numbers that
// no mail has.
package markdown
