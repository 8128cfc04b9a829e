package matter

import (
	"strings"

	"github.com/goccy/go-yaml/token"
)

// whole is text for what a mail shows. One that a remark cuts off is refused, since
// "Order #{{.number}}" is "Order" to YAML, and so is one that is a list to it.
func whole(f field) (Value, error) {
	if remarkBehind(f) {
		return Value{}, at(f.key, `%s: YAML takes what stands behind " #" for a remark: put the text in quotes, as in "Order #{{.number}}"`, f.name)
	}
	if first := f.value.GetToken().Type; first == token.SequenceStartType || first == token.MappingStartType {
		return Value{}, at(f.value, `%s must be a text: one that begins with [ or { stands in quotes, as in "[Shop] Hello"`, f.name)
	}
	return text(f)
}

// remarkBehind reports whether a remark follows in the line in which a value ends
// that has no quotes.
func remarkBehind(f field) bool {
	last := f.value.GetToken()
	switch last.Type {
	case token.DoubleQuoteType, token.SingleQuoteType, token.LiteralType, token.FoldedType:
		return false
	default:
		end := last.Origin[len(strings.TrimRight(last.Origin, " \t\r\n")):]
		return last.Next != nil && last.Next.Type == token.CommentType && !strings.ContainsAny(end, "\r\n")
	}
}
