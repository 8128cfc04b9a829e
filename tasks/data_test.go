package tasks_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/tasks"
)

func TestParseData(t *testing.T) {
	t.Parallel()
	got, err := tasks.ParseData([]byte(` {"name":"Zoë","n":12345678901234567890.10} `))
	if diff := cmp.Diff(map[string]any{"name": "Zoë", "n": json.Number("12345678901234567890.10")}, got); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for source, want := range map[string]string{
		`{"a":1,"a":2}`: "data.a: is there twice",
		`[1]`:           "data: must be a JSON object",
		`null`:          "data: must be a JSON object",
		`{"a":1`:        "data: is not JSON",
		`{},"to":["a"]`: "data: is not JSON",
		``:              "data: is not JSON",
	} {
		if got, err := tasks.ParseData([]byte(source)); err == nil || !strings.HasPrefix(err.Error(), want) || got != nil {
			t.Errorf("%s: %v, %v", source, got, err)
		}
	}
}
