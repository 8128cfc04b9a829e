package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/postroom/postroom/mailer/accounts"
)

// setAside keeps what could not be stored, whose refresh token took the place of
// the one in the file: that one may be worth nothing. why is what kept it from
// being stored.
func (i *authImportCommand) setAside(c accounts.Import, why error) error {
	beside := "."
	if i.File != "" && i.File != "-" {
		beside = filepath.Dir(i.File)
	}
	name, err := writeImport(c, beside)
	if err != nil { // Beside it nobody may write.
		name, err = writeImport(c, os.TempDir())
	}
	const another = "the token endpoint gave another refresh token, by which the one that was to be imported may be dead"
	if err != nil {
		return fmt.Errorf("%w; %s, and it could not be written to a file either (%w): if it is, worker auth login", why, another, err)
	}
	return fmt.Errorf("%w; %s: the other is in %s, which you alone may read: import that in its place, and delete it then", why, another, name)
}

// writeImport writes a credential to a new file, in a form that import reads. It
// is its owner's alone to read, as os.CreateTemp has it.
func writeImport(c accounts.Import, dir string) (name string, err error) {
	text, err := json.Marshal(map[string]any{
		"type": "authorized_user", "client_id": c.Credential.ClientID, "client_secret": c.Credential.ClientSecret.Reveal(),
		"refresh_token": c.Credential.RefreshToken.Reveal(), "token_uri": c.Credential.TokenURL, "account": c.Address, "scopes": c.Scopes,
	})
	if err != nil {
		return "", fmt.Errorf("write the credential: %w", err)
	}
	file, err := os.CreateTemp(dir, "postroom-import-*.json")
	if err != nil {
		return "", err
	}
	_, err = file.Write(text)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return "", errors.Join(err, os.Remove(file.Name()))
	}
	return file.Name(), nil
}
