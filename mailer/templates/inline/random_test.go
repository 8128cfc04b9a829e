package inline_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// author writes documents that nobody would: every rule meets every other.
type author struct{ *rand.Rand }

func (a author) pick(from ...string) string { return from[a.IntN(len(from))] }

func (a author) times(most int, what func() string, between string) string {
	parts := make([]string, 1+a.IntN(most))
	for i := range parts {
		parts[i] = what()
	}
	return strings.Join(parts, between)
}

func (a author) declaration() string {
	d := a.pick(
		"color: red", "color: #00f", "color: #123456", "color: nonsense", "color: inherit", "COLOR: green",
		"margin: 1px", "margin: 2px 3px", "margin-left: 4px", "margin: 0", "margin-inline-start: 7px", "margin: 5",
		"font: 13px/1.5 serif", "font-size: 17px", "line-height: 2", "font-family: \"A B\", serif", "font-weight: bold", "font-weight: 700",
		"background: #fff", "background-color: #eee", "background: linear-gradient(red, blue)", "background: url(\"x;}.png\")",
		"border: 1px solid", "border-top-color: red", "border-left: 2px dotted", "border-width: 3px",
		"padding: 3px", "padding-top: 9px", "text-decoration: underline", "text-decoration-color: red", "width: 50%", "width: 70px",
		"--x: a;--x: {b}", "all: unset", "text-align: right", "text-align: center",
	)
	if a.IntN(20) > 0 && strings.HasPrefix(d, "all") {
		d = "color: blue"
	}
	if a.IntN(6) == 0 {
		d += a.pick(" !important", "!IMPORTANT", " ! important")
	}
	return d
}

func (a author) block() string {
	return "{ " + a.times(3, a.declaration, "; ") + a.pick("", ";") + " }"
}

func (a author) compound() string {
	return a.pick("p", "b", "a", "div", ".a", ".b", ".c", "p.a", ".a.b", "#i", "[title]", "[title=t]", "[class~=c]", "div.b", "*", "B", ".none") +
		a.pick("", "", "", "", "", "", "", ":first-child", ":not(.a)", ":link", ":nth-child(2n)", "::before", ":is(#i, .b)", ":hover", ":-moz-x")
}

func (a author) selector() string {
	s := a.compound()
	if a.IntN(3) == 0 {
		return s + a.pick(" ", " ", " > ", ">", " + ", "~") + a.selector()
	}
	return s
}

func (a author) rule() string { return a.times(2, a.selector, ", ") + " " + a.block() + "\n" }

func (a author) sheet() string {
	return a.times(5, func() string {
		switch a.IntN(12) {
		case 0, 1:
			return "@media (" + a.pick("max-width: 400px", "prefers-color-scheme: dark") + ") {\n" + a.times(3, a.rule, "") + "}\n"
		case 2:
			return "@supports (color: red) {" + a.rule() + "}"
		case 3:
			return a.pick("/* c */", "@font-face { font-family: x; src: url(x) }", "@layer l { p { padding: 8px } }",
				"@keyframes k { from { margin-left: 1px } }", ".a { color: red; & b { color: blue } }", "<!--", "#i {}")
		default:
			return a.rule()
		}
	}, "")
}

func (a author) style() string {
	switch a.IntN(6) {
	case 0:
		return ` style="` + strings.ReplaceAll(a.times(3, a.declaration, ";"), `"`, "&quot;") + `"`
	case 1:
		return ` style='` + a.times(2, a.declaration, "; ") + `;'`
	default:
		return ""
	}
}

func (a author) element(depth int, token func(string) string) string {
	name := a.pick("p", "b", "a", "div", "div", "div")
	attributes := a.style()
	if a.IntN(3) > 0 {
		class := a.times(2, func() string { return a.pick("a", "b", "c") }, " ")
		if a.IntN(6) == 0 {
			class += a.pick(" ", "") + token(a.pick("a", "b", "c", ""))
		}
		attributes += ` class="` + class + `"`
	}
	if a.IntN(8) == 0 {
		attributes += a.pick(" id=i", " title=t", " title", " href=x title='t u'", " "+token("")+`id="i"`+token(""), " "+token("data-x='")+`class="b a"`+token("'"))
	}
	var b strings.Builder
	b.WriteString("<" + name + attributes + ">" + a.pick("x", "", "y "))
	for range a.IntN(4) {
		if depth > 0 {
			b.WriteString(a.element(depth-1, token))
		}
	}
	return b.String() + "</" + name + ">"
}

// document returns masked HTML, and what its tokens stand for. A token is
// never what the other is part of.
func (a author) document() (source string, values *strings.Replacer) {
	var pairs []string
	token := func(value string) string {
		name := fmt.Sprintf("q7zaction%06dz", len(pairs)/2)
		pairs = append(pairs, name, value)
		return name
	}
	var b strings.Builder
	b.WriteString("<!DOCTYPE html>\n<html><head>\n")
	for range 1 + a.IntN(3) {
		sheet := a.sheet()
		switch a.IntN(10) {
		case 0:
			sheet += ".b { color: " + token("green") + " }"
			fallthrough
		default:
			b.WriteString("<style" + a.pick("", "", "", "", "", " data-embed", " media='(max-width: 400px)'") + ">\n" + sheet + "\n</style>\n")
		}
	}
	b.WriteString("</head><body>")
	for range 3 {
		b.WriteString(a.element(3, token))
	}
	b.WriteString("</body></html>\n")
	return b.String(), strings.NewReplacer(pairs...)
}
