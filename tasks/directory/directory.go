package directory

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// Account is an address that mail can go out from.
type Account struct {
	// Address is the account's own, as its worker writes it.
	Address string `json:"address"`
	// Aliases are more addresses that its mail may carry in From.
	Aliases []string `json:"aliases,omitempty"`
	// AnyFrom lets its mail carry every address in From: it goes to nobody.
	AnyFrom bool `json:"any_from,omitempty"`
	// Default marks the account for mail that names none.
	Default bool `json:"default,omitempty"`
	// Limits are what it may send where nothing else is set for it; nil where its
	// worker does not say.
	Limits *Limits `json:"limits,omitempty"`
	// Trouble is why it can't send, where a worker found out; nil while none is
	// known of. What its budget has it wait for stands there.
	Trouble *Trouble `json:"trouble,omitempty"`
}

// Limits are sends a minute, messages and recipients in 24 hours, and sends at
// once. 0 is no limit.
type Limits struct {
	Rate        int `json:"rate"`
	Daily       int `json:"daily"`
	Recipients  int `json:"recipients"`
	Concurrency int `json:"concurrency"`
}

// Trouble is why an account can't send.
type Trouble struct {
	// Blocked says that it needs a person.
	Blocked bool `json:"blocked,omitempty"`
	// Until is when it is tried again. It may be over: no mail has tried since.
	Until  time.Time `json:"until"`
	Reason string    `json:"reason"`
}

// Owns reports whether mail of the account may carry address in From: it is
// the account's own or one of its aliases. Case makes no difference.
func (a Account) Owns(address string) bool {
	return a.AnyFrom || strings.EqualFold(a.Address, address) ||
		slices.ContainsFunc(a.Aliases, func(alias string) bool { return strings.EqualFold(alias, address) })
}

// Template is a template that a worker can render.
type Template struct {
	// Name is what a mail calls it by.
	Name string `json:"name"`
	// Locales are those that it has beside the default, sorted.
	Locales []string `json:"locales,omitempty"`
	// Data is a JSON Schema of what it takes; nil where it declares nothing.
	Data json.RawMessage `json:"data,omitempty"`
	// OneClick reports whether it gives an https URL by which its reader
	// unsubscribes (RFC 8058).
	OneClick bool `json:"one_click,omitempty"`
}

// Directory is what workers had published when it was read. It does not
// change, and may be used by many at once. The zero Directory knows nothing.
type Directory struct {
	known     bool
	accounts  map[string]published[Account]    // By address in lower case.
	templates map[string][]published[Template] // By name; several while a deploy goes on.
}

// published is an entry and when it was last published, in ms since 1970.
type published[T any] struct {
	entry T
	at    int64
}

// Known is false where no worker has ever published anything: there is nothing
// to check against then.
func (d Directory) Known() bool { return d.known }

// Account returns the account of that very address, in whatever case. An alias
// names no account: see Account.Owns.
func (d Directory) Account(address string) (Account, bool) {
	p, ok := d.accounts[fold(address)]
	return p.entry.clone(), ok
}

// Default returns the account for mail that names none. Where several are
// marked, as for a moment after the default was changed, it is the one last
// published, and of these the first by address.
func (d Directory) Default() (Account, bool) {
	var found published[Account]
	ok := false
	for _, address := range slices.Sorted(maps.Keys(d.accounts)) {
		p := d.accounts[address]
		if p.entry.Default && (!ok || p.at > found.at) {
			found, ok = p, true
		}
	}
	return found.entry.clone(), ok
}

// Addresses returns the addresses of all accounts, sorted, as their workers
// write them.
func (d Directory) Addresses() []string {
	all := make([]string, 0, len(d.accounts))
	for _, key := range slices.Sorted(maps.Keys(d.accounts)) {
		all = append(all, d.accounts[key].entry.Address)
	}
	return all
}

// Template returns the versions of the template of that name, the one last
// published first: while a deploy goes on workers have different ones.
func (d Directory) Template(name string) []Template {
	newestFirst := slices.Clone(d.templates[name])
	slices.SortFunc(newestFirst, func(a, b published[Template]) int { return cmp.Compare(b.at, a.at) })
	versions := make([]Template, len(newestFirst))
	for i, p := range newestFirst {
		versions[i] = p.entry
	}
	return versions
}

// TemplateNames returns the names of all templates, sorted.
func (d Directory) TemplateNames() []string { return slices.Sorted(maps.Keys(d.templates)) }

func (a Account) clone() Account {
	a.Aliases, a.Limits, a.Trouble = slices.Clone(a.Aliases), clone(a.Limits), clone(a.Trouble)
	return a
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// fold makes addresses comparable: no two of Gmail's differ in case alone.
func fold(address string) string { return strings.ToLower(address) }
