package delivery_test

import (
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"
	"testing"
)

// attachment returns the decoded file of that name from a message's body.
func attachment(t *testing.T, contentType, body, name string) string {
	t.Helper()
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		t.Fatal(err)
	}
	parts := multipart.NewReader(strings.NewReader(body), params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			t.Fatalf("no attachment %q", name)
		}
		if err != nil {
			t.Fatal(err)
		}
		if part.FileName() != name {
			continue
		}
		file, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, part))
		if err != nil {
			t.Fatal(err)
		}
		return string(file)
	}
}
