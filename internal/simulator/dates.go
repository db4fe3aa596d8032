// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"strconv"
	"time"
)

// dateForms returns the date formats that GoGrid's wiki lists. Milliseconds and the word "now" are also allowed. Seconds may have a
// fraction.
func dateForms() []string {
	return []string{
		"2006-01-02 15:04:05 Z07:00", "2006-01-02", "01/02/2006", "01/02/06",
	}
}

// parseMoment reads a date parameter, and reports whether its format is known.
func parseMoment(text string, now moment) (moment, bool) {
	if text == "now" {
		return now, true
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return moment(ms), true
	}
	for _, form := range dateForms() {
		if t, err := time.Parse(form, text); err == nil {
			return momentOf(t), true
		}
	}
	return 0, false
}

// moment returns the time in a date parameter, or fallback if the parameter is
// missing or empty.
func (p *params) moment(name string, now, fallback moment) moment {
	text, given := p.text(name)
	if !given || text == "" {
		return fallback
	}
	m, ok := parseMoment(text, now)
	if !ok {
		p.fail("Parameter '%s' is '%s': it must be YYYY-MM-DD hh:mm:ss.s TZD, YYYY-MM-DD, MM/DD/YYYY, MM/DD/YY, "+
			"milliseconds since the epoch, or now.", name, text)
	}
	return m
}
