package delivery

import (
	"slices"
	"strings"

	"github.com/postroom/postroom/mailer"
	"github.com/postroom/postroom/tasks"
)

// bulkHeaders keep whoever is out of office from answering a newsletter. RFC
// 3834 has the first and names the second, which some responders know alone;
// the third is Exchange's, without its "All", which would suppress bounces too.
var bulkHeaders = []mailer.Header{
	{Name: "Auto-Submitted", Value: "auto-generated"},
	{Name: "Precedence", Value: "bulk"},
	{Name: "X-Auto-Response-Suppress", Value: "OOF, AutoReply"},
}

// addLaneHeaders adds what the mail's lane says of it, and the mail itself does
// not say otherwise. Other lanes get nothing: help desks and trackers drop mail
// that has these, and who writes to one knows best.
func (a *attempt) addLaneHeaders(d *mailer.Draft) {
	if lane, _, _ := tasks.ParseQueue(a.queue); lane != tasks.Bulk {
		return
	}
	for _, h := range bulkHeaders {
		said := slices.ContainsFunc(d.Headers, func(own mailer.Header) bool { return strings.EqualFold(own.Name, h.Name) })
		if !said {
			d.Headers = append(d.Headers, h)
		}
	}
}
