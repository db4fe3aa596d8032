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

// powershell is the start of every command line.
const powershell = "powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass "

// stdinRunner reads a script from standard input and runs it. stdinRunner is
// part of the command line, so it must not contain double quotes or percent
// signs. It is not passed with -EncodedCommand, because PowerShell would then
// write its errors as XML.
const stdinRunner = "$ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; " +
	"& ([ScriptBlock]::Create([Text.Encoding]::UTF8.GetString([Convert]::FromBase64String(-join @($input)))))"

// epilogue makes a script end with the exit code of the last program that it
// ran, as in other shells. Without the epilogue, PowerShell returns 1 for every
// code other than 0. The empty line ends the last line of the script even if
// that line ends in a continuation mark.
const epilogue = "\n\nif (-not $?) { if ($LASTEXITCODE) { exit $LASTEXITCODE }; exit 1 }\n"

// Program is a PowerShell script, or a program with arguments. If Argv is set,
// Script is ignored.
type Program struct {
	// Script is PowerShell code. The first error ends the script with exit code
	// 1.
	Script string
	// Argv is a program and its arguments. A program that parses its command
	// line by the rules of the C runtime receives the arguments unchanged. A
	// batch file does not, because cmd.exe interprets characters such as % and
	// &.
	Argv []string
	// Environment holds environment variables of the program. An empty value
	// removes the variable, because Windows has no empty variables.
	Environment map[string]string
	// Stdout and Stderr receive the output in UTF-8 as it arrives. If a write
	// fails, the program is terminated.
	Stdout, Stderr io.Writer
}

// Run runs a program and returns its exit code. If ctx ends first, Run terminates
// the program and all processes that it started.
func (c *Client) Run(ctx context.Context, program Program) (int, error) {
	text := base64.StdEncoding.EncodeToString([]byte(program.text()))
	return c.execute(ctx, command{
		line:  powershell + `-Command "` + stdinRunner + `"`,
		stdin: strings.NewReader(text + "\r\n"), stdout: program.Stdout, stderr: program.Stderr,
	})
}

// text returns the PowerShell code that runs the program.
func (p Program) text() string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		fmt.Fprintf(&text, "$env:%s = %s\n", name, quote(p.Environment[name]))
	}
	if len(p.Argv) == 0 {
		fmt.Fprintf(&text, "& ([ScriptBlock]::Create(%s))\n", quote(p.Script+epilogue))
		return text.String()
	}
	// PowerShell 5.1 and earlier drop empty arguments and double quotes, so the
	// client builds the command line.
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

// quote returns a text as a PowerShell literal. PowerShell treats typographic
// quotes as single quotes, so quote doubles them too.
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

// joinArguments joins arguments into one command line according to the rules of
// the C runtime. Double quotes enclose each argument. A backslash escapes a
// double quote, and backslashes before a double quote are doubled.
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

// encodedCommand returns the command line for a short script.
func encodedCommand(script string) string {
	var text []byte
	for _, unit := range utf16.Encode([]rune(script)) {
		text = append(text, byte(unit), byte(unit>>8))
	}
	return powershell + "-EncodedCommand " + base64.StdEncoding.EncodeToString(text)
}
