// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"crypto/md5" // GoGrid's signature is an MD5 sum
	"crypto/subtle"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// authenticate returns the key of a call, and reports whether its signature is
// valid. The signature is the lower case hexadecimal MD5 sum of API key, shared
// secret and Unix time. Calls do not contain the time of their signature, so
// authenticate tries all seconds of the window, beginning with the seconds
// nearest to the host's clock.
func (g *Grid) authenticate(values url.Values) (Key, bool) {
	i := slices.IndexFunc(g.keys, func(k Key) bool { return k.APIKey == values.Get("api_key") })
	if i < 0 {
		return Key{}, false
	}
	key, given := g.keys[i], []byte(values.Get("sig"))
	now, window := g.host.Now().Unix(), int64(g.options.SignatureWindow/time.Second)
	for off := range window + 1 {
		if signed(key, now-off, given) || signed(key, now+off, given) {
			return key, true
		}
	}
	return Key{}, false
}

func signed(key Key, second int64, given []byte) bool {
	sum := md5.Sum([]byte(key.APIKey + key.SharedSecret + strconv.FormatInt(second, 10)))
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(sum[:])), given) == 1
}
