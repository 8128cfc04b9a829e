//go:build bench

package bench_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
	"github.com/postroom/postroom/tasks/delivery"
)

// attachmentSize is ten million bytes, which base64 makes 13.7 of.
const attachmentSize = 10_000_000

// TestAttachment sends a mail with a large file, from Redis to Gmail. What it
// prints is all that the worker allocated for it, freed or not: at no moment was
// more of it in memory.
func TestAttachment(t *testing.T) { //nolint:paralleltest // It counts what the whole process allocates.
	g := startGmail(t)
	rdb := open(t, redistest.Start(t).URL())
	announce(t, rdb)
	content := make([]byte, attachmentSize)
	for i, random := 0, rand.New(rand.NewPCG(1, 2)); i < len(content); i++ {
		content[i] = byte(random.Uint32())
	}
	var before, after runtime.MemStats
	recorded := make(chan struct{}, 1)
	stop := startPool(t, rdb, g, func(c *delivery.Config) {
		c.AfterStep = func(step delivery.Step, _ string) {
			switch step { //nolint:exhaustive // The first, and the last in which the mail is at hand.
			case delivery.StepDecode:
				runtime.ReadMemStats(&before)
			case delivery.StepRecord:
				runtime.ReadMemStats(&after)
				recorded <- struct{}{}
			}
		}
	})
	defer stop()
	client := tasks.NewClient(rdb)
	send := func(e tasks.Email) float64 {
		// Enqueue, in this process too, is over by then.
		if _, err := client.Enqueue(t.Context(), e, tasks.In(time.Second)); err != nil {
			t.Fatal(err)
		}
		<-recorded
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	send(welcome()) // Whose connections are the worker's, not the next mail's.
	email := welcome()
	email.Attachments = []tasks.Attachment{{Name: "film.mp4", Type: "video/mp4", Content: content}}
	const each = 7
	ratios := make([]float64, each)
	for i := range ratios {
		ratios[i] = send(email) / attachmentSize
	}
	m := median(ratios)
	show(t, "10 MB attached: memory, of its size", m, "", atMost(2.5),
		fmt.Sprintf("%d mails, %.2f to %.2f, from Redis to Gmail", each, ratios[0], ratios[each-1]))
}
