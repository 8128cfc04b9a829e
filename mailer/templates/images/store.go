package images

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // Its header is read.
	_ "image/jpeg" // Its header is read.
	_ "image/png"  // Its header is read.
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"unicode"

	"github.com/postroom/postroom/mailer"
)

// Store reads images of a directory, each once. It is not safe for concurrent
// use.
type Store struct {
	fsys fs.FS
	read map[string]mailer.Attachment
}

// From returns a store of what is in a directory.
func From(fsys fs.FS) *Store { return &Store{fsys: fsys, read: map[string]mailer.Attachment{}} }

// maxSize is the most bytes of an image: every mail carries it, encoded.
const maxSize = 1 << 20

// types are the images that mail programs show. Gmail and Outlook show no SVG.
var types = map[string]bool{"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true}

// image is the part of a mail for a file.
func (s *Store) image(file string) (mailer.Attachment, error) {
	if a, ok := s.read[file]; ok {
		return a, nil
	}
	if len(path.Base(file)) > maxName || strings.ContainsFunc(file, unwritable) {
		return mailer.Attachment{}, errName
	}
	content, err := s.content(file)
	if err != nil {
		return mailer.Attachment{}, err
	}
	is := http.DetectContentType(content)
	if !types[is] {
		return mailer.Attachment{}, errors.New("is no PNG, JPEG, GIF or WebP")
	}
	if _, _, err := image.DecodeConfig(bytes.NewReader(content)); err != nil && !errors.Is(err, image.ErrFormat) {
		return mailer.Attachment{}, errors.New("begins as " + is + ", and is broken: save it anew")
	}
	sum := sha256.Sum256(content)
	a := mailer.Attachment{Name: path.Base(file), Type: is, ContentID: hex.EncodeToString(sum[:12]) + "@template", Content: content}
	s.read[file] = a
	return a, nil
}

// maxName is the most bytes of a file's name in a mail.
const maxName = 255

// unwritable is what no name of a file in a mail may have.
func unwritable(r rune) bool { return unicode.IsControl(r) || r == '\\' }

// has reports whether there is such a file, whatever is in it.
func (s *Store) has(file string) bool {
	_, err := fs.Stat(s.fsys, file)
	return err == nil
}

var (
	errAbsent = errors.New("is not there: its path begins beside this file, or at the template directory, as in images/logo.png")
	errName   = errors.New("has a name that no file in a mail can have: rename it, to letters, digits, - and _")
	errLarge  = fmt.Errorf("is larger than %d kB, and each mail would carry it: make it smaller, or give the address of a web server", maxSize>>10)
)

func (s *Store) content(file string) ([]byte, error) {
	info, err := fs.Stat(s.fsys, file) // To open a pipe would wait for who writes into it.
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, errAbsent
	case err != nil:
		return nil, unreadable(err)
	case !info.Mode().IsRegular():
		return nil, errors.New("is no regular file")
	}
	f, err := s.fsys.Open(file)
	if err != nil {
		return nil, unreadable(err)
	}
	defer func() { _ = f.Close() }() // Only read from.
	content, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	switch {
	case err != nil:
		return nil, unreadable(err)
	case len(content) > maxSize:
		return nil, errLarge
	}
	return content, nil
}

// unreadable leaves out the path, which the error names already.
func unreadable(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		err = at.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}
