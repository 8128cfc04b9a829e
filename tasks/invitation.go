package tasks

import (
	"bytes"
	"mime"
	"strings"
)

// method is the METHOD that makes a calendar an invitation, or what follows one
// (RFC 5546); empty for any other file.
func (a *Attachment) method() string {
	t, params, err := mime.ParseMediaType(a.Type)
	if err != nil || t != "text/calendar" || a.CID != "" {
		return ""
	}
	return params["method"]
}

// checkInvitation refuses one that calendars would ignore (RFC 6047 section
// 2.4); the content is nil where it is not known.
func checkInvitation(p *problems, field string, a Attachment, content []byte) {
	method := a.method()
	if method == "" || content == nil {
		return
	}
	checkBody(p, field, string(content))
	switch own := calendarMethod(content); {
	case own == "":
		p.addf(field+".type", "has a method, and the calendar itself no METHOD: calendars would ignore it")
	case !strings.EqualFold(own, method):
		p.addf(field+".type", "has another method than the METHOD of the calendar itself, and calendars would ignore it")
	}
}

// calendarMethod is what a calendar itself says that it is for.
func calendarMethod(content []byte) string {
	for line := range bytes.Lines(content) {
		if name, value, _ := strings.Cut(string(bytes.TrimSpace(line)), ":"); strings.EqualFold(name, "METHOD") {
			return value
		}
	}
	return ""
}

// calendarType is that of a calendar whose app gave none. One that asks its
// reader something is an invitation by itself; others, such as a timetable
// (PUBLISH), are files.
func calendarType(content []byte) string {
	switch method := strings.ToUpper(calendarMethod(content)); method {
	case "REQUEST", "CANCEL", "REPLY":
		return "text/calendar; method=" + method
	default:
		return "text/calendar; charset=utf-8"
	}
}
