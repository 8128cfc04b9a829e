package mailer

import "bytes"

// Recipients are those of a mail, by the field that names them.
type Recipients struct{ To, Cc, Bcc []Address }

// Redirect sends the mail to one address in place of all its recipients, as is
// wanted where an app is tried out with the data of real people. Whom it was
// for stands in X-Postroom-To, X-Postroom-Cc and X-Postroom-Bcc, which only the
// reader at that address gets to see; all else stays as it is. X-Original-To
// would be the wrong name: mail servers write it themselves.
func (d *Draft) Redirect(to Address) {
	d.Meant = Recipients{To: d.To, Cc: d.Cc, Bcc: d.Bcc}
	d.To, d.Cc, d.Bcc = []Address{to}, nil, nil
}

func writeMeant(out *bytes.Buffer, r Recipients) {
	for _, f := range []struct {
		name      string
		addresses []Address
	}{{"X-Postroom-To", r.To}, {"X-Postroom-Cc", r.Cc}, {"X-Postroom-Bcc", r.Bcc}} {
		if len(f.addresses) > 0 {
			writeField(out, f.name, formatAddresses(f.addresses))
		}
	}
}
