package main

// authCommand is `worker auth`.
type authCommand struct {
	Login  authLoginCommand  `cmd:"" help:"Ask an account's owner for consent, in a browser, and store it, encrypted under POSTROOM_KEY."`
	Import authImportCommand `cmd:"" help:"Store a credential that another program keeps already, encrypted under POSTROOM_KEY."`
	List   authListCommand   `cmd:"" help:"List the accounts that are stored, and how they stand."`
	Test   authTryCommand    `cmd:"" help:"Get a fresh access token for an account, and say what it may do."`
	Set    authSetCommand    `cmd:"" help:"Set what one account may send: rate, day, requests in flight."`
	Rekey  authRekeyCommand  `cmd:"" help:"Encrypt all credentials anew under the first key of POSTROOM_KEY."`
	Revoke authRevokeCommand `cmd:"" help:"End an account's consent at Google, and delete its credential here."`
}
