package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// openBrowser opens an address in the browser of whoever sits here, if there is
// one. It does not wait, and what the browser prints is nobody's business. A
// browser that fails is told to failed.
func openBrowser(ctx context.Context, address string, failed func(problem string)) {
	program, args := browserCommand(runtime.GOOS, os.Getenv)
	if program == "" {
		return
	}
	ctx = context.WithoutCancel(ctx)
	cmd := exec.CommandContext(ctx, program, append(args, address)...) //nolint:gosec // G204: whoever sits here chose it.
	cmd.Env = withoutSettings(os.Environ())
	if err := cmd.Start(); err != nil {
		failed("no browser was opened: " + err.Error())
		return
	}
	go func() {
		if err := cmd.Wait(); err != nil {
			failed("no browser was opened: " + program + ": " + err.Error())
		}
	}()
}

// withoutSettings drops the settings of this program, secrets among them, which are
// nothing that a browser needs.
func withoutSettings(environ []string) []string {
	return slices.DeleteFunc(environ, func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return isSetting(name)
	})
}

// browserCommand is what opens a browser: the one of BROWSER, else what the system
// has for it. It is empty where there is no screen to show one on.
func browserCommand(system string, getenv func(string) string) (program string, args []string) {
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
