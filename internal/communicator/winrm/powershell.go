// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// powershell is how every command line begins.
const powershell = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass "

// stdinRunner runs what it reads from its standard input. It stands on the command
// line as it is, so it holds neither double quotes nor percent signs; encoded,
// it would make PowerShell write its errors as XML.
const stdinRunner = "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; " +
	"& ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(-join @($input)))))"

// epilogue makes a script end with the exit code of its last program, as those
// of other shells do. Without it PowerShell tells 1 for every other code. The
// empty line ends a line of the script that would go on.
const epilogue = "\n\nif (-not $?) { if ($LASTEXITCODE) { exit $LASTEXITCODE }; exit 1 }\n"

// Program is what PowerShell runs: a script, or a program with arguments.
type Program struct {
	// Script is a text in PowerShell. The first error ends it, with code 1.
	Script string
	// Argv is a program and its arguments. They arrive as they are in every
	// program that takes its command line apart as those of C do. Batch files
	// do not: cmd.exe gives characters such as % and & a meaning of their own.
	Argv []string
	// Environment is set for it alone. Windows knows no empty variables: one
	// without a value is removed.
	Environment map[string]string
	// Stdout and Stderr get the output, in UTF-8, as it comes. An error of
	// theirs ends the program.
	Stdout, Stderr io.Writer
}

// Run runs a program and returns its exit code. When ctx ends first, the
// program is ended with all that it started.
func (c *Client) Run(ctx context.Context, program Program) (int, error) {
	text := base64.StdEncoding.EncodeToString([]byte(program.text()))
	return c.execute(ctx, command{
		line:  powershell + `-Command "` + stdinRunner + `"`,
		stdin: strings.NewReader(text + "\r\n"), stdout: program.Stdout, stderr: program.Stderr,
	})
}

// text is the program in PowerShell.
func (p Program) text() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		fmt.Fprintf(&text, "$env:%s = %s\n", name, quote(p.Environment[name]))
	}
	if len(p.Argv) == 0 {
		fmt.Fprintf(&text, "& ([ScriptBlock]::Create(%s))\n", quote(p.Script+epilogue))
		return text.String()
	}
	// PowerShell up to 5.1 drops empty arguments and loses double quotes, so it
	// must not make the command line itself.
	fmt.Fprintf(&text, `$start = New-Object Diagnostics.ProcessStartInfo
$start.FileName = %s
$start.Arguments = %s
$start.UseShellExecute = $false
$process = [Diagnostics.Process]::Start($start)
$process.WaitForExit()
exit $process.ExitCode
`, quote(p.Argv[0]), quote(joinArguments(p.Argv[1:])))
	return text.String()
}

// quote makes a literal of a text. PowerShell takes the quotes of printers for
// single quotes too; each of them stands for itself when it is doubled.
func quote(text string) string {
	var quoted strings.Builder
	quoted.WriteByte('\'')
	for _, r := range text {
		if strings.ContainsRune("'\u2018\u2019\u201A\u201B", r) {
			quoted.WriteRune(r)
		}
		quoted.WriteRune(r)
	}
	quoted.WriteByte('\'')
	return quoted.String()
}

// arguments makes one text of them, which programs take apart by the rules of
// the C runtime: double quotes keep blanks together, a backslash makes the
// double quote after it a plain one, and is itself doubled only before one.
func joinArguments(all []string) string {
	quoted := make([]string, len(all))
	for i, argument := range all {
		quoted[i] = quoteArgument(argument)
	}
	return strings.Join(quoted, " ")
}

func quoteArgument(text string) string {
	var quoted strings.Builder
	quoted.WriteByte('"')
	backslashes := 0
	for _, r := range text {
		switch r {
		case '\\':
			backslashes++
		case '"':
			quoted.WriteString(strings.Repeat(`\`, backslashes+1))
			backslashes = 0
		default:
			backslashes = 0
		}
		quoted.WriteRune(r)
	}
	quoted.WriteString(strings.Repeat(`\`, backslashes))
	quoted.WriteByte('"')
	return quoted.String()
}

// encoded makes a command line of a short script.
func encodedCommand(script string) string {
	var text []byte
	for _, unit := range utf16.Encode([]rune(script)) {
		text = append(text, byte(unit), byte(unit>>8))
	}
	return powershell + "-EncodedCommand " + base64.StdEncoding.EncodeToString(text)
}
