package plain

// Marks stand in a source from Text for what its layout asks for. They are
// control characters: no mail has them, text/template neither reads nor trims
// them, and a search for the next one looks at bytes.
const (
	line    = '\x01' // Begin a line, unless one has just begun.
	blank   = '\x02' // The same, with an empty line before it.
	newline = '\x03' // <br>: each counts.

	link    = '\x04' // A link begins. Its address follows, then said.
	said    = '\x05'
	linkEnd = '\x06'
	value   = '\x07' // Within an address: a value that html/template would escape as part of a query.
	valueIn = '\x08' // It ends.

	quote    = '\x0e' // Lines begin with "> ".
	quoteEnd = '\x0f'
	indent   = '\x10' // Lines are indented.
	inEnd    = '\x11'
	bullets  = '\x12' // A list. Its items begin with "- ".
	numbers  = '\x13' // A list with numbers. The first number follows, then said.
	listEnd  = '\x14'
	item     = '\x15'
	itemEnd  = '\x16'

	table    = '\x17'
	tableEnd = '\x18'
	row      = '\x19'
	rowEnd   = '\x1a'
	cell     = '\x1b'
	headCell = '\x1c'

	heading = '\x1d' // A heading begins, "+", or ends, with what it is underlined with, "=" or "-".
	pre     = '\x1e' // From here to preEnd, spaces and line breaks stay as they are.
	preEnd  = '\x1f'
)
