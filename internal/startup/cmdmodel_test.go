// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package startup

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
)

// cmdModel runs a script according to the rules of cmd that this package's
// scripts rely on. It expands percent signs first and only once, treats quoted
// text as literal, and searches the whole file for labels. It fails on unknown
// syntax, so a script cannot rely on a rule that the model does not cover.
type cmdModel struct {
	lines  []string
	labels map[string]int
	env    map[string]string
	// files maps paths to the content that "for /f" reads.
	files map[string]string
	// run simulates a program: it receives the arguments and the environment,
	// and returns the exit code.
	run func(args []string, env map[string]string) int

	errorlevel int
	calls      [][]string
}

func newCmdModel(script string) (*cmdModel, error) {
	m := &cmdModel{labels: map[string]int{}, env: map[string]string{}, files: map[string]string{}}
	text, found := strings.CutSuffix(script, "\r\n")
	if !found {
		return nil, fmt.Errorf("the last line does not end in CR LF")
	}
	m.lines = strings.Split(text, "\r\n")
	for i, line := range m.lines {
		if at := strings.IndexFunc(line, func(r rune) bool { return r > '~' || r < ' ' }); at >= 0 {
			return nil, fmt.Errorf("line %d has %q: a script must be ASCII, with CR LF between lines", i+1, line[at])
		}
		if len(line) > 8191 {
			return nil, fmt.Errorf("line %d has %d characters: cmd reads at most 8191", i+1, len(line))
		}
		if label, ok := strings.CutPrefix(line, ":"); ok {
			if _, twice := m.labels[label]; twice {
				return nil, fmt.Errorf("line %d: the label %q already exists", i+1, label)
			}
			m.labels[label] = i
		}
	}
	return m, nil
}

// execute runs the lines from an index until the script or subroutine ends.
func (m *cmdModel) execute(at int) error {
	for steps := 0; at < len(m.lines); steps++ {
		if steps > 10_000 {
			return fmt.Errorf("the script does not end")
		}
		next, err := m.statement(m.expand(m.lines[at]), at+1)
		if err != nil {
			return fmt.Errorf("line %d, %s: %w", at+1, m.lines[at], err)
		}
		at = next
	}
	return nil
}

// expand is the first phase of cmd: it replaces variables. It does not expand
// percent signs in the value of a variable.
func (m *cmdModel) expand(line string) string {
	var b strings.Builder
	for line != "" {
		before, after, found := strings.Cut(line, "%")
		b.WriteString(before)
		if !found {
			break
		}
		if rest, doubled := strings.CutPrefix(after, "%"); doubled {
			b.WriteByte('%')
			line = rest
			continue
		}
		name, rest, closed := strings.Cut(after, "%")
		if !closed {
			line = after // cmd removes a single percent sign
			continue
		}
		b.WriteString(m.variable(name))
		line = rest
	}
	return b.String()
}

func (m *cmdModel) variable(name string) string {
	if name == "ERRORLEVEL" {
		return strconv.Itoa(m.errorlevel)
	}
	return m.env[strings.ToUpper(name)]
}

var (
	cmdIfError  = regexp.MustCompile(`^if (not )?errorlevel (\d+) (.*)$`)
	cmdIfEqual  = regexp.MustCompile(`^if (not )?("[^"]*")==("[^"]*") (.*)$`)
	cmdIfNumber = regexp.MustCompile(`^if (\d+) geq (\d+) (.*)$`)
	cmdAdd      = regexp.MustCompile(`^set /a ([A-Z]+)\+=1$`)
	cmdAssign   = regexp.MustCompile(`^set "([A-Z0-9_]+)=([^"]*)"$`)
	cmdFor      = regexp.MustCompile(`^for /f "usebackq tokens=(\d)" %A in \("([^"]*)"\) do (set "[A-Z]+=)%A"$`)
)

// statement runs one statement and returns the index of the next line.
func (m *cmdModel) statement(text string, next int) (int, error) {
	end := len(m.lines)
	if words := cmdIfError.FindStringSubmatch(text); words != nil {
		level, _ := strconv.Atoi(words[2])
		return m.when((m.errorlevel >= level) != (words[1] != ""), words[3], next)
	}
	if words := cmdIfEqual.FindStringSubmatch(text); words != nil {
		return m.when((words[2] == words[3]) != (words[1] != ""), words[4], next)
	}
	if words := cmdIfNumber.FindStringSubmatch(text); words != nil {
		left, _ := strconv.Atoi(words[1])
		right, _ := strconv.Atoi(words[2])
		return m.when(left >= right, words[3], next)
	}
	if words := cmdAdd.FindStringSubmatch(text); words != nil {
		number, _ := strconv.Atoi(m.env[words[1]])
		m.env[words[1]] = strconv.Itoa(number + 1)
		return next, nil
	}
	if words := cmdAssign.FindStringSubmatch(text); words != nil {
		m.env[words[1]] = words[2]
		return next, nil
	}
	if words := cmdFor.FindStringSubmatch(text); words != nil {
		number, _ := strconv.Atoi(words[1])
		fields := strings.Fields(m.files[words[2]])
		if len(fields) < number {
			return next, nil
		}
		return m.statement(words[3]+fields[number-1]+`"`, next)
	}
	switch word, rest, _ := strings.Cut(text, " "); word {
	case "", "@echo", "setlocal", "rem":
		return next, nil
	case "goto":
		return m.target(rest)
	case "call":
		at, err := m.target(strings.TrimPrefix(rest, ":"))
		if err != nil || !strings.HasPrefix(rest, ":") {
			return 0, fmt.Errorf("call supports only labels without arguments: %w", err)
		}
		return next, m.execute(at + 1)
	case "exit":
		if code, found := strings.CutPrefix(rest, "/b "); found {
			var err error
			m.errorlevel, err = strconv.Atoi(code)
			return end, err
		}
		return 0, fmt.Errorf("exit without /b would end the caller of the script")
	}
	if strings.HasPrefix(text, ":") {
		return next, nil
	}
	return next, m.program(text)
}

func (m *cmdModel) when(condition bool, text string, next int) (int, error) {
	if !condition {
		return next, nil
	}
	return m.statement(text, next)
}

func (m *cmdModel) target(label string) (int, error) {
	at, found := m.labels[label]
	if !found {
		return 0, fmt.Errorf("there is no label %q", label)
	}
	return at, nil
}

// program is the second phase of cmd: it removes redirections and calls the
// program. It returns an error if another special character is outside quotes.
func (m *cmdModel) program(text string) error {
	var rest strings.Builder
	quoted := false
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c == '"':
			quoted = !quoted
		case quoted:
		case strings.HasPrefix(text[i:], ">nul"):
			i += len(">nul") - 1
			continue
		case strings.HasPrefix(text[i:], "2>&1"):
			i += len("2>&1") - 1
			continue
		case strings.HasPrefix(text[i:], `>>"`):
			closing := strings.IndexByte(text[i+3:], '"')
			i += 3 + closing
			continue
		case strings.ContainsRune("^&|<>()%!", rune(c)):
			return fmt.Errorf("%q at character %d is outside quotes", c, i+1)
		}
		rest.WriteByte(c)
	}
	if quoted {
		return fmt.Errorf("a quote is not closed")
	}
	args := splitWindows(strings.TrimSpace(rest.String()))
	if args[0] == "echo" {
		return nil
	}
	m.calls = append(m.calls, args)
	m.errorlevel = 0
	if m.run != nil {
		m.errorlevel = m.run(args, maps.Clone(m.env))
	}
	return nil
}

// splitWindows splits a command line into arguments as Microsoft's C runtime
// does.
func splitWindows(line string) []string {
	var args []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		var arg strings.Builder
		quoted := false
		i := 0
		for ; i < len(line) && (quoted || line[i] != ' '); i++ {
			slashes := 0
			for ; i < len(line) && line[i] == '\\'; i++ {
				slashes++
			}
			if i < len(line) && line[i] == '"' {
				arg.WriteString(strings.Repeat(`\`, slashes/2))
				if slashes%2 == 1 {
					arg.WriteByte('"')
				} else {
					quoted = !quoted
				}
				continue
			}
			arg.WriteString(strings.Repeat(`\`, slashes))
			if i == len(line) || !quoted && line[i] == ' ' {
				break
			}
			arg.WriteByte(line[i])
		}
		args = append(args, arg.String())
		line = line[i:]
	}
	return args
}
