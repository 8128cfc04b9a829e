package main

import (
	"context"
	"errors"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/admin"
)

// adminCommand is `worker admin`.
type adminCommand struct {
	redisConfig    `embed:""`
	operatorConfig `kong:"embed,set='off=',set='shown=logs and dashboard'"`
	logConfig      `embed:""`
}

// Run serves the operators' pages until it is told to stop.
func (a *adminCommand) Run(ctx context.Context, to console) error {
	log := newLogger(&a.logConfig, to.err)
	rdb, err := openRedis(&a.redisConfig)
	if err != nil {
		return err
	}
	defer func() { _ = rdb.Close() }() // The process ends here.
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(admin.NewQueues(rdb, time.Now))
	server, err := listenAdmin(ctx, &a.operatorConfig, rdb, log, metrics, func() admin.Readiness {
		return admin.Readiness{Stopping: ctx.Err() != nil}
	})
	if err != nil {
		return err
	}
	if server == nil {
		return usageError{errors.New("POSTROOM_ADMIN_ADDR is off: there is nothing to serve")}
	}
	warnOfRedis(ctx, rdb, 0, log)
	log.Info("admin started", zap.String("admin", "http://"+openable(server.Addr())))
	return server.Serve(ctx)
}

// adminOff is the address that means no pages.
const adminOff = "off"

// listenAdmin opens the operators' port; nil where it is off.
func listenAdmin(
	ctx context.Context, c *operatorConfig, rdb redis.UniversalClient, log *zap.Logger,
	metrics prometheus.Gatherer, ready func() admin.Readiness,
) (*admin.Server, error) {
	if c.AdminAddr == adminOff {
		return nil, nil //nolint:nilnil // Off is neither a server nor an error.
	}
	cfg := c.admin()
	cfg.Pages = c.pages
	cfg.Redis, cfg.Gatherer, cfg.Log = rdb, metrics, log
	cfg.Ready = func(context.Context) admin.Readiness { return ready() }
	if err := cfg.Validate(); err != nil {
		return nil, usageError{err}
	}
	return admin.Listen(ctx, cfg)
}

// admin is what the settings say of the operators' pages.
func (c *operatorConfig) admin() admin.Config {
	return admin.Config{
		Addr: c.AdminAddr, Hosts: c.AdminHosts, User: c.AdminUser,
		Password: secret("POSTROOM_ADMIN_PASSWORD"), Redact: c.Redact,
	}
}

// openable is where this machine reaches who listens on addr: a wildcard is no
// address that a browser can open.
func openable(addr string) string {
	host, port, err := net.SplitHostPort(addr)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return addr
}
