// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const largestBody = 1 << 20

// params holds the parameters of a call. err is the error of the first invalid parameter, so that a method can read several
// parameters before it checks err.
type params struct {
	values url.Values
	err    error
}

// readParams merges the parameters of query and body. The client libcloud sends
// POST with all parameters in the query and an empty body; other clients use
// the body.
func readParams(r *http.Request) (*params, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, invalid("The query string cannot be decoded: it must contain URL-encoded parameters.")
	}
	if r.Method == http.MethodPost {
		body, err := io.ReadAll(io.LimitReader(r.Body, largestBody+1))
		if err != nil || len(body) > largestBody {
			return nil, invalid("The body cannot be read: it must contain URL-encoded parameters of at most %d bytes.", largestBody)
		}
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, invalid("The body cannot be decoded: it must contain URL-encoded parameters.")
		}
		for name, added := range form {
			values[name] = append(values[name], added...)
		}
	}
	for name, all := range values {
		values[name] = distinct(readable(all))
	}
	return &params{values: values}, nil
}

// readable replaces invalid UTF-8, as the state file and all responses do. A
// name is therefore the same everywhere.
func readable(all []string) []string {
	for i, v := range all {
		all[i] = strings.ToValidUTF8(v, "\uFFFD")
	}
	return all
}

func distinct(all []string) []string {
	var kept []string
	for _, v := range all {
		if !slices.Contains(kept, v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// fail records an error unless params already holds an error.
func (p *params) fail(format string, args ...any) {
	if p.err == nil {
		p.err = invalid(format, args...)
	}
}

// all returns the distinct values that the request gives for a parameter under any of its names.
func (p *params) all(names ...string) []string {
	var values []string
	for _, name := range names {
		values = append(values, p.values[name]...)
	}
	return distinct(values)
}

// text reads a parameter that may be given once, and reports whether it is given. All names after the first are older spellings.
func (p *params) text(names ...string) (value string, given bool) {
	values := p.all(names...)
	if len(values) > 1 {
		p.fail("Parameter '%s' is given %d times with different values: it must be given once.", names[0], len(values))
	}
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

func (p *params) required(names ...string) string {
	value, _ := p.text(names...)
	if strings.TrimSpace(value) == "" {
		p.fail("Required parameter '%s' is missing.", names[0])
	}
	return value
}

func (p *params) boolean(name string) (value, given bool) {
	text, given := p.text(name)
	if !given || text == "" {
		return false, false
	}
	switch strings.ToLower(text) {
	case "true":
		return true, true
	case "false":
		return false, true
	}
	p.fail("Parameter '%s' is '%s': it must be true or false.", name, text)
	return false, false
}

func (p *params) integer(name string, least int) (value int, given bool) {
	text, given := p.text(name)
	if !given || text == "" {
		return 0, false
	}
	value, err := strconv.Atoi(text)
	if err != nil || value < least {
		p.fail("Parameter '%s' is '%s': it must be a whole number of at least %d.", name, text, least)
		return 0, false
	}
	return value, true
}

// option reads a parameter that selects an option by id or name. It returns nil if the parameter is not given or not valid.
func (p *params) option(l *lookup, names ...string) *option {
	if _, given := p.text(names...); !given {
		return nil
	}
	if chosen := p.options(l, names...); len(chosen) > 0 {
		return chosen[0]
	}
	return nil
}

// options reads a parameter that selects options by id or name and may be
// repeated. It ignores empty values.
func (p *params) options(l *lookup, names ...string) []*option {
	var chosen []*option
	for _, text := range p.all(names...) {
		if text == "" {
			continue
		}
		o := l.find(text)
		if o == nil {
			p.fail("Parameter '%s' is '%s': it must be the id or the name of one of %s.", names[0], text, l.allowed())
			return nil
		}
		chosen = append(chosen, o)
	}
	return chosen
}

// label reads the name of a server or balancer, which has at most 20 characters.
func (p *params) label(name string) string {
	value := p.required(name)
	if n := len([]rune(value)); n > longestName {
		p.fail("Parameter '%s' has %d characters: it must have at most %d.", name, n, longestName)
	}
	return value
}

func (p *params) description() (value string, given bool) {
	value, given = p.text("description")
	if n := len([]rune(value)); n > longestDescription {
		p.fail("Parameter 'description' has %d characters: it must have at most %d.", n, longestDescription)
	}
	return value, given
}

const (
	longestName        = 20
	longestDescription = 500
)

func poolKey(i int, member string) string { return fmt.Sprintf("realiplist.%d.%s", i, member) }

// address reads a parameter that names an address, and reports whether the
// account has the address. The value is the dotted form or the id of the
// address, because at least one client sends ids.
func (p *params) address(a *account, name string) (address, block, bool) {
	text := p.required(name)
	if p.err != nil {
		return 0, block{}, false
	}
	return a.findAddress(text)
}

func (p *params) port(name string) int {
	p.required(name)
	port, _ := p.integer(name, 1)
	if port > 65535 {
		p.fail("Parameter '%s' is %d: it must be a port number from 1 to 65535.", name, port)
	}
	return port
}

// hasPool reports whether the call has at least one parameter of a balancer's
// pool.
func (p *params) hasPool() bool {
	for name := range p.values {
		if poolParameter.MatchString(name) {
			return true
		}
	}
	return false
}

var poolParameter = regexp.MustCompile(`^realiplist\.\d+\.(ip|port)$`)

// refuseUnknown returns an error if the call has an unknown parameter. Only
// strict mode uses it. Most unknown names are misspelled, so the error lists
// all allowed names.
func (p *params) refuseUnknown(allowed []string) error {
	for name := range p.values {
		known := slices.Contains(allowed, name) || slices.Contains(commonParameters(), name) ||
			slices.Contains(allowed, poolParameters) && poolParameter.MatchString(name)
		if !known {
			return invalid("Parameter '%s' is unknown: this method takes %s.", name, strings.Join(allowed, ", "))
		}
	}
	return nil
}

// poolParameters represents the indexed pairs of a balancer's pool in a method's list of parameters.
const poolParameters = "realiplist.N.ip, realiplist.N.port"

func commonParameters() []string { return []string{"api_key", "sig", "v", "format"} }
