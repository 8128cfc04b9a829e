package budget

import (
	"context"
	_ "embed" // The script.
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed freeze.lua
var freezeSource string

var freezeScript = redis.NewScript(freezeSource)

// Freeze says until when an account must not send, and why.
type Freeze struct {
	// Until is zero for an account that is not frozen.
	Until time.Time
	// Reason is what the backend said.
	Reason string
}

// Freeze stops an account until f.Until. An account that is frozen for longer
// stays so. It returns until when.
func (b *Budget) Freeze(ctx context.Context, account string, f Freeze) (until time.Time, err error) {
	ms, err := freezeScript.Run(ctx, b.rdb, []string{key(account, freezeKey)}, f.Until.UnixMilli(), f.Reason).Int64()
	if err != nil {
		return time.Time{}, fmt.Errorf("budget: freeze: %w", err)
	}
	return time.UnixMilli(ms).UTC(), nil
}

// Frozen returns an account's freeze, the zero Freeze where there is none.
func (b *Budget) Frozen(ctx context.Context, account string) (Freeze, error) {
	got, err := b.rdb.HGetAll(ctx, key(account, freezeKey)).Result()
	if err != nil {
		return Freeze{}, fmt.Errorf("budget: read freeze: %w", err)
	}
	ms, err := strconv.ParseInt(got["until"], 10, 64)
	if err != nil {
		return Freeze{}, nil //nolint:nilerr // No number, no freeze.
	}
	return Freeze{Until: time.UnixMilli(ms).UTC(), Reason: got["reason"]}, nil
}
