package templates

import (
	"fmt"
	htmltemplate "html/template"
	"strings"
	"text/template/parse"
)

// The guards are functions that are put around expressions in the parse tree,
// before html/template adds its escapers: what they refuse would otherwise go
// into a mail as "<no value>", "map[a:1]" or "#ZgotmplZ". Their names are long
// so that no author hits on them; calling them does no harm.
const (
	guardPrint = "_postroom_printable"
	guardRange = "_postroom_rangeable"
	guardPairs = "_postroom_rangeable_in_pairs"
	guardSafe  = "_postroom_safe"
	// guardHTML is guardPrint and html/template's escaper for text in one: a call
	// costs more than what it does.
	guardHTML = "_postroom_printable_html"
)

// guards are those that take one expression and stand before it.
var guards = map[string]bool{guardPrint: true, guardRange: true, guardPairs: true, guardHTML: true}

// printers are the functions that make text of their arguments, whatever they
// are. html/template wants some of them last in a pipeline, so that the guard
// goes around their arguments.
var printers = map[string]bool{
	"html": true, "js": true, "print": true, "printf": true, "println": true, "urlquery": true,
}

// filters are html/template's commands that put "ZgotmplZ" in the place of a
// value that they do not trust, or that is empty where something has to be, and
// what to tell people about each.
var filters = map[string]string{
	"_html_template_urlfilter":      linkReason,
	"_html_template_srcsetescaper":  linkReason,
	"_html_template_cssvaluefilter": "is not safe in a style: colours, words, numbers and lengths are",
	"_html_template_htmlnamefilter": "is not safe as the name of an attribute or element",
	"_html_template_nospaceescaper": `is empty, in an attribute without quotes: put quotes around it, as in title="{{.title}}"`,
}

const linkReason = `is not a safe link: it may begin with https:, http: or mailto:, or have no scheme; ` +
	`any other scheme has to stand in the template, as in href="tel:{{.phone}}"`

// guardTree puts the guards into a tree, and an empty text to where a template
// and a turn of range begin: so that output is called often enough to end one
// that takes forever, whether it gives anything or not.
func guardTree(tree *parse.Tree) {
	tick(tree.Root)
	walk(tree.Root, func(n parse.Node) {
		switch n := n.(type) {
		case *parse.ActionNode:
			guardPrinters(tree, n.Pipe)
			if len(n.Pipe.Decl) == 0 && !isPrinter(n.Pipe.Cmds[len(n.Pipe.Cmds)-1]) {
				guardPipe(tree, n.Pipe, guardPrint)
			}
		case *parse.RangeNode:
			tick(n.List)
			guardPrinters(tree, n.Pipe)
			if len(n.Pipe.Decl) > 1 {
				guardPipe(tree, n.Pipe, guardPairs)
			} else {
				guardPipe(tree, n.Pipe, guardRange)
			}
		case *parse.IfNode:
			guardPrinters(tree, n.Pipe)
		case *parse.WithNode:
			guardPrinters(tree, n.Pipe)
		case *parse.TemplateNode:
			guardPrinters(tree, n.Pipe)
		default: // The rest has no pipeline.
		}
	})
}

func tick(list *parse.ListNode) {
	list.Nodes = append([]parse.Node{&parse.TextNode{NodeType: parse.NodeText, Pos: list.Pos}}, list.Nodes...)
}

// guardPrinters puts guards around what goes into the printers of a pipeline,
// as argument or through the pipe, and of the pipelines within it.
func guardPrinters(tree *parse.Tree, p *parse.PipeNode) {
	if p == nil {
		return
	}
	for i := 0; i < len(p.Cmds); i++ {
		cmd := p.Cmds[i]
		for _, arg := range cmd.Args {
			if chain, ok := arg.(*parse.ChainNode); ok {
				arg = chain.Node
			}
			if inner, ok := arg.(*parse.PipeNode); ok {
				guardPrinters(tree, inner)
			}
		}
		if !isPrinter(cmd) {
			continue
		}
		for j, arg := range cmd.Args[1:] {
			cmd.Args[j+1] = guardArg(tree, p, cmd, arg)
		}
		if i > 0 && !isPrinter(p.Cmds[i-1]) {
			p.Cmds = append([]*parse.CommandNode{guardCmds(tree, p, p.Cmds[:i], guardPrint)}, p.Cmds[i:]...)
			i = 1
		}
	}
}

// guardPipe puts a guard around the whole of a pipeline.
func guardPipe(tree *parse.Tree, p *parse.PipeNode, guard string) {
	p.Cmds = []*parse.CommandNode{guardCmds(tree, p, p.Cmds, guard)}
}

// guardArg is an argument with a guard around it; a literal needs none.
func guardArg(tree *parse.Tree, p *parse.PipeNode, cmd *parse.CommandNode, arg parse.Node) parse.Node {
	switch arg.Type() {
	case parse.NodeBool, parse.NodeNumber, parse.NodeString:
		return arg
	default:
	}
	// A copied node knows its tree, a new one would not, and is named in errors.
	only := cmd.Copy().(*parse.CommandNode) //nolint:errcheck,forcetypeassert // Copy keeps the type.
	only.Args = []parse.Node{arg}
	return subPipe(p, []*parse.CommandNode{guardCmds(tree, p, []*parse.CommandNode{only}, guardPrint)})
}

// guardCmds is one command that calls the guard with what cmds come to.
func guardCmds(tree *parse.Tree, p *parse.PipeNode, cmds []*parse.CommandNode, guard string) *parse.CommandNode {
	var arg parse.Node
	if len(cmds) == 1 && len(cmds[0].Args) == 1 {
		arg = cmds[0].Args[0]
	} else {
		arg = subPipe(p, cmds)
	}
	c := cmds[0].Copy().(*parse.CommandNode) //nolint:errcheck,forcetypeassert // Copy keeps the type.
	c.Args = []parse.Node{parse.NewIdentifier(guard).SetTree(tree).SetPos(c.Pos), arg}
	return c
}

// subPipe is cmds in parentheses, at the place of p.
func subPipe(p *parse.PipeNode, cmds []*parse.CommandNode) *parse.PipeNode {
	sub := p.CopyPipe()
	sub.IsAssign, sub.Decl, sub.Cmds = false, nil, cmds
	return sub
}

// guardFilters looks, in a tree that html/template has escaped, after each
// value that was filtered: a link that came out as "#ZgotmplZ" is an error, not
// a mail with a dead link.
func guardFilters(tree *parse.Tree) {
	walk(tree.Root, func(n parse.Node) {
		action, ok := n.(*parse.ActionNode)
		if !ok {
			return
		}
		join(action.Pipe)
		var cmds []*parse.CommandNode
		for _, cmd := range action.Pipe.Cmds {
			cmds = append(cmds, cmd)
			if reason := filters[function(cmd)]; reason != "" {
				cmds = append(cmds, safeCmd(cmds[0], reason))
			}
		}
		action.Pipe.Cmds = cmds
	})
}

// textEscaper is html/template's, for values between elements.
const textEscaper = "_html_template_htmlescaper"

// join makes one call of a guard and the escaper behind it.
func join(p *parse.PipeNode) {
	if len(p.Cmds) != 2 || function(p.Cmds[0]) != guardPrint || function(p.Cmds[1]) != textEscaper || len(p.Cmds[1].Args) != 1 {
		return
	}
	guard := p.Cmds[0].Args[0].Copy().(*parse.IdentifierNode) //nolint:errcheck,forcetypeassert // Copy keeps the type.
	guard.Ident = guardHTML
	p.Cmds[0].Args[0], p.Cmds = guard, p.Cmds[:1]
}

// safeCmd is the command that stands after a filter.
func safeCmd(first *parse.CommandNode, reason string) *parse.CommandNode {
	c := first.Copy().(*parse.CommandNode) //nolint:errcheck,forcetypeassert // Copy keeps the type.
	c.Args = []parse.Node{parse.NewIdentifier(guardSafe).SetPos(c.Pos), literal(c.Pos, first.String()), literal(c.Pos, reason)}
	return c
}

func literal(pos parse.Pos, text string) *parse.StringNode {
	return &parse.StringNode{NodeType: parse.NodeString, Pos: pos, Quoted: fmt.Sprintf("%q", text), Text: text}
}

// isPrinter reports whether a command calls one of the printers.
func isPrinter(cmd *parse.CommandNode) bool { return printers[function(cmd)] }

// function is the name of the function that a command calls, if it does.
func function(cmd *parse.CommandNode) string {
	if id, ok := cmd.Args[0].(*parse.IdentifierNode); ok {
		return id.Ident
	}
	return ""
}

// printable refuses what has no good form in a mail.
func printable(v any) (any, error) {
	switch v.(type) {
	case nil:
		return nil, refuse("is null")
	case []any:
		return nil, refuse("is a list, which is not printed as a whole: use range")
	case map[string]any:
		return nil, refuse("is an object, which is not printed as a whole: name one of its fields")
	default:
		return v, nil
	}
}

// printableHTML is printable, escaped as text between elements.
func printableHTML(v any) (any, error) {
	switch v := v.(type) {
	case string:
		return escaped(v), nil
	case int64, bool, htmltemplate.HTML:
		return v, nil
	default:
		v, err := printable(v)
		return escaped(fmt.Sprint(v)), err
	}
}

// escaped is a text in the form that html/template gives it: its own function
// leaves out the one character that matters to encodings which no mail has.
func escaped(s string) string {
	return strings.ReplaceAll(htmltemplate.HTMLEscapeString(s), "+", "&#43;")
}

// rangeable refuses what range cannot take: its own error would quote the
// value. Null is an empty list.
func rangeable(v any) (any, error) {
	switch v.(type) {
	case nil, int, int64, []any, map[string]any:
		return v, nil
	default:
		return nil, refuse("is %s, where range takes a list, an object or a whole number", kind(v))
	}
}

// rangeableInPairs is rangeable where range sets two variables.
func rangeableInPairs(v any) (any, error) {
	switch v.(type) {
	case int, int64:
		return nil, refuse("is a number, and range over a number sets one variable, not two")
	default:
		return rangeable(v)
	}
}

// safe takes the output of html/template's filters and refuses their mark.
func safe(variable, reason, filtered string) (string, error) {
	if strings.Contains(filtered, "ZgotmplZ") {
		return "", &refusal{variable: variable, reason: reason}
	}
	return filtered, nil
}
