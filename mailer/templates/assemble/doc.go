// Package assemble puts a page, its layout and the partials that they call into
// one document, masked as package actions does it.
//
//	layout   <body>{{template "content" .}} {{block "foot" .}}Bye{{end}}</body>
//	page     <p>{{template "button" .url}}</p>
//	partial  <a href="{{.}}">Pay</a>
//
// become
//
//	<body>{{block "content" .}}<p>{{block "button 2" .url}}<a href="{{.}}">Pay</a>{{end}}</p>{{end}}
//	{{block "foot" .}}Bye{{end}}</body>
//
// What a name means is looked for in this order: the page's own {{define}}, which
// takes the place of a {{block}} of the layout too; what the caller gives, such as
// the subject; the layout's {{define}}; a partial's file. Whether one of these but a file stands
// for it is what {{if defined "foot"}} asks; the answer is known at once, and becomes
// {{if true}} or {{if false}}.
//
// What would be dropped in silence is refused: a page whose layout does not call
// it, and a {{define}} of a page that nothing calls.
package assemble
