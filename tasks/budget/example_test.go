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

func Example() {
	server := miniredis.NewMiniRedis() // An app has its own.
	if err := server.Start(); err != nil {
		log.Print(err)
		return
	}
	defer server.Close()
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	defer func() { _ = rdb.Close() }()

	ctx, b := context.Background(), budget.New(rdb)
	until := time.Date(2126, 11, 20, 9, 30, 0, 0, time.UTC)
	if _, err := b.Freeze(ctx, "shop@example.com", budget.Freeze{Until: until, Reason: "User-rate limit exceeded."}); err != nil {
		log.Print(err)
		return
	}
	f, err := b.Frozen(ctx, "shop@example.com")
	fmt.Println(f.Until, f.Reason, err)
	// Output: 2126-11-20 09:30:00 +0000 UTC User-rate limit exceeded. <nil>
}
