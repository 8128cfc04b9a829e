package budget_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/budget"
)

// Example is a worker that sends two mails of an account that may send one a
// second, and is told to slow down.
func Example() {
	server := miniredis.NewMiniRedis() // An app has its own.
	if err := server.Start(); err != nil {
		log.Print(err)
		return
	}
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = rdb.Close() }()

	ctx, b, shop := context.Background(), budget.New(rdb), "shop@example.com"
	try := func(s budget.Send) (went bool) {
		a, err := b.Take(ctx, shop, s)
		switch {
		case err != nil:
			log.Print(err) // Redis is away: ask again, under the same token.
		case a.Never:
			fmt.Println("fails: more", a.For, "than the account has in a day")
		case !a.Go:
			fmt.Println("waits for:", a.For) // For a.Wait; then it asks again.
		}
		return a.Go
	}

	// The lease is longer than the send can take.
	first := budget.Send{Token: "order-1041/1", Recipients: 2, Lease: 75 * time.Second}
	second := budget.Send{Token: "order-1042/1", Recipients: 1, Lease: 75 * time.Second}
	if try(first) {
		fmt.Println("order-1041 goes")
		_ = b.Give(ctx, shop, first, budget.Used) // Its lease would end by itself.
	}
	try(second)

	// Gmail answers 429 and says until when; another time it does not.
	until := time.Date(2126, 11, 20, 9, 30, 0, 0, time.UTC)
	if _, err := b.Freeze(ctx, shop, budget.Freeze{Until: until, Reason: "User-rate limit exceeded."}); err != nil {
		log.Print(err)
	}
	if _, err := b.Cut(ctx, shop, budget.CutRate); err != nil {
		log.Print(err)
	}
	try(second)

	// A person looks, and sets a limit that holds from the next Take on.
	if _, err := b.SetLimits(ctx, shop, budget.Change{Daily: budget.To(100)}); err != nil {
		log.Print(err)
	}
	s, err := b.Look(ctx, shop)
	fmt.Println("sent today:", s.Messages, "of", s.Limits.Daily, "to", s.Recipients, "recipients", err)
	fmt.Println("cut:", s.Rate < s.Limits.Rate)
	fmt.Println("frozen until", s.Frozen.Until.Round(time.Minute), s.Frozen.Reason)
	// Output:
	// order-1041 goes
	// waits for: rate
	// waits for: frozen
	// sent today: 1 of 100 to 2 recipients <nil>
	// cut: true
	// frozen until 2126-11-20 09:30:00 +0000 UTC User-rate limit exceeded.
}
