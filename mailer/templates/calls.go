package templates

import (
	"errors"
	"text/template/parse"

	"github.com/postroom/postroom/mailer/templates/cldr"
)

// leastArguments are those that the functions of formatters need.
var leastArguments = map[string]int{"number": 1, "percent": 1, "money": 2, "plural": 1, "date": 1, "time": 1, "datetime": 1}

// checkCalls looks, before anything runs, at what a tree calls to format values:
// what is wrong with the constants in it is an error of the template.
func (p *part) checkCalls(tree *parse.Tree) *Error {
	var fault *Error
	walk(tree.Root, func(n parse.Node) {
		eachCommand(pipeOf(n), func(cmd *parse.CommandNode, piped bool) {
			name := function(cmd)
			least, ok := leastArguments[name]
			if !ok || fault != nil {
				return
			}
			p.formatting = true
			if reason := p.wrongCall(name, cmd.Args[1:], least, piped); reason != "" {
				fault = p.fault(name + ": " + reason)
				if origin, ok := p.restored.At(int(cmd.Position())); ok && origin.File != "" {
					fault.File, fault.Line = origin.File, origin.Line
				}
			}
		})
	})
	return fault
}

// wrongCall is what is wrong with a call, or empty.
func (p *part) wrongCall(name string, args []parse.Node, least int, piped bool) string {
	switch {
	case p.formats == nil:
		return "how numbers and dates are written is not known for the locale " + p.locale
	case piped && len(args) > 0:
		return "takes the value first, not through a pipe: {{" + name + " .x …}}"
	case piped:
		return ""
	case len(args) == 0:
		return "lacks a value: {{" + name + " .x}}; a variable has a dot: {{." + name + "}}"
	case len(args) < least:
		return "lacks a value: {{" + name + " .x}}" + map[bool]string{true: `, with a currency behind it`}[least > 1]
	}
	err := constants(name, args)
	var r *refusal
	if errors.As(err, &r) && r.argument > 0 && r.argument <= len(args) {
		return args[r.argument-1].String() + " " + r.reason
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// constants refuses constant arguments that the function will refuse.
func constants(name string, args []parse.Node) error {
	value, isConstant := constant(args[0])
	switch name {
	case "date", "time", "datetime":
		return constantMoment(name, value, isConstant, args)
	case "plural":
		if _, err := quantity(value); isConstant && err != nil {
			return err
		}
		return constantPlural(args[1:])
	case "money":
		if code, ok := constant(args[1]); ok {
			if text, isText := code.(string); !isText || !cldr.IsCurrency(text) {
				return refuseArgument(2, noCurrency) //nolint:mnd // The second.
			}
		}
		args = append([]parse.Node{args[0]}, args[2:]...)
	}
	if !isConstant {
		value = 0
	}
	var places []any
	for _, arg := range args[1:] {
		place, ok := constant(arg)
		if !ok {
			place = 0
		}
		places = append(places, place)
	}
	_, _, err := decimals(value, places)
	return err
}

func constantMoment(name string, value any, isConstant bool, args []parse.Node) error {
	var options []any
	for i, arg := range args[1:] {
		option, ok := constant(arg)
		if !ok {
			continue
		}
		if _, _, err := chosen([]any{option}, "date"); err != nil {
			var r *refusal
			if errors.As(err, &r) && r.argument > 0 {
				r.argument += i
			}
			return err
		}
		options = append(options, option)
	}
	if isConstant {
		_, _, err := moment(value, options, name)
		return err
	}
	_, _, err := chosen(options, name)
	return err
}

func constantPlural(pairs []parse.Node) error {
	hasOther, allConstant := false, true
	for i := 0; i < len(pairs); i += 2 {
		name, ok := constant(pairs[i])
		if !ok {
			allConstant = false
			continue
		}
		text, isText := name.(string)
		if !isText {
			return refuse(pluralRule)
		}
		if !isPlural(text) {
			return refuseArgument(i+2, "is no plural: "+pluralNames) //nolint:mnd // Behind the value.
		}
		hasOther = hasOther || text == cldr.Other
	}
	if len(pairs)%2 != 0 || allConstant && !hasOther {
		return refuse(pluralRule)
	}
	return nil
}

// constant is what an argument is, if the template says it.
func constant(n parse.Node) (any, bool) {
	switch n := n.(type) {
	case *parse.StringNode:
		return n.Text, true
	case *parse.BoolNode:
		return n.True, true
	case *parse.NumberNode:
		if n.IsInt {
			return n.Int64, true
		}
		return n.Float64, true
	default:
		return nil, false
	}
}

// pipeOf is the pipeline of a node that has one.
func pipeOf(n parse.Node) *parse.PipeNode {
	switch n := n.(type) {
	case *parse.ActionNode:
		return n.Pipe
	case *parse.IfNode:
		return n.Pipe
	case *parse.RangeNode:
		return n.Pipe
	case *parse.WithNode:
		return n.Pipe
	case *parse.TemplateNode:
		return n.Pipe
	default:
		return nil
	}
}

// eachCommand visits all commands of a pipeline, and of those within it. piped
// tells that one gets what another gives.
func eachCommand(p *parse.PipeNode, visit func(cmd *parse.CommandNode, piped bool)) {
	if p == nil {
		return
	}
	for i, cmd := range p.Cmds {
		visit(cmd, i > 0)
		for _, arg := range cmd.Args {
			if chain, ok := arg.(*parse.ChainNode); ok {
				arg = chain.Node
			}
			if inner, ok := arg.(*parse.PipeNode); ok {
				eachCommand(inner, visit)
			}
		}
	}
}
