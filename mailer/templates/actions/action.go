package actions

// Action is one {{…}} of a template.
type Action struct {
	// Token stands in the action's place.
	Token string
	// Text is the action as written, without trim markers: "{{.name}}".
	Text string
	// File and Line are where it begins, from 1.
	File string
	Line int
	Kind Kind
	// Keyword is the word that makes the kind: "range", "else", "template".
	// Output, Assign and Comment have none.
	Keyword string
	// Name is that of the template in template, block and define.
	Name string
	// Region is the token of the Open that an Else or End belongs to; an Open
	// has its own. The others have none.
	Region string
	// Caller is the Call of the partial that it stands in; nil in a page or layout.
	Caller *Action
}

// Kind is what an action does.
type Kind int

// The kinds of actions.
const (
	// Output prints a value: {{.name}}.
	Output Kind = iota
	// Open begins what an End ends: if, range, with, block and define.
	Open
	// Else is {{else}}, {{else if …}} or {{else with …}}.
	Else
	// End is {{end}}.
	End
	// Call prints another template: {{template "button" .}}.
	Call
	// Comment is {{/* … */}}.
	Comment
	// Assign sets a variable: {{$n := 1}} and {{$n = 2}}.
	Assign
	// Break is {{break}}.
	Break
	// Continue is {{continue}}.
	Continue
)

// Controls reports whether an action of this kind may stand on a line for
// itself, between blocks: all but Output, which is text.
func (k Kind) Controls() bool { return k != Output }
