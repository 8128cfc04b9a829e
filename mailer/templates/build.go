package templates

import (
	"errors"
	"fmt"
	"html"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/templates/actions"
	"github.com/postroom/postroom/mailer/templates/assemble"
	"github.com/postroom/postroom/mailer/templates/images"
	"github.com/postroom/postroom/mailer/templates/inline"
	"github.com/postroom/postroom/mailer/templates/markdown"
	"github.com/postroom/postroom/mailer/templates/matter"
	"github.com/postroom/postroom/mailer/templates/plain"
)

// builder makes the parts of one template in one locale.
type builder struct {
	files, builtin *shelf
	images         *images.Store
	// locale is the one that files are looked for in, and language that of the text.
	locale   string
	language language.Tag
	// body is the HTML's file or, without one, the text's.
	body *file
	// subjectFile has the subject: a file of its own, or the body's front matter.
	subjectFile *file
	subjectText matter.Value
	// found are the images that sources name, so far.
	found []mailer.Attachment
}

// nothing is the function that a call without an argument passes on.
const nothing = "_postroom_nothing"

// html makes the HTML part, and the source of the text part where none is written.
func (b *builder) html(alsoText bool) (page, text *part, err error) {
	table := &actions.Table{}
	masked, err := b.document(table, b.body, endingHTML, endingMarkdown)
	if err == nil {
		masked, err = inline.CSS(inComments(masked))
	}
	if err != nil {
		return nil, nil, err
	}
	source := masked
	comments, masked, err := cutConditions(table, masked)
	if err == nil {
		err = checkSchemes(table, masked)
	}
	if err != nil {
		return nil, nil, err
	}
	if page, err = b.parse(b.body, table.Restore(masked), endingHTML, comments); err != nil || !alsoText {
		return page, nil, err
	}
	// What is wrong with both was said of the HTML, whose lines are the files'.
	text, err = b.parse(b.body, table.Restore(plain.Text(source, kindOf(table))), endingText, nil)
	if err == nil {
		text.tidy = plain.Tidy
	}
	return page, text, err
}

// text makes a text part that is written.
func (b *builder) text(f *file) (*part, error) {
	table := &actions.Table{}
	masked, err := b.document(table, f, endingText)
	if err != nil {
		return nil, err
	}
	return b.parse(f, table.Restore(masked), endingText, nil)
}

// subject makes the subject.
func (b *builder) subject() (*part, error) {
	table := &actions.Table{}
	masked, err := table.Cut(b.subjectFile.shown, b.subjectText.Line, b.subjectText.Text)
	if err == nil {
		masked, err = assemble.Document(assemble.Parts{Table: table, Page: masked, Partial: none, Nothing: nothing})
	}
	if err != nil {
		return nil, err
	}
	return b.parse(b.subjectFile, table.Restore(masked), endingSubject, nil)
}

func none(string) (string, bool, error) { return "", false, nil }

// document puts a page into its layout, with all that they call, of files of these
// endings.
func (b *builder) document(table *actions.Table, page *file, of ...ending) (string, error) {
	p := assemble.Parts{Table: table, Nothing: nothing, Partials: b.names(partial)}
	p.Partial = func(name string) (string, bool, error) {
		f := b.find(partial, name, of)
		if f == nil {
			return "", false, nil
		}
		masked, err := b.source(table, f)
		return masked, true, err
	}
	around, err := b.layout(page, of)
	if err != nil {
		return "", err
	}
	if around != nil {
		p.LayoutFile = around.shown
		if p.Layout, err = b.source(table, around); err != nil {
			return "", err
		}
		if p.Given, err = b.given(table, of[0] == endingHTML); err != nil {
			return "", err
		}
	}
	if p.Page, err = b.source(table, page); err != nil {
		return "", err
	}
	return assemble.Document(p)
}

// source is a file's body, masked, and as HTML where it is Markdown.
func (b *builder) source(table *actions.Table, f *file) (string, error) {
	masked, err := f.cut(table)
	if err == nil && f.ending == endingMarkdown {
		masked, err = markdown.HTML(masked, table)
	}
	if err != nil || f.ending == endingText {
		return masked, err
	}
	masked, found, err := b.images.Embed(masked, path.Dir(f.file))
	if broken, ok := errors.AsType[*images.Error](err); ok {
		return "", f.fault(f.lineOf(broken.Address), broken.Error())
	}
	b.found = append(b.found, found...)
	return masked, err
}

// given are the texts that a layout may call, subject and preheader.
func (b *builder) given(table *actions.Table, inHTML bool) (map[string]string, error) {
	subject, err := b.aside(table, b.subjectFile, b.subjectText, inHTML)
	if err != nil {
		return nil, err
	}
	given := map[string]string{"subject": subject}
	if preheader := b.body.front.Preheader; preheader.Line > 0 { // Else a layout's block stays.
		given["preheader"], err = b.aside(table, b.body, preheader, inHTML)
	}
	return given, err
}

// aside cuts a text that stands beside the body.
func (b *builder) aside(table *actions.Table, of *file, v matter.Value, inHTML bool) (string, error) {
	masked, err := table.Cut(of.shown, v.Line, v.Text)
	if inHTML {
		masked = html.EscapeString(masked)
	}
	return strings.TrimSpace(masked), err
}

// The names of layouts that mean something.
const (
	defaultLayout = "base"
	noLayout      = "none"
)

// layout is the file around a page; nil for none. A page that is a whole document
// has none unless it says so. The built-in one is for Markdown, which is never
// whole, and for who names it.
func (b *builder) layout(page *file, of []ending) (*file, error) {
	named := b.body.front.Layout
	switch {
	case named.Text == noLayout, named.Text == "" && isWhole(page.body):
		return nil, nil //nolint:nilnil // There is none.
	case named.Text == "" && page.ending != endingMarkdown:
		return b.files.find(layout, defaultLayout, b.locale, of...), nil
	case named.Text == "":
		return b.find(layout, defaultLayout, of), nil
	}
	f := b.find(layout, named.Text, of)
	if f == nil && of[0] != endingText { // One may be for HTML alone.
		return nil, b.body.fault(named.Line, b.unknownLayout(named.Text))
	}
	return f, nil
}

// unknownLayout says what to do about the name of a layout that there is not.
func (b *builder) unknownLayout(name string) string {
	reason, bare, all := "layout "+name+" is not there: ", ofLayout(name), append(b.names(layout), noLayout)
	if bare != name {
		reason += "a layout is named without its folder and its ending, layout: " + bare + "; "
	}
	if slices.Contains(all, bare) {
		return reason + "there are " + strings.Join(all, ", ")
	}
	return reason + "write layouts/" + bare + ".html, or name one of " + strings.Join(all, ", ")
}

// find is a layout or partial of the set, else a built-in one.
func (b *builder) find(r role, name string, of []ending) *file {
	if f := b.files.find(r, name, b.locale, of...); f != nil || b.builtin == nil {
		return f
	}
	return b.builtin.find(r, name, b.locale, of...)
}

func (b *builder) names(r role) []string {
	all := b.files.names(r)
	if b.builtin != nil {
		all = append(all, b.builtin.names(r)...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// isWhole reports whether HTML is a document of its own.
func isWhole(body string) bool {
	body = strings.ToLower(body)
	return strings.Contains(body, "<html") || strings.Contains(body, "<!doctype")
}

// parse compiles a part of a file.
func (b *builder) parse(f *file, r actions.Restored, e ending, comments conditions) (*part, error) {
	p := &part{
		name: f.template(), shown: f.shown, ending: e, restored: r, comments: comments,
		locale: b.locale, language: b.language, regional: &regional{},
	}
	if _, err := language.Parse(b.locale); b.locale == "" || err == nil {
		p.formats = formatsFor(b.language, "")
	}
	if fault := p.compile(); fault != nil {
		return nil, fault
	}
	return p, nil
}

// faultOf is an error of one of the steps as one of this room.
func (b *builder) faultOf(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	e := &Error{Template: b.body.template(), File: b.body.shown, Reason: err.Error()}
	if at, ok := errors.AsType[*actions.Error](err); ok {
		e.Reason, e.Line = at.Reason, at.Line
		if at.File != "" {
			e.File = at.File
		}
	}
	if at, ok := errors.AsType[*inline.Error](err); ok {
		e.Reason = fmt.Sprintf("%s (line %d of the mail in its layout)", at.Reason, at.Line)
	}
	return e
}

// kindOf tells the step that makes text what a token does.
func kindOf(table *actions.Table) func(token string) plain.Kind {
	return func(token string) plain.Kind {
		a, _ := table.Action(token)
		switch a.Kind {
		case actions.Open:
			return plain.Open
		case actions.Else:
			return plain.Else
		case actions.End:
			return plain.End
		case actions.Output, actions.Call:
			return plain.Output
		default:
			return plain.Quiet
		}
	}
}
