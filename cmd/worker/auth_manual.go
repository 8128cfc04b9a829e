package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/postroom/postroom/mailer/accounts"
)

// nobodysURL is where the browser is sent when it runs on another machine. Nobody
// listens there; the port is one that browsers don't refuse to open.
const nobodysURL = "http://127.0.0.1:47100/"

const askElsewhere = `Open this in a browser on any machine, signed in as the account that mail is to go out from, and allow sending:

  %s

The browser ends on a page that does not load. Copy all of its address, which begins with %s?, and paste it here:
`

// askByHand asks for a consent in a browser on another machine.
func askByHand(ctx context.Context, c accounts.ConsentConfig, to console) (accounts.Granted, error) {
	c.RedirectURL = nobodysURL
	consent, err := accounts.NewConsent(c)
	if err != nil {
		return accounts.Granted{}, err
	}
	if _, err := fmt.Fprintf(to.err, askElsewhere, consent.URL(), nobodysURL); err != nil {
		return accounts.Granted{}, err
	}
	address, err := readLine(ctx, to.in)
	if err != nil {
		return accounts.Granted{}, err
	}
	return consent.Answer(ctx, address)
}

// readLine reads a line that somebody types, until ctx is done.
func readLine(ctx context.Context, in io.Reader) (string, error) {
	type line struct {
		text string
		err  error
	}
	read := make(chan line, 1)
	go func() { // It ends with the process, if nobody types.
		text, err := bufio.NewReader(in).ReadString('\n')
		read <- line{strings.TrimSpace(text), err}
	}()
	select {
	case l := <-read:
		if l.text != "" { // The last line needs no end.
			return l.text, nil
		}
		if l.err != nil && !errors.Is(l.err, io.EOF) {
			return "", fmt.Errorf("read standard input: %w", l.err)
		}
		return "", usageError{errors.New("no address was pasted: nothing was stored")}
	case <-ctx.Done():
		return "", fmt.Errorf("no address was pasted: %w", ctx.Err())
	}
}
