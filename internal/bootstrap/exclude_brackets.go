// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"errors"
	"fmt"
	"strings"
)

var errOpenBrackets = errors.New(`has a "[" without its "]": write "\[" for the character itself`)

// translateBrackets translates a bracket expression at the start of chars and
// returns its length in runes.
func translateBrackets(b *strings.Builder, chars []rune) (int, error) {
	i := 1
	b.WriteByte('[')
	if i < len(chars) && (chars[i] == '!' || chars[i] == '^') {
		b.WriteString("^/")
		i++
	}
	for first := i; i < len(chars); {
		if chars[i] == ']' && i > first {
			b.WriteByte(']')
			return i + 1, nil
		}
		length, err := translateElement(b, chars[i:])
		if err != nil {
			return 0, err
		}
		i += length
	}
	return 0, errOpenBrackets
}

// translateElement translates one character, range or class between brackets.
func translateElement(b *strings.Builder, chars []rune) (int, error) {
	if strings.HasPrefix(string(chars), "[:") {
		return translateClass(b, chars)
	}
	low, length, err := bracketRune(chars)
	if err != nil {
		return 0, err
	}
	rest := chars[length:]
	if len(rest) < 2 || rest[0] != '-' || rest[1] == ']' {
		writeLiteral(b, low)
		return length, nil
	}
	high, highLength, err := bracketRune(rest[1:])
	if err != nil {
		return 0, err
	}
	if high < low {
		return 0, fmt.Errorf("has the range %q, whose bounds are reversed", string(low)+"-"+string(high))
	}
	writeRange(b, low, high)
	return length + 1 + highLength, nil
}

func bracketRune(chars []rune) (c rune, length int, err error) {
	if chars[0] != '\\' {
		return chars[0], 1, nil
	}
	if len(chars) < 2 {
		return 0, 0, errOpenBrackets
	}
	return chars[1], 2, nil
}

// writeRange writes a range and omits the slash: brackets match one character
// of a name, and no name contains a slash.
func writeRange(b *strings.Builder, low, high rune) {
	if low < '/' && '/' < high {
		writeRange(b, low, '/'-1)
		writeRange(b, '/'+1, high)
		return
	}
	writeLiteral(b, low)
	b.WriteByte('-')
	writeLiteral(b, high)
}

// translateClass writes the ranges of a class such as [:alpha:]. Like git, it
// supports only ASCII.
func translateClass(b *strings.Builder, chars []rune) (int, error) {
	name, _, ok := strings.Cut(string(chars[2:]), ":]")
	if !ok {
		return 0, errOpenBrackets
	}
	ranges, ok := classRanges(name)
	if !ok {
		return 0, fmt.Errorf("has the unknown character class %q: it must be one of alnum, alpha, blank, cntrl, digit, graph, lower, print, punct, space, upper, xdigit", name)
	}
	for i := 0; i < len(ranges); i += 2 {
		writeRange(b, rune(ranges[i]), rune(ranges[i+1]))
	}
	return len([]rune(name)) + len("[::]"), nil
}

// classRanges returns the ranges of a class as pairs of first and last character,
// and false if the class is unknown.
func classRanges(name string) (string, bool) {
	switch name {
	case "alnum":
		return "azAZ09", true
	case "alpha":
		return "azAZ", true
	case "blank":
		return "  \t\t", true
	case "cntrl":
		return "\x00\x1f\x7f\x7f", true
	case "digit":
		return "09", true
	case "graph":
		return "!~", true
	case "lower":
		return "az", true
	case "print":
		return " ~", true
	case "punct":
		return "!.:@[`{~", true // omits "/", which no name contains
	case "space":
		return "\t\r  ", true
	case "upper":
		return "AZ", true
	case "xdigit":
		return "09afAF", true
	}
	return "", false
}
