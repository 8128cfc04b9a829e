package main

import (
	"github.com/postroom/postroom/tasks/admin"
	"github.com/postroom/postroom/tasks/delivery"
	"github.com/postroom/postroom/tasks/directory"
)

// listing is what producers are told.
func (w *worker) listing(all []delivery.Account) directory.Listing {
	var l directory.Listing
	troubles, limits := troublesOf(w.pool), w.cfg.Limits.of(w.backend)
	for _, a := range all {
		l.Accounts = append(l.Accounts, directory.Account{
			Address: a.Address, Aliases: a.Aliases, AnyFrom: a.AnyFrom, Default: a.Default,
			Limits: new(directory.Limits(limits(a.Address))), Trouble: troubles[a.Address],
		})
	}
	set := w.templates.current()
	for _, name := range set.Names() {
		info, _ := set.Info(name)
		l.Templates = append(l.Templates, directory.Template{
			Name: name, Locales: info.Locales, Data: info.Schema, OneClick: info.OneClick,
		})
	}
	return l
}

// troublesOf are what keeps accounts from sending that Redis does not know of,
// by address.
func troublesOf(pool *delivery.Pool) map[string]*directory.Trouble {
	troubles := map[string]*directory.Trouble{}
	for _, a := range pool.Accounts() {
		blocked := a.State == string(admin.Blocked)
		if blocked || a.State == string(admin.Unreachable) {
			troubles[a.Address] = &directory.Trouble{Blocked: blocked, Until: a.Until.UTC(), Reason: a.Reason}
		}
	}
	return troubles
}
