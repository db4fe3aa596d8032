// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package storage_test

import (
	"slices"
	"syscall"
	"testing"
	"time"
)

// contest is the same work done by two in turn, lap after lap. What else the machine
// does disturbs both of a lap, so laps are compared and not sums.
type contest struct{ theirs, ours, digests []effort }

// effort is what a piece of work took.
type effort struct{ wall, processor time.Duration }

// lap has both do the work, theirs in a process of its own, and ours also what
// comes before it, where that is given.
func (r *contest) lap(b *testing.B, theirs, ours, digest func()) {
	b.Helper()
	r.theirs = append(r.theirs, measure(b, syscall.RUSAGE_CHILDREN, theirs))
	r.ours = append(r.ours, measure(b, syscall.RUSAGE_SELF, ours))
	if digest != nil {
		r.digests = append(r.digests, measure(b, syscall.RUSAGE_SELF, digest))
	}
}

func measure(b *testing.B, who int, work func()) effort {
	b.Helper()
	before, begun := processorTime(b, who), time.Now()
	work()
	return effort{time.Since(begun), processorTime(b, who) - before}
}

func processorTime(b *testing.B, who int) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	check(b, syscall.Getrusage(who, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// report tells medians: speeds in MB a second, how many times as fast as theirs
// ours was, and seconds of processor time.
func (r *contest) report(b *testing.B, name string) {
	b.Helper()
	speed := func(e effort) float64 { return bigSize / 1e6 / e.wall.Seconds() }
	processor := func(e effort) float64 { return e.processor.Seconds() }
	b.ReportMetric(median(r.theirs, speed), "smbclient-"+name+"-MB/s")
	b.ReportMetric(median(r.ours, speed), name+"-MB/s")
	b.ReportMetric(median(r.theirs, processor), "smbclient-"+name+"-cpu-s")
	b.ReportMetric(median(r.ours, processor), name+"-cpu-s")
	var ratios, withDigest []float64
	for i, ours := range r.ours {
		ratios = append(ratios, r.theirs[i].wall.Seconds()/ours.wall.Seconds())
		if r.digests != nil {
			withDigest = append(withDigest, r.theirs[i].wall.Seconds()/(ours.wall+r.digests[i].wall).Seconds())
		}
	}
	same := func(ratio float64) float64 { return ratio }
	b.ReportMetric(median(ratios, same), name+"-ratio")
	if r.digests != nil {
		b.ReportMetric(median(withDigest, same), name+"-ratio-with-digest")
	}
}

// median is the middle of what a figure is in several laps.
func median[T any](laps []T, figure func(T) float64) float64 {
	var figures []float64
	for _, lap := range laps {
		figures = append(figures, figure(lap))
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}
