package accounts

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net"
	"net/http"
	"sync"
	"time"
)

// AskInBrowser asks for a consent in a browser on this machine. It listens on a
// free port of 127.0.0.1, calls open with the page's address, and takes the one
// answer that belongs to it.
func AskInBrowser(ctx context.Context, c ConsentConfig, open func(address string)) (Granted, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return Granted{}, fmt.Errorf("no port on 127.0.0.1 for the browser's answer (log in with --manual, which needs none): %w", err)
	}
	c.RedirectURL = "http://" + l.Addr().String() + "/"
	consent, err := NewConsent(c)
	if err != nil {
		return Granted{}, errors.Join(err, l.Close())
	}
	callback := &callback{consent: consent, host: l.Addr().String(), answered: make(chan answer, 1)}
	server := &http.Server{Handler: callback, ReadHeaderTimeout: callbackTimeout}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	open(consent.URL())
	var a answer
	select {
	case a = <-callback.answered:
	case <-ctx.Done():
		a.err = fmt.Errorf("no consent was given: %w", ctx.Err())
	case err := <-served:
		a.err = fmt.Errorf("listen for the browser's answer: %w", err)
	}
	// The browser gets its page.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), callbackTimeout)
	defer cancel()
	_ = server.Shutdown(end) // What the answer was is known.
	if ctx.Err() != nil {
		select {
		case a = <-callback.answered: // It came just then, and is not asked for again.
		default:
		}
	}
	return a.granted, a.err
}

// callbackTimeout is far more than a browser on the same machine takes.
const callbackTimeout = 5 * time.Second

type answer struct {
	granted Granted
	err     error
}

// callback is where the browser is sent.
type callback struct {
	consent  *Consent
	host     string
	answered chan answer

	mu   sync.Mutex
	done bool
}

// ServeHTTP takes the first answer of the right state. Whatever else comes,
// such as a page that guesses, changes nothing.
func (c *callback) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.Path != "/" || r.Host != c.host {
		http.NotFound(w, r)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done {
		c.write(w, http.StatusGone, "This login has its answer already.")
		return
	}
	if !c.consent.isAnswer(r.URL.Query().Get("state")) {
		c.write(w, http.StatusBadRequest, "This is not the answer to the login that waits here, which still waits. Open the address that it printed.")
		return
	}
	// It goes on where the browser does not wait for it.
	granted, err := c.consent.Answer(context.WithoutCancel(r.Context()), r.URL.String())
	c.done = true
	c.answered <- answer{granted, err}
	if err != nil {
		c.write(w, http.StatusBadRequest, "Nothing was stored: "+err.Error()+".")
		return
	}
	c.write(w, http.StatusOK, "Postroom has the consent of "+granted.Address+", and goes on in the terminal. You can close this window.")
}

const callbackPage = `<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Postroom</title>
<body style="font: 1.1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem"><p>%s</p></body></html>
`

func (c *callback) write(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer") // The address has the code in it.
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	h.Set("Connection", "close")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, callbackPage, html.EscapeString(text)) // The browser may be gone.
}
