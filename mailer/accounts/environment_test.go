package accounts_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/postroom/postroom/mailer/accounts"
)

const clientJSON = `{"installed":{"client_id":"1-abc.apps.googleusercontent.com","project_id":"p","auth_uri":"https://accounts.google.com/o/oauth2/auth",` +
	`"token_uri":"https://oauth2.googleapis.com/token","client_secret":"GOCSPX-file","redirect_uris":["http://localhost"]}}`

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "client.json")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func lookup(vars map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		value, ok := vars[name]
		return value, ok
	}
}

func TestFromEnvironment(t *testing.T) {
	t.Parallel()
	file := write(t, clientJSON)
	for name, c := range map[string]struct {
		vars              map[string]string
		id, secret, token string
	}{
		"values": {
			map[string]string{"GMAIL_CLIENT_ID": " id\n", "GMAIL_CLIENT_SECRET": "secret\n", "GMAIL_REFRESH_TOKEN": "1//r\n"},
			"id", "secret", accounts.GoogleTokenURL,
		},
		"file": {
			map[string]string{"GMAIL_CREDENTIALS": file, "GMAIL_REFRESH_TOKEN": "1//r"},
			"1-abc.apps.googleusercontent.com", "GOCSPX-file", accounts.GoogleTokenURL,
		},
		"both alike, another token URL": {
			map[string]string{
				"GMAIL_CREDENTIALS": file, "GMAIL_CLIENT_ID": "1-abc.apps.googleusercontent.com", "GMAIL_REFRESH_TOKEN": "1//r",
				"GMAIL_TOKEN_URL": "http://127.0.0.1:9/token",
			},
			"1-abc.apps.googleusercontent.com", "GOCSPX-file", "http://127.0.0.1:9/token",
		},
	} {
		got, err := accounts.FromEnvironment(lookup(c.vars))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got.ClientID != c.id || got.ClientSecret.Reveal() != c.secret || got.RefreshToken.Reveal() != "1//r" || got.TokenURL != c.token {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestFromEnvironmentRefuses(t *testing.T) {
	t.Parallel()
	if _, err := accounts.FromEnvironment(lookup(nil)); !errors.Is(err, accounts.ErrNoCredential) {
		t.Errorf("an empty environment: %v", err)
	}
	full := func(changes ...string) map[string]string {
		vars := map[string]string{"GMAIL_CLIENT_ID": "id", "GMAIL_CLIENT_SECRET": "hush-secret", "GMAIL_REFRESH_TOKEN": "1//hush"}
		for change := range slices.Chunk(changes, 2) {
			vars[change[0]] = change[1]
		}
		return vars
	}
	for want, vars := range map[string]map[string]string{
		"GMAIL_REFRESH_TOKEN is not set":                  full("GMAIL_REFRESH_TOKEN", ""),
		"GMAIL_CLIENT_ID, GMAIL_CLIENT_SECRET is not set": full("GMAIL_CLIENT_ID", "", "GMAIL_CLIENT_SECRET", " "),
		"is an access token":                              full("GMAIL_REFRESH_TOKEN", "ya29.hush"),
		"it must be https":                                full("GMAIL_TOKEN_URL", "http://oauth2.example.com/token"),
		"host \"127.0.0.1.example.com\"":                  full("GMAIL_TOKEN_URL", "http://127.0.0.1.example.com/token"),
		"not an address":                                  full("GMAIL_TOKEN_URL", "https://me:hush@example.com/token"),
		"no such file":                                    full("GMAIL_CREDENTIALS", filepath.Join(t.TempDir(), "none.json")),
		"is too big to be one; expected the client JSON":  full("GMAIL_CREDENTIALS", write(t, strings.Repeat(" ", 1<<20)+clientJSON)),
		"name different clients":                          full("GMAIL_CREDENTIALS", write(t, clientJSON)),
		"the file of GMAIL_CREDENTIALS name different":    full("GMAIL_CREDENTIALS", write(t, clientJSON), "GMAIL_CLIENT_ID", "1-abc.apps.googleusercontent.com"), // With another secret.
		"a web application":                               full("GMAIL_CREDENTIALS", write(t, `{"web":{}}`)),
	} {
		_, err := accounts.FromEnvironment(lookup(vars))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

func TestImportEnvironment(t *testing.T) {
	t.Parallel()
	django := map[string]string{"GMAIL_API_CLIENT_ID": "id", "GMAIL_API_CLIENT_SECRET": "hush-secret", "GMAIL_API_REFRESH_TOKEN": "1//hush"}
	c, err := accounts.ImportEnvironment(lookup(django))
	if err != nil || c.ClientID != "id" || c.ClientSecret.Reveal() != "hush-secret" || c.RefreshToken.Reveal() != "1//hush" {
		t.Errorf("Django's names: %+v, %v", c, err)
	}
	django["GMAIL_CLIENT_ID"], django["GMAIL_CLIENT_SECRET"], django["GMAIL_REFRESH_TOKEN"] = "ours", "hush-ours", "1//ours"
	if c, err := accounts.ImportEnvironment(lookup(django)); err != nil || c.ClientID != "ours" {
		t.Errorf("both: %+v, %v", c, err)
	}
	if _, err := accounts.ImportEnvironment(lookup(nil)); !errors.Is(err, accounts.ErrNoCredential) {
		t.Errorf("nothing: %v", err)
	}
	for want, vars := range map[string]map[string]string{
		"GMAIL_API_REFRESH_TOKEN is not set, though other GMAIL_API_ variables are": {"GMAIL_API_CLIENT_ID": "id", "GMAIL_API_CLIENT_SECRET": "hush"},
		"GMAIL_API_REFRESH_TOKEN: refresh token is an access token":                 {"GMAIL_API_CLIENT_ID": "id", "GMAIL_API_CLIENT_SECRET": "hush", "GMAIL_API_REFRESH_TOKEN": "ya29.hush"},
	} {
		if _, err := accounts.ImportEnvironment(lookup(vars)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestParseClientJSONRefuses(t *testing.T) {
	t.Parallel()
	for content, want := range map[string]string{
		"":                   "an empty file",
		clientJSON[:100]:     "ends in the middle, after 100 bytes",
		"GOCSPX-hush":        "found no JSON",
		`["hush"]`:           "no object",
		`{}`:                 "an empty JSON object",
		"null":               "no object",
		"\uFEFF{}":           "an empty JSON object",
		"\uFEFF":             "an empty file",
		"\xff\xfe{\x00}\x00": "found text in UTF-16",
		"\xfe\xff\x00{\x00}": "found text in UTF-16",
		"{\x00}\x00":         "found text in UTF-16",
		`{"web":{}}`:         `web application ("web")`,
		`{"installed":"x"}`:  "something else inside",
		`{"installed":null}`: "without client_id",

		`{"installed":{"client_id":"x"}}`: "without client_secret",

		`{"installed":{"client_id":"x","client_secret":"hush","token_uri":"http://example.com"}}`: "it must be https",

		`{"type":"service_account","private_key":"hush"}`: "a service account's key",

		`{"type":"authorized_user","client_id":"x","client_secret":"hush","refresh_token":"hush"}`: "authorized_user",

		`{"type":"external_account"}`: "external_account",

		`{"token":"hush","refresh_token":"hush","client_id":"x"}`: "Python quickstart",

		`{"project_info":{},"client":[]}`: "google-services.json",

		`{"name":"left-pad","version":"1.0.0","a":1,"b":2,"c":3}`: `some other JSON, with the keys ["a" "b" "c" "name"]`,

		`{"a key that is much longer than a key has any reason to be, perhaps a secret pasted in wrongly":""}`: `["a key that is much longe"]`,
	} {
		_, err := accounts.ParseClientJSON([]byte(content))
		if err == nil {
			t.Errorf("%s: no error", content)
			continue
		}
		if !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: got %v, want %q", content, err, want)
		}
		if want != "it must be https" && !strings.Contains(err.Error(), "https://console.cloud.google.com/apis/credentials") {
			t.Errorf("%s: %v does not say where to get it", content, err)
		}
	}
}

// TestFilesFromWindows have a byte order mark.
func TestFilesFromWindows(t *testing.T) {
	t.Parallel()
	client, err := accounts.ParseClientJSON([]byte("\uFEFF" + clientJSON))
	if err != nil || client.Secret.Reveal() != "GOCSPX-file" {
		t.Errorf("client JSON: %+v, %v", client, err)
	}
	for name, file := range map[string]string{
		"client JSON": clientJSON, "authorized_user": `{"type":"authorized_user","client_id":"id","client_secret":"s","refresh_token":"1//r"}`,
	} {
		if got, err := accounts.ParseImport([]byte("\uFEFF" + file)); err != nil || got.Credential.ClientID == "" {
			t.Errorf("import of %s: %+v, %v", name, got, err)
		}
	}
	if keys, err := accounts.ParseKeys("\uFEFF" + key(1) + "\r\n"); err != nil || keys.IsZero() {
		t.Errorf("keys: %v", err)
	}
}

func FuzzParseClientJSON(f *testing.F) {
	f.Add([]byte(clientJSON))
	f.Add([]byte(`{"installed":[]}`))
	f.Add([]byte(`{"type":1,"\u0000":2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := accounts.ParseClientJSON(data)
		if (err == nil) != (c.ID != "" && !c.Secret.IsZero()) {
			t.Errorf("got %+v, %v", c, err)
		}
	})
}
