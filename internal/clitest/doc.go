// Package clitest runs the commands as their users do: built, as processes,
// against a real redis-server and a fake Gmail of each script's own.
//
// The scripts stand in testdata, one story each, in the language of
// github.com/rogpeppe/go-internal/testscript. What they can do beyond it:
//
//	exits [-within TIME] STATUS PROGRAM ARG…  run to the end, and hold its exit status
//	eventually STATUS PROGRAM ARG…            the same, again and again until it is so
//	start NAME PROGRAM ARG…                   run beside the script; prints into NAME.out and NAME.err
//	await FILE REGEXP [VARIABLE…]             wait for output; groups of the regexp become variables
//	types NAME FILE                           type what stands in the file
//	key VARIABLE                              a new key for POSTROOM_KEY
//	signal NAME TERM|INT|HUP|KILL             send a signal
//	ended [-within TIME] NAME STATUS          wait for the end; a signal's is its name
//	names NAME…                               each line of stdout is a JSON object of these names, in this order
//	gmail FAULT…                              what the fake does to the next sends: 503 429:1 400 cut slow:2s pass …
//	gmail-asked N                             wait until N requests to send have come
//	gmail-revoke [ADDRESS]                    the account's consent is withdrawn
//	gmail-restore ADDRESS                     it is given back
//	gmail-scopes ADDRESS SCOPE…               it allows this much from now on
//	gmail-token FAULT…                        gmail for the token endpoint: 503 cut invalid_client …
//	gmail-account ADDRESS [SCOPE…]            a further account of the same client, its refresh token in $REFRESH_TOKEN
//	gmail-file KIND FILE [ADDRESS]            its credential as other programs keep it: client web token authorized
//	                                          service undelegated
//	owner [-denies] [-unticks SCOPE] [-lasts TIME] [ADDRESS]  who answers on the consent page from now on
//	consent URL [FILE]                        open the consent page; FILE gets the address that the browser ends on,
//	                                          stdout the page there, if there is one
//	gmail-accepted ID N [FILE]                it took N copies of the mail; FILE gets the last, as it came
//	gmail-total N                             it took N mails in all
//	agree LOG ID…                             status, log and the fake tell the same of each mail
//	state [-within TIME] ID STATE [REGEXP]    wait until the mail stands so, and its error matches
//	redis ARG…                                a command for the script's redis-server; prints the answer
//	redis-away, redis-back                    kill it, and start it again
//	redis-sentinel, redis-cluster             use another from here on: a master and its replica that sentinels watch,
//	                                          or a cluster of three masters with a replica each
//	redis-fail-over                           kill its master, of the accounts in a cluster, and wait for the next one
//	http [-H 'NAME: VALUE'] STATUS URL        GET; prints the body
//	website VARIABLE STATUS                   an address where another program answers all with that and a page
//	taken VARIABLE                            an address of 127.0.0.1 on which somebody listens
//	free VARIABLE                             one on which nobody does
//
// The scripts in testdata/browser log in to a real OAuth server, in a real
// Chromium; they run under the build tag browser, and can do more:
//
//	oidc-start [-access TIME] [-refresh TIME] [USER…]
//	                                          an OAuth server of these users (shop@ and news@example.com), with its
//	                                          client in client.json; the fake takes its access tokens
//	consent-in-browser FILE USER allow|deny [SCOPE…]
//	                                          open the consent page whose address FILE has, sign in, and answer, with
//	                                          the SCOPEs' boxes unticked; prints the address and the text that it ends on
//	oidc-kill USER                            what the user has consented to ends at the server
//	oidc-asked CODES REVOCATIONS [REASON…]    so many were exchanged and done, and only for these reasons others refused
//
// Whatever a script runs, no secret that it was given may be printed: each
// output is held against all of them, and against every token that the OAuth
// server gave.
package clitest
