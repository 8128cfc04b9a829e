package markdown

import (
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// tableRenderer leaves out heads that are empty: Markdown has no table without
// a head, and names and their values need none. As HTML it would be a blank
// row, and cells of which a screen reader says that they are a heading.
type tableRenderer struct{ renderer.NodeRenderer }

// RegisterFuncs registers the renderer's own functions, but for one.
func (t tableRenderer) RegisterFuncs(all renderer.NodeRendererFuncRegisterer) {
	t.NodeRenderer.RegisterFuncs(headRegisterer{all})
}

type headRegisterer struct {
	renderer.NodeRendererFuncRegisterer
}

func (r headRegisterer) Register(kind ast.NodeKind, render renderer.NodeRendererFunc) {
	if kind == extast.KindTableHeader {
		render = unlessEmpty(render)
	}
	r.NodeRendererFuncRegisterer.Register(kind, render)
}

// unlessEmpty renders a head, or only what goldmark writes with it: the begin of
// the body that follows.
func unlessEmpty(render renderer.NodeRendererFunc) renderer.NodeRendererFunc {
	return func(w util.BufWriter, source []byte, head ast.Node, entering bool) (ast.WalkStatus, error) {
		for cell := head.FirstChild(); cell != nil; cell = cell.NextSibling() {
			if cell.HasChildren() {
				return render(w, source, head, entering)
			}
		}
		if !entering && head.NextSibling() != nil {
			_, _ = w.WriteString("<tbody>\n") // The error comes with Flush.
		}
		return ast.WalkSkipChildren, nil
	}
}
