package delivery

import (
	"github.com/hibiken/asynq"
	"go.uber.org/zap"
)

// asynqLog gives asynq's own messages to zap.
type asynqLog struct{ *zap.SugaredLogger }

var _ asynq.Logger = asynqLog{}

// Fatal is an error here: whether the process ends is main's decision.
func (l asynqLog) Fatal(args ...any) { l.Error(args...) }
