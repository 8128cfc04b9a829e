package admin

import (
	"context"
	"net"
	"net/http"

	"github.com/postroom/postroom/tasks/redact"
)

// ShowPayload and ShowResult are what asynqmon is given to show.
func ShowPayload(mode redact.Mode, b []byte) string { return view{mode}.payload("email:deliver", b) }

// ShowResult shows a task's result.
func ShowResult(mode redact.Mode, b []byte) string { return view{mode}.result("email:deliver", b) }

// Ours reports whether a request without POSTROOM_ADMIN_HOSTS is for us.
func Ours(r *http.Request) bool { return hosts(nil).ours(r) }

// OpenPort is what Listen does once the settings are found to be right.
func OpenPort(ctx context.Context, cfg Config) (net.Listener, error) { return listen(ctx, cfg) }
