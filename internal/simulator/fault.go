// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// FaultKind is what goes wrong.
type FaultKind string

const (
	// FaultStatus answers with an HTTP status and an error object.
	FaultStatus FaultKind = "status"
	// FaultReset resets the connection.
	FaultReset FaultKind = "reset"
	// FaultHTML answers with a page of HTML, by default with status 503.
	FaultHTML FaultKind = "html"
	// FaultTruncate cuts the JSON of the answer in the middle.
	FaultTruncate FaultKind = "truncate"
	// FaultDelay only delays the call.
	FaultDelay FaultKind = "delay"
	// FaultThrottle answers as the proxy did to too many calls.
	FaultThrottle FaultKind = "throttle"
	// FaultJob accepts the call and lets the job that it starts fail.
	FaultJob FaultKind = "job"
)

// FaultWhen is when it goes wrong.
type FaultWhen string

const (
	// FaultBefore means that nothing has happened on the grid. The default.
	FaultBefore FaultWhen = "before"
	// FaultAfter means that the effect has happened, and only the answer is lost, spoilt or late.
	FaultAfter FaultWhen = "after"
)

var (
	faultKinds = [...]FaultKind{FaultStatus, FaultReset, FaultHTML, FaultTruncate, FaultDelay, FaultThrottle, FaultJob}
	faultWhens = [...]FaultWhen{FaultBefore, FaultAfter}
)

// Fault is a rule that spoils calls. Only authenticated calls meet it.
type Fault struct {
	// Method is the name of a method, such as "grid.server.add", or "*" for all.
	Method string `json:"method"`
	// Kind is what goes wrong.
	Kind FaultKind `json:"kind"`
	// When is "" for FaultBefore.
	When FaultWhen `json:"when,omitempty"`
	// Times is how many calls the rule spoils. 0 means one, or without limit if there is a probability; -1 means without limit.
	Times int `json:"times,omitempty"`
	// Skip is how many matching calls pass first.
	Skip int `json:"skip,omitempty"`
	// Probability is the chance that the rule spoils a matching call, drawn from the grid's seed. 0 means always.
	Probability float64 `json:"probability,omitempty"`
	// Status is the HTTP status of FaultStatus (0 means 500) and FaultHTML (0 means 503).
	Status int `json:"status,omitempty"`
	// Delay is how long the host waits before it goes on, for every kind.
	Delay Duration `json:"delay,omitempty"`
}

// Duration is a time.Duration that JSON writes as text, such as "3s".
type Duration time.Duration

// MarshalText writes Go's notation.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText reads Go's notation.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("duration %q: it must be in Go's notation, for example 300ms or 3s", text)
	}
	*d = Duration(parsed)
	return nil
}

// normal fills in the defaults.
func (f Fault) normal() Fault {
	if f.When == "" {
		f.When = FaultBefore
	}
	if f.Times == 0 {
		f.Times = 1
		if f.Probability > 0 {
			f.Times = -1
		}
	}
	switch {
	case f.Status != 0:
	case f.Kind == FaultStatus:
		f.Status = http.StatusInternalServerError
	case f.Kind == FaultHTML:
		f.Status = http.StatusServiceUnavailable
	}
	return f
}

func (f Fault) check(methods []string) error {
	var problems []error
	refuse := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if f.Method != "*" && !slices.Contains(methods, f.Method) {
		refuse("method is %q: it must be * or one of %s", f.Method, strings.Join(methods, ", "))
	}
	if !slices.Contains(faultKinds[:], f.Kind) {
		refuse("kind is %q: it must be one of %q", f.Kind, faultKinds)
	}
	if !slices.Contains(faultWhens[:], f.When) {
		refuse("when is %q: it must be one of %q", f.When, faultWhens)
	}
	if f.Times < -1 {
		refuse("times is %d: it must be -1 for no limit, or more", f.Times)
	}
	if f.Skip < 0 {
		refuse("skip is %d: it must be 0 or more", f.Skip)
	}
	if !(f.Probability >= 0 && f.Probability <= 1) {
		refuse("probability is %v: it must be from 0 to 1", f.Probability)
	}
	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		refuse("status is %d: it must be an HTTP status from 200 to 599", f.Status)
	}
	if f.Delay < 0 || f.Kind == FaultDelay && f.Delay == 0 {
		refuse("delay is %v: it must be a positive duration, for example 3s", time.Duration(f.Delay))
	}
	return errors.Join(problems...)
}

// faultBook holds the rules in force.
type faultBook struct {
	methods []string

	mu     sync.Mutex
	rules  []*Fault
	random *rand.Rand
}

func newFaultBook(seed uint64, methods []string) *faultBook {
	return &faultBook{methods: methods, random: rand.New(rand.NewPCG(seed, 0))}
}

func (b *faultBook) reseed(seed uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.random = rand.New(rand.NewPCG(seed, 0))
}

func (b *faultBook) add(faults []Fault) error {
	var rules []*Fault
	var problems []error
	for i, fault := range faults {
		rule := fault.normal()
		if err := rule.check(b.methods); err != nil {
			problems = append(problems, fmt.Errorf("fault rule %d: %w", i+1, err))
		}
		rules = append(rules, &rule)
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = append(b.rules, rules...)
	return nil
}

func (b *faultBook) list() []Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	rules := make([]Fault, len(b.rules))
	for i, rule := range b.rules {
		rules[i] = *rule
	}
	return rules
}

func (b *faultBook) clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = nil
}

// take returns the rule for a call, if there is one, and uses it up. A rule that lets a call pass leaves it to the next rule.
func (b *faultBook) take(method string) *Fault {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, rule := range b.rules {
		if rule.Method != "*" && rule.Method != method || !b.strikes(rule) {
			continue
		}
		taken := *rule
		if rule.Times > 0 {
			rule.Times--
		}
		if rule.Times == 0 {
			b.rules = slices.Delete(b.rules, i, i+1)
		}
		return &taken
	}
	return nil
}

func (b *faultBook) strikes(rule *Fault) bool {
	if rule.Skip > 0 {
		rule.Skip--
		return false
	}
	return rule.Probability == 0 || b.random.Float64() < rule.Probability
}
