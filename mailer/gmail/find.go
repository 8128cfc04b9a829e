package gmail

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/postroom/postroom/mailer"
)

const (
	// FindTimeout is how long a Find takes at most.
	FindTimeout = 30 * time.Second

	// maxCandidates is how many messages a Find looks at. At 20 units each and 5
	// a page (Google's prices of May 2026) they cost as much as four sends.
	maxCandidates = 20
	// maxPages is how many pages a Find turns: Gmail may put less on one than was
	// asked for, even nothing.
	maxPages = 5
)

var _ mailer.Finder = (*Sender)(nil)

// Find looks in the account's Sent mail for one that went out through this API,
// by time and one of its recipients, and then by X-Postroom-ID. It needs a scope
// that allows to search: without one the error is of class Permanent, and says
// nothing of sending.
//
// One that carries the mail's IDHash is the mail. One that carries another's is
// not. Whether Gmail keeps the header in its Sent copy is documented nowhere, so
// one without it leaves the answer Undecided, as does more mail than is looked
// at. It takes a request to search and one for each candidate, 20 of them at
// most, one after another.
func (s *Sender) Find(ctx context.Context, sought mailer.Sought) (mailer.Found, error) {
	if err := sought.Check(); err != nil {
		return mailer.Found{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, FindTimeout)
	defer cancel()
	candidates, all, err := s.search(ctx, sought)
	if err != nil {
		return mailer.Found{}, err
	}
	verdict := mailer.Absent
	if !all {
		verdict = mailer.Undecided
	}
	hash := mailer.IDHash(sought.MailID)
	for _, candidate := range candidates {
		marks, err := s.marksOf(ctx, candidate)
		switch {
		case err != nil:
			return mailer.Found{}, err
		case slices.Contains(marks, hash):
			return mailer.Found{Verdict: mailer.Present, Sent: candidate}, nil
		case len(marks) == 0:
			verdict = mailer.Undecided
		}
	}
	return mailer.Found{Verdict: verdict}, nil
}

// search returns the mail that may be the one, newest first, and whether that
// is all of it.
func (s *Sender) search(ctx context.Context, sought mailer.Sought) (candidates []mailer.Sent, all bool, err error) {
	page := ""
	for range maxPages {
		var list struct {
			Messages []struct {
				ID       string `json:"id"`
				ThreadID string `json:"threadId"`
			} `json:"messages"`
			Next string `json:"nextPageToken"`
		}
		if _, err := s.ask(ctx, s.listURL(sought, page), &list); err != nil {
			return nil, false, err
		}
		for _, m := range list.Messages {
			if m.ID == "" {
				return nil, false, unreadable(http.StatusOK, errors.New("a message without an ID"))
			}
			candidates = append(candidates, mailer.Sent{ID: m.ID, ThreadID: m.ThreadID})
		}
		switch {
		case len(candidates) > maxCandidates:
			return candidates[:maxCandidates], false, nil
		case list.Next == "":
			return candidates, true, nil
		case len(candidates) == maxCandidates:
			return candidates, false, nil
		}
		page = list.Next
	}
	return candidates, false, nil
}

// marksOf returns what stands in a message's X-Postroom-ID. One that was deleted
// since it was listed can't be told from one without it.
func (s *Sender) marksOf(ctx context.Context, of mailer.Sent) (marks []string, err error) {
	var message struct {
		Payload struct {
			Headers []struct {
				Name  string `json:"name"`
				Value string `json:"value"`
			} `json:"headers"`
		} `json:"payload"`
	}
	status, err := s.ask(ctx, s.getURL(of.ID), &message)
	if status == http.StatusNotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for _, h := range message.Payload.Headers {
		if mark := strings.TrimSpace(h.Value); strings.EqualFold(h.Name, markHeader) && mark != "" {
			marks = append(marks, mark)
		}
	}
	return marks, nil
}

// ask makes a request that changes nothing and reads its answer. It returns the
// answer's status, 0 for none.
func (s *Sender) ask(ctx context.Context, address string, answer any) (status int, err error) {
	x := s.exchange(ctx, func(ctx context.Context, token string, _ *watch) (*http.Request, error) {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
		if err != nil {
			return nil, fmt.Errorf("make the request: %w", err)
		}
		req.Header = http.Header{"Authorization": {"Bearer " + token}, "User-Agent": {userAgent}}
		return req, nil
	})
	if x.answered() {
		if x.err = json.Unmarshal(x.body, answer); x.err == nil {
			return x.status, nil
		}
	}
	return x.status, classifyLookUp(x, s.now())
}
