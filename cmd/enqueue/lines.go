package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lineReader reads lines one after another, and goes on behind one that is too
// long.
type lineReader struct {
	in   *bufio.Reader
	most int // Bytes of a line.

	number int    // Of the line, from 1.
	text   []byte // The line, without the spaces around it, until the next one.
	long   bool   // It had more bytes; there is no text of it.
	err    error  // What ended the reading but the end.
}

// scan goes to the next line that has anything in it, and reports whether there
// is one.
func (r *lineReader) scan() bool {
	for r.read() {
		if r.long || len(r.text) > 0 {
			return true
		}
	}
	return false
}

func (r *lineReader) read() bool {
	r.number++
	r.text, r.long = r.text[:0], false
	for read := 0; ; {
		part, err := r.in.ReadSlice('\n')
		read += len(part)
		if len(r.text)+len(bytes.TrimRight(part, "\r\n")) > r.most {
			r.long = true
		}
		if !r.long {
			r.text = append(r.text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && read > 0: // The last line needs no end.
		case errors.Is(err, io.EOF):
			return false
		case err != nil:
			r.err = err
			return false
		}
		r.text = bytes.TrimSpace(r.text)
		return true
	}
}

// isPart tells a line of something that goes over many, such as an object that
// was written to be read, from an object.
func (r *lineReader) isPart() bool {
	return !r.long && (r.text[0] != '{' || r.text[len(r.text)-1] != '}')
}

// refusals names lines that were passed over, and counts them.
type refusals struct {
	out   io.Writer
	count int
	force bool // --force would have helped one of them.

	// Adjacent lines that are parts of something are told of together.
	first, last int
	err         error
}

// add takes a line that is wrong; part says that it is no whole object.
func (r *refusals) add(line int, err error, part bool) {
	r.count++
	r.force = r.force || needsForce(err)
	if !part {
		r.tell()
		r.print(line, err)
		return
	}
	if r.err == nil {
		r.first, r.err = line, err
	}
	r.last = line
}

// tell names the parts that have come so far.
func (r *refusals) tell() {
	switch {
	case r.err == nil:
	case r.first == r.last:
		r.print(r.first, r.err)
	default:
		_, _ = fmt.Fprintf(r.out, "lines %d to %d: no whole payloads: give one JSON object a line\n", r.first, r.last)
	}
	r.err = nil
}

func (r *refusals) print(line int, err error) {
	_, _ = fmt.Fprintf(r.out, "line %d: %v\n", line, err) // The exit status says it too.
}
