package preview

const (
	// clippedFrom is the size of an HTML body in bytes above which Gmail shows its
	// beginning only, with a link to the rest: 102 KB. Google does not document it;
	// it is what people found (github.com/hteumeuleu/email-bugs/issues/41; some 105 KB,
	// more or less by the transfer encoding, in
	// spamresource.com/2022/01/what-is-gmail-clipping-and-what-to-do.html). Sources
	// differ on what counts; here it is the HTML before that encoding.
	clippedFrom = 102 << 10
	// maxStyles is how much text all <style> blocks may have: Gmail removes the one
	// that goes beyond it (github.com/hteumeuleu/caniemail/issues/144). Older pages say
	// 8,192 (github.com/hteumeuleu/email-bugs/issues/90 names both).
	maxStyles = 16 << 10
	// shownSubject is how many characters of a subject Gmail shows on a desktop, the
	// widest of the inboxes measured; telephones show 33 to 48
	// (activecampaign.com/glossary/subject-line-length,
	// emailtooltester.com/en/blog/email-subject-lines-character-limit).
	shownSubject = 70
)
