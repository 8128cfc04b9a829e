package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
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

// askByHand asks for a consent in a browser on another machine. The consent is
// good for some minutes, so that who pasted something else is asked once more.
func askByHand(ctx context.Context, c accounts.ConsentConfig, to console) (accounts.Granted, error) {
	c.RedirectURL = nobodysURL
	consent, err := accounts.NewConsent(c)
	if err != nil {
		return accounts.Granted{}, err
	}
	if _, err := fmt.Fprintf(to.err, askElsewhere, consent.URL(), nobodysURL); err != nil {
		return accounts.Granted{}, err
	}
	lines := bufio.NewReader(to.in)
	granted, isOther, err := answerByHand(ctx, consent, lines)
	if !isOther {
		return granted, err
	}
	if _, err := fmt.Fprintf(to.err, "worker: %v\nPaste it once more:\n", err); err != nil {
		return accounts.Granted{}, err
	}
	granted, _, again := answerByHand(ctx, consent, lines)
	if errors.Is(again, errNoLine) {
		again = err // Nobody was there to be asked.
	}
	return granted, again
}

// answerByHand reads the answer to a consent. isOther says that what was pasted
// is none.
func answerByHand(ctx context.Context, consent *accounts.Consent, lines *bufio.Reader) (g accounts.Granted, isOther bool, err error) {
	line, err := readLine(ctx, lines)
	if err != nil {
		return g, false, err
	}
	address := pasted(line)
	// Whoever ends the command now has given the consent.
	g, err = consent.Answer(context.WithoutCancel(ctx), address)
	return g, err != nil && (errors.Is(err, accounts.ErrWrongState) || !hasAnswer(address)), err
}

// pasted is the address in what was pasted: without quotes around it, and with
// the scheme that some browsers don't copy.
func pasted(line string) string {
	address := strings.Trim(line, " \t\r\n\"'`<>")
	if place, _, _ := strings.Cut(address, "?"); !strings.Contains(place, "://") {
		address = "http://" + address
	}
	return address
}

// hasAnswer reports whether an address has what a consent page answers with.
func hasAnswer(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Query().Has("state") && (u.Query().Get("code") != "" || u.Query().Get("error") != "")
}

var errNoLine = errors.New("no address was pasted: nothing was stored")

// readLine reads a line that somebody types, until ctx is done.
func readLine(ctx context.Context, in *bufio.Reader) (string, error) {
	text, err := unlessDone(ctx, func() (string, error) { return in.ReadString('\n') })
	if text = strings.TrimSpace(text); text != "" { // The last line needs no end.
		return text, nil
	}
	switch {
	case errors.Is(err, context.Canceled):
		return "", fmt.Errorf("no address was pasted: %w", err)
	case err != nil && !errors.Is(err, io.EOF):
		return "", fmt.Errorf("read standard input: %w", err)
	}
	return "", usageError{errNoLine}
}

// unlessDone is what read returns, or that ctx is done, which a read of standard
// input does not look at. Then read ends with the process.
func unlessDone[T any](ctx context.Context, read func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := read()
		done <- result{value, err}
	}()
	select {
	case r := <-done:
		return r.value, r.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}
