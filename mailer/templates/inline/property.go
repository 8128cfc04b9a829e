package inline

import (
	"strings"

	"github.com/tdewolff/parse/v2/css"
)

// everything is the family of "all", and of names that a token is part of.
const everything = "*"

// shorthands set all properties that begin with their name and a dash; font
// sets line-height too.
var shorthands = []string{"background", "font", "list-style", "margin", "outline", "overflow", "padding", "text-decoration"}

// families sorts properties that may set one another: margin and margin-top,
// but font-size and line-height only where a document has font, too. A family
// is rather too wide than too narrow.
type families map[string]bool // Those that the document has a shorthand for.

func (f families) see(d *declaration) {
	name := unprefixed(d.name)
	for _, shorthand := range shorthands {
		if name == shorthand || strings.HasPrefix(name, shorthand+"-inline") || strings.HasPrefix(name, shorthand+"-block") {
			f[shorthand] = true
		}
	}
	switch {
	case d.unknown || d.name == "all":
		f[everything] = true
	case strings.HasPrefix(name, "inset"):
		f["inset"] = true
	case strings.HasSuffix(name, "inline-size") || strings.HasSuffix(name, "block-size"):
		f["size"] = true
	}
}

// of names the family of a property.
func (f families) of(property string) string {
	switch {
	case f[everything]:
		return everything
	case strings.HasPrefix(property, "--") || strings.HasPrefix(property, "mso-"):
		return property
	}
	name := unprefixed(property)
	for _, shorthand := range shorthands {
		if f[shorthand] && (name == shorthand || strings.HasPrefix(name, shorthand+"-")) {
			return shorthand
		}
	}
	first, _, _ := strings.Cut(name, "-")
	switch first {
	case "line":
		if name == "line-height" && f["font"] {
			return "font"
		}
	case "top", "right", "bottom", "left", "inset":
		if f["inset"] {
			return "inset"
		}
	case "grid", "row", "column", "columns", "gap", "place", "align", "justify":
		return "grid"
	case "word", "white", "overflow":
		return "wrap"
	case "text":
		if strings.HasPrefix(name, "text-wrap") {
			return "wrap"
		}
	case "width", "height", "inline", "block", "min", "max":
		if f["size"] {
			return "size"
		}
	case "font", "background", "list", "margin", "outline", "padding":
	default:
		return first // All of border, flex, transition and so on.
	}
	return name
}

func unprefixed(name string) string {
	for _, prefix := range []string{"-webkit-", "-moz-", "-ms-", "-o-"} {
		name = strings.TrimPrefix(name, prefix)
	}
	return name
}

// surelyReplaces reports whether later makes earlier needless: whoever
// understands the value of the one understands the other's. "width: 100%" does
// not replace "width: 600px", nor a gradient a color: the first may be there
// for those who can't read the second.
func surelyReplaces(later, earlier *declaration) bool {
	if later.name != earlier.name || later.data {
		return false
	}
	if later.value == earlier.value {
		return true
	}
	return later.kinds != "" && later.kinds == earlier.kinds
}

// kindsOf names the kind of each word of a value, or nothing where a kind says
// too little about who understands it.
func kindsOf(d *declaration) string {
	var kinds strings.Builder
	for word := range strings.FieldsSeq(d.value) {
		kind := kindOf(d.name, word)
		if kind == "" {
			return ""
		}
		kinds.WriteString(kind + ",")
	}
	return kinds.String()
}

func kindOf(name, value string) string {
	words := lex(value)
	if len(words) != 1 || value[0] == '-' || value[0] == '+' {
		return ""
	}
	switch words[0].kind {
	case css.HashToken:
		if len(value) == 4 || len(value) == 7 {
			if strings.Trim(value[1:], "0123456789abcdefABCDEF") == "" {
				return "color"
			}
		}
		return ""
	case css.NumberToken:
		if value == "0" && (strings.HasPrefix(name, "margin") || strings.HasPrefix(name, "padding")) {
			return "px"
		}
		return "number"
	case css.PercentageToken:
		return "percentage"
	case css.DimensionToken:
		return strings.ToLower(strings.TrimLeft(value, "0123456789."))
	case css.IdentToken:
		return "word " + strings.ToLower(value)
	default:
		return ""
	}
}
