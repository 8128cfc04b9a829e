package gmail_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/mailer/accounts"
	"github.com/postroom/postroom/mailer/gmail"
	"github.com/postroom/postroom/mailer/mailertest"
)

func ExampleSender() {
	// A fake Gmail, so that the example runs; leave Endpoint and TokenURL out
	// for the real one.
	fake := mailertest.NewFake()
	server := httptest.NewServer(fake)
	defer server.Close()
	account := fake.Account(mailertest.DefaultAddress)

	source, err := accounts.NewSource(accounts.SourceConfig{Credential: accounts.Credential{
		ClientID:     account.ClientID,
		ClientSecret: accounts.NewSecret(account.ClientSecret),
		RefreshToken: accounts.NewSecret(account.RefreshToken),
		TokenURL:     server.URL + "/token",
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	sender, err := gmail.New(gmail.Config{Tokens: source, Endpoint: server.URL, Transport: gmail.NewTransport(4)})
	if err != nil {
		fmt.Println(err)
		return
	}
	message, err := mailer.Compose(mailer.Draft{
		MailID:  "order-1001",
		From:    mailer.Address{Address: "shop@example.com"},
		To:      []mailer.Address{{Name: "Ada", Address: "ada@example.org"}},
		Content: mailer.Content{Subject: "Your order", Text: "Thank you."},
		Date:    time.Now(),
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	sent, err := sender.Send(context.Background(), message)
	fmt.Println("sent:", sent.ID != "", err)

	fake.Script(mailertest.BackendError(), mailertest.AcceptThenCut(), mailertest.MailServiceNotEnabled())
	for range 3 {
		_, err = sender.Send(context.Background(), message)
		if failure, ok := errors.AsType[*mailer.Error](err); ok {
			fmt.Println(failure)
		}
	}
	// Output:
	// sent: true <nil>
	// temporary 503 backendError: The service is currently unavailable.
	// unknown: no answer from Gmail: EOF
	// blocked 400 failedPrecondition: Mail service not enabled
}
