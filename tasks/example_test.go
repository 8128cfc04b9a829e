package tasks_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"testing/fstest"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/postroom/postroom/mailer/templates"
	"github.com/postroom/postroom/tasks"
)

// redisForExample is a Redis of this process; an app has its own.
func redisForExample() (url string, stop func()) {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		panic(err)
	}
	return "redis://" + server.Addr() + "/0", server.Close
}

func Example() {
	url, stop := redisForExample()
	defer stop()

	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		log.Print(err)
		return
	}
	defer func() { _ = rdb.Close() }()
	client := tasks.NewClient(rdb)

	ctx := context.Background()
	receipt, err := client.Enqueue(ctx, tasks.Email{
		To:       []string{"Ada Lovelace <ada@example.org>"},
		Template: "welcome",
		Data:     map[string]any{"name": "Ada"},
	}, tasks.WithID("welcome-1041"))
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println(receipt.ID, "is in queue", receipt.Queue)

	status, err := client.Status(ctx, receipt.ID)
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println("it is", status.State)
	// Output:
	// welcome-1041 is in queue default
	// it is queued
}

func ExampleClient_Enqueue() {
	url, stop := redisForExample()
	defer stop()
	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		log.Print(err)
		return
	}
	defer func() { _ = rdb.Close() }()

	// A code that somebody waits for, and that is good for ten minutes.
	receipt, err := tasks.NewClient(rdb).Enqueue(context.Background(), tasks.Email{
		To:      []string{"ada@example.org"},
		Subject: "Your code",
		Text:    "It is 314159.",
	}, tasks.OnLane(tasks.Critical), tasks.ExpiresIn(10*time.Minute))
	fmt.Println(receipt.Queue, err)
	// Output: critical <nil>
}

func ExampleInvalidError() {
	url, stop := redisForExample()
	defer stop()
	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		log.Print(err)
		return
	}
	defer func() { _ = rdb.Close() }()

	_, err = tasks.NewClient(rdb).Enqueue(context.Background(), tasks.Email{
		To:      []string{"ada@example.org", "grace"},
		Subject: "Hello\r\nBcc: everybody@example.org",
		Text:    "Hello.",
	})
	if wrong, ok := errors.AsType[*tasks.InvalidError](err); ok {
		for _, p := range wrong.Problems {
			fmt.Printf("%s %s\n", p.Field, p.Reason)
		}
	}
	// Output:
	// to[1] is not an address like ada@example.org or Ada <ada@example.org>: missing '@' or angle-addr
	// subject has a line break or another control character
}

func ExampleWithID() {
	url, stop := redisForExample()
	defer stop()
	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		log.Print(err)
		return
	}
	defer func() { _ = rdb.Close() }()
	client := tasks.NewClient(rdb)

	// A producer that is not sure whether it asked already asks again.
	receipt := tasks.Email{To: []string{"ada@example.org"}, Subject: "Your receipt", Text: "Thank you."}
	for range 2 {
		r, err := client.Enqueue(context.Background(), receipt, tasks.WithID("order-1041-receipt"))
		fmt.Println(r.ID, r.Duplicate, err)
	}
	receipt.Text = "Thank you again."
	_, err = client.Enqueue(context.Background(), receipt, tasks.WithID("order-1041-receipt"))
	fmt.Println(errors.Is(err, tasks.ErrIDTaken))
	// Output:
	// order-1041-receipt false <nil>
	// order-1041-receipt true <nil>
	// true
}

func ExampleFreeze() {
	url, stop := redisForExample()
	defer stop()
	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		log.Print(err)
		return
	}
	defer func() { _ = rdb.Close() }()

	// An app has a directory: templates.LoadDir("templates").
	set, err := templates.Load(fstest.MapFS{
		"reminder.md": {Data: []byte("---\nsubject: Tomorrow at {{.time}}\ndata: {time: string}\n---\nSee you at {{.time}}.\n")},
	})
	if err != nil {
		log.Print(err)
		return
	}
	ctx, client := context.Background(), tasks.NewClient(rdb)

	// Whatever a deploy makes of the template by tomorrow, this mail is as it is now.
	reminder := tasks.Email{
		To: []string{"ada@example.org"}, Template: "reminder", Data: map[string]any{"time": "9:30"},
	}
	receipt, err := client.Enqueue(ctx, reminder, tasks.In(20*time.Hour), tasks.Freeze(set.Render))
	fmt.Println(receipt.Queue, err)

	reminder.Data = nil
	_, err = client.Enqueue(ctx, reminder, tasks.Freeze(set.Render))
	fmt.Println(err)
	// Output:
	// default <nil>
	// data.time: is missing
}

func ExampleClient_Status() {
	url, stop := redisForExample()
	defer stop()
	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		log.Print(err)
		return
	}
	defer func() { _ = rdb.Close() }()
	ctx, client := context.Background(), tasks.NewClient(rdb)

	_, err = client.Enqueue(ctx, tasks.Email{
		To: []string{"ada@example.org"}, Subject: "Reminder", Text: "It is tomorrow.",
	}, tasks.WithID("reminder-7"), tasks.In(24*time.Hour))
	if err != nil {
		log.Print(err)
		return
	}
	status, err := client.Status(ctx, "reminder-7")
	fmt.Println(status.State, status.Attempts, err)
	// Output: scheduled 0 <nil>
}

func ExampleClient_Cancel() {
	url, stop := redisForExample()
	defer stop()
	rdb, err := tasks.OpenRedis(url)
	if err != nil {
		log.Print(err)
		return
	}
	defer func() { _ = rdb.Close() }()
	ctx, client := context.Background(), tasks.NewClient(rdb)

	_, err = client.Enqueue(ctx, tasks.Email{
		To: []string{"ada@example.org"}, Subject: "Reminder", Text: "It is tomorrow.",
	}, tasks.WithID("reminder-7"), tasks.In(24*time.Hour))
	if err != nil {
		log.Print(err)
		return
	}
	fmt.Println(client.Cancel(ctx, "reminder-7"))
	fmt.Println(client.Cancel(ctx, "reminder-8"))
	// Output:
	// <nil>
	// no mail was accepted under that ID, or its record has had its time
}

func ExampleParseEmail() {
	email, err := tasks.ParseEmail([]byte(`{"to": "ada@example.org", "template": "welcome", "data": {"name": "Ada"}}`))
	fmt.Println(email.To, email.Template, err)

	_, err = tasks.ParseEmail([]byte(`{"to": "ada@example.org", "titel": "Hello"}`))
	fmt.Println(err)
	// Output:
	// [ada@example.org] welcome <nil>
	// titel: unknown field
}

func ExampleParseAddress() {
	address, err := tasks.ParseAddress("渡辺 <watanabe@example.jp>")
	fmt.Println(address.Name, address.Address, err)

	_, err = tasks.ParseAddress("ada@example.org\r\nBcc: everybody@example.org")
	fmt.Println(err)
	// Output:
	// 渡辺 watanabe@example.jp <nil>
	// has a line break or another control character
}
