package tasks

import (
	"errors"
	"net/url"
	"strings"

	"golang.org/x/net/idna"
)

// errIDN does not repeat the domain, as idna's own error would.
var errIDN = errors.New("has a domain with a character, or a mixture of scripts, that no domain name has (IDNA, UTS 46)")

// asciiDomain is how a domain of any script stands on the wire: in the xn--
// form of IDNA, which is what a browser asks for. One in ASCII stays as it is.
func asciiDomain(s string) (string, error) {
	if isASCII(s) {
		return s, nil
	}
	ascii, err := idna.Lookup.ToASCII(s)
	if err != nil {
		return "", errIDN
	}
	return ascii, nil
}

// inASCII is the same way to leave with its domains in ASCII. What is not read
// as a URL or an address stays as it is, for check to refuse.
func (u *Unsubscribe) inASCII() *Unsubscribe {
	if u == nil || isASCII(u.URL+u.Mailto) {
		return u
	}
	return &Unsubscribe{URL: asciiHost(u.URL), Mailto: asciiMailto(u.Mailto)}
}

func asciiHost(s string) string {
	u, err := url.Parse(s)
	if err != nil || isASCII(u.Hostname()) {
		return s
	}
	ascii, err := asciiDomain(u.Hostname())
	if err != nil {
		return s
	}
	return strings.Replace(s, u.Hostname(), ascii, 1)
}

func asciiMailto(s string) string {
	address, query, asks := strings.Cut(s, "?")
	local, domain, _ := strings.Cut(address, "@")
	ascii, err := asciiDomain(domain)
	if err != nil || isASCII(domain) {
		return s
	}
	if asks {
		query = "?" + query
	}
	return local + "@" + ascii + query
}
