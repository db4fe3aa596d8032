// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"mvdan.cc/sh/v3/interp"
	"mvdan.cc/sh/v3/syntax"
)

// returnMark replaces a carriage return while a script is parsed. The parser
// drops carriage returns at line ends, but a real shell treats them as part of
// the word.
const returnMark = "\ue00d"

// markReturns replaces all carriage returns in a script with marks. Scripts
// with Windows line endings contain carriage returns.
func markReturns(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	// Move the carriage return into the quotes of a here-document's delimiter:
	// the parser treats a delimiter as quoted only if its last part is quoted.
	return strings.ReplaceAll(quotedDelimiter.ReplaceAllString(text, "$1\r$2\n"), "\r", returnMark)
}

var quotedDelimiter = regexp.MustCompile(`(<<-?[ \t]*['"][^'"\r\n]*)(['"])\r\n`)

// unmarkReturns replaces all marks with quoted carriage returns, so that a part
// of the script can be printed and parsed again.
func unmarkReturns(file *syntax.File) {
	syntax.Walk(file, func(node syntax.Node) bool {
		switch node := node.(type) {
		case *syntax.Redirect:
			if node.Hdoc != nil {
				plainReturns(node.Word, "") // the parser has already found the end of the here-document
				plainReturns(node.Hdoc, "\r")
			}
		case *syntax.Word:
			node.Parts = returnParts(node.Parts)
		case *syntax.Lit:
			node.Value = strings.ReplaceAll(node.Value, returnMark, "\r")
		case *syntax.Comment:
			node.Text = strings.ReplaceAll(node.Text, returnMark, "")
		}
		return true
	})
}

// plainReturns replaces the marks in all literals of a word with a text.
func plainReturns(word *syntax.Word, with string) {
	syntax.Walk(word, func(node syntax.Node) bool {
		switch node := node.(type) {
		case *syntax.Lit:
			node.Value = strings.ReplaceAll(node.Value, returnMark, with)
		case *syntax.SglQuoted:
			node.Value = strings.ReplaceAll(node.Value, returnMark, with)
		}
		return true
	})
}

func quotedReturn() syntax.WordPart { return &syntax.SglQuoted{Dollar: true, Value: `\r`} }

// returnParts splits the parts of a word at the marks, and inserts quoted
// carriage returns between them.
func returnParts(parts []syntax.WordPart) []syntax.WordPart {
	var all []syntax.WordPart
	between := func(pieces []string, make func(piece string, last bool) syntax.WordPart) {
		for i, piece := range pieces {
			if i > 0 {
				all = append(all, quotedReturn())
			}
			if part := make(piece, i == len(pieces)-1); part != nil {
				all = append(all, part)
			}
		}
	}
	for _, part := range parts {
		switch part := part.(type) {
		case *syntax.Lit:
			between(strings.Split(part.Value, returnMark), func(piece string, last bool) syntax.WordPart {
				if !last && endsInEscape(piece) {
					piece = piece[:len(piece)-1] // drop a backslash that escapes the carriage return
				}
				if piece == "" && part.Value != "" {
					return nil
				}
				return &syntax.Lit{ValuePos: part.ValuePos, ValueEnd: part.ValueEnd, Value: piece}
			})
		case *syntax.SglQuoted:
			if part.Dollar {
				part.Value = strings.ReplaceAll(part.Value, returnMark, `\r`)
				all = append(all, part)
				continue
			}
			between(strings.Split(part.Value, returnMark), func(piece string, _ bool) syntax.WordPart {
				return &syntax.SglQuoted{Left: part.Left, Right: part.Right, Value: piece}
			})
		case *syntax.DblQuoted:
			all = append(all, quotedParts(part)...)
		default:
			all = append(all, part)
		}
	}
	return all
}

// quotedParts splits a double-quoted text at the marks, and inserts quoted
// carriage returns between the parts.
func quotedParts(quoted *syntax.DblQuoted) []syntax.WordPart {
	current := &syntax.DblQuoted{Left: quoted.Left, Right: quoted.Right, Dollar: quoted.Dollar}
	all := []syntax.WordPart{current}
	for _, part := range quoted.Parts {
		text, ok := part.(*syntax.Lit)
		if !ok {
			current.Parts = append(current.Parts, part)
			continue
		}
		pieces := strings.Split(text.Value, returnMark)
		for i, piece := range pieces {
			if i > 0 {
				current = &syntax.DblQuoted{Left: quoted.Left, Right: quoted.Right, Dollar: quoted.Dollar}
				all = append(all, quotedReturn(), current)
			}
			if i < len(pieces)-1 && endsInEscape(piece) {
				piece += `\` // keep the backslash, which does not escape a carriage return in double quotes
			}
			if piece != "" {
				current.Parts = append(current.Parts, &syntax.Lit{ValuePos: text.ValuePos, ValueEnd: text.ValueEnd, Value: piece})
			}
		}
	}
	return all
}

// endsInEscape reports whether a text ends in an unescaped backslash.
func endsInEscape(text string) bool {
	return (len(text)-len(strings.TrimRight(text, `\`)))%2 == 1
}

// quoteForMessage quotes a word as a shell does in its messages, such as
// "$'a\r'".
func quoteForMessage(word string) string {
	if !strings.ContainsAny(word, "\r\n\t\x1b") {
		return word
	}
	return "$'" + strings.NewReplacer(`\`, `\\`, "'", `\'`, "\r", `\r`, "\n", `\n`, "\t", `\t`, "\x1b", `\E`).Replace(word) + "'"
}

// caretNotation formats a file name as a shell does in messages about
// interpreters, such as "/bin/bash^M".
func caretNotation(text string) string { return strings.ReplaceAll(text, "\r", "^M") }

// syntaxError describes a syntax error of a script in the words of a real
// shell.
type syntaxError struct {
	line int
	text string
}

func (e syntaxError) Error() string { return fmt.Sprintf("line %d: %s", e.line, e.text) }

// keywordWithReturn matches the keywords at which a shell rejects a script with
// Windows line endings immediately. After other keywords, the shell reports the
// error only at the end of the file.
var keywordWithReturn = regexp.MustCompile(`^\s*(?:(?:for|select)\s.*[;\s](do)|case\s.*\s(in)|.*\(\)\s*(\{))\r$`)

// shellSyntaxError returns the syntax error of a script in the words of a real
// shell. after is the last line of the statements that could be parsed.
func shellSyntaxError(text string, after int, err error) error {
	var parse syntax.ParseError
	var language syntax.LangError
	line := 0
	switch {
	case errors.As(err, &parse):
		line, err = int(parse.Pos.Line()), errors.New(strings.ReplaceAll(parse.Text, returnMark, `\r`))
	case errors.As(err, &language):
		line = int(language.Pos.Line())
	default:
		return err
	}
	lines := strings.Split(text, "\n")
	if strings.Contains(text, "\r") {
		for i := after; i < len(lines); i++ {
			if found := keywordWithReturn.FindStringSubmatch(lines[i]); found != nil {
				return syntaxError{i + 1, "syntax error near unexpected token `" + quoteForMessage(found[1]+found[2]+found[3]+"\r") + "'"}
			}
		}
		return syntaxError{len(lines), "syntax error: unexpected end of file"}
	}
	if quote := strings.TrimPrefix(parse.Text, "reached EOF without closing quote "); quote != parse.Text {
		return syntaxError{line, "unexpected EOF while looking for matching `" + strings.Trim(quote, "`\"") + "'"}
	}
	if parse.Incomplete {
		return syntaxError{strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 2, "syntax error: unexpected end of file"}
	}
	return syntaxError{line, "syntax error: " + err.Error()}
}

// leadingStatements returns the statements before the first statement that
// cannot be parsed. A shell runs those statements, because it reads and runs a
// script line by line.
func leadingStatements(text, name string) (file *syntax.File, line int) {
	file = &syntax.File{Name: name}
	for statement, err := range syntax.NewParser(syntax.Variant(syntax.LangBash)).StmtsSeq(strings.NewReader(text)) {
		if err != nil {
			break
		}
		file.Stmts = append(file.Stmts, statement)
		line = int(statement.End().Line())
	}
	return file, line
}

// bareFunction returns the index of the first statement that declares a
// function whose body is a simple command, and the error with which shells
// reject it.
func bareFunction(file *syntax.File) (at int, wrong error) {
	for i, statement := range file.Stmts {
		syntax.Walk(statement, func(node syntax.Node) bool {
			function, ok := node.(*syntax.FuncDecl)
			if !ok || wrong != nil {
				return wrong == nil
			}
			if call, simple := function.Body.Cmd.(*syntax.CallExpr); simple && len(call.Args) > 0 {
				word := strings.ReplaceAll(call.Args[0].Lit(), returnMark, "\r")
				wrong = syntaxError{int(call.Pos().Line()), "syntax error near unexpected token `" + quoteForMessage(word) + "'"}
			}
			return wrong == nil
		})
		if wrong != nil {
			return i, wrong
		}
	}
	return 0, nil
}

// changeFolder returns the command that runs instead of "cd". For a missing
// folder, that command fails with the message of a real shell.
func (s *Shell) changeFolder(hc interp.HandlerContext, args []string) []string {
	if len(args) != 2 || args[1] == "" || strings.HasPrefix(args[1], "-") || hc.Env.Get("CDPATH").String() != "" {
		return args
	}
	found, err := s.Files.Stat(absolute(hc.Dir, args[1]))
	switch {
	case err != nil && !errors.Is(err, syscall.ENOTDIR):
		return complaint("cd: "+quoteForMessage(args[1])+": No such file or directory", "false")
	case err != nil || !found.IsDir():
		return complaint("cd: "+quoteForMessage(args[1])+": Not a directory", "false")
	}
	return args
}

// numericArgument returns the command that runs instead of "exit" or "return".
// It fails if the argument is not a number.
func numericArgument(args []string) []string {
	if len(args) < 2 {
		return args
	}
	code, err := strconv.ParseInt(strings.TrimSpace(args[1]), 10, 64)
	if err != nil || strings.Contains(args[1], "\r") {
		return complaint(fmt.Sprintf("%s: %s: numeric argument required", args[0], args[1]), "builtin "+args[0]+" 2")
	}
	return []string{args[0], strconv.FormatInt(code&0xff, 10)}
}

// setOptions returns the command that runs instead of "set". It fails if real
// shells do not have the option.
func setOptions(args []string) []string {
	for i := 1; i < len(args); i++ {
		arg := args[i]
		switch {
		case arg == "--" || arg == "-" || len(arg) < 2 || !strings.ContainsAny(arg[:1], "-+"):
			return args
		case strings.HasSuffix(arg, "\r") && strings.HasPrefix(arg[1:], "o"):
			return args // the interpreter reports the error
		}
		if wrong := strings.Trim(arg[1:], "abefhkmnptuvxBCEHPTo"); wrong != "" {
			return complaint("set: "+arg[:1]+wrong[:1]+": invalid option", "(exit 2)")
		}
		if strings.HasSuffix(arg, "o") {
			i++
			if i < len(args) && strings.Contains(args[i], "\r") {
				return complaint("set: "+args[i]+": invalid option name", "(exit 2)")
			}
		}
	}
	return args
}

// ownProcess is the process id to which "$$" expands.
const ownProcess = "2"

// fatalSignals maps the names of the signals that end a shell to their numbers.
var fatalSignals = map[string]int{
	"HUP": 1, "INT": 2, "QUIT": 3, "ABRT": 6, "KILL": 9, "USR1": 10, "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15,
}

// killSelf returns the command that runs instead of "kill". If a shell sends
// itself a fatal signal, that command ends the shell with 128 plus the number
// of the signal as exit code.
func killSelf(args []string) []string {
	number := fatalSignals["TERM"]
	for i := 1; i < len(args); i++ {
		arg := args[i]
		switch name, isOption := strings.CutPrefix(arg, "-"); {
		case arg == "-s" && i+1 < len(args), arg == "-n" && i+1 < len(args):
			i++
			number = signalNumber(args[i])
		case isOption:
			number = signalNumber(name)
		case arg == ownProcess && number > 0:
			return []string{"builtin", "exit", strconv.Itoa(128 + number)}
		}
	}
	return args
}

func signalNumber(name string) int {
	if number, err := strconv.Atoi(name); err == nil {
		for _, known := range fatalSignals {
			if known == number {
				return number
			}
		}
		return 0
	}
	return fatalSignals[strings.TrimPrefix(strings.ToUpper(name), "SIG")]
}
