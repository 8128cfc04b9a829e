package templates

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template/parse"
)

// walk visits every node below n that is no list, outer before inner.
func walk(n parse.Node, visit func(parse.Node)) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			walk(child, visit)
		}
		return
	case *parse.IfNode:
		visit(n)
		walkBranch(&n.BranchNode, visit)
	case *parse.RangeNode:
		visit(n)
		walkBranch(&n.BranchNode, visit)
	case *parse.WithNode:
		visit(n)
		walkBranch(&n.BranchNode, visit)
	default:
		visit(n)
	}
}

func walkBranch(n *parse.BranchNode, visit func(parse.Node)) {
	walk(n.List, visit)
	walk(n.ElseList, visit)
}

// checkCalls looks at which template calls which within one file: each has to
// be there, and none may come back to itself, since only the end of the stack
// would stop it. The line is where the first wrong call stands.
func checkCalls(text string, trees map[string]*parse.Tree) (line int, err error) {
	calls := map[string][]*parse.TemplateNode{}
	for name, tree := range trees {
		walk(tree.Root, func(n parse.Node) {
			if call, ok := n.(*parse.TemplateNode); ok {
				calls[name] = append(calls[name], call)
			}
		})
	}
	for _, name := range slices.Sorted(maps.Keys(calls)) {
		for _, call := range calls[name] {
			if trees[call.Name] == nil {
				return lineAt(text, call), fmt.Errorf("template %q is not defined in this file", call.Name)
			}
			if path := loop(calls, name, call.Name, map[string]bool{}); path != nil {
				return lineAt(text, call), fmt.Errorf("templates call each other in a loop: %s",
					strings.Join(append([]string{name}, path...), " → "))
			}
		}
	}
	return 0, nil
}

// loop is the way from one template to another, or nil.
func loop(calls map[string][]*parse.TemplateNode, to, from string, seen map[string]bool) []string {
	if from == to {
		return []string{to}
	}
	if seen[from] {
		return nil
	}
	seen[from] = true
	for _, call := range calls[from] {
		if path := loop(calls, to, call.Name, seen); path != nil {
			return append([]string{from}, path...)
		}
	}
	return nil
}

// lineAt is the line, from 1, on which a node stands.
func lineAt(text string, n parse.Node) int {
	end := min(int(n.Position()), len(text))
	return 1 + strings.Count(text[:end], "\n")
}
