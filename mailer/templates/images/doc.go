// Package images makes images of a template directory parts of the mail:
// <img src="images/logo.png"> becomes src="cid:…", and the file goes with each
// mail (RFC 2392). Addresses that lead elsewhere stay.
package images
