package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
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
