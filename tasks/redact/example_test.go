package redact_test

import (
	"fmt"

	"github.com/postroom/postroom/tasks/redact"
)

func ExampleMode_Address() {
	for _, mode := range []redact.Mode{redact.Mask, redact.Full, redact.None} {
		fmt.Println(mode, mode.Address("Ada Lovelace <ada@example.org>"))
	}
	// Output:
	// mask a***@example.org
	// full Ada Lovelace <ada@example.org>
	// none ***
}

func ExampleMode_Text() {
	fmt.Println(redact.Mask.Text("400 invalidArgument: Invalid To header: ada@example.org"))
	// Output:
	// 400 invalidArgument: Invalid To header: a***@example.org
}
