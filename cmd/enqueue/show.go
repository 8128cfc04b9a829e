package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/postroom/postroom/internal/browser"
	"github.com/postroom/postroom/mailer/templates/preview"
)

// failsWithin is how soon a browser that can't be opened says so.
const failsWithin = time.Second

// show opens the preview as a page in the browser. Its file lies in dir, or, where
// none is named, among the temporary ones, and stays there: the browser has only
// just been told. Where there is no browser, a person can open it elsewhere.
func show(ctx context.Context, seen *preview.Preview, dir string, to io.Writer) error {
	file, err := writePage(seen, dir)
	if err != nil {
		return fmt.Errorf("--open: %w", err)
	}
	// A path in Windows has a letter in front, and a URL's begins with a slash.
	address := url.URL{Scheme: "file", Path: "/" + filepath.ToSlash(file)}
	if filepath.ToSlash(file)[0] == '/' {
		address.Path = file
	}
	ended, err := browser.Open(ctx, address.String())
	if err == nil {
		select {
		case err = <-ended:
		case <-time.After(failsWithin):
		case <-ctx.Done():
		}
	}
	if err != nil {
		_, err = fmt.Fprintf(to, "no browser was opened: %v\nThe page is %s\n", err, file)
		return err
	}
	_, err = fmt.Fprintf(to, "opened %s\n", file)
	return err
}

// writePage returns the absolute path of the page's file, which its owner alone may
// read: the data may be real.
func writePage(seen *preview.Preview, dir string) (string, error) {
	page, err := seen.Page()
	if err != nil {
		return "", err
	}
	if dir != "" {
		file, err := filepath.Abs(filepath.Join(dir, "preview.html"))
		if err != nil {
			return "", err
		}
		return file, os.WriteFile(file, page, 0o600)
	}
	f, err := os.CreateTemp("", "postroom-preview-*.html")
	if err != nil {
		return "", err
	}
	_, err = f.Write(page)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return f.Name(), err
}
