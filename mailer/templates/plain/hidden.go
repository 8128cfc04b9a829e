package plain

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// unseen are the elements whose content is not shown, or not as text.
var unseen = []string{
	"head", "title", "style", "script", "template", "svg", "math", "iframe", "object", "noembed", "noframes", "noscript",
	"select", "datalist", "textarea", "xmp", "plaintext", "xml",
}

// hides reports whether an element with these attributes is not shown. What
// depends on the data does not count: better a line too many than one that is
// missing.
func (w *writer) hides(attrs []html.Attribute) bool {
	for _, a := range attrs {
		switch a.Key {
		case "hidden":
			return true
		case "aria-hidden":
			if strings.EqualFold(a.Val, "true") {
				return true
			}
		case "style":
			if hidingStyle(a.Val) {
				return true
			}
		}
		if w.branches(a.Key) || w.branches(a.Val) {
			return false
		}
	}
	return false
}

// branches reports whether s has an action other than a value in it.
func (w *writer) branches(s string) bool {
	for {
		_, token, after := cutToken(s)
		if token == "" {
			return false
		}
		if w.kind(token) != Output {
			return true
		}
		s = after
	}
}

func hidingStyle(style string) bool {
	style, _, _ = cutToken(style)
	for declaration := range strings.SplitSeq(style, ";") {
		property, value, _ := strings.Cut(strings.ToLower(declaration), ":")
		value = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
		switch strings.TrimSpace(property) + ":" + value {
		case "display:none", "visibility:hidden", "mso-hide:all":
			return true
		}
	}
	return false
}

// reveal ends what was hidden in a branch of an action, at the branch's end:
// of {{if .x}}<div hidden>{{else}}<div>{{end}}, only the first is hidden, and
// its end tag may never come.
func (w *writer) reveal() {
	for i := range w.open {
		if e := &w.open[i]; e.hidden && e.branch > 0 && e.branch >= w.depth {
			e.hidden = false
			w.hiding--
		}
	}
}

// isPixel reports whether an element is an image that counts readers.
func isPixel(name string, attrs []html.Attribute) bool {
	if name != "img" {
		return false
	}
	return slices.ContainsFunc(attrs, func(a html.Attribute) bool {
		size := strings.TrimSuffix(strings.TrimSpace(a.Val), "px")
		return (a.Key == "width" || a.Key == "height") && (size == "0" || size == "1")
	})
}

func attribute(attrs []html.Attribute, key string) (string, bool) {
	for _, a := range attrs {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}
