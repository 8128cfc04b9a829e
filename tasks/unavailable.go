package tasks

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/tasks/blobs"
	"github.com/postroom/postroom/tasks/directory"
)

// unavailable tells a Redis that did not answer, and a login that it refused,
// from every other error: that is an answer, if only that something stands in
// the way.
func unavailable(ctx context.Context, err error) error {
	var wrong *InvalidError
	var reply redis.Error
	answered := errors.As(err, &reply)
	switch {
	case errors.As(err, &wrong), errors.Is(err, ErrIDTaken),
		errors.Is(err, directory.ErrEntry), errors.Is(err, blobs.ErrPast):
		return err
	case answered && (redis.IsAuthError(err) || redis.IsPermissionError(err)):
		return fmt.Errorf("%w: %w", ErrLoginRefused, reply)
	case answered && !isPassing(err):
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return &cancelledError{context.Cause(ctx)}
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return fmt.Errorf("%w: %w (%w)", ErrUnavailable, err, cause)
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}

// isPassing tells a Redis that cannot serve yet from one that refuses.
func isPassing(err error) bool {
	return redis.IsLoadingError(err) || redis.IsMasterDownError(err) || redis.IsClusterDownError(err) ||
		redis.IsTryAgainError(err) || redis.IsReadOnlyError(err) || redis.IsMaxClientsError(err) ||
		redis.HasErrorPrefix(err, "MOVED") || redis.HasErrorPrefix(err, "NOREPLICAS")
}

// cancelledError is for a call that its caller cancelled: Redis is not to
// blame.
type cancelledError struct{ cause error }

func (*cancelledError) Error() string { return "cancelled before Redis answered" }

func (e *cancelledError) Unwrap() []error { return []error{context.Canceled, e.cause} }
