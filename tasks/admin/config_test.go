package admin_test

import (
	"strings"
	"testing"

	"github.com/postroom/postroom/tasks/admin"
)

func TestValidate(t *testing.T) {
	t.Parallel()
	const secret = "open-sesame"
	login := admin.Config{User: "ops", Password: secret}
	for _, tt := range []struct {
		name string
		cfg  admin.Config
		addr string
		want []string // what the error says; nil: there is none
	}{
		{"loopback", admin.Config{}, "127.0.0.1:8080", nil},
		{"all of loopback", admin.Config{}, "127.1.2.3:0", nil},
		{"loopback in IPv6", admin.Config{}, "[::1]:8080", nil},
		{"loopback mapped", admin.Config{}, "[::ffff:127.0.0.1]:8080", nil},
		{"localhost", admin.Config{}, "LOCALHOST:8080", nil},
		{"loopback with a login", login, "127.0.0.1:8080", nil},
		{"everywhere with a login", login, ":8080", nil},

		{"no host", admin.Config{}, ":8080", []string{`POSTROOM_ADMIN_ADDR ":8080"`, "POSTROOM_ADMIN_USER", "127.0.0.1"}},
		{"any IPv4", admin.Config{}, "0.0.0.0:8080", []string{"POSTROOM_ADMIN_PASSWORD"}},
		{"any IPv6", admin.Config{}, "[::]:8080", []string{"POSTROOM_ADMIN_PASSWORD"}},
		{"private", admin.Config{}, "10.0.0.1:8080", []string{"POSTROOM_ADMIN_PASSWORD"}},
		{"a name", admin.Config{}, "localhost.example.com:8080", []string{"POSTROOM_ADMIN_PASSWORD"}},
		{"user alone", admin.Config{User: "ops"}, "0.0.0.0:80", []string{"POSTROOM_ADMIN_PASSWORD is not set", `"ops"`}},
		{"password alone", admin.Config{Password: secret}, "127.0.0.1:80", []string{"POSTROOM_ADMIN_USER is not set"}},

		{"no port", admin.Config{}, "127.0.0.1", []string{`POSTROOM_ADMIN_ADDR "127.0.0.1"`, "host:port", "off"}},
		{"empty", admin.Config{}, "", []string{`POSTROOM_ADMIN_ADDR ""`}},
		{"a service", admin.Config{}, "127.0.0.1:http", []string{"0 (a free one) to 65535"}},
		{"large port", admin.Config{}, "127.0.0.1:65536", []string{"0 (a free one) to 65535"}},

		{"colon", admin.Config{User: "o:ps", Password: secret}, "127.0.0.1:80", []string{"POSTROOM_ADMIN_USER", "colon"}},
		{"user's line", admin.Config{User: "ops\n", Password: secret}, "127.0.0.1:80", []string{"POSTROOM_ADMIN_USER", "line break"}},
		{"password's line", admin.Config{User: "ops", Password: secret + "\n"}, "127.0.0.1:80", []string{"POSTROOM_ADMIN_PASSWORD", "line break"}},

		{"hosts", admin.Config{Hosts: []string{"worker", "worker:8080", "Postroom.Example.COM.", "10.0.0.1:80", "[2001:db8::1]:80", "[2001:db8::1]"}}, "127.0.0.1:80", nil},
		{"URL", admin.Config{Hosts: []string{"https://a.example"}}, "127.0.0.1:80", []string{`POSTROOM_ADMIN_HOSTS "https://a.example"`, "no scheme"}},
		{"wildcard", admin.Config{Hosts: []string{"*.a.example"}}, "127.0.0.1:80", []string{"POSTROOM_ADMIN_HOSTS"}},
		{"empty host", admin.Config{Hosts: []string{""}}, "127.0.0.1:80", []string{`POSTROOM_ADMIN_HOSTS ""`}},
		{"host's port", admin.Config{Hosts: []string{"a.example:http"}}, "127.0.0.1:80", []string{"POSTROOM_ADMIN_HOSTS"}},
		{"several", admin.Config{Hosts: []string{"*"}}, "0.0.0.0:80", []string{"POSTROOM_ADMIN_HOSTS", "POSTROOM_ADMIN_ADDR"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.cfg.Addr = tt.addr
			err := tt.cfg.Validate()
			if (err != nil) != (tt.want != nil) {
				t.Fatalf("Validate: %v", err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("the password is in %q", err)
			}
		})
	}
}

func TestListenRefusesWhatIsInvalid(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*admin.Config){
		"open to all":   func(c *admin.Config) { c.Addr = "0.0.0.0:0" },
		"password only": func(c *admin.Config) { c.Password = "open-sesame" },
		"host":          func(c *admin.Config) { c.Hosts = []string{"*"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, nowhere(t))
			change(&cfg)
			if s, err := admin.Listen(t.Context(), cfg); err == nil {
				t.Errorf("Listen opened %s", s.Addr())
			}
		})
	}
}

// "localhost" is where the resolver says it is: what counts is where the port
// was opened.
func TestThePortItselfMustBeLoopback(t *testing.T) {
	t.Parallel()
	cfg := config(t, nowhere(t))
	cfg.Addr = "0.0.0.0:0"
	if l, err := admin.OpenPort(t.Context(), cfg); err == nil {
		t.Errorf("%s was opened to all without a password", l.Addr())
	}
	cfg.User, cfg.Password = "ops", "open-sesame"
	l, err := admin.OpenPort(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
}
