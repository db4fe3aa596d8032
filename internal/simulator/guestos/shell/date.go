// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

func showDate(_ context.Context, p *Process) int {
	now, format := p.Host.Now().UTC(), "+%a %b %e %H:%M:%S UTC %Y"
	args := p.Args[1:]
	for len(args) > 0 {
		switch {
		case args[0] == "-u" || args[0] == "--utc":
		case args[0] == "-d" && len(args) > 1:
			at, err := parseDate(args[1], now)
			if err != nil {
				return p.fail(1, "%v", err)
			}
			now, args = at, args[1:]
		case args[0] == "-Iseconds":
			format = "+%Y-%m-%dT%H:%M:%S+00:00"
		case strings.HasPrefix(args[0], "+"):
			format = args[0]
		default:
			return p.fail(1, "invalid argument '%s'", args[0])
		}
		args = args[1:]
	}
	fmt.Fprintln(p.Stdout, formatDate(format[1:], now))
	return 0
}

func parseDate(text string, now time.Time) (time.Time, error) {
	if number, found := strings.CutPrefix(text, "@"); found {
		if unix, err := strconv.ParseInt(number, 10, 64); err == nil {
			return time.Unix(unix, 0).UTC(), nil
		}
	}
	if text == "now" {
		return now, nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), nil
		}
	}
	return now, fmt.Errorf("invalid date '%s'", text)
}

func formatDate(format string, at time.Time) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			b.WriteByte(format[i])
			continue
		}
		i++
		switch format[i] {
		case 's':
			b.WriteString(strconv.FormatInt(at.Unix(), 10))
		case 'N':
			fmt.Fprintf(&b, "%09d", at.Nanosecond())
		case 'j':
			fmt.Fprintf(&b, "%03d", at.YearDay())
		case '%':
			b.WriteByte('%')
		case 'n':
			b.WriteByte('\n')
		default:
			layout, known := map[byte]string{
				'Y': "2006", 'y': "06", 'm': "01", 'd': "02", 'e': "_2", 'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM",
				'a': "Mon", 'A': "Monday", 'b': "Jan", 'h': "Jan", 'B': "January", 'F': "2006-01-02", 'T': "15:04:05", 'R': "15:04",
				'Z': "MST", 'z': "-0700", 'D': "01/02/06", 'c': "Mon Jan _2 15:04:05 2006",
			}[format[i]]
			if !known {
				layout = "%" + string(format[i])
			}
			b.WriteString(at.Format(layout))
		}
	}
	return b.String()
}
