package templates

import "text/template/parse"

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
