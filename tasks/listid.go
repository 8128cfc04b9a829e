package tasks

import "strings"

// isListID takes a List-Id (RFC 2919): a name in any script, or none, and the
// list's ID, which is like a domain, in angle brackets.
func isListID(s string) bool {
	open := strings.LastIndexByte(s, '<')
	if open < 0 || !strings.HasSuffix(s, ">") || open > 0 && s[open-1] != ' ' || strings.ContainsAny(s[:open], "<>") {
		return false
	}
	id := s[open+1 : len(s)-1]
	if len(id) > maxAddress || !strings.Contains(id, ".") {
		return false
	}
	for label := range strings.SplitSeq(id, ".") {
		if len(label) > maxLocalPart || !isLocalPart(label) {
			return false
		}
	}
	return true
}
