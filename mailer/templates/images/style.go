package images

import "regexp"

// urlPattern is an image's address in a style.
var urlPattern = regexp.MustCompile(`(?i)url\(\s*["']?([^"')]+\.(?:png|jpe?g|gif|webp|svg))["']?\s*\)`)

// style refuses images by file: mail programs show none of the mail's own there.
func (e *embedding) style(css string) {
	for _, m := range urlPattern.FindAllStringSubmatch(css, -1) {
		if _, ok, _ := e.store.local(m[1], e.folder); ok && e.err == nil {
			e.err = &Error{m[1], "stands in a style, where mail programs show none that the mail brings: " +
				"use <img>, or background of a table or cell, or give the address of a web server"}
		}
	}
}
