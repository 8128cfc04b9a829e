package gmail

import "context"

// Check says whether Google gives an access token for the account, and sends
// nothing. It returns nil, or the *mailer.Error that Send would meet.
func (s *Sender) Check(ctx context.Context) error {
	if _, err := s.tokens.Token(ctx); err != nil {
		return TokenError(err, s.now())
	}
	return nil
}
