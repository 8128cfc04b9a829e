package inline

import (
	"strings"
)

// width is what the width attribute of an image has to say: Outlook takes it
// from nothing else, and shows a picture of twice the points in full. The
// style has it too, so that browsers see no difference, unless a selector asks
// for the attribute.
func (c *cascade) width(e *element, inlined []*declaration) string {
	if c.asked["width"] || e.tag.name != "img" || e.tag.attribute("width") != nil || e.openAll {
		return ""
	}
	all := inlined
	for _, s := range e.styles {
		all = append(all, s.declaration)
	}
	var last *declaration
	for _, d := range all {
		if d.name == "width" || d.unknown || d.name == "all" {
			last = d
		}
	}
	if last == nil || last.data {
		return ""
	}
	pixels, found := strings.CutSuffix(strings.ToLower(last.value), "px")
	if !found || pixels == "" || len(pixels) > 4 || strings.Trim(pixels, "0123456789") != "" {
		return ""
	}
	return pixels
}
