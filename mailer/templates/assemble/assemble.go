package assemble

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer/templates/actions"
)

// Parts are what a document is made of, all masked by one table.
type Parts struct {
	Table *actions.Table
	// Page is what the layout calls "content". Without a layout it is all there is.
	Page, Layout string
	// LayoutFile is the layout's name in errors.
	LayoutFile string
	// Given are bodies that go by a name, such as the subject.
	Given map[string]string
	// Partial cuts a partial anew. ok is false where there is none of that name.
	Partial func(name string) (masked string, ok bool, err error)
	// Partials are the names of all, for errors.
	Partials []string
	// Nothing is the name of a function that gives nil.
	Nothing string
}

// Content is the page's name in a layout.
const Content = "content"

// maxSize is the most bytes of a document: partials that call each other twice
// each would double it again and again.
const maxSize = 10 << 20

// assembly is a document in the making.
type assembly struct {
	Parts

	bodies map[string]*body
	// fillable are the names of the blocks that there are.
	fillable []string
	blocks   int
	size     int
}

// body is what a name stands for. Its tokens may stand in one place.
type body struct {
	masked string
	used   bool
	// define is the action that gave it; none for a body that is given.
	define actions.Action
}

// Document puts the parts together. Its error is an *actions.Error.
func Document(p Parts) (string, error) {
	a := &assembly{Parts: p, bodies: map[string]*body{}}
	layout, ofLayout, err := a.defines(p.Layout)
	if err != nil {
		return "", err
	}
	page, ofPage, err := a.defines(p.Page)
	if err != nil {
		return "", err
	}
	maps.Copy(a.bodies, ofLayout) // What comes later counts.
	for name, masked := range p.Given {
		a.bodies[name] = &body{masked: masked}
	}
	maps.Copy(a.bodies, ofPage)
	document := page
	if p.Layout != "" {
		a.bodies[Content] = &body{masked: page}
		document = layout
	}
	document, err = a.expand(document, nil)
	if err == nil {
		err = a.checkUsed(layout, ofPage)
	}
	return document, err
}

// defines takes what a file defines out of it.
func (a *assembly) defines(masked string) (rest string, bodies map[string]*body, err error) {
	var b strings.Builder
	bodies = map[string]*body{}
	for masked != "" {
		before, region, inner, after, found := a.cutDefine(masked)
		b.WriteString(before)
		if !found {
			break
		}
		if _, twice := bodies[region.Name]; twice {
			return "", nil, region.Fault("%s: it is defined twice in this file", region.Short())
		}
		bodies[region.Name] = &body{masked: inner, define: region}
		masked = after
	}
	return b.String(), bodies, nil
}

// cutDefine cuts around the first define.
func (a *assembly) cutDefine(masked string) (before string, define actions.Action, inner, after string, found bool) {
	for at, token := range actions.Tokens(masked) {
		if action, _ := a.Table.Action(token); action.Keyword == "define" {
			begin, end := place(masked, at)
			last, lastEnd := a.end(masked, end, token)
			if last < 0 {
				break // expand says so.
			}
			return masked[:begin], action, masked[end:last], masked[lastEnd:], true
		}
	}
	return masked, actions.Action{}, "", "", false
}

// expand puts the bodies of what is called into the calls' places. stack are the
// names of those that called.
func (a *assembly) expand(masked string, stack []string) (string, error) {
	var b strings.Builder
	done := 0
	for at, token := range actions.Tokens(masked) {
		action, ok := a.Table.Action(token)
		a.decide(action)
		if at < done || !ok || action.Kind != actions.Call && action.Keyword != "block" && action.Keyword != "define" {
			continue
		}
		if action.Keyword == "define" {
			return "", action.Fault("%s stands within another action: move it to the file's end", action.Short())
		}
		begin, end := place(masked, at)
		before, after := masked[begin:at], masked[at+actions.TokenLength:end]
		wrap := func(token string) string { return before + token + after }
		b.WriteString(masked[done:begin])
		var text string
		var err error
		if action.Kind == actions.Call {
			text, err = a.call(action, stack, wrap)
		} else {
			first := end
			var last int
			if last, end = a.end(masked, first, token); last < 0 {
				return "", action.Fault("%s has no {{end}} in the same place", action.Short())
			}
			text, err = a.block(action, masked[first:last], stack, wrap)
			text += masked[last:end]
		}
		if err != nil {
			return "", err
		}
		b.WriteString(text)
		done = end
	}
	b.WriteString(masked[done:])
	if a.size += b.Len(); a.size > maxSize {
		return "", &actions.Error{Reason: fmt.Sprintf("layout and partials come to more than %d MB", maxSize>>20)}
	}
	return b.String(), nil
}

// call is what stands in the place of a call.
func (a *assembly) call(action actions.Action, stack []string, wrap func(token string) string) (string, error) {
	masked, err := a.find(action, stack)
	if err != nil {
		return "", err
	}
	inner, err := a.expand(masked, append(slices.Clip(stack), action.Name))
	if err != nil {
		return "", err
	}
	open, end, err := a.Table.Block(action, a.unique(action.Name), a.Nothing)
	if err != nil {
		return "", err
	}
	return wrap(open) + inner + wrap(end), nil
}

// block is a block without its end: its own body, or what the page defines.
func (a *assembly) block(action actions.Action, inner string, stack []string, wrap func(token string) string) (string, error) {
	a.fillable = append(a.fillable, action.Name)
	if a.bodies[action.Name] != nil {
		var err error
		if inner, err = a.find(action, stack); err != nil {
			return "", err
		}
	}
	inner, err := a.expand(inner, append(slices.Clip(stack), action.Name))
	if err != nil {
		return "", err
	}
	a.Table.Rename(action.Token, a.unique(action.Name))
	return wrap(action.Token) + inner, nil
}

// find is what a name stands for, with tokens that stand nowhere yet.
func (a *assembly) find(action actions.Action, stack []string) (string, error) {
	if i := slices.Index(stack, action.Name); i >= 0 {
		return "", action.Fault("templates call each other in a loop: %s", strings.Join(append(slices.Clip(stack[i:]), action.Name), " → "))
	}
	if known := a.bodies[action.Name]; known != nil {
		if !known.used {
			known.used = true
			return known.masked, nil
		}
		return a.Table.Again(known.masked)
	}
	masked, ok, err := a.Partial(action.Name)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", action.Fault("template %q is neither defined in this file nor a partial; there are: %s", action.Name, a.names())
	}
	a.Table.CalledBy(masked, action)
	return masked, nil
}

func (a *assembly) names() string {
	if len(a.Partials) == 0 {
		return "no partials"
	}
	return strings.Join(a.Partials, ", ")
}

// unique is a name that no other block has.
func (a *assembly) unique(name string) string {
	a.blocks++
	return fmt.Sprintf("%s %d", name, a.blocks)
}
