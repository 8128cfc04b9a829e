package accounts

import (
	"cmp"
	"context"
	"crypto/rand"
	_ "embed" // The script.
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Keeper returns the Keeper of an account's credential. One caller refreshes it
// at a time, over all processes: a token endpoint that gives a new refresh token
// each time takes the old one for stolen when it comes once more.
func (s *Store) Keeper(address string) Keeper { return &stored{s, fold(address)} }

type stored struct {
	store   *Store
	address string
}

func (k *stored) Refresh(ctx context.Context, use func(Credential) (Grant, error)) error {
	unlock, err := k.store.lock(ctx, k.address)
	if err != nil {
		return err
	}
	defer unlock()
	sealed, credential, err := k.read(ctx)
	for err == nil {
		grant, failure := use(credential)
		if failure == nil {
			return k.keep(ctx, sealed, credential, grant)
		}
		// Somebody may have logged in meanwhile, which asks for no lock.
		was := sealed
		if sealed, credential, err = k.read(ctx); err != nil || sealed == was {
			return failure
		}
	}
	return err
}

// read returns the credential, and how it stands in Redis.
func (k *stored) read(ctx context.Context) (sealed string, c Credential, err error) {
	sealed, err = k.store.rdb.HGet(ctx, recordKey(k.address), "sealed").Result()
	if errors.Is(err, redis.Nil) {
		return "", c, unusableError{ErrNotFound}
	}
	if isWrongType(err) {
		return "", c, unusableError{errWrongType}
	}
	if err != nil {
		return "", c, fmt.Errorf("read account: %w", err)
	}
	if c, err = k.store.keys.openCredential(k.address, sealed); err != nil {
		return "", c, unusableError{err}
	}
	return sealed, c, nil
}

// unusableError is one that only a person mends: the credential is gone, or it
// can't be read.
type unusableError struct{ error }

func (e unusableError) Unwrap() error { return e.error }

// Remedy is what to do.
func (e unusableError) Remedy() string {
	if errors.Is(e.error, errNewer) {
		return "run the newer Postroom that stored the account here too"
	}
	return UnreadableRemedy
}

// UnreadableRemedy is what to do where an account's credential is gone or can't
// be read.
const UnreadableRemedy = "give the worker the " + EnvKey + " under which the account was stored, or log in again with it: worker auth login"

const (
	// keepFor is how long a new refresh token is tried to be written, and
	// keepAgain the pause in between: the old one may be worth nothing.
	keepFor   = time.Minute
	keepAgain = 200 * time.Millisecond
)

// keep writes down what came of a refresh. Where somebody logged in meanwhile
// there is nothing to keep. A credential that was only encrypted anew is still
// the one that was used, and its refresh token is.
func (k *stored) keep(ctx context.Context, sealed string, c Credential, g Grant) error {
	fields := []any{"refreshed", k.store.now().UnixMilli()}
	if !g.Expires.IsZero() {
		fields = append(fields, "expires", g.Expires.UnixMilli())
	}
	if g.RefreshToken.IsZero() {
		// Only a time is lost where Redis does not answer now.
		_ = replaceScript.Run(ctx, k.store.rdb, []string{recordKey(k.address)}, append([]any{sealed, sealed}, fields...)...).Err()
		return nil
	}
	used := c.RefreshToken.Reveal()
	c.RefreshToken = g.RefreshToken
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepFor)
	defer cancel()
	for {
		replaced, err := k.store.replace(ctx, k.address, sealed, c, fields...)
		if replaced {
			return nil
		}
		if err == nil {
			if sealed, err = k.stillWith(ctx, used); err == nil && sealed == "" {
				return nil
			}
		}
		if _, lost := errors.AsType[unusableError](err); lost {
			return err
		}
		select {
		case <-ctx.Done():
			return cmp.Or(err, ctx.Err())
		case <-time.After(keepAgain):
		}
	}
}

// stillWith returns how the credential stands in Redis where it has that refresh
// token, and nothing where somebody logged in or removed it.
func (k *stored) stillWith(ctx context.Context, token string) (sealed string, err error) {
	sealed, c, err := k.read(ctx)
	if errors.Is(err, ErrNotFound) || err == nil && c.RefreshToken.Reveal() != token {
		return "", nil
	}
	return sealed, err
}

var (
	//go:embed unlock.lua
	unlockSource string
	unlockScript = redis.NewScript(unlockSource)
)

const (
	// lockFor is how long a refresh may take before another begins: longer than
	// the token endpoint has.
	lockFor = refreshTimeout + 5*time.Second
	// lockAgain is the pause between two tries.
	lockAgain = 50 * time.Millisecond
)

// lock waits until nobody refreshes the account's credential.
func (s *Store) lock(ctx context.Context, address string) (unlock func(), err error) {
	key, owner := keyPrefix+"lock:"+address, rand.Text()
	for {
		got, err := s.rdb.SetArgs(ctx, key, owner, redis.SetArgs{Mode: "NX", TTL: lockFor}).Result()
		if err == nil && got == "OK" {
			break
		}
		if err != nil && !errors.Is(err, redis.Nil) {
			return nil, fmt.Errorf("lock account: %w", err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock account: %w", ctx.Err())
		case <-time.After(lockAgain):
		}
	}
	return func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		_ = unlockScript.Run(ctx, s.rdb, []string{key}, owner).Err() // It ends by itself too.
	}, nil
}
