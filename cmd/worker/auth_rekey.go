package main

import (
	"context"
	"fmt"
)

// authRekeyCommand is `worker auth rekey`.
type authRekeyCommand struct {
	redisConfig `embed:""`
}

// Run moves all credentials to the first key.
func (r *authRekeyCommand) Run(ctx context.Context, to console) error {
	store, err := openKeyed(ctx, &r.redisConfig)
	if err != nil {
		return err
	}
	defer store.close()
	moved, failure := store.Rekey(ctx)
	if _, err := fmt.Fprintf(to.out, "%d encrypted anew under the first key\n", moved); err != nil {
		return err
	}
	if failure != nil {
		return ofRedis(failure)
	}
	_, err = fmt.Fprintln(to.err, "worker: all credentials are under the first key: once every worker has it, the others can go from POSTROOM_KEY")
	return err
}
