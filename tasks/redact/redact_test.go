package redact_test

import (
	"encoding"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/postroom/postroom/tasks/redact"
)

var (
	_ encoding.TextMarshaler   = redact.Mask
	_ encoding.TextUnmarshaler = (*redact.Mode)(nil)
)

func TestMode(t *testing.T) {
	t.Parallel()
	var zero redact.Mode
	if zero != redact.Mask {
		t.Errorf("the zero mode is %v, want mask: who forgets to set it must not show addresses", zero)
	}
	for _, mode := range []redact.Mode{redact.Mask, redact.Full, redact.None} {
		text, err := mode.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		got := redact.Mode(-1)
		if err := got.UnmarshalText(text); err != nil || got != mode {
			t.Errorf("UnmarshalText(%q) = %v, %v; want %v", text, got, err, mode)
		}
	}
}

func TestModeRefusesWhatItDoesNotKnow(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "Mask", "off", "Mode(7)", "mask "} {
		mode := redact.None
		err := mode.UnmarshalText([]byte(text))
		if err == nil || mode != redact.None {
			t.Errorf("UnmarshalText(%q) set %v, %v; want an error and the mode kept", text, mode, err)
			continue
		}
		for _, want := range []string{`"` + text + `"`, "mask", "full", "none"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("UnmarshalText(%q): %q does not say %q", text, err, want)
			}
		}
	}
}

func TestAddress(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, mask, none string }{
		{"", "", ""},
		{"ada@example.org", "a***@example.org", "***"},
		{"Ada Lovelace <ada@example.org>", "a***@example.org", "***"},
		{`"Lovelace, Ada" <ada.l+news@example.org>`, "a***@example.org", "***"},
		{"=?utf-8?q?Ad=C3=A9?= <ada@example.org>", "a***@example.org", "***"},
		{"a@example.org", "a***@example.org", "***"},
		{"7up@example.org", "7***@example.org", "***"},
		{"_ada@example.org", "***@example.org", "***"},
		{`"ada lovelace"@example.org`, "a***@example.org", "***"},
		{`"a@b"@example.org`, "a***@example.org", "***"},
		{"élodie@exämple.org", "é***@exämple.org", "***"},
		{"ada@[192.0.2.1]", "a***@[192.0.2.1]", "***"},
		{"ada..l@example.org", "***@example.org", "***"},
		{"Ada ada@example.org", "***@example.org", "***"},
		{"ada", "***", "***"},
		{"ada@", "***@", "***"},
		{"Ada <ada@example.org", "***@example.org", "***"},
		{"ada@example.org> secret", "***", "***"},
		{"ada@example.org\r\nBcc: eve@example.net", "***@example.net", "***"},
		{"\xff\xfe@example.org", "***@example.org", "***"},
	} {
		for _, check := range []struct {
			mode redact.Mode
			want string
		}{{redact.Mask, tt.mask}, {redact.None, tt.none}, {redact.Full, tt.in}} {
			if got := check.mode.Address(tt.in); got != check.want {
				t.Errorf("%v.Address(%q) = %q, want %q", check.mode, tt.in, got, check.want)
			}
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	in := []string{"Ada <ada@example.org>", "bob@example.net"}
	if diff := cmp.Diff([]string{"a***@example.org", "b***@example.net"}, redact.Mask.Addresses(in)); diff != "" {
		t.Error(diff)
	}
	if in[0] != "Ada <ada@example.org>" {
		t.Error("the caller's list was changed")
	}
	if got := redact.Mask.Addresses(nil); got != nil {
		t.Errorf("Addresses(nil) = %#v, want nil", got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ in, mask, none string }{
		{"", "", ""},
		{"Mail service not enabled", "Mail service not enabled", "Mail service not enabled"},
		{"at 5 @ home, @here, 40%40, 100%", "at 5 @ home, @here, 4***%40, 100%", "at 5 @ home, @here, ***, 100%"},
		{"no such user: ada@example.org.", "no such user: a***@example.org.", "no such user: ***."},
		{"Ada <ada@example.org>, bob@example.net; c", "Ada <a***@example.org>, b***@example.net; c", "Ada <***>, ***; c"},
		{"'ada@example.org' is bad", "'a***@example.org' is bad", "'***' is bad"},
		{`Invalid To header "ada@example.org"`, `Invalid To header "a***@example.org"`, `Invalid To header "***"`},
		{`{"to":"ada@example.org"}`, `{"to":"a***@example.org"}`, `{"to":"***"}`},
		{"o'brien@example.org", "o***@example.org", "***"},
		{"user=ada@example.org", "u***@example.org", "***"},
		{"a.b+c/d@example.org/e", "a***@example.org/e", "***/e"},
		{"https://x.example/?u=ada%40example.org", "https://x***%40example.org", "https://***"},
		{"mailto:ada@example.org?subject=hi", "mailto:a***@example.org?subject=hi", "mailto:***?subject=hi"},
		{`to "ada lovelace"@example.org`, `to "a***@example.org`, `to "***`},
		{`to "a\"b c"@example.org`, `to "a***@example.org`, `to "***`},
		{`to "a"."b c"@example.org`, `to "a"."b***@example.org`, `to "a"."***`},
		{`x"@example.org`, `x"@example.org`, `x"@example.org`},
		{"a@b@example.org", "a***@example.org", "***"},
		{"a@x.org/b@y.org", "a***@y.org", "***"},
		{"@@ada@example.org", "@@a***@example.org", "@@***"},
		{"ada@", "a***@", "***"},
		{"ada@[192.0.2.1]", "a***@[192.0.2.1]", "***[192.0.2.1]"},
		{"élodie@exämple.org", "é***@exämple.org", "***"},
		{"“ada@example.org”", "“a***@example.org”", "“***”"},
		{"+@example.org", "***@example.org", "***"},
	} {
		for _, check := range []struct {
			mode redact.Mode
			want string
		}{{redact.Mask, tt.mask}, {redact.None, tt.none}, {redact.Full, tt.in}} {
			if got := check.mode.Text(tt.in); got != check.want {
				t.Errorf("%v.Text(%q)\n got %q\nwant %q", check.mode, tt.in, got, check.want)
			}
		}
	}
}
