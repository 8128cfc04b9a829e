package ledgermodel_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/postroom/postroom/tasks/ledger"
)

// An image is all that Redis holds of the one mail, with each time in it as
// seconds from now, and no finer than the scripts tell times apart. So the clock
// stands still, and "time passes" is a step that rewrites an image (later).
type image struct {
	fields map[string]string
	// Of the record and of the kept payload, in hours; or none, or forever.
	life, kept int64
	// Whether the ID is in the index of open mail, and in that of failed mail, and
	// until when that says (hours, or none).
	open   bool
	failed int64
}

const (
	none    = -2 // As PTTL answers where there is no key,
	forever = -1 // and where it has no end.
)

// newImage makes one of a record as it lies in Redis.
func newImage(fields map[string]string, now time.Time) image {
	im := image{fields: fields, life: none, kept: none, failed: none}
	delete(fields, "history") // It is only ever added to: no rule reads it.
	for name, value := range fields {
		if isTime(name) {
			at, _ := strconv.ParseInt(value, 10, 64)
			fields[name] = strconv.FormatInt(coarse(name, at/1000-now.Unix()), 10)
		}
	}
	return im
}

func isTime(field string) bool {
	switch field {
	case "deadline", "called", "absent_since", "updated", "enqueued", "next", "left", "deferred":
		return true
	}
	return false
}

// Durations of the model, in seconds.
const (
	lease    = 60
	lastWord = int64(ledger.LastWord / time.Second)
	idleFor  = int64(ledger.LostAfter / time.Second)
	absent   = 120 // Over how long a mail has to be absent.
	longAgo  = -600
)

// coarse rounds a time, in seconds from now, to what the scripts make of it.
func coarse(field string, in int64) int64 {
	switch field {
	case "deadline":
		switch {
		case in > 0:
			return lease
		case in > -idleFor:
			return -1
		}
		return longAgo
	case "called":
		switch {
		case in > 0:
			return lastWord
		case in > -lastWord:
			return -1
		}
		return longAgo
	case "absent_since":
		if in > -absent {
			return 0
		}
		return longAgo
	case "updated", "enqueued":
		if in > -idleFor {
			return 0
		}
		return longAgo
	}
	return 0 // Times that no rule reads.
}

// later is the image after so many seconds in which nothing happened.
func (im image) later(seconds int64) image {
	im.fields = maps.Clone(im.fields)
	for name, value := range im.fields {
		if isTime(name) {
			in, _ := strconv.ParseInt(value, 10, 64)
			im.fields[name] = strconv.FormatInt(coarse(name, in-seconds), 10)
		}
	}
	return im
}

// renamed is the image with another name for a token.
func (im image) renamed(from, to string) image {
	im.fields = maps.Clone(im.fields)
	if im.fields["token"] == from {
		im.fields["token"] = to
	}
	return im
}

// stored is the record's fields as Redis has them.
func (im image) stored(now time.Time) []any {
	args := make([]any, 0, 2*len(im.fields))
	for name, value := range im.fields {
		if isTime(name) {
			in, _ := strconv.ParseInt(value, 10, 64)
			value = strconv.FormatInt(now.UnixMilli()+in*1000, 10)
		}
		args = append(args, name, value)
	}
	return args
}

func (im image) state() ledger.State { return ledger.State(im.fields["state"]) }
func (im image) has(field string) bool {
	_, ok := im.fields[field]
	return ok
}

func (im image) attempts() int {
	n, _ := strconv.Atoi(im.fields["attempts"])
	return n
}

// String tells images apart, and is for people too.
func (im image) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(im.fields)) {
		if name != "queue" && name != "hash" && name != "account" {
			fmt.Fprintf(&b, "%s=%q ", name, im.fields[name])
		}
	}
	if im.open {
		b.WriteString("[open] ")
	}
	if im.failed != none {
		fmt.Fprintf(&b, "[failed for %d h] ", im.failed)
	}
	if im.kept != none {
		fmt.Fprintf(&b, "[kept for %d h] ", im.kept)
	}
	fmt.Fprintf(&b, "life %d h", im.life)
	return b.String()
}
