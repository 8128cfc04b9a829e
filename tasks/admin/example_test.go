package admin_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/admin"
)

// A process opens the port first, so that a busy one stops the start, and
// answers until it is told to end.
func ExampleListen() {
	rdb := redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379"})
	defer func() { _ = rdb.Close() }()
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(admin.NewQueues(rdb, time.Now))

	ctx, stop := context.WithCancel(context.Background())
	server, err := admin.Listen(ctx, admin.Config{Addr: "127.0.0.1:0", Redis: rdb, Gatherer: metrics})
	if err != nil {
		fmt.Println(err)
		stop()
		return
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(ctx) }()

	request, _ := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+server.Addr()+"/livez", http.NoBody)
	response, err := http.DefaultClient.Do(request)
	if err == nil {
		body, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		fmt.Print(response.StatusCode, " ", string(body))
	}
	stop()
	fmt.Println(<-ended)
	// Output:
	// 200 ok
	// <nil>
}

func ExampleConfig_Validate() {
	cfg := admin.Config{Addr: "0.0.0.0:8080"}
	fmt.Println(cfg.Validate())
	// Output:
	// POSTROOM_ADMIN_ADDR "0.0.0.0:8080" is not loopback: set POSTROOM_ADMIN_USER and POSTROOM_ADMIN_PASSWORD, or listen on 127.0.0.1
}
