package markdown

import "github.com/yuin/goldmark/ast"

// find lists the nodes of a type, in the order of the text.
func find[T ast.Node](root ast.Node) []T {
	var found []T
	for n := range all(root) {
		if n, ok := n.(T); ok {
			found = append(found, n)
		}
	}
	return found
}

// all goes over a node and all below it, in the order of the text. It needs no
// stack, however deep they lie.
func all(root ast.Node) func(yield func(ast.Node) bool) {
	return func(yield func(ast.Node) bool) {
		for n := root; yield(n); {
			next := n.FirstChild()
			for next == nil {
				if n == root {
					return
				}
				next = n.NextSibling()
				n = n.Parent()
			}
			n = next
		}
	}
}

// unique leaves the first of each.
func unique(nodes []ast.Node) []ast.Node {
	seen := map[ast.Node]bool{}
	var kept []ast.Node
	for _, n := range nodes {
		if !seen[n] {
			seen[n] = true
			kept = append(kept, n)
		}
	}
	return kept
}

// move takes the nodes from first to last away from their parent, and puts them
// at the end of another.
func move(first, last, to ast.Node) {
	for n := first; ; {
		next := n.NextSibling()
		to.AppendChild(to, n)
		if n == last {
			return
		}
		n = next
	}
}
