// Package browser opens a page in the browser of whoever sits at this machine.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/postroom/postroom/internal/clivalue"
)

// ErrNone says that there is none here.
var ErrNone = errors.New("there is no screen here to show a browser on")

// Open opens an address, and does not wait: what comes over the channel is how the
// program ended that was to open it, nil if well. What a browser prints is
// nobody's business, and it gets none of our settings, secrets among them. Where
// there is no browser the error is ErrNone.
func Open(ctx context.Context, address string) (<-chan error, error) {
	program, args := command(runtime.GOOS, os.Getenv)
	if program == "" {
		return nil, ErrNone
	}
	ctx = context.WithoutCancel(ctx) // It stays open when this program ends.
	cmd := exec.CommandContext(ctx, program, append(args, address)...)
	cmd.Env = withoutSettings(os.Environ())
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() {
		err := cmd.Wait()
		if err != nil {
			err = fmt.Errorf("%s: %w", program, err)
		}
		ended <- err
	}()
	return ended, nil
}

func withoutSettings(environ []string) []string {
	return slices.DeleteFunc(environ, func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return clivalue.IsSetting(name)
	})
}

// command is what opens a browser: the one of BROWSER, else what the system has
// for it. It is empty where there is no screen to show one on.
func command(system string, getenv func(string) string) (program string, args []string) {
	if browser := getenv("BROWSER"); browser != "" {
		return browser, nil
	}
	switch system {
	case "darwin":
		return "open", nil
	case "windows":
		return "rundll32", []string{"url.dll,FileProtocolHandler"}
	}
	if getenv("DISPLAY") == "" && getenv("WAYLAND_DISPLAY") == "" {
		return "", nil
	}
	return "xdg-open", nil
}
