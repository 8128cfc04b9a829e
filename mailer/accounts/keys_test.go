package accounts_test

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/accounts"
)

// key is one whose bytes are all the same.
func key(b byte) string { return base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{b}, 32)) }

func parseKeys(t *testing.T, texts ...string) accounts.Keys {
	t.Helper()
	keys, err := accounts.ParseKeys(strings.Join(texts, ","))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestParseKeys(t *testing.T) {
	t.Parallel()
	for _, empty := range []string{"", " \n"} {
		if !parseKeys(t, empty).IsZero() {
			t.Errorf("%q gave keys", empty)
		}
	}
	if keys := parseKeys(t, " "+key(1)+" ", key(2)+"\n"); keys.IsZero() || strings.Count(keys.String(), ",") != 1 {
		t.Errorf("two keys are %q", keys)
	}
	// Bytes of 0xfb are + and / in one alphabet, - and _ in the other.
	std := key(0xfb)
	for _, spelling := range []string{
		strings.TrimRight(std, "="), strings.NewReplacer("+", "-", "/", "_").Replace(std),
		strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(std),
	} {
		if keys := parseKeys(t, spelling); keys.String() != parseKeys(t, std).String() || spelling == std {
			t.Errorf("another spelling is another key: %v", keys)
		}
	}
	const hush = "aHVzaA==" // "hush" in base64.
	for text, want := range map[string]string{
		hush:                                  "key 1 of 1 has 4 bytes: must have 32",
		key(1) + "," + hush:                   "key 2 of 2 has 4 bytes",
		"hush!":                               "key 1 of 1 is not base64 (5 characters)",
		key(0):                                "key 1 of 1 is nothing but zeros",
		key(1) + ",":                          "key 2 of 2 is empty",
		strings.Repeat("0123456789abcdef", 4): "key 1 of 1 has 48 bytes", // Hex by mistake.
	} {
		_, err := accounts.ParseKeys(text)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "openssl rand -base64 32") ||
			!strings.HasPrefix(err.Error(), "POSTROOM_KEY: ") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}
