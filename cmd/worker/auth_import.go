package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/postroom/postroom/mailer/accounts"
)

// authImportCommand is `worker auth import`.
type authImportCommand struct {
	File    string         `arg:"" optional:"" help:"A token.json, an authorized_user JSON, a service account's key, or the client JSON beside GMAIL_REFRESH_TOKEN; - is standard input."`
	Env     bool           `name:"env" help:"In place of a file, take GMAIL_CLIENT_ID (or GMAIL_CREDENTIALS), GMAIL_CLIENT_SECRET and GMAIL_REFRESH_TOKEN, or Django's GMAIL_API_ names."`
	Address accountAddress `placeholder:"ADDRESS" help:"Whose it is, where neither the file nor Google says so." group:"Account"`
	Subject accountAddress `placeholder:"ADDRESS" help:"Whose mail a service account sends (domain-wide delegation)." group:"Account"`

	keepConfig   `embed:""`
	redisConfig  `embed:""`
	clientConfig `embed:""`
}

// Run stores a credential that another program keeps, once it has been seen to
// work.
func (i *authImportCommand) Run(ctx context.Context, to console) error {
	if err := errors.Join(i.keepConfig.check(), i.clientConfig.check()); err != nil {
		return err
	}
	found, err := i.read(ctx, to.in)
	if err == nil {
		err = i.complete(&found)
	}
	switch {
	case errors.Is(err, context.Canceled):
		return errStopped
	case err != nil:
		return usageError{err}
	}
	store, err := openKeyed(ctx, &i.redisConfig)
	if err != nil {
		return err
	}
	defer store.close()
	account, isNew, err := i.prove(ctx, found, to.err)
	if err == nil {
		err = i.keep(ctx, store, account, to)
		if _, isLost := errors.AsType[notStoredError](err); err != nil && !isLost {
			return err // Of its output: it is stored.
		}
	}
	if err != nil && isNew {
		found.Credential = account.Credential
		return i.setAside(found, err)
	}
	return err
}

// maxImport is far above what such a file has.
const maxImport = 1 << 20

// read reads the credential as it is kept elsewhere.
func (i *authImportCommand) read(ctx context.Context, stdin io.Reader) (accounts.Import, error) {
	switch {
	case i.Env && i.File != "":
		return accounts.Import{}, errors.New("a file and --env: must be one of them")
	case i.Env:
		credential, err := accounts.ImportEnvironment(i.lookup)
		return accounts.Import{Credential: credential}, err
	case i.File == "":
		return accounts.Import{}, errors.New("nothing to import: name a file (- is standard input), or say --env")
	}
	in, name := stdin, "standard input"
	if i.File != "-" {
		file, err := os.Open(i.File)
		if err != nil {
			return accounts.Import{}, err
		}
		defer func() { _ = file.Close() }() // It was only read.
		in, name = file, i.File
	}
	data, err := unlessDone(ctx, func() ([]byte, error) { return io.ReadAll(io.LimitReader(in, maxImport+1)) })
	if err != nil {
		return accounts.Import{}, fmt.Errorf("read %s: %w", name, err)
	}
	if len(data) > maxImport {
		return accounts.Import{}, fmt.Errorf("%s: too big to be a credential: it has more than %d bytes", name, maxImport)
	}
	found, err := accounts.ParseImport(data)
	if err != nil {
		return found, fmt.Errorf("%s: %w", name, err)
	}
	return found, nil
}

// complete fills in what the file has not, and holds what was said against it.
func (i *authImportCommand) complete(found *accounts.Import) error {
	c := &found.Credential
	c.TokenURL = cmp.Or(string(i.GmailTokenURL), c.TokenURL)
	switch {
	case c.Kind() == accounts.KindServiceAccount:
		c.Subject = string(i.Subject)
		if i.Address != "" && i.Subject != "" && i.Address != i.Subject {
			return fmt.Errorf("--address %s and --subject %s: a service account sends its subject's mail, so they must be the same", i.Address, i.Subject)
		}
		found.Address = c.Subject
	case i.Subject != "":
		return errors.New("--subject is for a service account's key, and this is the grant of one user: leave it out")
	case c.RefreshToken.IsZero():
		refresh, _ := i.lookup(accounts.EnvRefreshToken)
		if refresh = strings.TrimSpace(refresh); refresh == "" {
			return fmt.Errorf("found a client without a refresh token: set %s to the one that was granted to it, or get one with: "+
				"worker auth login --gmail-credentials %s", accounts.EnvRefreshToken, i.File)
		}
		c.RefreshToken = accounts.NewSecret(refresh)
	}
	if err := c.Validate(); err != nil {
		return err
	}
	return i.attributable(found)
}

// attributable refuses what nobody will say whose it is, before the token
// endpoint is asked: one that gives another refresh token with each answer makes
// the one that was found worthless.
func (i *authImportCommand) attributable(found *accounts.Import) (err error) {
	if found.Address == "" {
		if i.Address == "" && len(found.Scopes) > 0 && !accounts.CanTellAddress(found.Scopes) {
			return errNobodys
		}
		return nil
	}
	if found.Address, err = accounts.ParseAddress(found.Address); err != nil {
		return fmt.Errorf("the file's account %w", err)
	}
	return i.contradicted(found.Address)
}

// contradicted refuses an address that is not the one that was said.
func (i *authImportCommand) contradicted(told string) error {
	if said := string(i.Address); said != "" && told != "" && told != said {
		return fmt.Errorf("it is the credential of %s, and --address says %s: nothing was stored", told, said)
	}
	return nil
}

var errNobodys = errors.New("whose credential it is stands nowhere: neither the file says so, nor Google, " +
	"which tells it with the scopes openid and email only: say it with --address")

var errStopped = errors.New("stopped: nothing was stored")

// prove has the credential give an access token, and finds out whose it is. isNew
// says that the account has another refresh token than what was found, also where
// there is an error.
func (i *authImportCommand) prove(
	ctx context.Context, found accounts.Import, warnings io.Writer,
) (a accounts.Account, isNew bool, err error) {
	// Who ends the command in between would lose such a token.
	grant, err := found.Credential.Refresh(context.WithoutCancel(ctx), nil)
	if err != nil {
		return a, false, tokenFault(err, found.Credential.Kind())
	}
	a = accounts.Account{Credential: found.Credential, Scopes: grant.Scopes, Expires: grant.Expires}
	if len(a.Scopes) == 0 {
		a.Scopes = found.Scopes
	}
	if len(a.Scopes) > 0 && !accounts.CanSend(a.Scopes) {
		err = fmt.Errorf("it may not send mail: its scopes are %v, and it needs %s: %s", a.Scopes, accounts.ScopeSend,
			remedyOf(a.Credential.Kind(), "", "worker auth login"))
	} else {
		a.Address, err = i.whose(ctx, found, grant.AccessToken, warnings)
	}
	if isNew = !grant.RefreshToken.IsZero(); isNew {
		a.Credential.RefreshToken = grant.RefreshToken
	} else if err == nil && ctx.Err() != nil {
		err = errStopped
	}
	return a, isNew, err
}

// whose is the account's address: Google's word goes before the file's, and that
// before what was said. Who says another than they do is refused.
func (i *authImportCommand) whose(ctx context.Context, found accounts.Import, token accounts.Secret, warnings io.Writer) (string, error) {
	if found.Credential.Kind() == accounts.KindServiceAccount {
		return found.Address, nil // Google has taken it for the subject.
	}
	told, err := accounts.Whose(context.WithoutCancel(ctx), token, string(i.GmailUserinfoURL), nil)
	if err != nil {
		return "", err
	}
	told = cmp.Or(told, found.Address)
	said := string(i.Address)
	switch {
	case told == "" && said == "":
		return "", usageError{errNobodys}
	case told == "":
		_, err = fmt.Fprintf(warnings, "worker: nobody but you says that it is %s's: if it is not, Gmail puts the right address in place of From\n", said)
		return said, err
	}
	if err := i.contradicted(told); err != nil {
		return "", usageError{err}
	}
	return told, nil
}
