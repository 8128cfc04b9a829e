package preview

// What Gmail drops. The lists have what is not among the properties that Google
// says it supports (developers.google.com/workspace/gmail/design/css), and was
// tried and found missing in Gmail's webmail, its Android and its iOS app
// (caniemail.com, data of 2025-09-09, with the name of its feature). Left out is
// what changes nothing that a reader would miss: cursor, user-select, hyphens,
// prefers-color-scheme and the like.

// droppedProperties are the properties of CSS, by caniemail's feature.
var droppedProperties = []string{
	"position", "top", "right", "bottom", "left", "inset", "z-index", // css-position, css-left-right-top-bottom, css-inset, css-z-index
	"visibility",                                // css-visibility
	"box-shadow", "text-shadow", "border-image", // css-box-shadow, css-text-shadow, css-border-image
	"filter", "backdrop-filter", "clip-path", "mask-image", "shape-outside", // of the same names
	"transform", "transition", "animation", // css-transform, css-transition, css-animation
	"list-style-image", "aspect-ratio", // of the same names
	"align-items", "justify-content", "flex-direction", "flex-wrap", // of the same names
	"grid-template", "grid-template-areas", "grid-template-columns", "grid-template-rows", // css-grid-template
	// css-inline-size, css-block-inline-size and so on
	"block-size", "inline-size", "max-block-size", "max-inline-size", "min-block-size", "min-inline-size",
	"margin-block", "margin-inline", "margin-block-start", "margin-block-end", "margin-inline-start", "margin-inline-end",
	"padding-block", "padding-inline", "padding-block-start", "padding-block-end", "padding-inline-start", "padding-inline-end",
	"border-block", "border-inline", // css-border-inline-block
}

// droppedRules are the at-rules: css-at-font-face and so on.
var droppedRules = []string{"@font-face", "@import", "@keyframes", "@supports"}

// droppedSelectors are parts of selectors for which Gmail drops the whole rule:
// css-pseudo-class-first-child and so on.
var droppedSelectors = []string{
	":first-child", ":last-child", ":only-child", ":nth-child", ":nth-last-child",
	":first-of-type", ":last-of-type", ":only-of-type", ":nth-of-type", ":nth-last-of-type",
	":not", ":has", ":checked", ":target",
	"::before", "::after", ":before", ":after", "::first-letter", "::first-line", ":first-letter", ":first-line",
}

// droppedElements are the elements: html-audio and so on. Scripts, frames and
// plug-ins run in no mail program.
var droppedElements = []string{
	"audio", "base", "dialog", "link", "object", "svg", "video", // By caniemail's features.
	"applet", "embed", "iframe", "script",
}
