// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// check validates settings that depend on more than one flag, and completes the
// options.
func (s *settings) check() error {
	if (s.tlsCert == "") != (s.tlsKey == "") {
		return errors.New("--tls-cert and --tls-key must be given together; for a generated certificate use --tls")
	}
	if s.keyProblem != nil {
		return fmt.Errorf("--key: %w", s.keyProblem)
	}
	if (s.apiKey == "") != (s.secret == "") {
		return errors.New("--api-key and --shared-secret must be given together; leave both out for a random key")
	}
	if s.apiKey != "" {
		first := simulator.Key{APIKey: s.apiKey, SharedSecret: s.secret, Role: simulator.RoleSuper}
		s.options.Keys = append([]simulator.Key{first}, s.options.Keys...)
	}
	if s.shared && s.guest.SSHPort == 0 {
		return errors.New("--guest-shared-addresses needs --guest-ssh-port: grids with the same addresses must have different ports")
	}
	if s.guests {
		s.guest.OwnAddresses = !s.shared
		s.options.Guests = &s.guest
	}
	if s.guests || s.storage != (simulator.CloudStorageOptions{}) {
		s.options.CloudStorage = &s.storage
	}
	if s.options.Speed <= 0 {
		return fmt.Errorf("--speed %g: it must be a number above 0", s.options.Speed)
	}
	if s.options.Jitter < 0 {
		return fmt.Errorf("--jitter %g: it must be a fraction from 0 to 0.9", s.options.Jitter)
	}
	if s.options.Jitter == 0 {
		s.options.Jitter = -1 // no jitter; in Options, 0 means the default jitter
	}
	return nil
}

// addKey stores a parse error for check instead of returning it: package flag
// would print a returned error with the flag's value, which contains the
// secret.
func (s *settings) addKey(text string) error {
	key, err := simulator.ParseKey(text)
	s.keyProblem = errors.Join(s.keyProblem, err)
	s.options.Keys = append(s.options.Keys, key)
	return nil
}

func (s *settings) setSSHPort(text string) error {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return errors.New("must be a port from 1 to 65535")
	}
	s.guest.SSHPort = int(port)
	return nil
}

func (s *settings) setSeed(text string) error {
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil || seed == 0 {
		return errors.New("must be a whole number of at least 1; leave the flag out for a random seed")
	}
	s.options.Seed, s.options.RandomSeed = seed, false
	return nil
}

func (s *settings) setEra(text string) error {
	switch era := simulator.Era(strings.ToLower(text)); era {
	case simulator.EraSandbox, simulator.EraDirect:
		s.options.Era = era
		return nil
	default:
		return fmt.Errorf("must be %s or %s", simulator.EraSandbox, simulator.EraDirect)
	}
}

// addFaults reads a fault rule, or an array of fault rules.
func (s *settings) addFaults(text string) error {
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		text = "[" + text + "]"
	}
	var faults []simulator.Fault
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&faults); err != nil {
		return fmt.Errorf("read the fault rules: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read the fault rules: nothing may follow the JSON array")
	}
	s.faults = append(s.faults, faults...)
	return nil
}

func number(target *int) func(string) error {
	return func(text string) (err error) {
		*target, err = strconv.Atoi(text)
		return err
	}
}

func ip(target *netip.Addr) func(string) error {
	return func(text string) (err error) {
		*target, err = netip.ParseAddr(text)
		return err
	}
}

// size returns a flag function that reads a number of bytes with a unit, such as
// 512MiB.
func size(target *int64) func(string) error {
	return func(text string) error {
		var read simulator.Size
		if err := read.UnmarshalText([]byte(text)); err != nil {
			return err
		}
		*target = int64(read)
		return nil
	}
}

// pollInterval returns the provider's default of 10s, scaled by the speed of
// the grid. The minimum of 100ms keeps polling from overloading the grid.
func pollInterval(speed float64) time.Duration {
	interval := time.Duration(float64(10*time.Second) / speed).Round(time.Millisecond)
	return max(interval, 100*time.Millisecond)
}
