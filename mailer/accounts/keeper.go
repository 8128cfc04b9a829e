package accounts

import (
	"context"
	"sync"
)

// A Keeper has the credential that a Source refreshes.
type Keeper interface {
	// Refresh calls use with the credential as it stands, for one caller at a
	// time, and keeps the refresh token where use was given another.
	Refresh(ctx context.Context, use func(Credential) (Grant, error)) error
}

// memory keeps a credential that nobody else has, such as the environment's,
// for as long as the process lives.
type memory struct {
	mu         sync.Mutex
	credential Credential
}

func (m *memory) Refresh(_ context.Context, use func(Credential) (Grant, error)) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	grant, err := use(m.credential)
	if err == nil && !grant.RefreshToken.IsZero() {
		m.credential.RefreshToken = grant.RefreshToken
	}
	return err
}
