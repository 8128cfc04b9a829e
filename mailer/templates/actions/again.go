package actions

import "strings"

// Again gives the actions of a masked text new tokens, so that the text can stand
// in a second place. The text has whole regions: the end of each that it opens.
func (t *Table) Again(masked string) (string, error) {
	var b strings.Builder
	regions := map[string]string{} // What was copied, by the token of its Open.
	done := 0
	for at, token := range Tokens(masked) {
		a, ok := t.Action(token)
		if !ok {
			continue
		}
		if !t.add(&a) {
			return "", tooMany(a)
		}
		if a.Kind == Open {
			regions[token] = a.Token
		}
		if a.Region != "" {
			t.actions[len(t.actions)-1].Region = regions[a.Region]
		}
		b.WriteString(masked[done:at])
		b.WriteString(a.Token)
		done = at + TokenLength
	}
	b.WriteString(masked[done:])
	return b.String(), nil
}

// CalledBy notes of the actions of a partial, cut anew, which Call they are for.
func (t *Table) CalledBy(masked string, call Action) {
	for _, token := range Tokens(masked) {
		if i, ok := t.index(token); ok {
			t.actions[i].Caller = &call
		}
	}
}
