package accounts

import "context"

// Hold calls use with the account as it stands, while nobody refreshes its
// credential: what use ends at Google is what is stored, and no refresh brings
// back what use removes. A login asks for no lock; Remove and Mark see it by the
// account's version. use has some ten seconds, then the account is let go. As
// with Get, one that can't be read has Err set, and one that is not there is
// ErrNotFound.
func (s *Store) Hold(ctx context.Context, address string, use func(Account) error) error {
	address = fold(address)
	unlock, err := s.lock(ctx, address)
	if err != nil {
		return err
	}
	defer unlock()
	a, err := s.Get(ctx, address)
	if err != nil {
		return err
	}
	return use(a)
}
