package mailer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Maildir is a Sender that stores each mail as a file in a Maildir
// (https://cr.yp.to/proto/maildir.html): the backend "file". Mail readers such
// as mutt open it.
//
// A message is written and synced in tmp/, renamed into new/, and the directory
// is synced: new/ never holds part of a message, whenever the process or the
// machine ends. The file's name comes from the mail's ID, so a mail that is
// delivered again, by whatever process, is there once, also after a reader has
// moved it to cur/. A mail that was deleted is stored again.
type Maildir struct {
	dir string
}

var _ Sender = (*Maildir)(nil)

// staleAfter is how long the Maildir specification lets a file stay in tmp/.
const staleAfter = 36 * time.Hour

// NewMaildir opens the Maildir at dir, makes what is missing of it, for its
// owner alone, and deletes what crashes have left in its tmp/ for more than 36
// hours.
func NewMaildir(dir string) (*Maildir, error) {
	if dir == "" {
		return nil, errors.New("open Maildir: no directory named: set POSTROOM_FILE_DIR")
	}
	m := &Maildir{dir: dir}
	if err := m.create(); err != nil {
		return nil, fmt.Errorf("open Maildir: %w: name a directory that this process may write to in POSTROOM_FILE_DIR", err)
	}
	if err := m.clean(time.Now()); err != nil {
		return nil, fmt.Errorf("clean the Maildir's tmp: %w: check the permissions of its files", err)
	}
	return m, nil
}

// Send stores m, or finds it stored. Sent.ID is the file's name without the
// flags that readers add.
//
// Whatever goes wrong with the disk is Temporary, even when the file may be in
// new/ already: another Send of the same mail can't make a second file. A
// context that is done gives Unreachable; it does not interrupt a Send.
func (m *Maildir) Send(ctx context.Context, msg *Message) (Sent, error) {
	if err := ctx.Err(); err != nil {
		return Sent{}, stopped(err)
	}
	name := IDHash(msg.MailID) + ".postroom"
	err := m.store(name, msg)
	if errors.Is(err, fs.ErrNotExist) {
		// Somebody has deleted the directory, as one does with an outbox in
		// development.
		if err = m.create(); err == nil {
			err = m.store(name, msg)
		}
	}
	if err != nil {
		return Sent{}, &Error{Class: Temporary, Text: fmt.Sprintf("store the message in the Maildir: %v", err), Err: err}
	}
	return Sent{ID: name}, nil
}

func (m *Maildir) store(name string, msg *Message) error {
	stored, err := m.holds(name)
	if err != nil {
		return err
	}
	if !stored {
		tmp, err := m.write(name, msg)
		if err != nil {
			return err
		}
		if err := os.Rename(tmp, filepath.Join(m.dir, "new", name)); err != nil {
			return errors.Join(err, os.Remove(tmp))
		}
	}
	// Also for a file that was there: whoever put it there may have crashed
	// before this.
	return syncDir(filepath.Join(m.dir, "new"))
}

// holds looks into new/ first: mail moves from there to cur/, never back.
func (m *Maildir) holds(name string) (bool, error) {
	_, err := os.Lstat(filepath.Join(m.dir, "new", name))
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err == nil, err
	}
	cur, err := os.Open(filepath.Join(m.dir, "cur"))
	if err != nil {
		return false, err
	}
	names, err := cur.Readdirnames(-1)
	if err := errors.Join(err, cur.Close()); err != nil {
		return false, err
	}
	for _, n := range names {
		if unique, _, _ := strings.Cut(n, ":"); unique == name {
			return true, nil
		}
	}
	return false, nil
}

// write puts the whole message on the disk, in tmp/ under a name of its own.
func (m *Maildir) write(name string, msg *Message) (string, error) {
	f, err := os.CreateTemp(filepath.Join(m.dir, "tmp"), name+".*")
	if err != nil {
		return "", err
	}
	_, err = msg.WriteTo(f)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}

func (m *Maildir) create() error {
	for _, sub := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(m.dir, sub), 0o700); err != nil {
			return err
		}
	}
	return syncDir(m.dir)
}

func (m *Maildir) clean(now time.Time) error {
	tmp := filepath.Join(m.dir, "tmp")
	entries, err := os.ReadDir(tmp)
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // Another process has finished with it.
		}
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() || now.Sub(info.ModTime()) <= staleAfter {
			continue
		}
		if err := os.Remove(filepath.Join(tmp, e.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// syncDir makes the names within dir last over a crash of the machine.
func syncDir(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // Whoever runs the worker names its Maildir.
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
