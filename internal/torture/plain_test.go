package torture_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	gomail "github.com/wneessen/go-mail"
	"golang.org/x/oauth2"
	"google.golang.org/api/gmail/v1"
	"google.golang.org/api/option"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
)

// plainUnderFire has a plain asynq handler meet the same schedule, and counts.
// It promises nothing, and is held to nothing.
func plainUnderFire(t *testing.T, p plan) {
	t.Helper()
	w := newWorld(t, p)
	w.plain()
	r := w.run(w.plainQueue, nil)
	w.drain(time.Now().Add(min(w.settling(), 4*time.Minute))) // What fails for good is tried for weeks.
	r.stop()
	w.crew.dismiss(syscall.SIGTERM)
	once, again, never := 0, 0, 0
	for _, s := range w.stories(nil) {
		switch n := len(s.copies) - min(len(s.copies), s.excused()); {
		case len(s.copies) == 0:
			never++
		case n > 1:
			again++
		default:
			once++
		}
	}
	fmt.Printf("a plain asynq handler: %d once, %d twice or more (503s for taken mail apart), %d not\n", once, again, never)
}

// plainVariable says what a plain worker is told.
const plainVariable = "TORTURE_PLAIN_WORKER"

// plainWorker is what it is told.
type plainWorker struct {
	Redis    string                  `json:"redis"`
	Gmail    string                  `json:"gmail"`
	Token    string                  `json:"token"`
	Accounts map[string]plainAccount `json:"accounts"`
}

// plainAccount is one that it sends for.
type plainAccount struct {
	ClientID string `json:"client_id"`
	Secret   string `json:"secret"`
	Refresh  string `json:"refresh"`
}

// TestMain is also the plain worker's main.
func TestMain(m *testing.M) {
	if told := os.Getenv(plainVariable); told != "" {
		if err := bePlain(told); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// plain has the crew run the plain worker.
func (w *world) plain() {
	w.crew.logs = w.t.TempDir() // The others are ours.
	w.crew.command = func(worker int) *exec.Cmd {
		of := func(address string) plainAccount {
			a := w.gmail.Account(address)
			return plainAccount{a.ClientID, a.ClientSecret, a.RefreshToken}
		}
		told, err := json.Marshal(plainWorker{
			Redis: w.relays[worker].addr, Gmail: w.gmail.URL, Token: w.gmail.TokenURL,
			Accounts: map[string]plainAccount{firstAccount: of(firstAccount), secondAccount: of(secondAccount)},
		})
		if err != nil {
			panic(err)
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), plainVariable+"="+string(told))
		return cmd
	}
}

// bePlain runs what one writes in an afternoon.
func bePlain(told string) error {
	var w plainWorker
	if err := json.Unmarshal([]byte(told), &w); err != nil {
		return err
	}
	services := map[string]*gmail.Service{}
	for address, a := range w.Accounts {
		config := oauth2.Config{ClientID: a.ClientID, ClientSecret: a.Secret, Endpoint: oauth2.Endpoint{TokenURL: w.Token}}
		source := config.TokenSource(context.Background(), &oauth2.Token{RefreshToken: a.Refresh})
		service, err := gmail.NewService(context.Background(), option.WithTokenSource(source), option.WithEndpoint(w.Gmail))
		if err != nil {
			return err
		}
		services[address] = service
	}
	rdb := redis.NewClient(&redis.Options{Addr: w.Redis})
	server := asynq.NewServerFromRedisClient(rdb, asynq.Config{
		Concurrency: concurrency, Queues: map[string]int{"critical": 6, "default": 3, "bulk": 1}, LogLevel: asynq.ErrorLevel,
	})
	for server.Ping() != nil { // Its Run gives up where Redis is away.
		time.Sleep(100 * time.Millisecond)
	}
	return server.Run(asynq.HandlerFunc(func(ctx context.Context, task *asynq.Task) error {
		var p plainMail
		if err := json.Unmarshal(task.Payload(), &p); err != nil {
			return err
		}
		return p.send(ctx, services[p.Account])
	}))
}

// plainMail is the plain payload.
type plainMail struct {
	ID      string `json:"id"`
	Account string `json:"account"`
}

func (p plainMail) send(ctx context.Context, service *gmail.Service) error {
	m := gomail.NewMsg()
	if err := errors.Join(m.From(p.Account), m.To("ada@example.org")); err != nil {
		return err
	}
	m.Subject("Hello")
	m.SetGenHeader("X-Postroom-ID", mailer.IDHash(p.ID)) // By which the fake counts.
	m.SetBodyString(gomail.TypeTextPlain, "Hello")
	var raw bytes.Buffer
	if _, err := m.WriteTo(&raw); err != nil {
		return err
	}
	_, err := service.Users.Messages.Send("me", &gmail.Message{Raw: base64.URLEncoding.EncodeToString(raw.Bytes())}).Context(ctx).Do()
	return err
}

// plainQueue is a plain producer's side.
func (w *world) plainQueue(addr string) enqueueFunc {
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	w.t.Cleanup(func() { _ = rdb.Close() })
	client := asynq.NewClientFromRedisClient(rdb)
	return func(ctx context.Context, m mail) (tasks.Receipt, error) {
		account := m.account
		if account == "" {
			account = firstAccount
		}
		payload, err := json.Marshal(plainMail{m.id, account})
		if err != nil {
			return tasks.Receipt{}, err
		}
		_, err = client.EnqueueContext(ctx, asynq.NewTask("mail", payload), asynq.TaskID(m.id), asynq.Queue(string(m.lane)))
		if errors.Is(err, asynq.ErrTaskIDConflict) {
			return tasks.Receipt{Duplicate: true}, nil
		}
		return tasks.Receipt{}, err
	}
}
