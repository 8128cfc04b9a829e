package main

import (
	"context"
	"errors"

	"github.com/postroom/postroom/internal/browser"
)

// openBrowser opens an address in the browser of whoever sits here, if there is
// one. It does not wait. A browser that fails is told to failed.
func openBrowser(ctx context.Context, address string, failed func(problem string)) {
	const none = "no browser was opened: "
	ended, err := browser.Open(ctx, address)
	switch {
	case errors.Is(err, browser.ErrNone): // Whoever asks has shown the address already.
	case err != nil:
		failed(none + err.Error())
	default:
		go func() {
			if err := <-ended; err != nil {
				failed(none + err.Error())
			}
		}()
	}
}
