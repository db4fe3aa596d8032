// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"time"
	_ "time/tzdata" // embeds GoGrid's time zone for machines without a zone database
)

// Pacific is the time zone in which GoGrid wrote dates.
var Pacific = func() *time.Location {
	zone, err := time.LoadLocation("America/Los_Angeles")
	if err != nil {
		panic(err) // cannot happen: the program embeds the time zone database
	}
	return zone
}()

// Date is a date that JSON responses show as null. XML and CSV responses show it in the format of Java's Date.toString: a billing
// summary of 2008 has "Sat Jul 12 00:00:00 PDT 2008".
type Date time.Time

// javaText returns the date in the format of Java's Date.toString.
func (d Date) javaText() string {
	return time.Time(d).In(Pacific).Format("Mon Jan 02 15:04:05 MST 2006")
}
