package templates

import (
	"errors"
	htmltemplate "html/template"
	"slices"
	"strings"
	"text/template/parse"
)

// copyMark stands in the name of a copy, between the template's own and that of
// the place: "button$htmltemplate_stateURL_delimDoubleQuote".
const copyMark = "$htmltemplate_"

// parseHTML parses and escapes a file, and puts the last guards into what came
// of it.
//
// Of a template that is called anywhere but between elements, such as within an
// attribute, html/template escapes a copy, and shows it to nobody. But it takes
// a copy that is there already under the name that it would give to its own. So
// the file is parsed again with those copies that turned out to be needed, until
// there is none that guardFilters cannot reach.
func (p *part) parseHTML(text string) *Error {
	var copies []string
	for {
		t, fault := p.escapeHTML(text, copies)
		if fault != nil {
			return fault
		}
		hidden := hiddenCopies(t)
		if len(hidden) == 0 {
			for _, tree := range treesOf(t) {
				guardFilters(tree)
			}
			p.compiled = t
			return nil
		}
		copies = append(copies, hidden...)
	}
}

// escapeHTML parses a file, with copies of the templates in it, and escapes it.
func (p *part) escapeHTML(text string, copies []string) (*htmltemplate.Template, *Error) {
	t, err := htmltemplate.New(templateName).Option("missingkey=error").Funcs(p.functions()).Parse(text)
	if err != nil {
		return nil, p.parseFault(err)
	}
	trees := treesOf(t)
	for _, tree := range trees {
		if fault := p.checkCalls(tree); fault != nil {
			return nil, fault
		}
		guardTree(tree)
	}
	for _, name := range copies {
		original := trees[name[:max(0, strings.LastIndex(name, copyMark))]]
		if original == nil {
			return nil, p.fault("calls a template in a place where its links and styles cannot be checked")
		}
		if _, err := t.AddParseTree(name, &parse.Tree{Name: name, Root: original.Root.CopyList()}); err != nil {
			return nil, p.parseFault(err)
		}
	}
	// It is escaped by the first run, which here ends where it begins.
	if escape, ok := errors.AsType[*htmltemplate.Error](t.Execute(noOutput{}, map[string]any{})); ok {
		return nil, p.escapeFault(escape)
	}
	return t, nil
}

// treesOf are the trees of all templates that html/template shows.
func treesOf(t *htmltemplate.Template) map[string]*parse.Tree {
	trees := map[string]*parse.Tree{}
	for _, one := range t.Templates() {
		if one.Tree != nil {
			trees[one.Name()] = one.Tree
		}
	}
	return trees
}

// hiddenCopies are the names of templates that are called and not shown.
func hiddenCopies(t *htmltemplate.Template) []string {
	trees := treesOf(t)
	var hidden []string
	for _, tree := range trees {
		walk(tree.Root, func(n parse.Node) {
			call, ok := n.(*parse.TemplateNode)
			if ok && trees[call.Name] == nil && !slices.Contains(hidden, call.Name) {
				hidden = append(hidden, call.Name)
			}
		})
	}
	return hidden
}

func (p *part) escapeFault(err *htmltemplate.Error) *Error {
	if err.ErrorCode == htmltemplate.ErrEndContext {
		return p.fault("ends within a tag, an attribute, a script or a style that is never closed")
	}
	// Its own words, without the states of its parser.
	reason, _, _ := strings.Cut(err.Description, ": {state")
	reason = unguarded(reason)
	if err.Node != nil {
		if origin, ok := p.restored.At(int(err.Node.Position())); ok {
			return &Error{Template: p.name, File: origin.File, Line: origin.Line, Caller: caller(origin.Action), Reason: reason}
		}
	}
	return p.faultAt(err.Line, -1, reason)
}
