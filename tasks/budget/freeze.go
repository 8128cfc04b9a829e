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
// stays so. It returns until when. Redis keeps how long that is from now, on its
// own clock: a wrong one here or there stops nobody for longer.
func (b *Budget) Freeze(ctx context.Context, account string, f Freeze) (until time.Time, err error) {
	ms, err := freezeScript.Run(ctx, b.rdb, []string{key(account, freezeKey)}, time.Until(f.Until).Milliseconds(), f.Reason).Int64()
	if err != nil {
		return time.Time{}, fmt.Errorf("budget: freeze: %w", err)
	}
	return in(ms), nil
}

// in is so many milliseconds from now.
func in(ms int64) time.Time { return time.Now().Add(time.Duration(ms) * time.Millisecond).UTC() }
