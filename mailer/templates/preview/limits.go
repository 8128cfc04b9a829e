package preview

const (
	// clippedFrom is the size of an HTML body in bytes above which Gmail shows its
	// beginning only, with a link to the rest: 102 KB. Google does not document it;
	// it was measured on the body as it is before its transfer encoding, tags and
	// styles included (github.com/hteumeuleu/email-bugs/issues/41,
	// spamresource.com/2022/01/what-is-gmail-clipping-and-what-to-do.html).
	clippedFrom = 102 << 10
	// maxStyles is how much text all <style> blocks may have: Gmail removes the one
	// that goes beyond it (github.com/hteumeuleu/email-bugs/issues/90: 8,192 bytes
	// until 2017, 16,384 since).
	maxStyles = 16 << 10
	// shownSubject is how many characters of a subject Gmail shows on a desktop, the
	// widest of the inboxes measured; telephones show 33 to 48
	// (emailtooltester.com/en/blog/email-subject-lines-character-limit).
	shownSubject = 70
)
