package actions

import (
	"fmt"
	"strconv"
)

// Table holds the actions of the files that are put together to one template.
// Its zero value is empty. It is not safe for concurrent use.
type Table struct {
	actions []Action
}

// Action returns the action that a token stands for.
func (t *Table) Action(token string) (Action, bool) {
	i, ok := t.index(token)
	if !ok {
		return Action{}, false
	}
	return t.actions[i], true
}

func (t *Table) index(token string) (int, bool) {
	if len(token) != TokenLength || token[:len(prefix)] != prefix || !isToken(token) {
		return 0, false
	}
	number, err := strconv.Atoi(token[len(prefix) : TokenLength-1])
	return number - 1, err == nil && number >= 1 && number <= len(t.actions)
}

// Copy gives an action that stands in two places of the output, such as in a
// link and in its text, a second token. It is for those that print: the second
// end of a range would have no first.
func (t *Table) Copy(token string) (string, error) {
	a, ok := t.Action(token)
	if !ok || a.Region != "" {
		return "", fmt.Errorf("copy action %q: not one that can stand twice", token)
	}
	if !t.add(&a) {
		return "", tooMany(a)
	}
	return a.Token, nil
}

// add numbers an action, unless the table is full.
func (t *Table) add(a *Action) bool {
	if len(t.actions) >= most {
		return false
	}
	a.Token = token(len(t.actions) + 1)
	t.actions = append(t.actions, *a)
	return true
}

func tooMany(a Action) *Error { return a.Fault("there are more than %d actions", most) }
