package actions

import "strings"

// match finds the Open of each Else and End among the actions of one file.
func match(actions []Action) *Error {
	var opened []*Action
	for i := range actions {
		a := &actions[i]
		switch a.Kind {
		case Open:
			a.Region = a.Token
			opened = append(opened, a)
		case Else, End:
			if len(opened) == 0 {
				return a.Fault("%s belongs to nothing: no if, range, with, block or define is open", a.Short())
			}
			open := opened[len(opened)-1]
			if a.Kind == Else && (open.Keyword == "block" || open.Keyword == "define") {
				return a.Fault("%s belongs to nothing: %s in line %d has no else", a.Short(), open.Short(), open.Line)
			}
			a.Region = open.Token
			if a.Kind == End {
				opened = opened[:len(opened)-1]
			}
		default: // The others open and end nothing.
		}
	}
	if len(opened) > 0 {
		open := opened[len(opened)-1]
		return open.Fault("%s has no {{end}}", open.Short())
	}
	return nil
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
