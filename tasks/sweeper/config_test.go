package sweeper_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/tasks/sweeper"
)

func TestConfig(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, spoil := range map[string]func(*sweeper.Config){
		"no Redis":      func(c *sweeper.Config) { c.Redis = nil },
		"no Requeue":    func(c *sweeper.Config) { c.Requeue = nil },
		"negative Rate": func(c *sweeper.Config) { c.Rate = -1 },
	} {
		cfg := w.cfg
		spoil(&cfg)
		if _, err := sweeper.New(cfg); err == nil || !strings.HasPrefix(err.Error(), "sweeper: ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
