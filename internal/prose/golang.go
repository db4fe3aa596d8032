// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prose

import (
	"go/scanner"
	"go/token"
	"strconv"
	"strings"
)

// readGo collects comments and string literals. Adjacent line comments form one
// text, and so do strings that are joined by "+".
func readGo(source []byte) *passage {
	reader := &goReader{}
	file := token.NewFileSet().AddFile("", -1, len(source))
	var s scanner.Scanner
	// Skip syntax errors: the compiler reports them.
	s.Init(file, source, func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return &reader.passage
		}
		reader.add(file.Line(pos), tok, literal)
	}
}

type goReader struct {
	passage passage
	// previous is the kind of the last token, ignoring automatic semicolons.
	previous token.Token
	// commentLine is the line number of the last line comment.
	commentLine int
}

func (r *goReader) add(line int, tok token.Token, literal string) {
	switch {
	case tok == token.SEMICOLON && literal == "\n":
		return
	case tok == token.COMMENT && strings.HasPrefix(literal, "//"):
		if r.previous != token.COMMENT || r.commentLine != line-1 {
			r.passage.end()
		}
		r.passage.write(line, strings.TrimPrefix(literal, "//")+"\n")
		r.commentLine = line
	case tok == token.COMMENT:
		r.passage.end()
		r.passage.writeLines(line, strings.Trim(literal, "/*"))
	case tok == token.STRING:
		if r.previous != token.ADD {
			r.passage.end()
		}
		r.addString(line, literal)
	}
	r.previous = tok
}

func (r *goReader) addString(line int, literal string) {
	if strings.HasPrefix(literal, "`") {
		r.passage.writeLines(line, strings.Trim(literal, "`"))
		return
	}
	if value, err := strconv.Unquote(literal); err == nil {
		r.passage.write(line, value)
	}
}
