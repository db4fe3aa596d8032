// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// Without a limit, each of these scripts would end the whole process or never end.
func TestLimits(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ script, want string }{
		"a function that calls itself":        {"f() { f; }; f", "nested too deep"},
		"a function that hides a builtin":     {"echo() { echo; }; echo", "nested too deep"},
		"a file that sources itself":          {"echo '. /tmp/b' > /tmp/b; . /tmp/b", "nested too deep"},
		"a text that evaluates itself":        {"x='eval \"$x\"'; eval \"$x\"", "nested too deep"},
		"a program that is its own shell":     {"printf '#!/usr/bin/env /tmp/a\\n' > /tmp/a; chmod +x /tmp/a; /tmp/a", "inside each other"},
		"parentheses":                         {strings.Repeat("(", 200_000), "brackets"},
		"parentheses that are made":           {"x='(((((((((('; x=$x$x$x$x$x$x$x$x$x$x; x=$x$x$x$x$x$x$x$x$x$x; x=$x$x$x$x$x$x$x$x$x$x; eval \"$x$x$x\"", "brackets"},
		"nested blocks":                       {strings.Repeat("{ ", 20_000) + "echo" + strings.Repeat("; }", 20_000), "nested too deep"},
		"a pipeline of many parts":            {strings.Repeat("cat | ", 20_000) + "cat", "nested too deep"},
		"a large script":                      {strings.Repeat("echo line\n", 100_000), "larger than"},
		"env before env":                      {strings.Repeat("env ", 30_000) + "true", "inside each other"},
		"jobs that start jobs":                {"f() { f & f & wait; }; f; echo over", "Resource temporarily unavailable"},
		"a panic in a pipeline":               {"(getopts ab x -ab; getopts ab x -a) | cat; echo went on", "went on"},
		"a panic of arithmetic in a pipeline": {"echo $((a[1]++)) | cat; echo went on", "went on"},
		"a panic in the background":           {"echo $((a[1]++)) & wait; echo went on", "went on"},
		"a panic in a sourced file":           {"echo 'echo $((a[1]++)) | cat' > s; . ./s; echo went on", "went on"},
		"a panic in a text":                   {"eval 'echo $((a[1]++)) | cat'; echo went on", "went on"},
		"output without a reader":             {"while true; do echo x; done | head -1; echo over", "over"},
		"a time without end":                  {"timeout 1 sleep inf; echo $?", "124"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, _ := newGuest(t).sh(t, c.script)
			if !strings.Contains(out, c.want) {
				t.Errorf("no %q in %.300q", c.want, out)
			}
		})
	}
}

// Without the shell's handlers, the interpreter would look up programs, folders
// and process ids on the host.
func TestHostIsNotAsked(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	program := filepath.Join(filepath.Dir(g.dir), "on-the-host")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, prefix := range []string{"", "command ", "command -- ", "builtin ", "command builtin ", "builtin command ", "command command -- builtin ", "eval "} {
		for _, look := range []string{"command -v", "command -vv", "type", "type -p", "type -P", "type -t", "hash"} {
			out, code := g.sh(t, prefix+look+" "+program+" && echo found")
			if strings.Contains(out, "found\n") && !strings.Contains(out, "not found") || code == 0 {
				t.Errorf("%s%s finds a program on the host: %q, code %d", prefix, look, out, code)
			}
			dir := filepath.Dir(program)
			if out, _ := g.sh(t, "PATH="+dir+"; "+prefix+look+" on-the-host"); strings.Contains(out, dir) {
				t.Errorf("%s%s finds a program on the host through PATH: %q", prefix, look, out)
			}
		}
		// In this guest /proc/self is a folder, but on the host it is a link.
		if out, _ := g.sh(t, "mkdir -p /proc/self; cd /proc/self; "+prefix+"pwd -P"); out != "/proc/self\n" {
			t.Errorf("%spwd -P shows %q", prefix, out)
		}
	}
	for _, pid := range []int{os.Getpid(), os.Getppid()} {
		out, _ := g.sh(t, "echo $$ ${$} $PPID ${PPID}; eval 'echo $$ $PPID'; echo 'echo $PPID $$' > s; . ./s; sh -c 'echo $$'; (echo $$) | cat")
		if strings.Contains(" "+strings.ReplaceAll(out, "\n", " "), " "+strconv.Itoa(pid)+" ") && pid > 2 {
			t.Errorf("the output contains the host's process id %d: %q", pid, out)
		}
	}
	for _, script := range []string{"cat <(echo a)", "eval 'cat <(echo a)'", "echo 'cat <(echo a)' > s; . ./s", "trap 'cat <(echo a)' EXIT", "echo a | { tee >(cat); }", "f() { cat <(ls); }"} {
		if out, code := g.sh(t, script); code == 0 || !strings.Contains(out, "process substitution is not available") {
			t.Errorf("%q: code %d, %q", script, code, out)
		}
	}
}

func TestPipelines(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"{ exit 3; } | cat; echo $?; set -o pipefail; { exit 3; } | cat; echo $?": "0\n3\n",
		"(exit 4) & wait $!; echo $?":                                                "4\n",
		"cat <<A | tr a-z A-Z\nhello ${x:-there}\n $(echo sub | sed s/s/z/)\nA":      "HELLO THERE\n ZUB\n",
		"echo 'it'\\''s \"$\"' | cat | cat":                                          "it's \"$\"\n",
		"! false | true; echo $?; ! true | false; echo $?":                           "1\n0\n",
		"for i in 1 2 3; do echo $i; done | while read -r l; do echo \"<$l>\"; done": "<1>\n<2>\n<3>\n",
		"f() { local a=1; echo $a $1; }; f 2 | cat; f 3 & wait; echo \"$(f 4)\"":     "1 2\n1 3\n1 4\n",
		"set -e; f() { false; }; f | cat; echo here; f; echo not here":               "here\n",
		"x=1; { x=2; echo $x; } | cat; echo $x":                                      "2\n1\n",
		"echo 'echo a | cat; echo $1' > s; . ./s b | cat; echo $#":                   "a\nb\n0\n",
		"trap 'echo bye | cat' EXIT INT 15; trap - HUP; echo ok":                     "ok\nbye\n",
		"cd() { builtin cd \"$@\" && echo moved; }; cd /etc; pwd":                    "moved\n/etc\n",
		"f() { :; }; command -v f; type f; alias l='ls -l'":                          "f\nf is a function\n",
		"bash -euo pipefail -c 'false | true; echo no'; echo $?":                     "1\n",
		"echo ${TMPDIR:-unset}; TMPDIR=/var sh -c 'echo $TMPDIR'":                    "unset\n/var\n",
		"exec < /etc/passwd; read -r a; read -r b; echo ${b%%:*}":                    "deploy\n",
		"cat < /etc; echo $?": "open /etc: is a directory\n1\n",
		"echo a > f; gzip f; ls; gunzip f.gz; gzip -c f | zcat; yes | head -1":             "f.gz\na\ny\n",
		"echo a > 1; echo b > 2; mv -n 1 2; cat 2; tar -cf t 1 2; rm 1 2; tar -xf t 1; ls": "b\n1\nt\n",
		"printf abc | head -c2; head -z":                                                   "abhead: invalid option -- 'z'\n",
	} {
		if out, _ := newGuest(t).sh(t, script); out != want {
			t.Errorf("%q:\n got %q\nwant %q", script, out, want)
		}
	}
}

// endlessInput returns one byte from every Read until its context ends.
type endlessInput struct{ context.Context }

func (e endlessInput) Read(p []byte) (int, error) {
	if e.Err() != nil {
		return 0, io.EOF
	}
	p[0] = 'a'
	return 1, nil
}

func TestNothingIsLeftOfInput(t *testing.T) { //nolint:paralleltest // it counts goroutines
	g := newGuest(t)
	g.sh(t, "head -c 300000 /dev/zero > /tmp/big")
	before := runtime.NumGoroutine()
	ctx, cancel := context.WithCancel(t.Context())
	for range 20 {
		g.run(t, shell.Script{Text: "true; head -c1 < /tmp/big", Stdin: endlessInput{ctx}})
	}
	for range 5000 {
		if runtime.NumGoroutine() <= before+1 {
			break
		}
		runtime.Gosched()
	}
	waitForGoroutines(t, before)
	cancel()
}

// A program that waits for input ends when the script's context ends, even if
// no input arrives.
func TestReadersEndWithTheContext(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"cat", "read x", "while read x; do :; done", "cat | cat | cat", "timeout 100000000 cat", "sh", "cat & wait"} {
		g := newGuest(t)
		ctx, cancel := context.WithCancel(t.Context())
		input, writer := io.Pipe()
		ended := make(chan error, 1)
		var out safeBuffer
		go func() {
			_, err := g.Run(ctx, shell.Script{Text: text, Stdin: input, Stdout: &out, Stderr: &out})
			ended <- err
		}()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%q ended with %v", text, err)
		}
		_ = writer.Close()
	}
}

func waitForGoroutines(t *testing.T, before int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for runtime.NumGoroutine() > before+1 {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
	}
}
