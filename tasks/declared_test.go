package tasks_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/directory"
)

// declares is a template that takes these variables, all of them and no others.
func declares(properties, required string) directory.Template {
	return directory.Template{Name: "welcome", Data: json.RawMessage(
		`{"type":"object","properties":` + properties + `,"required":` + required + `,"additionalProperties":false}`)}
}

type named struct {
	Name string `json:"name"`
}

func TestDeclaredData(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	publish(t, rdb, directory.Listing{Templates: []directory.Template{
		declares(`{"name":{"type":"string"},"items":{"type":"array","items":{"type":"object","properties":{"price":{"type":"number"}}}}}`, `["name"]`),
	}})
	client := tasks.NewClient(rdb)
	e := letter()
	e.Subject, e.Text, e.Template = "", "", "welcome"
	for name, test := range map[string]struct {
		data any
		want []tasks.Problem
	}{
		"fits":    {map[string]any{"name": "Ada", "items": []any{map[string]any{"price": json.Number("4.50")}}}, nil},
		"structs": {named{"Ada"}, nil},
		"none":    {nil, []tasks.Problem{{Field: "data.name", Reason: "is missing"}}},
		"others": {map[string]any{"name": 7, "items": []map[string]any{{"price": "s3cret"}}, "more": 1}, []tasks.Problem{
			{Field: "data.items[0].price", Reason: "must be a number, not a string"},
			{Field: "data.more", Reason: "is not declared by the template"},
			{Field: "data.name", Reason: "must be a string, not a number"},
		}},
		"an address as name": {map[string]any{"name": "Ada", "ada@example.org": 1}, []tasks.Problem{
			{Field: "data", Reason: "has a name that the template does not declare"},
		}},
	} {
		e.Data = test.data
		_, err := client.Enqueue(t.Context(), e)
		if test.want == nil {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if diff := cmp.Diff(test.want, problems(t, err)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		enqueue(t, client, e, tasks.Force())
	}
}

// TestDeclaredDataInADeploy takes what either version takes, and tells of the
// newer one where neither does.
func TestDeclaredDataInADeploy(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	for _, one := range []directory.Template{
		declares(`{"name":{"type":"string"}}`, `["name"]`), declares(`{"first_name":{"type":"string"}}`, `["first_name"]`),
	} {
		publish(t, rdb, directory.Listing{Templates: []directory.Template{one}})
		time.Sleep(2 * time.Millisecond) // So that one is newer.
	}
	client := tasks.NewClient(rdb)
	e := letter()
	e.Subject, e.Text, e.Template = "", "", "welcome"
	for _, name := range []string{"name", "first_name"} {
		e.Data = map[string]any{name: "Ada"}
		enqueue(t, client, e)
	}
	e.Data = map[string]any{}
	_, err := client.Enqueue(t.Context(), e)
	if diff := cmp.Diff([]tasks.Problem{{Field: "data.first_name", Reason: "is missing"}}, problems(t, err)); diff != "" {
		t.Error(diff)
	}
}

// TestADeclarationThatIsNone, as far as this producer knows, refuses nothing.
func TestADeclarationThatIsNone(t *testing.T) {
	t.Parallel()
	rdb := embedded(t)
	publish(t, rdb, directory.Listing{Templates: []directory.Template{{Name: "welcome", Data: json.RawMessage(`{"type":"of tomorrow"}`)}}})
	e := letter()
	e.Subject, e.Text, e.Template = "", "", "welcome"
	enqueue(t, tasks.NewClient(rdb), e)
}
