package mailertest_test

import (
	"fmt"
	"net/http/httptest"
	"strings"

	"github.com/postroom/postroom/mailer/mailertest"
)

func ExampleFake() {
	fake := mailertest.NewFake(
		mailertest.WithLimits(mailertest.Limits{PerMinute: 60, Burst: 5, Concurrent: 10, Daily: 500}),
		mailertest.WithFaults(func(r mailertest.Request) mailertest.Fault {
			if r.Attempt == 1 && strings.HasSuffix(r.Recipients[0], "@example.net") {
				return mailertest.AcceptThen503() // Every first mail to this domain.
			}
			return mailertest.Fault{}
		}),
	)
	server := httptest.NewServer(fake)
	defer server.Close()

	account := fake.Account(mailertest.DefaultAddress)
	fmt.Println(account.Address, account.RefreshToken != "")
	// Run your program with GMAIL_ENDPOINT=server.URL, GMAIL_TOKEN_URL=server.URL+"/token"
	// and the account's credential. Then look at what became of a mail:
	fmt.Println(fake.CountByMailID("order-1001"), fake.Counts().Sends)
	// Output:
	// shop@example.com true
	// 0 0
}
