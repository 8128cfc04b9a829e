package tasks

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// read is an attachment's content as the app gives it, no more than room; nil
// for one that is stored already, or that p says is wrong.
func read(a Attachment, field string, room int64, p *problems) (content []byte) {
	given := 0
	for _, is := range []bool{a.Path != "", a.Content != nil, a.Reader != nil, a.Blob != ""} {
		if is {
			given++
		}
	}
	var err error
	switch {
	case given == 0:
		p.addf(field, "has no content: give path, content, reader or blob")
	case given > 1:
		p.addf(field, "give one of path, content, reader and blob")
	case a.Path != "":
		field += ".path"
		content, err = readFile(a.Path, room)
	case a.Reader != nil:
		field += ".reader"
		content, err = readAll(a.Reader, room)
	default:
		content = a.Content
	}
	if err != nil {
		p.addf(field, "%v", err)
		return nil
	}
	return content
}

// readFile reads no file that is larger than room.
func readFile(path string, room int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("is not a file")
	}
	if info.Size() > room {
		return nil, fmt.Errorf("%d bytes%s; Gmail takes a message of %d", info.Size(), besides(info.Size()), MaxMessage)
	}
	content, err := os.ReadFile(path) //nolint:gosec // The app's own choice of file.
	return content, bare(err)
}

// bare is the reason alone: the field says which file.
func bare(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return pathErr.Err
	}
	return err
}

// readAll reads what has no size before it is read.
func readAll(r io.Reader, room int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(r, room+1))
	if err != nil {
		return nil, fmt.Errorf("could not be read: %w", err)
	}
	if int64(len(content)) > room {
		return nil, fmt.Errorf("more than %d bytes%s; Gmail takes a message of %d", room, besides(room+1), MaxMessage)
	}
	return content, nil
}

// besides says why so many bytes don't fit where they would by themselves.
func besides(size int64) string {
	if size <= MaxMessage {
		return ", and more files before it"
	}
	return ""
}
