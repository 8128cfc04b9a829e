package admin

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/http"

	"go.uber.org/zap"
)

// login asks for user and password by HTTP's Basic authentication (RFC 7617).
// Only hashes are kept and compared: they have one length, so the time that the
// comparison takes tells nothing.
type login struct {
	required       bool
	user, password [sha256.Size]byte
	log            *zap.Logger
}

func newLogin(cfg Config) *login {
	return &login{
		required: cfg.User != "",
		user:     sha256.Sum256([]byte(cfg.User)),
		password: sha256.Sum256([]byte(cfg.Password)),
		log:      cfg.Log,
	}
}

// passed reports whether the request has the right user and password, or needs
// none.
func (l *login) passed(r *http.Request) bool {
	if !l.required {
		return true
	}
	user, password, _ := r.BasicAuth()
	u, p := sha256.Sum256([]byte(user)), sha256.Sum256([]byte(password))
	return subtle.ConstantTimeCompare(u[:], l.user[:])&subtle.ConstantTimeCompare(p[:], l.password[:]) == 1
}

// guard lets only requests through that passed.
func (l *login) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if l.passed(r) {
			next.ServeHTTP(w, r)
			return
		}
		if r.Header.Get("Authorization") != "" {
			l.log.Warn("admin login refused", zap.String("remote", r.RemoteAddr))
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="Postroom", charset="UTF-8"`)
		refuse(w, http.StatusUnauthorized, "Log in as POSTROOM_ADMIN_USER with POSTROOM_ADMIN_PASSWORD.")
	})
}
