package main

import (
	"context"
	"time"

	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/directory"
)

// publish tells producers, again and again until ctx is done, what this worker
// has.
func publish(ctx context.Context, to *directory.Store, listing directory.Listing, log *zap.Logger) {
	ticker := time.NewTicker(directory.PublishEvery)
	defer ticker.Stop()
	for {
		if err := to.Publish(ctx, listing); err != nil && ctx.Err() == nil {
			log.Warn("accounts and templates not published for producers", zap.Error(err))
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
