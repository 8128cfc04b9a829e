package accounts

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// EnvKey is the variable that holds the keys of stored credentials.
const EnvKey = "POSTROOM_KEY"

// howToMakeKey is a command that every system with TLS has.
const howToMakeKey = "make one with: openssl rand -base64 32"

// ErrNoKey is returned where a credential would be stored or read without a
// key.
var ErrNoKey = errors.New(EnvKey + " is not set: credentials are stored encrypted under it, by every worker's the same; " + howToMakeKey)

const (
	keySize = 32 // AES-256
	// keyIDSize is how much of a key's hash stands before what it sealed.
	keyIDSize = 4
	// sealVersion stands first in all that is sealed.
	sealVersion = 1
	// lastVersion is far above what there will be. What stands first in anything
	// else, such as text, is none.
	lastVersion = 31
)

// Keys encrypt credentials at rest: the first writes, all read. The zero Keys
// has none.
type Keys struct{ all []key }

type key struct {
	id   [keyIDSize]byte
	aead cipher.AEAD
}

// ParseKeys reads keys as POSTROOM_KEY has them: 32 bytes each, in base64
// of either alphabet, separated by commas. An empty text is the zero Keys. Errors show no key.
func ParseKeys(text string) (Keys, error) {
	text = strings.TrimPrefix(text, "\uFEFF") // A file from Windows begins with it.
	if strings.TrimSpace(text) == "" {
		return Keys{}, nil
	}
	parts := strings.Split(text, ",")
	k := Keys{all: make([]key, 0, len(parts))}
	for i, part := range parts {
		one, err := parseKey(strings.TrimSpace(part))
		if err != nil {
			return Keys{}, fmt.Errorf("%s: key %d of %d %w; %s", EnvKey, i+1, len(parts), err, howToMakeKey)
		}
		k.all = append(k.all, one)
	}
	return k, nil
}

func parseKey(text string) (key, error) {
	if text == "" {
		return key{}, errors.New("is empty")
	}
	// Some tools write the alphabet for addresses, or no padding.
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	secret, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil {
		// The decoder's own error shows a character of it.
		return key{}, fmt.Errorf("is not base64 (%d characters): must be 32 bytes, which are 44 characters", len(text))
	}
	if len(secret) != keySize {
		return key{}, fmt.Errorf("has %d bytes: must have %d", len(secret), keySize)
	}
	if bytes.Equal(secret, make([]byte, keySize)) {
		return key{}, errors.New("is nothing but zeros, which everybody can guess")
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return key{}, fmt.Errorf("cannot be used: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return key{}, fmt.Errorf("cannot be used: %w", err)
	}
	one := key{aead: aead}
	sum := sha256.Sum256(secret)
	copy(one.id[:], sum[:])
	return one, nil
}

// IsZero reports whether there is no key.
func (k Keys) IsZero() bool { return len(k.all) == 0 }

// String names the keys by the hashes that stand before what they sealed.
func (k Keys) String() string {
	names := make([]string, len(k.all))
	for i, one := range k.all {
		names[i] = hex.EncodeToString(one.id[:])
	}
	return strings.Join(names, ", ")
}

// seal encrypts an account's secrets under the first key. What is sealed for
// one address opens for no other.
func (k Keys) seal(address string, secrets []byte) ([]byte, error) {
	if k.IsZero() {
		return nil, ErrNoKey
	}
	head := append([]byte{sealVersion}, k.all[0].id[:]...)
	return k.all[0].aead.Seal(head, nil, secrets, boundTo(head, address)), nil //nolint:gosec // G407: it makes its nonce itself.
}

// open decrypts what seal made for the address, under whichever key.
func (k Keys) open(address string, sealed []byte) ([]byte, error) {
	if k.IsZero() {
		return nil, ErrNoKey
	}
	if len(sealed) > 0 && sealed[0] > sealVersion && sealed[0] <= lastVersion {
		return nil, errNewer
	}
	if len(sealed) < 1+keyIDSize || sealed[0] != sealVersion {
		return nil, errNotOurs
	}
	head, rest := sealed[:1+keyIDSize], sealed[1+keyIDSize:]
	for _, one := range k.all {
		if !bytes.Equal(one.id[:], head[1:]) {
			continue
		}
		secrets, err := one.aead.Open(nil, nil, rest, boundTo(head, address))
		if err != nil {
			return nil, errors.New("its secrets were changed, or moved here from another address: log in again")
		}
		return secrets, nil
	}
	return nil, fmt.Errorf("its secrets were encrypted under key %x, and %s has %s: add that key, or log in again", head[1:], EnvKey, k)
}

var errNotOurs = errors.New("its secrets are not what this version of Postroom writes: log in again")

// errNewer is a record that this program is too old for.
var errNewer = errors.New("its secrets were written by a newer Postroom: run that one here too")

// isCurrent reports whether sealed is under the first key.
func (k Keys) isCurrent(sealed []byte) bool {
	return !k.IsZero() && len(sealed) > keyIDSize && bytes.Equal(sealed[1:1+keyIDSize], k.all[0].id[:])
}

// boundTo is the additional data that holds a record at its place.
func boundTo(head []byte, address string) []byte {
	return append(append(bytes.Clone(head), "postroom account "...), fold(address)...)
}
