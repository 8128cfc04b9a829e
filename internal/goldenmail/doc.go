// Package goldenmail keeps some real mails of one shop, as Gmail gets them, and
// looks at them with the eyes of those who will: two parsers, a spam filter, and
// you.
//
//	testdata/templates/            the shop's templates
//	testdata/mails/receipt.json    a mail as its app asks for it: a payload
//	testdata/mails/receipt.html    what the template gives for it,
//	testdata/mails/receipt.txt     both forms
//	testdata/mails/receipt.eml     and what goes out, byte for byte
//
// `go test ./internal/goldenmail -update` writes the last three anew. Read what
// changed before you commit it, the texts above all: no test knows whether a
// mail reads well.
package goldenmail
