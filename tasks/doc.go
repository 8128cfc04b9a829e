// Package tasks is how an app hands mail to Postroom, and the contract of the
// queue between producers and workers.
//
// An app needs a Redis client and one call:
//
//	rdb, err := tasks.OpenRedis("redis://127.0.0.1:6379/0")
//	client := tasks.NewClient(rdb)
//	receipt, err := client.Enqueue(ctx, tasks.Email{
//		To:       []string{"Ada Lovelace <ada@example.org>"},
//		Template: "welcome",
//		Data:     map[string]any{"name": "Ada"},
//	})
//
// After Enqueue returned without an error the mail is on its way: a worker
// renders it, sends it through the account's Gmail inside its quota, retries
// what can be retried, and Status tells what became of it, for days after it
// was sent. It is as durable as the Redis under it.
//
// # Once
//
// WithID gives a mail the app's own ID, such as "order-1041-receipt". The same
// mail under the same ID is accepted any number of times and sent once: a
// producer that got no answer asks again. Another mail under that ID is
// ErrIDTaken. Without WithID each call is a new mail. The receipt of a
// duplicate says how the mail stands: one that was cancelled, say, will not go.
//
// # Urgency
//
// OnLane puts a mail on a Lane: Critical mail waits behind no other, and
// Default goes before Bulk. At, In, ExpiresAt and ExpiresIn say when.
//
// # Errors
//
// What is wrong with a mail is found by Enqueue, before anything is queued:
// an *InvalidError lists every field and the reason. ErrUnavailable says that
// Redis did not answer; whether the mail was accepted is then not known, and
// the same call under the same ID finds out. ErrLoginRefused says that Redis
// did answer, and will not have this user.
//
// # Other languages
//
// The payload is JSON under the task type "email:deliver"; every field of
// Email is documented with its name there. Programs that are not Go hand their
// mail to `enqueue send --email -`, one JSON object a line.
package tasks
