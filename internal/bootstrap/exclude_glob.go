// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/bmatcuk/doublestar/v4"
)

// translateGlob translates a .gitignore glob for doublestar. Unlike git,
// doublestar supports braces, has no character classes such as [:alpha:], and
// lets brackets match a slash. Git accepts a pattern that can never match;
// translateGlob returns an error, because such a pattern is always a mistake.
func translateGlob(glob string) (string, error) {
	if glob == "" {
		return "", errors.New("matches nothing: name a file or a folder")
	}
	parts := strings.Split(glob, "/")
	for i, part := range parts {
		translated, err := translateName(part)
		if err != nil {
			return "", err
		}
		parts[i] = translated
	}
	// In doublestar, "a/**" also matches a itself; in git it matches only the
	// content of a.
	if n := len(parts); n > 1 && parts[n-1] == "**" {
		parts = append(parts, "*")
	}
	translated := strings.Join(parts, "/")
	if !doublestar.ValidatePattern(translated) {
		return "", errors.New("is not a valid .gitignore pattern")
	}
	return translated, nil
}

// translateName translates one element of a glob, the part between two slashes.
func translateName(part string) (string, error) {
	switch part {
	case "**":
		return part, nil
	case "":
		return "", errors.New(`matches nothing: it holds an empty name ("//")`)
	case ".", "..":
		return "", fmt.Errorf("matches nothing: leave out %q, patterns start at the source folder", part+"/")
	}
	var b strings.Builder
	chars := []rune(part)
	for i := 0; i < len(chars); i++ {
		switch c := chars[i]; c {
		case '\\':
			escaped, err := escapedRune(chars[i:])
			if err != nil {
				return "", err
			}
			writeLiteral(&b, escaped)
			i++
		case '[':
			length, err := translateBrackets(&b, chars[i:])
			if err != nil {
				return "", err
			}
			i += length - 1
		case '*':
			// Within a name, consecutive stars mean the same as one star.
			if i == 0 || chars[i-1] != '*' || strings.HasSuffix(b.String(), `\*`) {
				b.WriteRune(c)
			}
		case '?':
			b.WriteRune(c)
		default:
			writeLiteral(&b, c)
		}
	}
	return b.String(), nil
}

// escapedRune returns the character after a backslash. Letters and digits need
// no escape, so a backslash before a letter or digit must be a Windows path
// separator.
func escapedRune(chars []rune) (rune, error) {
	if len(chars) < 2 {
		return 0, errors.New(`has a backslash at the end of a name: folders are separated by "/"`)
	}
	if unicode.IsLetter(chars[1]) || unicode.IsDigit(chars[1]) {
		return 0, fmt.Errorf("has a backslash before %q: folders are separated by \"/\"", chars[1])
	}
	return chars[1], nil
}

func writeLiteral(b *strings.Builder, c rune) {
	if strings.ContainsRune(`*?[]{}\-^!,`, c) {
		b.WriteByte('\\')
	}
	b.WriteRune(c)
}

// escapePattern returns the pattern that matches exactly this path.
func escapePattern(path string) string {
	return strings.NewReplacer(`[`, `\[`, `*`, `\*`, `?`, `\?`).Replace(path)
}
