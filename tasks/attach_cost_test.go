package tasks_test

import (
	"bufio"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
)

// TestAFileToManyIsStoredOnce has 2 MB go to 300 readers, each mail by itself as
// an app would enqueue it: Redis gets and keeps the file once.
func TestAFileToManyIsStoredOnce(t *testing.T) {
	t.Parallel()
	const mails, size, each = 300, 2 << 20, 8 << 10 // A mail without a file is well below that.
	content := make([]byte, size)
	for i, random := 0, rand.New(rand.NewPCG(1, 2)); i < size; i++ {
		content[i] = byte(random.Uint32())
	}
	path := writeFile(t, "catalogue.pdf", content)
	rdb := redistest.Start(t).Client()
	client := tasks.NewClient(rdb)
	enqueue(t, client, letter()) // Scripts are loaded, and queues known.
	memory, received := used(t, rdb)
	for range mails {
		enqueue(t, client, attached(tasks.Attachment{Path: path}))
	}
	memoryThen, receivedThen := used(t, rdb)
	t.Logf("%d mails: %d bytes more kept, %d sent", mails, memoryThen-memory, receivedThen-received)
	if grown := memoryThen - memory; grown < size || grown > size*5/4+mails*each {
		t.Errorf("Redis keeps %d bytes more, want %d and %d for each of %d mails at most", grown, size, each, mails)
	}
	if got := receivedThen - received; got < size || got > size*5/4+mails*each {
		t.Errorf("Redis was sent %d bytes, want %d and %d for each of %d mails at most", got, size, each, mails)
	}
	if keys := rdb.Keys(t.Context(), "postroom:blob:*").Val(); len(keys) != 1 {
		t.Errorf("blobs %q, want one", keys)
	}
}

// used is how much memory Redis has in use, and how much it was ever sent.
func used(t *testing.T, rdb *redis.Client) (memory, received int) {
	t.Helper()
	found := map[string]int{}
	for _, section := range []string{"memory", "stats"} {
		info, err := rdb.Info(t.Context(), section).Result()
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(strings.NewReader(info)); lines.Scan(); {
			name, value, _ := strings.Cut(lines.Text(), ":")
			if n, err := strconv.Atoi(value); err == nil {
				found[name] = n
			}
		}
	}
	return found["used_memory"], found["total_net_input_bytes"]
}
