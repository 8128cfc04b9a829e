package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/internal/redistest"
	"github.com/postroom/postroom/tasks"
)

// TestWaitReplicas has a replica that is behind: who asks for it has no word
// before it has the mail, or is told that it has not.
func TestWaitReplicas(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t)
	replica := master.StartReplica()
	client := tasks.NewClient(open(t, master.URL()), tasks.WaitReplicas(1))
	file := letter()
	file.Attachments = []tasks.Attachment{{Name: "a.txt", Content: []byte("hello")}}

	replica.Pause()
	receipt, err := client.Enqueue(t.Context(), file)
	if !errors.Is(err, tasks.ErrNotReplicated) || errors.Is(err, tasks.ErrUnavailable) ||
		!strings.Contains(err.Error(), "0 of 1; the mail is "+receipt.ID) || receipt.ID == "" || receipt.Duplicate {
		t.Errorf("Enqueue = %+v, %v; want the receipt and ErrNotReplicated", receipt, err)
	}
	again, err := client.Enqueue(t.Context(), file, tasks.WithID(receipt.ID))
	if !errors.Is(err, tasks.ErrNotReplicated) || !again.Duplicate {
		t.Errorf("the same again = %+v, %v; want a duplicate and ErrNotReplicated", again, err)
	}
	if _, err := client.Enqueue(t.Context(), letter(), tasks.WaitReplicas(0)); err != nil {
		t.Errorf("a mail that waits for none: %v", err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := client.Enqueue(t.Context(), file, tasks.WithID("b"))
		done <- err
	}()
	await(t, "it waits", func(ctx context.Context) bool {
		list, err := master.Client().ClientList(ctx).Result()
		return err == nil && strings.Contains(list, "cmd=wait")
	})
	replica.Resume()
	if err := <-done; err != nil {
		t.Fatalf("Enqueue while the replica came back: %v", err)
	}
	// What the replica has now, whoever is asked, is all of it.
	there := replica.Client()
	for _, key := range []string{"asynq:{default}:t:b", "postroom:{57}:mail:b"} {
		if n, err := there.Exists(t.Context(), key).Result(); err != nil || n != 1 {
			t.Errorf("the replica has not %s (%v)", key, err)
		}
	}
	again, err = client.Enqueue(t.Context(), file, tasks.WithID(receipt.ID))
	if err != nil || !again.Duplicate {
		t.Errorf("the same once more = %+v, %v; want a duplicate", again, err)
	}
}

// TestWaitReplicasOfEachMaster asks both masters that have a part of a mail.
func TestWaitReplicasOfEachMaster(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t)
	tasksMaster := c.Master("asynq:{default}:pending")
	id := ""
	for n := 0; id == "" || c.Master(fmt.Sprintf("postroom:{%d}:mail", crc32.ChecksumIEEE([]byte(id))%64)) == tasksMaster; n++ {
		id = fmt.Sprint("mail-", n)
	}
	if _, err := tasks.NewClient(open(t, c.URL())).Enqueue(t.Context(), letter(), tasks.WithID(id), tasks.WaitReplicas(1)); err != nil {
		t.Fatal(err)
	}
	for what, master := range map[string]*redistest.Server{
		"record": c.Master(fmt.Sprintf("postroom:{%d}:mail", crc32.ChecksumIEEE([]byte(id))%64)), "task": tasksMaster,
	} {
		if stats := master.Client().Info(t.Context(), "commandstats").Val(); !strings.Contains(stats, "cmdstat_wait:calls=1,") {
			t.Errorf("the master of the %s was not asked once to wait", what)
		}
	}
}

// TestLostBeforeItWasWaitedFor is a failover right behind Enqueue's last write:
// the replicas of the new master have all that it has, and not the mail.
func TestLostBeforeItWasWaitedFor(t *testing.T) {
	t.Parallel()
	file := letter()
	file.Attachments = []tasks.Attachment{{Name: "a.txt", Content: []byte("hello")}}
	for name, lost := range map[string]string{"all": "", "the attachment": "postroom:blob:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			master := redistest.Start(t)
			master.StartReplica()
			rdb := open(t, master.URL())
			forget := master.Client()
			rdb.AddHook(pipes(func(ctx context.Context, cmds []redis.Cmder, next redis.ProcessPipelineHook) error {
				err := next(ctx, cmds)
				if cmds[len(cmds)-1].Name() == "wait" {
					if lost == "" {
						forget.FlushAll(ctx)
					} else {
						forget.Del(ctx, lost)
					}
				}
				return err
			}))
			_, err := tasks.NewClient(rdb).Enqueue(t.Context(), file, tasks.WaitReplicas(1))
			if !errors.Is(err, tasks.ErrUnavailable) || !strings.Contains(err.Error(), "a failover has just lost the mail") {
				t.Errorf("Enqueue: %v, want ErrUnavailable", err)
			}
		})
	}
}

// await waits until it is so.
func await(t *testing.T, what string, so func(context.Context) bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for !so(ctx) {
		if ctx.Err() != nil {
			t.Fatal("not within 10 s: " + what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
