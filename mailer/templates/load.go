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
	return load(root.FS(), filepath.ToSlash(dir))
}

// Load loads the templates of a file system, such as an embedded one. The error
// tells of everything that is wrong, each an *Error with its file and line, one
// a line.
func Load(fsys fs.FS) (*Set, error) { return load(fsys, "") }

// load shows files with prefix before them in errors.
func load(fsys fs.FS, prefix string) (*Set, error) {
	l := &loader{fsys: fsys, prefix: prefix, parts: map[string]map[string]map[ending]*part{}}
	if err := fs.WalkDir(fsys, ".", l.visit); err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	set := l.set()
	switch {
	case len(l.faults) > 0:
		slices.SortStableFunc(l.faults, func(a, b *Error) int { return strings.Compare(a.File, b.File) })
		all := make([]error, len(l.faults))
		for i, fault := range l.faults {
			all[i] = fault
		}
		return nil, errors.Join(all...)
	case len(set.templates) == 0:
		return nil, &Error{File: l.shown("."), Reason: "has no template in it: " +
			"one is, for example, welcome.subject beside welcome.html, welcome.txt or both"}
	}
	return set, nil
}

// loader gathers the files of a set, and what is wrong with them.
type loader struct {
	fsys   fs.FS
	prefix string
	// parts are the good files by template, locale and ending. A file that
	// does not parse is there too, as nil, since it is not missing.
	parts  map[string]map[string]map[ending]*part
	faults []*Error
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
		l.blame(s.template, s.file, "is not a regular file")
		return
	}
	text, err := readAtMost(l.fsys, s.file, MaxOutput+1)
	if err != nil {
		l.unreadable(s.file, err)
		return
	}
	locales := l.parts[s.template]
	if locales == nil {
		locales = map[string]map[ending]*part{}
		l.parts[s.template] = locales
	}
	if locales[s.locale] == nil {
		locales[s.locale] = map[ending]*part{}
	}
	if _, twice := locales[s.locale][s.ending]; twice {
		l.blame(s.template, s.file, "is there twice: another file has the same locale, written differently")
		return
	}
	p, fault := parsePart(s, l.shown(s.file), text)
	if fault != nil {
		l.faults = append(l.faults, fault)
	}
	locales[s.locale][s.ending] = p
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

// set puts parts together, each template with all that it needs.
func (l *loader) set() *Set {
	set := &Set{templates: map[string]variants{}}
	for _, name := range slices.Sorted(maps.Keys(l.parts)) {
		locales := l.parts[name]
		set.templates[name] = variants{}
		if locales[""] == nil {
			l.missing(name, "", locales, "is for one locale only: a template without a locale in its name is needed for all others")
			continue
		}
		for locale, parts := range locales {
			l.complete(name, locale, locales)
			set.templates[name][locale] = &variant{
				subject: parts[endingSubject], html: parts[endingHTML], text: parts[endingText],
			}
		}
	}
	return set
}

// complete says which files a template lacks in a locale.
func (l *loader) complete(name, locale string, locales map[string]map[ending]*part) {
	parts, base := locales[locale], locales[""]
	_, subject := parts[endingSubject]
	_, html := parts[endingHTML]
	_, text := parts[endingText]
	switch {
	case !subject:
		l.missing(name, locale, locales, "has no subject beside it: write "+fileName(name, locale, endingSubject))
	case !html && !text:
		l.missing(name, locale, locales, "has no body beside it: write "+
			fileName(name, locale, endingHTML)+", "+fileName(name, locale, endingText)+" or both")
	}
	if locale == "" {
		return
	}
	for _, body := range []ending{endingHTML, endingText} {
		_, has := parts[body]
		if _, wants := base[body]; wants && !has && (html || text) {
			l.missing(name, locale, locales, "has no "+fileName(name, locale, body)+
				" beside it: a locale has each file that the default has")
		}
	}
}

// missing blames the first file of a template in a locale, or in any.
func (l *loader) missing(name, locale string, locales map[string]map[ending]*part, reason string) {
	if locales[locale] == nil {
		locale = slices.Sorted(maps.Keys(locales))[0]
	}
	have := slices.Sorted(maps.Keys(locales[locale]))[0]
	l.blame(name, fileName(name, locale, have), reason)
}

// fileName is the file of a part, in the canonical form of its locale.
func fileName(name, locale string, e ending) string {
	if locale != "" {
		name += "." + locale
	}
	return name + string(e)
}

// loadSub loads a folder of a file system, which errors name.
func loadSub(fsys fs.FS, folder string) (*Set, error) {
	sub, err := fs.Sub(fsys, folder)
	if err != nil {
		return nil, fmt.Errorf("read templates: %w", err)
	}
	return load(sub, folder)
}
