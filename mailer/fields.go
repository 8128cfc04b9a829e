package mailer

import (
	"bufio"
	"mime"
	"strings"
)

// Field is one of a message's header.
type Field struct{ Name, Value string }

// Fields are the header's in their order, spelled as in the message, decoded, each on
// one line.
func (m *Message) Fields() []Field {
	var list []Field
	decoder := new(mime.WordDecoder)
	lines := bufio.NewScanner(m.Reader())
	for lines.Scan() && lines.Text() != "" {
		line := lines.Text()
		if last := len(list) - 1; last >= 0 && strings.TrimLeft(line, " \t") != line {
			list[last].Value += line
			continue
		}
		name, value, _ := strings.Cut(line, ":")
		list = append(list, Field{name, strings.TrimSpace(value)})
	}
	for i := range list {
		if decoded, err := decoder.DecodeHeader(list[i].Value); err == nil {
			list[i].Value = decoded
		}
	}
	return list
}
