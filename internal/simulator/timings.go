// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Timings are durations in grid time. Zero means the default, which is the
// duration that users of the real service reported. A negative value means no
// delay.
type Timings struct {
	Queue         time.Duration // from the creation of a job to the start of its work; default 1s
	ServerCreate  time.Duration // default 7m
	SandboxCreate time.Duration // default 10m
	ServerDelete  time.Duration // default 10s
	ServerPower   time.Duration // start, stop and restart; default 30s
	ServerEdit    time.Duration // default 30s
	ImageSave     time.Duration // default 15m
	GuestBoot     time.Duration // from On until the guest answers; default 3m
	ImageTrash    time.Duration // deleting and restoring an image; default 5s
	Password      time.Duration // from a server's id until its password is listed; default 1m
	LoadBalancer  time.Duration // create, edit and delete; default 1m
	JobRefused    time.Duration // from the start to the failure of a job for an impossible command; default 8s
}

type timing struct {
	name     string
	field    func(*Timings) *time.Duration
	fallback time.Duration
}

// timings returns the fields of Timings with the names that flags use.
func timings() []timing {
	return []timing{
		{"queue", func(t *Timings) *time.Duration { return &t.Queue }, time.Second},
		{"server_create", func(t *Timings) *time.Duration { return &t.ServerCreate }, 7 * time.Minute},
		{"sandbox_create", func(t *Timings) *time.Duration { return &t.SandboxCreate }, 10 * time.Minute},
		{"server_delete", func(t *Timings) *time.Duration { return &t.ServerDelete }, 10 * time.Second},
		{"server_power", func(t *Timings) *time.Duration { return &t.ServerPower }, 30 * time.Second},
		{"server_edit", func(t *Timings) *time.Duration { return &t.ServerEdit }, 30 * time.Second},
		{"image_save", func(t *Timings) *time.Duration { return &t.ImageSave }, 15 * time.Minute},
		{"guest_boot", func(t *Timings) *time.Duration { return &t.GuestBoot }, 3 * time.Minute},
		{"image_trash", func(t *Timings) *time.Duration { return &t.ImageTrash }, 5 * time.Second},
		{"password", func(t *Timings) *time.Duration { return &t.Password }, time.Minute},
		{"load_balancer", func(t *Timings) *time.Duration { return &t.LoadBalancer }, time.Minute},
		{"job_refused", func(t *Timings) *time.Duration { return &t.JobRefused }, 8 * time.Second},
	}
}

// TimingNames returns the names that [Timings.Set] and [ParseTimings] accept.
func TimingNames() []string {
	var names []string
	for _, t := range timings() {
		names = append(names, t.name)
	}
	return names
}

// Set changes a duration. text is name=duration, such as "server_create=5m", with a duration in Go's notation. 0s means no delay.
func (t *Timings) Set(text string) error {
	name, value, found := strings.Cut(text, "=")
	if !found {
		return fmt.Errorf("timing %q must be name=duration, for example server_create=5m", text)
	}
	known := timings()
	i := slices.IndexFunc(known, func(k timing) bool { return k.name == strings.TrimSpace(name) })
	if i < 0 {
		return fmt.Errorf("timing %q must be one of %s", name, strings.Join(TimingNames(), ", "))
	}
	d, err := time.ParseDuration(strings.TrimSpace(value))
	if err != nil || d < 0 {
		return fmt.Errorf("timing %s is %q: it must be a duration of at least 0s, for example 90s or 5m", name, value)
	}
	if d == 0 {
		d = -1
	}
	*known[i].field(t) = d
	return nil
}

// ParseTimings parses settings separated by commas, for example "server_create=5m,image_save=1m".
func ParseTimings(text string) (Timings, error) {
	var t Timings
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		if err := t.Set(part); err != nil {
			return Timings{}, err
		}
	}
	return t, nil
}

func (t Timings) withDefaults() Timings {
	for _, k := range timings() {
		if field := k.field(&t); *field == 0 {
			*field = k.fallback
		} else if *field < 0 {
			*field = 0
		}
	}
	return t
}
