// Package plain makes the text part of a mail from its HTML, for those who
// read mail without HTML, and for the filters that want to see both.
//
// It works in two steps. [Text] runs once, when templates are loaded: it takes
// masked HTML, in which tokens stand for the template's actions, and gives a
// masked source for text/template. [Tidy] runs for each mail, on what
// text/template rendered, and lays it out:
//
//	<h1>Your order</h1>                      Your order
//	<ol>{{range .items}}                     ==========
//	  <li>{{.title}}</li>
//	{{end}}</ol>                             1. Tea
//	<p><a href="{{.url}}">See it</a></p>     2. Cup
//
//	                                         See it: https://example.com/o/1041
//
// How a text looks depends on its data: how often a range turns, whether an if
// is true, where a value has line breaks, how long a heading is. So Text does
// not write line breaks, but marks (control characters, see mark.go) that say
// what there should be at least: a new line, an empty line, an item. Tidy sees
// marks and values together, and so no turn of a range leaves a hole, glues two
// lines, or miscounts a list.
//
// # How it reads
//
//   - Headings have empty lines around them; h1 and h2 are underlined.
//   - A link that is all of its line reads "Pay now: https://...", others "our
//     terms <https://...>". Where text and address are the same, as far as the
//     data goes, one is enough. Anchors, scripts and links without text are
//     left out.
//   - Quotes begin with "> " on each line, lists are indented and numbered, also
//     where a value has line breaks.
//   - A row of a table is a line, "Tea | 4.50", where its cells are short, and
//     blocks where they are not. Below heads an empty cell keeps its place,
//     "Post | | 1". Columns are not aligned: most mail programs
//     show text in letters of different widths, and telephones break long lines.
//   - Images are their alt text.
//   - Paragraphs are one line each, however long. A line broken at 76 columns is
//     ragged on a telephone, where people read mail, and a broken link is dead.
//
// # Promise
//
// Whatever the HTML, no action comes out twice, or before one that precedes it
// in the HTML; those of what is shown come out; and if, else and end come out
// together or not at all. What Tidy gives is valid UTF-8 without control
// characters other than line breaks, and tabs in preformatted text.
package plain
