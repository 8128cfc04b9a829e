package delivery

import (
	"testing"
	"time"
)

func TestBackoff(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 40; n++ {
		longest := 6 * time.Hour
		if n < 8 {
			longest = 2 * time.Second << (2 * (n - 1))
		}
		var low, high time.Duration = time.Hour * 24, 0
		for range 2000 {
			d := backoff(n)
			low, high = min(low, d), max(high, d)
		}
		if low < time.Second || high > longest {
			t.Errorf("backoff(%d) is between %v and %v, want 1s to %v", n, low, high, longest)
		}
		if high < longest*9/10 && n > 2 {
			t.Errorf("backoff(%d) was never over %v in 2000 tries, want up to %v", n, high, longest)
		}
	}
}
