// Package mailertest is for tests of programs that send mail with Postroom:
// ours, and yours.
//
// [Fake] is Gmail as far as a sender meets it: consent, tokens and revocation, the
// send and upload calls, the Sent mail and its search, quotas, and every way of
// failing that has been seen of the real one. It is an [net/http.Handler] and holds all state in memory.
// [NewServer] runs it for the length of a test:
//
//	gmail := mailertest.NewServer(t)
//	account := gmail.Account(mailertest.DefaultAddress)
//	// Point your program at gmail.URL and gmail.TokenURL, with
//	// account.ClientID, account.ClientSecret and account.RefreshToken.
//	gmail.Script(mailertest.BackendError(), mailertest.AcceptThenCut())
//	// ... send ...
//	mails := gmail.AcceptedByMailID("order-1001")
//
// [Recorder] is for tests that need no HTTP: a mailer.Sender that keeps what
// it is given, and a mailer.Finder that finds it. [TestSender] and [TestFinder]
// hold those of your own to what is asked of them.
//
// What the fake answers follows Google's published pages, its discovery
// document of 2026 and reports of people who send with it. It is stricter than
// Gmail in one thing: raw must be base64url with padding, as documented.
package mailertest
