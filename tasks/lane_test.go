package tasks_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/postroom/postroom/tasks"
)

func TestQueueName(t *testing.T) {
	t.Parallel()
	for _, lane := range tasks.Lanes() {
		for account, want := range map[string]string{
			"": string(lane), "shop@example.com": string(lane) + ":shop@example.com", "Shop@Example.com": string(lane) + ":shop@example.com",
		} {
			queue := tasks.QueueName(lane, account)
			if queue != want {
				t.Errorf("queue %q, want %q", queue, want)
			}
			gotLane, gotAccount, ok := tasks.ParseQueue(queue)
			if !ok || gotLane != lane || gotAccount != strings.TrimPrefix(strings.TrimPrefix(want, string(lane)), ":") {
				t.Errorf("%s: lane %q, account %q, %v", queue, gotLane, gotAccount, ok)
			}
		}
	}
	if want := []tasks.Lane{"critical", "default", "bulk"}; !slices.Equal(tasks.Lanes(), want) {
		t.Errorf("lanes %q, want %q", tasks.Lanes(), want)
	}
}

func TestQueuesOfOthers(t *testing.T) {
	t.Parallel()
	for _, queue := range []string{"", "low", "Default", "defaults", "low:shop@example.com", ":shop@example.com"} {
		if lane, account, ok := tasks.ParseQueue(queue); ok || lane != "" || account != "" {
			t.Errorf("%q is taken for lane %q of %q", queue, lane, account)
		}
	}
}

func TestLaneByName(t *testing.T) {
	t.Parallel()
	var lane tasks.Lane
	if err := lane.UnmarshalText([]byte("bulk")); err != nil || lane != tasks.Bulk {
		t.Errorf("lane %q, %v; want bulk", lane, err)
	}
	if err := lane.UnmarshalText([]byte("urgent")); err == nil || !strings.Contains(err.Error(), "critical, default or bulk") || lane != tasks.Bulk {
		t.Errorf("urgent: %q, %v; want an error that names the lanes", lane, err)
	}
}
