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

// Book holds the active rules. It is safe for concurrent use.
type Book struct {
	methods []string

	mu     sync.Mutex
	rules  []*Rule
	random *rand.Rand
}

// Strike is a rule that applies to one call.
type Strike struct {
	Rule
	// Draw is the seed of the random choices in this response; 0 if the rule makes no random choices.
	Draw uint64
}

// NewBook returns an empty book. Every rule in the book must name one of the methods, or "*". seed determines all random
// choices of the rules.
func NewBook(seed uint64, methods []string) *Book {
	return &Book{methods: methods, random: newRandom(seed)}
}

func newRandom(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// Reseed restarts the random choices of the rules from a seed.
func (b *Book) Reseed(seed uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.random = newRandom(seed)
}

// Add adds rules after the existing rules. If a rule is invalid, Add adds no rule and returns an error that lists every problem.
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

// List returns the active rules, with the remaining values of Times and Skip.
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

// Take returns the first rule that applies to a call, and counts the use of the rule. It returns nil if no rule applies. If a rule
// lets a call pass, the next rule may still apply.
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

// strikes reports whether a rule applies to this call of its method. It counts down Skip.
func (b *Book) strikes(rule *Rule) bool {
	if rule.Skip > 0 {
		rule.Skip--
		return false
	}
	return rule.Probability == 0 || b.random.Float64() < rule.Probability
}

// leavesToChance reports whether the rule makes random choices in a response.
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
