package ledger

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"
)

// IfSent is somebody else's script, that runs only where a mail is sent. What
// goes along with FinishWith is done whatever becomes of the change, such as
// where Redis has forgotten the ledger's script and knows the other one: this is
// for what must not.
//
// It is for a single server: the script's keys need not lie where the mail's do.
type IfSent struct{ script *redis.Script }

// NewIfSent makes a script of source that runs only where a mail is sent.
func NewIfSent(source string) *IfSent { return &IfSent{redis.NewScript(ifSentSource + source)} }

// EvalSha runs the script where Redis knows it. Where it did not run, Refused
// says so of its error.
func (s *IfSent) EvalSha(ctx context.Context, c redis.Scripter, id string, keys []string, args ...any) *redis.Cmd {
	return s.script.EvalSha(ctx, c, withRecord(keys, id), args...)
}

// Eval runs the script, and has Redis know it.
func (s *IfSent) Eval(ctx context.Context, c redis.Scripter, id string, keys []string, args ...any) *redis.Cmd {
	return s.script.Eval(ctx, c, withRecord(keys, id), args...)
}

func withRecord(keys []string, id string) []string {
	return append(slices.Clip(keys), recordKey(id))
}

// Refused reports whether a script made by NewIfSent did nothing, since the mail
// is not sent or Redis does not know the script.
func Refused(err error) bool {
	return redis.HasErrorPrefix(err, "NOTSENT") || redis.HasErrorPrefix(err, "NOSCRIPT")
}
