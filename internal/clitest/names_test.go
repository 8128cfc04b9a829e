package clitest_test

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// names is `names NAME…`.
func names(ts *testscript.TestScript, _ bool, args []string) {
	stdout := ts.ReadFile("stdout")
	if stdout == "" {
		ts.Fatalf("nothing on stdout")
	}
	for line := range strings.Lines(stdout) {
		if got := namesIn(ts, line); !slices.Equal(got, args) {
			ts.Fatalf("names %q, want %q", got, args)
		}
	}
}

// namesIn lists a JSON object's names in their order.
func namesIn(ts *testscript.TestScript, object string) []string {
	dec := json.NewDecoder(strings.NewReader(object))
	token, err := dec.Token()
	ts.Check(err)
	if token != json.Delim('{') {
		ts.Fatalf("not a JSON object: %s", object)
	}
	var found []string
	for dec.More() {
		name, err := dec.Token()
		ts.Check(err)
		text, _ := name.(string)
		found = append(found, text)
		var value json.RawMessage
		ts.Check(dec.Decode(&value))
	}
	return found
}
