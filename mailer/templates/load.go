package templates

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer/templates/images"
)

// LoadDir loads the templates of a directory. Links that lead out of it are
// errors. errors.Is(err, fs.ErrNotExist) asks whether there was no such
// directory.
func LoadDir(dir string) (*Set, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open template directory: %w", err)
	}
	defer func() { _ = root.Close() }() // Only read from.
	set, err := load(root.FS(), filepath.ToSlash(dir))
	if err != nil {
		return nil, err
	}
	set.dir = dir
	return set, nil
}

// Load loads the templates of a file system, such as an embedded one. The error
// tells of everything that is wrong, each an *Error with its file and line, one
// a line.
func Load(fsys fs.FS) (*Set, error) { return load(fsys, "") }

// load shows files with prefix before them in errors.
func load(fsys fs.FS, prefix string) (*Set, error) {
	l := &loader{fsys: fsys, prefix: prefix, images: images.From(fsys)}
	if err := l.walk(); err != nil {
		return nil, err
	}
	own := &loader{fsys: builtinFiles(), prefix: "built-in"}
	if err := own.walk(); err != nil {
		return nil, err
	}
	l.builtin = &own.files
	set := l.set()
	switch {
	case len(l.faults) > 0:
		return nil, joined(l.faults)
	case len(set.templates) == 0:
		return nil, &Error{File: l.shown("."), Reason: "has no template in it: " +
			"one is, for example, welcome.md, which begins with --- and a subject"}
	}
	return set, nil
}

// joined are all faults by their files, each once: two parts may be made of what is
// wrong.
func joined(faults []*Error) error {
	slices.SortStableFunc(faults, func(a, b *Error) int { return strings.Compare(a.File, b.File) })
	told := map[string]bool{}
	var all []error
	for _, fault := range faults {
		if !told[fault.Error()] {
			told[fault.Error()] = true
			all = append(all, fault)
		}
	}
	return errors.Join(all...)
}

// loader gathers the files of a set, and what is wrong with them.
type loader struct {
	fsys   fs.FS
	prefix string
	files  shelf
	images *images.Store
	// builtin has the layouts and partials that there are without any files.
	builtin *shelf
	faults  []*Error
}

func (l *loader) walk() error {
	if err := fs.WalkDir(l.fsys, ".", l.visit); err != nil {
		return fmt.Errorf("read templates: %w", err)
	}
	return nil
}

func (l *loader) shown(file string) string { return path.Join(l.prefix, file) }

func (l *loader) blame(template, file, reason string) {
	l.faults = append(l.faults, &Error{Template: template, File: l.shown(file), Reason: reason})
}

// visit is called by fs.WalkDir, which follows no links. Names with a dot in
// front are editors' and systems' own; Kubernetes keeps the files of a mounted
// ConfigMap in one such folder and links to them.
func (l *loader) visit(file string, entry fs.DirEntry, err error) error {
	switch {
	case err != nil && file == ".":
		return err
	case err != nil:
		l.unreadable(file, err)
		return nil
	case file == ".":
		return nil
	case strings.HasPrefix(entry.Name(), "."):
		if entry.IsDir() {
			return fs.SkipDir
		}
		return nil
	case entry.IsDir():
		return nil
	}
	if source, ok, reason := parseName(file); reason != "" {
		l.blame("", file, reason)
	} else if ok {
		l.read(source)
	}
	return nil
}

// read reads and parses one file.
func (l *loader) read(s source) {
	info, err := fs.Stat(l.fsys, s.file)
	if err != nil {
		l.unreadable(s.file, err)
		return
	}
	if !info.Mode().IsRegular() {
		l.blame(s.name, s.file, "is not a regular file")
		return
	}
	text, err := readAtMost(l.fsys, s.file, MaxOutput+1)
	if err != nil {
		l.unreadable(s.file, err)
		return
	}
	f, fault := readFile(s, l.shown(s.file), text)
	if fault != nil {
		l.faults = append(l.faults, fault)
	}
	if !l.files.put(s, f) {
		l.blame(s.name, s.file, "is there twice: another file has the same name and locale, written differently")
	}
}

func readAtMost(fsys fs.FS, file string, most int64) (string, error) {
	f, err := fsys.Open(file)
	if err != nil {
		return "", err //nolint:wrapcheck // unreadable names the file.
	}
	defer func() { _ = f.Close() }() // Only read from.
	var b strings.Builder
	_, err = io.Copy(&b, io.LimitReader(f, most))
	return b.String(), err //nolint:wrapcheck // unreadable names the file.
}

// unreadable is for a file that cannot be read, or a link that leads nowhere
// or out of the directory.
func (l *loader) unreadable(file string, err error) {
	reason := err
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		reason = at.Err
	}
	l.faults = append(l.faults, &Error{File: l.shown(file), Reason: "cannot be read: " + reason.Error(), Err: err})
}

// set puts files together, each template with all that it needs.
func (l *loader) set() *Set {
	set := &Set{templates: map[string]*mail{}}
	for _, name := range l.files.names(page) {
		locales := l.files[page][name]
		one := &mail{variants: variants{}}
		set.templates[name] = one
		if locales[""] == nil {
			l.missing(name, "", locales, "is for one locale only: a template without a locale in its name is needed for all others")
			continue
		}
		for _, locale := range slices.Sorted(maps.Keys(locales)) {
			if l.complete(name, locale, locales) {
				one.variants[locale] = l.variant(name, locale)
			}
		}
		if f := body(locales[""]); f != nil {
			l.named(one, f)
			data, err := declared(f.front.Data)
			one.declaring(data)
			if err != nil {
				l.faults = append(l.faults, f.fault(0, "data: a default "+err.Error()))
			}
		}
	}
	return set
}

// named puts the default where its front matter says in which language it is, so
// that a mail in that language gets it.
func (l *loader) named(one *mail, f *file) {
	locale := canonical(f.front.Lang.Text)
	switch {
	case locale == "":
	case one.variants[locale] != nil:
		l.faults = append(l.faults, f.fault(f.front.Lang.Line,
			"is in "+f.front.Lang.Text+", and so is "+l.fileName(f.name, locale, f.ending)+": one is enough"))
	case one.variants[""] != nil:
		one.variants[locale] = one.variants[""]
	}
}

// body is the file that the HTML is made of, or nil.
func body(files map[ending]*file) *file {
	if f := files[endingMarkdown]; f != nil {
		return f
	}
	return files[endingHTML]
}

// missing blames the first file of a template in a locale, or in any.
func (l *loader) missing(name, locale string, locales map[string]map[ending]*file, reason string) {
	if locales[locale] == nil {
		locale = slices.Sorted(maps.Keys(locales))[0]
	}
	have := slices.Sorted(maps.Keys(locales[locale]))[0]
	l.blame(name, l.fileName(name, locale, have), reason)
}

// fileName is the file of a part, in the canonical form of its locale.
func (l *loader) fileName(name, locale string, e ending) string {
	for _, files := range l.files[page][name] {
		for _, f := range files {
			if f != nil && strings.HasPrefix(f.file, name+"/"+index+".") {
				return withLocale(name+"/"+index, locale, e)
			}
		}
	}
	return withLocale(name, locale, e)
}

func withLocale(name, locale string, e ending) string {
	if locale != "" {
		name += "." + locale
	}
	return name + string(e)
}
