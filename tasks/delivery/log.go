package delivery

import (
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/postroom/postroom/tasks/ledger"
)

// logDelivery writes the one line of a delivery. For a mail that was sent it
// comes before anything else is tried: should all else fail, the Gmail ID
// stands here.
func (a *attempt) logDelivery(v *verdict) {
	fields := []zap.Field{
		zap.String("mail_id", a.id), zap.String("queue", a.Redact.Text(a.queue)),
		zap.String("account", a.Redact.Address(a.address)),
		zap.Int("attempt", a.attemptNumber(v)), zap.String("outcome", string(v.state)),
		zap.Int64("took_ms", a.Now().Sub(a.started).Milliseconds()),
	}
	if a.sent.ID != "" {
		fields = append(fields, zap.String("gmail_id", a.sent.ID), zap.String("thread_id", a.sent.ThreadID))
	}
	if to := a.RedirectAll.Address; to != "" {
		fields = append(fields, zap.String("redirected_to", a.Redact.Address(to)))
	}
	if v.err != nil {
		fields = append(fields, zap.String("error", v.err.Error()))
	}
	if v.in > 0 && v.state == ledger.Retrying {
		fields = append(fields, zap.Duration("next_in", v.in))
	}
	if v.settled {
		fields = append(fields, zap.Bool("settled_before", true))
	}
	a.log.Log(level(v), "delivery", fields...)
}

// attemptNumber is this attempt's; where the mail was not tried now, the last
// one's.
func (a *attempt) attemptNumber(v *verdict) int {
	if v.settled || v.written || v.found {
		return a.record.Attempts
	}
	return a.record.Attempts + 1
}

func level(v *verdict) zapcore.Level {
	switch {
	case v.settled || v.state == ledger.Sent:
		return zapcore.InfoLevel
	case v.state == ledger.Failed || v.state == ledger.Unknown:
		return zapcore.ErrorLevel
	default:
		return zapcore.WarnLevel
	}
}
