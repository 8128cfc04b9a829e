package mailer

import "strings"

func isListID(headerName string) bool { return strings.EqualFold(headerName, "List-Id") }

// listIDFault says why s can't be a List-Id (RFC 2919): a name in any script,
// or none, and the list's ID, which is like a domain, in angle brackets.
func listIDFault(s string) string {
	name, id := splitListID(s)
	if id == "" {
		return "is no List-Id such as Shop news <news.example.com>"
	}
	if strings.ContainsAny(name, "<>") {
		return "has angle brackets in the list's name"
	}
	return ""
}

// splitListID returns no ID where there is none. The name is all before it, and
// the space between.
func splitListID(s string) (name, id string) {
	open := strings.LastIndexByte(s, '<')
	if open < 0 || !strings.HasSuffix(s, ">") || open > 0 && s[open-1] != ' ' {
		return "", ""
	}
	name, id = s[:open], s[open+1:len(s)-1]
	if len(id) > maxAddress || !strings.Contains(id, ".") {
		return "", ""
	}
	for label := range strings.SplitSeq(id, ".") {
		if !isLocal(label) {
			return "", ""
		}
	}
	return name, id
}

// encodeListID encodes the name alone: readers know a list by the ID as it
// stands.
func encodeListID(s string) string {
	name, id := splitListID(s)
	if isPlain(s) || id == "" {
		return encodeText(s)
	}
	return encodeWords(strings.TrimSuffix(name, " ")) + " <" + id + ">"
}
