package oidctest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Answer is what a user does on the server's pages.
type Answer struct {
	// User signs in.
	User string
	// Deny says no to all that is asked.
	Deny bool
	// Without are the scopes whose boxes are unticked before the yes.
	Without []string
}

// Page is what a browser shows in the end.
type Page struct {
	// URL stands in the address bar, also where nobody answered there.
	URL string
	// Text is the page's.
	Text string
}

// browseTimeout is for a browser that starts, and three pages.
const browseTimeout = time.Minute

// Browse opens an authorization URL in a headless Chromium that has never been
// there, answers, and returns the page to which the server sends it. A server
// that sends it nowhere is an error that has the page's text.
func Browse(ctx context.Context, address string, a Answer) (Page, error) {
	server, err := url.Parse(address)
	if err != nil {
		return Page{}, fmt.Errorf("oidctest: open %q: %w", address, err)
	}
	path, err := chromium()
	if err != nil {
		return Page{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, browseTimeout)
	defer cancel()
	ctx, cancel = chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox, // Root, as in a container, has none.
		chromedp.DisableGPU,
		chromedp.Flag("disable-component-update", true))...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	// Whatever context starts the browser ends it, too.
	if err := chromedp.Do(ctx); err != nil {
		return Page{}, fmt.Errorf("oidctest: start %s: %w", path, err)
	}
	p, err := answer(ctx, address, server.Host, a)
	if err != nil {
		return Page{}, fmt.Errorf("oidctest: consent in the browser: %w", err)
	}
	return p, nil
}

func chromium() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("oidctest: no chromium in PATH. Debian: apt-get install chromium; macOS: brew install --cask chromium")
}

const (
	signIn = `input[name=user]`
	allow  = `button[value=allow]`
	deny   = `button[value=deny]`
	failed = `#error`
)

func answer(ctx context.Context, address, server string, a Answer) (Page, error) {
	if err := show(ctx, chromedp.Navigate(address), signIn); err != nil {
		return Page{}, err
	}
	if err := chromedp.Do(ctx, chromedp.SendKeys(signIn, a.User)); err != nil {
		return Page{}, err
	}
	if err := show(ctx, chromedp.Click(`#next`), allow); err != nil {
		return Page{}, err
	}
	for _, scope := range a.Without {
		if err := chromedp.Do(ctx, chromedp.Click(fmt.Sprintf(`input[value=%q]`, scope))); err != nil {
			return Page{}, err
		}
	}
	button := allow
	if a.Deny {
		button = deny
	}
	end, err := move(ctx, chromedp.Click(button))
	if err != nil {
		return Page{}, err
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.body.innerText`))
	if err != nil {
		return Page{}, err
	}
	if end.Host == server {
		return Page{}, fmt.Errorf("the server keeps the browser, with: %s", text)
	}
	return Page{URL: end.String(), Text: strings.TrimSpace(text)}, nil
}

// show goes to a page that must have what selector says. One that has an error
// in its place ends the wait.
func show(ctx context.Context, step chromedp.Action[chromedp.Void], selector string) error {
	if _, err := move(ctx, step); err != nil {
		return err
	}
	if err := chromedp.Do(ctx, chromedp.WaitVisible(selector+","+failed)); err != nil {
		return fmt.Errorf("wait for %s: %w", selector, err)
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, failed)))
	if err == nil && text != "" {
		err = errors.New(text)
	}
	return err
}

// move takes a step that leads to another page, waits until that has loaded, and
// returns its address, also where nobody answers there.
func move(ctx context.Context, step chromedp.Action[chromedp.Void]) (*url.URL, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var address string // The listener's own: it is called for one event at a time.
	loaded := make(chan string, 1)
	err := chromedp.Listen(ctx, func(event any) {
		switch e := event.(type) {
		case *page.EventFrameNavigated:
			if e.Frame.ParentID == "" {
				address = cmp.Or(e.Frame.UnreachableURL, e.Frame.URL+e.Frame.URLFragment)
			}
		case *page.EventLoadEventFired:
			if address != "" {
				select {
				case loaded <- address:
				default: // The first one is what is waited for.
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, step); err != nil {
		return nil, err
	}
	select {
	case address := <-loaded:
		return url.Parse(address)
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for the next page: %w", ctx.Err())
	}
}
