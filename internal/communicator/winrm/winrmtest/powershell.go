// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrmtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
)

// Program is a program that a client runs, as the server receives it.
type Program struct {
	// Script is the script without the lines that the client appends to return
	// the exit code.
	Script string
	// Argv holds the program and its arguments, parsed as the C runtime would
	// parse them.
	Argv        []string
	Environment map[string]string
	// Stdout and Stderr send output to the client.
	Stdout, Stderr io.Writer
}

var (
	commandLine = regexp.MustCompile(`^powershell\.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass (?:-EncodedCommand ([A-Za-z0-9+/=]+)|-Command "([^"%]*)")$`)
	setting     = regexp.MustCompile(`^\$env:([A-Za-z_][A-Za-z0-9_]*) = `)
)

// powershell runs a command line and returns its exit code. It fails the test
// if the client must not send the command line.
func (s *Server) powershell(ctx context.Context, line string, stdin io.Reader, p *process) int {
	match := commandLine.FindStringSubmatch(line)
	switch {
	case match == nil:
		s.t.Errorf("cmd.exe would change this command line: %s", line)
		return 1
	case len(line) > 8191:
		s.t.Errorf("the command line has %d characters; cmd.exe accepts 8191", len(line))
		return 1
	case match[1] != "":
		script, err := decodeUTF16(match[1])
		if err != nil {
			s.t.Errorf("-EncodedCommand: %v", err)
		}
		return s.runFileScript(script, stdin, output{p, "stdout"})
	case !strings.Contains(match[2], "FromBase64String(-join @($input))") || !strings.Contains(match[2], "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; "):
		s.t.Errorf("unknown command: %s", match[2])
		return 1
	}
	text, err := io.ReadAll(stdin)
	if err != nil {
		return 1 // the process was terminated
	}
	script, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil {
		s.t.Errorf("standard input: %v", err)
		return 1
	}
	program, err := parse(string(script))
	if err != nil {
		s.t.Errorf("%v in %s", err, script)
		return 1
	}
	if s.Run == nil {
		return 0
	}
	program.Stdout, program.Stderr = output{p, "stdout"}, output{p, "stderr"}
	return s.Run(ctx, program)
}

func decodeUTF16(text string) (string, error) {
	raw, err := base64.StdEncoding.DecodeString(text)
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(units)), err
}

// parse reads the PowerShell code that a client sends.
func parse(text string) (Program, error) {
	program := Program{Environment: map[string]string{}}
	for {
		match := setting.FindStringSubmatch(text)
		if match == nil {
			break
		}
		value, rest, err := literal(text[len(match[0]):])
		if err != nil || !strings.HasPrefix(rest, "\n") {
			return program, fmt.Errorf("invalid value of %s", match[1])
		}
		program.Environment[match[1]], text = value, rest[1:]
	}
	if script, found := strings.CutPrefix(text, "& ([ScriptBlock]::Create("); found {
		script, rest, err := literal(script)
		end := strings.LastIndex(script, "\n\nif (-not $?) { if ($LASTEXITCODE) { exit $LASTEXITCODE }; exit 1 }\n")
		if err != nil || rest != "))\n" || end < 0 {
			return program, fmt.Errorf("invalid script")
		}
		program.Script = script[:end]
		return program, nil
	}
	name, rest, err := literal(after(text, "$start = New-Object Diagnostics.ProcessStartInfo\n$start.FileName = "))
	if err != nil {
		return program, fmt.Errorf("missing program name")
	}
	arguments, rest, err := literal(after(rest, "\n$start.Arguments = "))
	if err != nil || rest != "\n$start.UseShellExecute = $false\n$process = [Diagnostics.Process]::Start($start)\n$process.WaitForExit()\nexit $process.ExitCode\n" {
		return program, fmt.Errorf("invalid start of a program")
	}
	program.Argv = append([]string{name}, split(arguments)...)
	return program, nil
}

func after(text, prefix string) string {
	rest, found := strings.CutPrefix(text, prefix)
	if !found {
		return ""
	}
	return rest
}

const quotes = "'\u2018\u2019\u201A\u201B"

// literal reads a text in single quotes and returns its value and the rest of
// the code. Any of the characters in quotes ends the text; two of them in a row
// stand for the first.
func literal(text string) (value, rest string, err error) {
	runes := []rune(text)
	if len(runes) == 0 || runes[0] != '\'' {
		return "", "", fmt.Errorf("missing literal")
	}
	var read strings.Builder
	for i := 1; i < len(runes); i++ {
		if strings.ContainsRune(quotes, runes[i]) {
			if i+1 == len(runes) || !strings.ContainsRune(quotes, runes[i+1]) {
				return read.String(), string(runes[i+1:]), nil
			}
			i++
			read.WriteRune(runes[i-1])
			continue
		}
		read.WriteRune(runes[i])
	}
	return "", "", fmt.Errorf("unterminated literal")
}

// split parses arguments as the C runtime does: 2n backslashes before a double
// quote stand for n backslashes, and one more backslash escapes the quote.
func split(text string) []string {
	var all []string
	var word bytes.Buffer
	inWord, quoted := false, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			run := len(text[i:]) - len(strings.TrimLeft(text[i:], `\`))
			i += run - 1
			inWord = true
			if i+1 == len(text) || text[i+1] != '"' {
				word.WriteString(strings.Repeat(`\`, run))
				continue
			}
			word.WriteString(strings.Repeat(`\`, run/2))
			if run%2 == 1 {
				word.WriteByte('"')
				i++
			}
		case c == '"':
			quoted, inWord = !quoted, true
		case (c == ' ' || c == '\t') && !quoted:
			if inWord {
				all = append(all, word.String())
			}
			word.Reset()
			inWord = false
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		all = append(all, word.String())
	}
	return all
}
