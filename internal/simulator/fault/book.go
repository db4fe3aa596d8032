// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
)

// Book holds the rules in force. It is safe for use by many goroutines.
type Book struct {
	methods []string

	mu     sync.Mutex
	rules  []*Rule
	random *rand.Rand
}

// Strike is a rule that applies to one call.
type Strike struct {
	Rule
	// Draw seeds what the rule leaves to chance in this answer; 0 if it leaves nothing.
	Draw uint64
}

// NewBook makes an empty book. Rules may name these methods.
func NewBook(seed uint64, methods []string) *Book {
	return &Book{methods: methods, random: newRandom(seed)}
}

func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// Reseed restarts the randomness of the rules from a seed.
func (b *Book) Reseed(seed uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.random = newRandom(seed)
}

// Add adds rules behind the present ones. Either all rules are added or, with an error that names every problem, none.
func (b *Book) Add(rules []Rule) error {
	var added []*Rule
	var problems []error
	for i, rule := range rules {
		rule = rule.withDefaults()
		if err := rule.check(b.methods); err != nil {
			problems = append(problems, fmt.Errorf("fault rule %d: %w", i+1, err))
		}
		added = append(added, &rule)
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = append(b.rules, added...)
	return nil
}

// List returns the rules in force with what is left of their counts.
func (b *Book) List() []Rule {
	b.mu.Lock()
	defer b.mu.Unlock()
	rules := make([]Rule, len(b.rules))
	for i, rule := range b.rules {
		rules[i] = *rule
	}
	return rules
}

// Clear removes all rules.
func (b *Book) Clear() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = nil
}

// Take returns the rule that strikes a call, and uses it up; nil means that the call passes. A rule that lets a call pass
// leaves it to the next rule.
func (b *Book) Take(method string) *Strike {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, rule := range b.rules {
		if rule.Method != "*" && rule.Method != method || !b.strikes(rule) {
			continue
		}
		strike := &Strike{Rule: *rule}
		if rule.leavesToChance() {
			strike.Draw = b.random.Uint64()
		}
		if rule.Times > 0 {
			rule.Times--
		}
		if rule.Times == 0 {
			b.rules = slices.Delete(b.rules, i, i+1)
		}
		return strike
	}
	return nil
}

func (b *Book) strikes(rule *Rule) bool {
	if rule.Skip > 0 {
		rule.Skip--
		return false
	}
	return rule.Probability == 0 || b.random.Float64() < rule.Probability
}

// leavesToChance reports whether the rule needs a draw for each answer.
func (r *Rule) leavesToChance() bool {
	switch r.Kind {
	case WrongType, Duplicate, Shuffle:
		return true
	case DropField:
		return r.Field == ""
	default:
		return false
	}
}
