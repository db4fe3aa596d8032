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

// contest measures two programs that do the same work in turn. Other load on
// the machine affects both programs in a lap, so the report compares them lap
// by lap.
type contest struct{ theirs, ours, digests []effort }

// effort is the elapsed time and the processor time that some work takes.
type effort struct{ wall, processor time.Duration }

// lap measures both programs once. theirs runs in a child process. digest, if not nil,
// is measured separately.
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

// report reports medians: speeds in MB per second, the ratio of our speed to theirs,
// and seconds of processor time.
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

// median returns the median of a figure over several laps.
func median[T any](laps []T, figure func(T) float64) float64 {
	var figures []float64
	for _, lap := range laps {
		figures = append(figures, figure(lap))
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}
