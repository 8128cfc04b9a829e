package delivery

import (
	"context"

	"github.com/hibiken/asynq"
)

// asynq starts two goroutines for each task: one calls the handler, the other
// says in the end how it went. A new goroutine's stack is small, and doubles
// deep in the calls of json or go-redis, where all that called them has to be
// copied and set right; a twentieth of a worker's CPU went there. So a stack
// grows once, while hardly anything is on it.

// ProcessTask is the handler's, on a stack that has room for it.
func (l *laneServers) ProcessTask(ctx context.Context, t *asynq.Task) error {
	growStack()
	return l.handler.ProcessTask(ctx, t)
}

// stackRoom is what a mail's way takes, with its templates and go-redis below.
type stackRoom [12 << 10]byte

// growStack calls what has so large a frame that the runtime has to make room
// for it, all at once.
//
//go:noinline
func growStack() {
	var room stackRoom
	keep(&room)
}

//go:noinline
func keep(*stackRoom) {}
