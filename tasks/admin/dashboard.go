package admin

import (
	"net/http"

	"github.com/hibiken/asynq"
	"github.com/hibiken/asynqmon"
	"github.com/redis/go-redis/v9"
	"go.uber.org/zap"

	"github.com/postroom/postroom/tasks/redact"
)

// dashboardPath is where asynqmon's pages and API lie. It does not strip the
// path.
const dashboardPath = "/queues"

// sharedRedis hands asynqmon the process's own client. asynqmon's Close would
// close that client, so nobody calls it: there is nothing else it would free.
type sharedRedis struct{ client redis.UniversalClient }

var _ asynq.RedisConnOpt = sharedRedis{}

// MakeRedisClient returns the shared client.
func (s sharedRedis) MakeRedisClient() any { return s.client }

// newDashboard is asynqmon, with payloads as the mode lets them be seen.
func newDashboard(cfg Config) http.Handler {
	v := view{cfg.Redact}
	monitor := asynqmon.New(asynqmon.Options{
		RootPath:         dashboardPath,
		RedisConnOpt:     sharedRedis{cfg.Redis},
		PayloadFormatter: asynqmon.PayloadFormatterFunc(v.payload),
		ResultFormatter:  asynqmon.ResultFormatterFunc(v.result),
	})
	return withPolicy(dashboardPolicy, logActions(cfg.Log, cfg.Redact, monitor))
}

// logActions writes a line for whatever changes a queue: asynq keeps no record
// of who deleted what.
func logActions(log *zap.Logger, mode redact.Mode, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			user, _, _ := r.BasicAuth()
			log.Info("dashboard action", zap.String("method", r.Method), zap.String("path", mode.Text(r.URL.Path)),
				zap.String("user", user), zap.String("remote", r.RemoteAddr))
		}
		next.ServeHTTP(w, r)
	})
}

// dashboardPolicy is the Content-Security-Policy of asynqmon's page. Its two
// inline scripts are named by their hashes; its styles are made by script, so
// they can't be. The fonts that it links from outside are refused: nobody
// outside learns who looks at the dashboard, and the page does without them.
const dashboardPolicy = "default-src 'self'; " +
	"script-src 'self'" +
	" 'sha256-LjqDztH2EL2ZFssvhMSsTJu6Chyj1xE6xhBDON7y+3E='" +
	" 'sha256-mdoKasDSkoERs5ajLodl404K1xett/HeXnztU/ANdLo='; " +
	"style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; " +
	"object-src 'none'; " +
	"base-uri 'none'; " +
	"form-action 'self'; " +
	"frame-ancestors 'none'"
