package accounts

import (
	"cmp"
	"context"
	_ "embed" // The scripts.
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"
)

// The scripts, each O(log n) in the number of accounts at most.
var (
	//go:embed save.lua
	saveSource string
	//go:embed replace.lua
	replaceSource string
	//go:embed mark.lua
	markSource string
	//go:embed remove.lua
	removeSource string

	saveScript    = redis.NewScript(saveSource)
	replaceScript = redis.NewScript(replaceSource)
	markScript    = redis.NewScript(markSource)
	removeScript  = redis.NewScript(removeSource)
)

// The keys. One hash tag holds them together: a script may touch them all.
const (
	keyPrefix  = "postroom:{accounts}:"
	keyList    = keyPrefix + "list"
	keyDefault = keyPrefix + "default"
	keyChanges = keyPrefix + "changes"
)

func recordKey(address string) string { return keyPrefix + "of:" + address }

// ErrNotFound is returned for an address that has no record.
var ErrNotFound = errors.New("no such account")

// ErrReplaced is returned where another credential was stored meanwhile.
var ErrReplaced = errors.New("somebody logged in with it meanwhile: it is left as it is now")

// Store keeps accounts in Redis, shared by all workers, their credentials
// encrypted. It is safe for concurrent use.
type Store struct {
	rdb  redis.UniversalClient
	keys Keys
	now  func() time.Time
}

// NewStore returns the store in rdb. Without keys nothing can be saved, and
// what was saved can be listed but not read.
func NewStore(rdb redis.UniversalClient, keys Keys) *Store {
	return &Store{rdb: rdb, keys: keys, now: time.Now}
}

// Save stores the account's credential, in place of the one that it had, and
// returns its version. Aliases that are nil stay as they were. The first account
// becomes the default, and so does one with Default set.
func (s *Store) Save(ctx context.Context, a Account) (version int64, err error) {
	address, err := ParseAddress(a.Address)
	if err != nil {
		return 0, fmt.Errorf("address: %w", err)
	}
	if err := a.Credential.Validate(); err != nil {
		return 0, err
	}
	sealed, err := s.keys.sealCredential(address, a.Credential)
	if err != nil {
		return 0, err
	}
	fields := []any{"sealed", sealed, "scopes", list(a.Scopes), "since", s.now().UnixMilli()}
	if a.Aliases != nil {
		for i, alias := range a.Aliases {
			if a.Aliases[i], err = ParseAddress(alias); err != nil {
				return 0, fmt.Errorf("alias %d: %w", i+1, err)
			}
		}
		fields = append(fields, "aliases", list(a.Aliases))
	}
	if !a.Expires.IsZero() {
		fields = append(fields, "expires", a.Expires.UnixMilli())
	}
	isDefault := 0
	if a.Default {
		isDefault = 1
	}
	keys := []string{recordKey(address), keyList, keyDefault, keyChanges}
	version, err = saveScript.Run(ctx, s.rdb, keys, append([]any{address, isDefault}, fields...)...).Int64()
	if err != nil {
		return 0, fmt.Errorf("store account: %w", err)
	}
	return version, nil
}

// Get reads one account. One whose credential can't be read is returned with
// Err set; an address that has no record is ErrNotFound.
func (s *Store) Get(ctx context.Context, address string) (Account, error) {
	address = fold(address)
	all, err := s.read(ctx, []string{address})
	if err != nil {
		return Account{}, err
	}
	if len(all) == 0 {
		return Account{}, ErrNotFound
	}
	return all[0], nil
}

// page is how many accounts List reads at a time.
const page = 200

// List calls each with every account, sorted by address. It holds one page of
// them at a time.
func (s *Store) List(ctx context.Context, each func(Account) error) error {
	from := "-"
	for {
		addresses, err := s.rdb.ZRangeArgs(ctx, redis.ZRangeArgs{Key: keyList, ByLex: true, Start: from, Stop: "+", Count: page}).Result()
		if err != nil {
			return fmt.Errorf("list accounts: %w", err)
		}
		all, err := s.read(ctx, addresses)
		if err != nil {
			return err
		}
		for _, a := range all {
			if err := each(a); err != nil {
				return err
			}
		}
		if len(addresses) < page {
			return nil
		}
		from = "(" + addresses[page-1]
	}
}

// Changes is another number whenever an account was stored, removed, blocked or
// let go on.
func (s *Store) Changes(ctx context.Context) (int64, error) {
	n, err := s.rdb.Get(ctx, keyChanges).Int64()
	if err != nil && !errors.Is(err, redis.Nil) {
		return 0, fmt.Errorf("look for changed accounts: %w", err)
	}
	return n, nil
}

// Mark says that the account's credential of that version turned out not to
// work, and what to do; or, with no reason, that it works. It does nothing where
// another credential was stored since.
func (s *Store) Mark(ctx context.Context, address string, version int64, blocked, remedy string) error {
	err := markScript.Run(ctx, s.rdb, []string{recordKey(fold(address)), keyChanges}, version, blocked, remedy).Err()
	if err != nil {
		return fmt.Errorf("mark account: %w", err)
	}
	return nil
}

// Remove forgets an account whose credential is still of that version, or of
// whichever where version is 0. Else it returns ErrReplaced, or ErrNotFound.
func (s *Store) Remove(ctx context.Context, address string, version int64) error {
	address = fold(address)
	removed, err := removeScript.Run(ctx, s.rdb, []string{recordKey(address), keyList, keyDefault, keyChanges}, address, version).Int()
	switch {
	case err != nil:
		return fmt.Errorf("remove account: %w", err)
	case removed == 0:
		return ErrNotFound
	case removed < 0:
		return ErrReplaced
	default:
		return nil
	}
}

// Rekey encrypts every account anew that is not under the first key, and says
// how many these were. One that can't be read is an error that names it, and
// stays as it is; the others are moved all the same.
func (s *Store) Rekey(ctx context.Context) (moved int, err error) {
	if s.keys.IsZero() {
		return 0, ErrNoKey
	}
	var unread []error
	err = s.List(ctx, func(a Account) error {
		if a.Err != nil {
			unread = append(unread, fmt.Errorf("%s: %w", a.Address, a.Err))
			return nil //nolint:nilerr // The others are moved all the same.
		}
		done, err := s.rekey(ctx, a.Address)
		if done {
			moved++
		}
		return err
	})
	return moved, errors.Join(append(unread, err)...)
}

// rekey moves one account, while nobody refreshes its credential. Where somebody
// logs in meanwhile it begins again.
func (s *Store) rekey(ctx context.Context, address string) (moved bool, err error) {
	unlock, err := s.lock(ctx, address)
	if err != nil {
		return false, err
	}
	defer unlock()
	for {
		sealed, err := s.rdb.HGet(ctx, recordKey(address), "sealed").Result()
		if errors.Is(err, redis.Nil) || err == nil && s.keys.isCurrent([]byte(sealed)) {
			return false, nil
		}
		if err != nil {
			return false, fmt.Errorf("read account: %w", err)
		}
		credential, err := s.keys.openCredential(address, sealed)
		if err != nil {
			return false, nil // List says it.
		}
		if moved, err := s.replace(ctx, address, sealed, credential); moved || err != nil {
			return moved, err
		}
	}
}

// replace writes a credential in place of the one that was read, and reports
// whether that was still there.
func (s *Store) replace(ctx context.Context, address, old string, c Credential, fields ...any) (bool, error) {
	sealed, err := s.keys.sealCredential(address, c)
	if err != nil {
		return false, err
	}
	replaced, err := replaceScript.Run(ctx, s.rdb, []string{recordKey(address)}, append([]any{old, sealed}, fields...)...).Bool()
	if err != nil {
		return false, fmt.Errorf("store credential: %w", err)
	}
	return replaced, nil
}

// Two records that only another hand than ours makes.
var (
	errGone      = errors.New("its record is gone: log in again, or remove it with: worker auth revoke --local-only")
	errWrongType = errors.New("its record is no hash in Redis, so not Postroom's: log in again, or remove it with: worker auth revoke --local-only")
)

// read reads those of the accounts that are there or listed, in one round trip.
// One that can't be read takes no other away.
func (s *Store) read(ctx context.Context, addresses []string) ([]Account, error) {
	if len(addresses) == 0 {
		return nil, nil
	}
	pipe := s.rdb.TxPipeline() // One that is removed meanwhile is there and listed, or neither.
	preferred := pipe.Get(ctx, keyDefault)
	records := make([]*redis.MapStringStringCmd, len(addresses))
	listed := make([]*redis.FloatCmd, len(addresses))
	for i, address := range addresses {
		records[i], listed[i] = pipe.HGetAll(ctx, recordKey(address)), pipe.ZScore(ctx, keyList, address)
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) && !isWrongType(err) {
		return nil, fmt.Errorf("read accounts: %w", err)
	}
	all := make([]Account, 0, len(addresses))
	for i, address := range addresses {
		var a Account
		switch record, err := records[i].Result(); {
		case isWrongType(err):
			a = Account{Address: address, Err: errWrongType}
		case err != nil:
			return nil, fmt.Errorf("read accounts: %w", err)
		case len(record) > 0:
			a = s.account(address, record)
		case listed[i].Err() == nil:
			a = Account{Address: address, Err: errGone}
		default:
			continue
		}
		a.Default = preferred.Val() == address
		all = append(all, a)
	}
	return all, nil
}

func isWrongType(err error) bool { return redis.HasErrorPrefix(err, "WRONGTYPE") }

func (s *Store) account(address string, record map[string]string) Account {
	a := Account{
		Address: address, Since: millis(record["since"]), Expires: millis(record["expires"]),
		RefreshedAt: millis(record["refreshed"]), Blocked: record["blocked"], Remedy: record["remedy"],
	}
	a.Version, _ = strconv.ParseInt(record["version"], 10, 64)
	a.Credential, a.Err = s.keys.openCredential(address, record["sealed"])
	a.Err = cmp.Or(a.Err, unlist(record["aliases"], &a.Aliases), unlist(record["scopes"], &a.Scopes))
	return a
}

// list writes a list into one field.
func list(words []string) string {
	b, err := json.Marshal(words)
	if err != nil {
		panic(err) // Strings always have a form in JSON.
	}
	return string(b)
}

func unlist(text string, words *[]string) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), words); err != nil {
		return errNotOurs
	}
	return nil
}

func millis(text string) time.Time {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
