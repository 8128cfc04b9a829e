// Package pages is what `worker dev` shows of mail in the browser:
//
//	/preview   each template, with its example or data of one's own
//	/mailbox   the mails that were sent in this run
//
// They are drawn on the server, for links and forms alone: nothing is changed by
// them, and without JavaScript they only don't refresh themselves. Package admin
// puts them behind its doors.
//
// # Hostile mail
//
// What a mail says may have come from anybody. Everything of it is escaped for its
// place, save its HTML, which is an answer of its own and shown in a frame: both
// the frame's sandbox and the answer's Content-Security-Policy
// (mailer.FramePolicy) let it run no script, send no form, be of no origin and
// load nothing but the images that the mail brings. Files are only ever
// downloaded, and never under a type that a browser would show.
package pages
