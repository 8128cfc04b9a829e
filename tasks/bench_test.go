package tasks_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/hibiken/asynq"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
)

// BenchmarkEnqueue measures Enqueue beside what an app would do without
// Postroom: the same payload handed to asynq. Ours reserves the ID as well.
func BenchmarkEnqueue(b *testing.B) {
	mail := tasks.Email{
		To:       []string{"Ada Lovelace <ada@example.org>"},
		Template: "welcome",
		Data:     map[string]any{"name": "Ada", "order": 1041, "items": []any{"tea", "milk"}},
	}
	b.Run("postroom", func(b *testing.B) {
		client := tasks.NewClient(redistest.Start(b).Client())
		for b.Loop() {
			if _, err := client.Enqueue(b.Context(), mail); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("asynq", func(b *testing.B) {
		payload := []byte(`{"v":1,"id":"019a9f3a-2f1e-7cc1-a4cf-2d3a1bb0e3a6","to":["Ada Lovelace <ada@example.org>"],"template":"welcome",` +
			`"data":{"items":["tea","milk"],"name":"Ada","order":1041},"enqueued_at":"2026-11-20T09:30:00.123Z","on_unknown":"resend"}`)
		client := asynq.NewClientFromRedisClient(redistest.Start(b).Client())
		for b.Loop() {
			task := asynq.NewTask(tasks.TypeDeliver, payload)
			if _, err := client.EnqueueContext(b.Context(), task); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDecodePayload measures what a worker does with each mail before
// anything else.
func BenchmarkDecodePayload(b *testing.B) {
	for name, payload := range map[string]string{
		"template": `{"v":1,"id":"019a9f3a-2f1e-7cc1-a4cf-2d3a1bb0e3a6","to":["Ada Lovelace <ada@example.org>"],"template":"welcome",` +
			`"data":{"items":["tea","milk"],"name":"Ada","order":1041},"enqueued_at":"2026-11-20T09:30:00.123Z","on_unknown":"resend"}`,
		"every field": everyField(b),
		"long text": `{"v":1,"id":"019a9f3a-2f1e-7cc1-a4cf-2d3a1bb0e3a6","to":["Ada Lovelace <ada@example.org>"],"subject":"Hello","html":"` +
			strings.Repeat(`<p class=\"a\">Hello, Ada.</p>\n`, 500) + `"}`,
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := tasks.DecodePayload([]byte(payload)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func everyField(b *testing.B) string {
	b.Helper()
	golden, err := os.ReadFile("testdata/payload.json")
	if err != nil {
		b.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, golden); err != nil {
		b.Fatal(err)
	}
	return compact.String()
}
