// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrmtest

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"sync"
	"unicode/utf16"

	"golang.org/x/crypto/md4" //nolint:gosec,staticcheck // NTLM requires MD4
)

type connectionKey struct{}

// connection is the NTLM state of one connection. NTLM authenticates a
// connection rather than each request.
type connection struct {
	mu         sync.Mutex
	challenged bool
	loggedIn   bool
}

// logIn reports whether a request is authenticated. If it is not, logIn answers it.
func (s *Server) logIn(w http.ResponseWriter, r *http.Request) bool {
	c := r.Context().Value(connectionKey{}).(*connection)
	c.mu.Lock()
	defer c.mu.Unlock()
	scheme, text, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	switch {
	case scheme == "" && c.loggedIn:
		return true
	case scheme == "Basic" && s.offers("Basic"):
		username, password, _ := r.BasicAuth()
		if username == Username && password == Password {
			return true
		}
	case scheme == "Basic":
		s.t.Error("the password was sent to a server that does not offer Basic")
	case scheme != "" && s.offers(scheme):
		token, err := base64.StdEncoding.DecodeString(text)
		if err != nil || !bytes.HasPrefix(token, []byte("NTLMSSP\x00")) || len(token) < 12 {
			s.t.Error("the token is not an NTLM message")
			break
		}
		if token[8] == 1 {
			c.challenged = true
			w.Header().Set("WWW-Authenticate", scheme+" "+base64.StdEncoding.EncodeToString(challenge()))
			w.WriteHeader(http.StatusUnauthorized)
			return false
		}
		c.loggedIn = c.challenged && token[8] == 3 && isValidProof(token)
		c.challenged = false
		if c.loggedIn {
			return true
		}
	}
	for _, offer := range s.Offers {
		w.Header().Add("WWW-Authenticate", offer)
	}
	w.WriteHeader(http.StatusUnauthorized)
	return false
}

func (s *Server) offers(scheme string) bool {
	for _, offer := range s.Offers {
		if offer == scheme || strings.HasPrefix(offer, scheme+" ") {
			return true
		}
	}
	return false
}

// nonce is the challenge of every login. A constant is sufficient for tests.
const nonce = "\x01\x23\x45\x67\x89\xab\xcd\xef"

// challenge returns the second message of NTLM: fields of fixed size, followed by
// the data that they point to.
func challenge() []byte {
	name := utf16Bytes("WINDOWS")
	var info []byte
	for _, id := range []uint16{2, 1} { // the domain and the computer
		info = binary.LittleEndian.AppendUint16(info, id)
		info = binary.LittleEndian.AppendUint16(info, uint16(len(name)))
		info = append(info, name...)
	}
	info = append(info, 0, 0, 0, 0)
	const fixed = 48
	text := []byte("NTLMSSP\x00\x02\x00\x00\x00")
	text = append(text, field(len(name), fixed)...)
	text = binary.LittleEndian.AppendUint32(text, 0x00880201) // Unicode, NTLM, extended security, target info
	text = append(text, nonce+"\x00\x00\x00\x00\x00\x00\x00\x00"...)
	text = append(text, field(len(info), fixed+len(name))...)
	return append(append(text, name...), info...)
}

func field(length, offset int) []byte {
	text := binary.LittleEndian.AppendUint16(nil, uint16(length))
	text = binary.LittleEndian.AppendUint16(text, uint16(length))
	return binary.LittleEndian.AppendUint32(text, uint32(offset))
}

// isValidProof reports whether the third message of NTLM proves that the client
// knows the password. It accepts only version 2 of the protocol.
func isValidProof(token []byte) bool {
	response, domain, user := at(token, 20), at(token, 28), at(token, 36)
	if len(response) < 16+28 || !bytes.Equal(user, utf16Bytes(Username)) {
		return false
	}
	hash := md4.New() //nolint:gosec // see above
	hash.Write(utf16Bytes(Password))
	key := sum(hash.Sum(nil), append(utf16Bytes(strings.ToUpper(Username)), domain...))
	return hmac.Equal(response[:16], sum(key, append([]byte(nonce), response[16:]...)))
}

// at returns the data that a field of a message points to, or nil if the field is
// invalid.
func at(token []byte, position int) []byte {
	if len(token) < position+8 {
		return nil
	}
	length, offset := int(binary.LittleEndian.Uint16(token[position:])), int(binary.LittleEndian.Uint32(token[position+4:]))
	if offset+length > len(token) {
		return nil
	}
	return token[offset : offset+length]
}

func sum(key, text []byte) []byte {
	mac := hmac.New(md5.New, key)
	mac.Write(text)
	return mac.Sum(nil)
}

func utf16Bytes(text string) []byte {
	var all []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		all = binary.LittleEndian.AppendUint16(all, unit)
	}
	return all
}
