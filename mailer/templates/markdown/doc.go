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
// such lines. How far the lines are indented does not matter: what they open
// stands where the next text stands, and ends there.
//
// What begins in one block and ends in another is an error, which names file
// and line.
package markdown
