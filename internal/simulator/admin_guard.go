// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// guardAdmin refuses admin calls that a web page may have sent. The admin routes need no
// key, so any page in a browser on this machine could otherwise set faults, move the
// clock or read the state.
func guardAdmin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, err := checkAdmin(r)
		if err != nil {
			refuse(w, status, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// checkAdmin returns the status and error for a call that must be refused, and
// a nil error for any other call.
func checkAdmin(r *http.Request) (int, error) {
	if !isOwnHost(r) {
		// With DNS rebinding, the name of another host may resolve to this machine.
		return http.StatusForbidden, fmt.Errorf("the Host %q must be localhost, a loopback address or the address that the grid listens on", r.Host)
	}
	if origin := r.Header.Get("Origin"); origin != "" && !isOwnOrigin(origin, r.Host) {
		return http.StatusForbidden, fmt.Errorf("the Origin %q is not the grid's own: web pages must not call the admin routes", origin)
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return http.StatusForbidden, errors.New("web pages must not call the admin routes")
	}
	if r.Method == http.MethodPost {
		// A page can send other types, such as text/plain, without a CORS preflight request.
		if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
			return http.StatusUnsupportedMediaType, errors.New("the header Content-Type must be application/json")
		}
	}
	return http.StatusOK, nil
}

// isOwnHost reports whether the Host of a request names this machine: localhost, a
// loopback address, or the address of the connection.
func isOwnHost(r *http.Request) bool {
	host := r.Host
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	if address.IsLoopback() {
		return true
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if local == nil {
		return false
	}
	own, err := netip.ParseAddrPort(local.String())
	return err == nil && own.Addr().Unmap() == address.Unmap()
}

// isOwnOrigin reports whether an Origin names the host of a request.
func isOwnOrigin(origin, host string) bool {
	parsed, err := url.Parse(origin)
	return err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && strings.EqualFold(parsed.Host, host)
}
