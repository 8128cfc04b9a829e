//go:build !browser

package clitest_test

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// inBrowser is nothing where neither Chromium nor Node is asked for.
func inBrowser(*testing.T) (scripts []string, verbs map[string]func(*testscript.TestScript, bool, []string)) {
	return nil, nil
}

// oauthServer is none.
type oauthServer struct{}

func (oauthServer) issued() []string { return nil }
