package mailer

import (
	"mime"
	"net/textproto"
	"strconv"
	"strings"
)

// parameterLen is how much of an encoded file name stands on one line.
const parameterLen = 48

// fileHeader gives the part's fields. The file's name stands there twice: as
// RFC 2231 has it in Content-Disposition, and in Content-Type in the older way
// that Outlook reads.
func fileHeader(a *Attachment, disposition string) textproto.MIMEHeader {
	name, filename := quote(a.Name), "filename="+quote(a.Name)
	if !isPlain(a.Name) {
		name = `"` + strings.ReplaceAll(encodeWords(a.Name), " ", "\r\n ") + `"`
		filename = extendedParameter("filename", a.Name)
	}
	t := mediaType(a.Type)
	if a.method() != "" {
		t = invitationFile
	}
	h := textproto.MIMEHeader{
		"Content-Type":              {t + ";\r\n name=" + name},
		"Content-Disposition":       {disposition + ";\r\n " + filename},
		"Content-Transfer-Encoding": {"base64"},
	}
	if a.ContentID != "" {
		h.Set("Content-ID", "<"+a.ContentID+">")
	}
	return h
}

func mediaType(s string) string {
	if s == "" {
		return "application/octet-stream"
	}
	t, params, err := mime.ParseMediaType(s)
	if err != nil {
		return "application/octet-stream" // Not reached: check has parsed it.
	}
	delete(params, "name")
	return mime.FormatMediaType(t, params)
}

func quote(s string) string {
	return `"` + strings.ReplaceAll(s, `"`, `\"`) + `"`
}

// extendedParameter writes a MIME parameter in the extended form of RFC 2231,
// over several lines (section 3) where it is long. No character is cut in two.
func extendedParameter(name, value string) string {
	const charset = "utf-8''"
	head := headOf(value, parameterLen, percentLen)
	if head == value {
		return name + "*=" + charset + percent(value)
	}
	var b strings.Builder
	for i := 0; value != ""; i++ {
		if i > 0 {
			b.WriteString(";\r\n ")
		}
		b.WriteString(name + "*" + strconv.Itoa(i) + "*=")
		if i == 0 {
			b.WriteString(charset)
		}
		head := headOf(value, parameterLen, percentLen)
		b.WriteString(percent(head))
		value = value[len(head):]
	}
	return b.String()
}

func percentLen(c byte) int {
	if isAlnum(c) || c == '-' || c == '.' || c == '_' {
		return 1
	}
	return 3
}

func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		if c := s[i]; percentLen(c) == 1 {
			b.WriteByte(c)
		} else {
			writeHex(&b, '%', c)
		}
	}
	return b.String()
}
