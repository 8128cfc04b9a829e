package budget

import (
	"context"
	_ "embed" // The script.
	"fmt"
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
