// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package communicator

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
)

// AlgorithmError reports that a server and this package have no algorithm in common. A
// retry cannot succeed.
type AlgorithmError struct {
	// Host is the address of the server.
	Host string
	// What names the kind of algorithm, for example "key exchange".
	What string
	// Ours and Theirs are the algorithms that each side offered.
	Ours, Theirs []string
	// Insecure holds the server's algorithms that Target.InsecureAlgorithms would
	// allow. It is empty if the client already offered them.
	Insecure []string
	// Pinned reports that a pinned host key restricted the algorithms.
	Pinned bool
}

// Error lists the algorithms of both sides and explains what to change.
func (e *AlgorithmError) Error() string {
	text := fmt.Sprintf("%s and the provider have no common algorithm for the %s. The server offers %s; the provider offers %s.",
		e.Host, e.What, list(e.Theirs), list(e.Ours))
	switch {
	case len(e.Insecure) > 0:
		return text + fmt.Sprintf(" The provider supports %s too, but offers insecure algorithms only if they are allowed", list(e.Insecure))
	case e.Pinned:
		return text + " The provider requests only the type of the pinned host key: check whether host_key has the right type, or pin another key of the server"
	}
	return text + " Enable one of the provider's algorithms on the server"
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// algorithms holds the algorithms that a client offers, the strongest first.
type algorithms struct{ keyExchanges, ciphers, macs, hostKeys []string }

// offeredAlgorithms returns the library's secure algorithms and the insecure
// ones that the library offers by default: ssh-rsa is the only host key
// algorithm of GoGrid's CentOS 5 and 6 images. If insecure is set, all other
// algorithms of the library follow.
func offeredAlgorithms(insecure bool) algorithms {
	strong, weak := ssh.SupportedAlgorithms(), ssh.InsecureAlgorithms()
	all := algorithms{
		keyExchanges: append(strong.KeyExchanges, ssh.InsecureKeyExchangeDH14SHA1),
		ciphers:      strong.Ciphers,
		macs:         append(strong.MACs, ssh.InsecureHMACSHA196),
		// A pinned key is never a certificate. ECDSA comes first, as in the library's
		// own default: in another order, servers would present keys other than those
		// that users have pinned. The library's default includes DSA, and some
		// servers of 2009 support nothing else.
		hostKeys: appendNew(
			[]string{ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521},
			append(withoutCertificates(strong.HostKeys), ssh.KeyAlgoRSA, ssh.InsecureKeyAlgoDSA)...), //nolint:staticcheck // see above
	}
	if insecure {
		all.keyExchanges = appendNew(all.keyExchanges, ssh.InsecureKeyExchangeDHGEXSHA1, ssh.InsecureKeyExchangeDH1SHA1)
		all.keyExchanges = appendNew(all.keyExchanges, weak.KeyExchanges...)
		all.ciphers = appendNew(all.ciphers, weak.Ciphers...)
		all.macs = appendNew(all.macs, weak.MACs...)
		all.hostKeys = appendNew(all.hostKeys, withoutCertificates(weak.HostKeys)...)
	}
	return all
}

// of returns the algorithms of one kind. what is the library's name for the
// kind.
func (a algorithms) of(what string) []string {
	switch {
	case what == "key exchange":
		return a.keyExchanges
	case what == "host key":
		return a.hostKeys
	case strings.HasSuffix(what, " cipher"):
		return a.ciphers
	case strings.HasSuffix(what, " MAC"):
		return a.macs
	}
	return nil
}

func withoutCertificates(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return strings.Contains(name, "-cert-") })
}

func appendNew(to []string, names ...string) []string {
	for _, name := range names {
		if !slices.Contains(to, name) {
			to = append(to, name)
		}
	}
	return to
}

// algorithmError explains a failed negotiation.
func (s *sshSession) algorithmError(failed *ssh.AlgorithmNegotiationError) *AlgorithmError {
	e := &AlgorithmError{
		Host: s.target.address(), What: failed.What, Ours: failed.SupportedAlgorithms, Theirs: failed.RequestedAlgorithms,
		Pinned: failed.What == "host key" && len(s.keys.algorithms()) > 0,
	}
	if !s.target.InsecureAlgorithms && !e.Pinned {
		for _, name := range offeredAlgorithms(true).of(failed.What) {
			if slices.Contains(e.Theirs, name) {
				e.Insecure = append(e.Insecure, name)
			}
		}
	}
	return e
}
