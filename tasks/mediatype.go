package tasks

import (
	"cmp"
	"mime"
	"net/http"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// pictures are the images that every mail program shows, and that are known by
// their first bytes (WHATWG MIME Sniffing, section 6.1).
var pictures = map[string]bool{
	"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true, "image/bmp": true,
}

const unknownType = "application/octet-stream"

// mediaType is the type of a file whose app gave none. A picture and a PDF are
// what their content is, whatever they are called: mail programs show them by
// themselves. Of all else the name says more: a .docx is a zip, an .svg is XML.
// A content of nil is not known.
func mediaType(name string, content []byte) string {
	said := mime.TypeByExtension(strings.ToLower(filepath.Ext(name)))
	if strings.HasPrefix(said, "message/") || strings.HasPrefix(said, "multipart/") {
		said = unknownType // It may not be in base64 (RFC 2045 section 6.4).
	}
	if content == nil {
		return cmp.Or(said, unknownType)
	}
	seen := http.DetectContentType(content)
	if said == "" || pictures[seen] || seen == "application/pdf" || pictures[said] {
		said = seen
	}
	if t, _, _ := strings.Cut(said, ";"); t == "text/calendar" {
		said = calendarType(content)
	}
	if base, ok := strings.CutSuffix(said, "; charset=utf-8"); ok && !utf8.Valid(content) {
		return base // Whoever reads it may know which it is.
	}
	return said
}

// checkPicture refuses what is to be shown as a picture and is none: a reader
// would see a broken one. A file that is only called so goes as what it is.
func checkPicture(p *problems, field string, given, described Attachment, content []byte) {
	if content == nil {
		return
	}
	field += ".type"
	wanted := given.Type
	if wanted == "" && described.CID != "" {
		field, wanted = strings.TrimSuffix(field, "type")+"name", mediaType(described.Name, nil)
	}
	wanted, _, _ = mime.ParseMediaType(wanted)
	if seen := http.DetectContentType(content); pictures[wanted] && !pictures[seen] {
		p.addf(field, "says %s, and the content is no image, but %s", wanted, seen)
	}
}
