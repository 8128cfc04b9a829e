package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/postroom/postroom/mailer/accounts"
)

// accountStore is where accounts are stored, and the Redis that it is in.
type accountStore struct {
	*accounts.Store

	rdb redis.UniversalClient
}

// openAccounts reaches the store, so that what follows, such as a consent, is
// not lost for want of it. The caller closes it.
func openAccounts(ctx context.Context, c *redisConfig) (*accountStore, error) {
	keys, err := accounts.ParseKeys(secret(accounts.EnvKey))
	if err != nil {
		return nil, usageError{err}
	}
	rdb, err := openRedis(c)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	if err := rdb.Ping(ctx).Err(); err != nil {
		_ = rdb.Close() // It was not reached.
		return nil, redisError{fmt.Errorf("REDIS_URL: not reached: %w", err)}
	}
	return &accountStore{accounts.NewStore(rdb, keys), rdb}, nil
}

// openKeyed is openAccounts for what can't be done without a key.
func openKeyed(ctx context.Context, c *redisConfig) (*accountStore, error) {
	if strings.TrimSpace(secret(accounts.EnvKey)) == "" {
		return nil, usageError{accounts.ErrNoKey}
	}
	return openAccounts(ctx, c)
}

func (s *accountStore) close() { _ = s.rdb.Close() } // The process ends here.

// find returns the account of an address, or says which ones there are.
func (s *accountStore) find(ctx context.Context, address accountAddress) (accounts.Account, error) {
	a, err := s.Get(ctx, string(address))
	if errors.Is(err, accounts.ErrNotFound) {
		return a, s.unknown(ctx, address)
	}
	return a, ofRedis(err)
}

// maxNamed is how many accounts an error names.
const maxNamed = 20

func (s *accountStore) unknown(ctx context.Context, address accountAddress) error {
	var known []string
	if err := s.List(ctx, func(a accounts.Account) error {
		known = append(known, a.Address)
		return nil
	}); err != nil {
		return ofRedis(err)
	}
	if len(known) == 0 {
		return usageError{fmt.Errorf("%s: %w: %s", address, accounts.ErrNotFound, howToAdd)}
	}
	more := ""
	if len(known) > maxNamed {
		more = fmt.Sprintf(", and %d more", len(known)-maxNamed)
	}
	slices.Sort(known)
	return usageError{fmt.Errorf("%s: %w; stored are: %s%s", address, accounts.ErrNotFound, strings.Join(known[:min(len(known), maxNamed)], ", "), more)}
}

// howToAdd is for who has no account yet.
const howToAdd = "none is stored; add one with: worker auth login, or worker auth import FILE"
