// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// strictScripts are scripts that must have the same output and exit code in a
// guest as in the real bash.
var strictScripts = []string{
	// Windows line endings.
	"x=abc\r\necho \"[$x]\"\r\n",
	"echo \"a\r\nb\"\r\n",
	"echo 'a\r\nb'\r\n",
	"echo $'a\r\nb' \"\r\" ''\r\n",
	"cat <<EOF\r\nhi there\r\nEOF\r\necho end\r\n",
	"cat <<'EOF'\r\nhi $x\r\nEOF\r\necho end\r\n",
	"x='a b'; printf '%s|' $x\r\n",
	"if [ a = a ]; then\n echo y\r\nfi\n",
	"echo a \\\r\n b\r\n",
	"echo \"a\\\r\nb\"\r\n",
	"exit 0\r\n",
	"exit 3\n",
	"cd /tmp\r\n",
	"echo x > out\r\nls out* | tr '\\r' R; rm out*\n",
	"[ a = a ] && echo yes\r\n",
	"[ a = a\r ] && echo yes\n",
	"case \"a\" in\n a)\r\n echo x\r\n ;;\nesac\n",
	"f() {\n echo f\r\n}\r\nf\r\n",
	"f() {\r\n echo f\r\n}\r\nf\r\n",
	"{\r\necho x\r\n}\r\n",
	"true &&\r\necho x\r\n",
	"echo a | cat\r\n",
	"echo a |\r\ncat\r\n",
	"echo a | tr a b\r\n",
	"# comment\r\n\r\nexport X=1\r\nenv | grep ^X=1\n",
	"x=$(echo a)\r\necho \"$x\"\r\n",
	"x=$(\r\necho a\r\n)\necho \"$x\"\n",
	"for i in a b; do echo $i; done\r\n",
	"for i in a b\ndo\n echo $i\r\ndone\n",
	"for i in a b; do\r\n echo $i\r\ndone\r\n",
	"while read x\r\ndo echo\r\ndone\r\n",
	"if true; then\r\n echo x\r\nfi\r\n",
	"case a in\r\n a) echo;;\r\nesac\r\n",
	"set -e\r\nfalse\necho after\n",
	"set -o pipefail\r\nfalse | true; echo $?\n",
	"echo $((1+1))\r\n",
	"x=1\r\ncd /tmp\r\necho $x\r\n\r\nfalse || foo\r\nf() {\r\n echo a\r\n}\r\n",
	"x=a\r\ntest \"$x\" = a || echo differs\n",
	"eval 'x=b\r'; echo \"$x\" | tr '\\r' R\n",
	"printf 'y=1\\r\\n' > f; . ./f; echo \"$y\" | tr '\\r' R; rm f\n",
	"echo ${#x} ${x:-none\r}\r\n",
	"x=1 foo\r\n",
	"bash -c 'echo a\r\necho b\r'\n",
	// Exit codes.
	"f() echo x\n",
	"cd /none; echo $?; cd /etc/passwd; echo $?\n",
	"printf 'a\\r\\nb\\r\\n' > x; grep b x; sort -r x; sed s/a/c/ x; cut -c1-2 x; tail -1 x; head -n1 x; rm x\n",
	"nothing-there\n",
	"nothing-there || echo $?\n",
	"./none\n",
	"/tmp\n",
	"bash none.sh\n",
	"echo 'echo hi' > s; ./s; echo $?; rm s\n",
	"printf 'echo $0 $1\\n' > s; chmod +x s; ./s a; rm s\n",
	"(exit 300); echo $?\n",
	"exit -1\n",
	"exit abc\n",
	"bash -c 'exit 7'; echo $?\n",
	"set -e; false; echo after\n",
	"set -e; true && false; echo after\n",
	"set -e; if false; then :; fi; false || true; ! true; echo after\n",
	"set -e; x=$(false); echo after\n",
	"set -e; echo $(false); echo after\n",
	"set -e; (false; echo inside); echo after\n",
	"set -e; f() { false; echo inside; }; f || true; echo after\n",
	"set -e; false | true; echo after\n",
	"set -eo pipefail; false | true; echo after\n",
	"set -o pipefail; (exit 3) | (exit 4) | true; echo $?\n",
	"false | true; echo $?; set -o pipefail; false | true; echo $?\n",
	"set -u; echo \"$unset_one\"; echo after\n",
	"trap 'echo bye' EXIT; exit 4\n",
	"trap 'echo bye' EXIT; set -e; false\n",
	"set -z; echo $?\n",
	"{ bash -c 'kill -9 $$'; echo $?; } 2> /dev/null\n",
	"{ bash -c 'kill -TERM $$; echo after'; echo $?; } 2> /dev/null\n",
	"{ bash -c 'kill -s INT $$; echo after'; echo $?; } 2> /dev/null\n",
	"echo one\necho two\nif true; then\necho three\n",
	"echo 'a\n",
	"f() { return 5; }; f; echo $?\n",
	"f() { return 5x; }; f; echo $?\n",
	"printf '#!/usr/bin/env nothing-there\\n' > s; chmod +x s; ./s 2> /dev/null; echo $?; rm s\n",
	"printf '#!/bin/bash -e\\nfalse\\necho after\\n' > s; chmod +x s; ./s; echo $?; rm s\n",
	"printf '#! /bin/sh\\necho $0\\n' > s; chmod +x s; ./s; rm s\n",
}

var (
	location   = regexp.MustCompile(`(?m)^(?:bash|sh|s\.sh|/bin/bash|environment|eval|\./f): (?:line \d+: )?(?:\./f: )?`)
	extraLines = regexp.MustCompile("(?m)^(?:set: usage: .*|bash: line \\d+: `.*|s\\.sh: line \\d+: `.*)\n")
)

// withoutLocation removes the file name and line number from messages, because
// only the real shell prints them.
func withoutLocation(text string) string {
	text = location.ReplaceAllString(extraLines.ReplaceAllString(text, ""), "")
	return strings.NewReplacer("‘", "'", "’", "'").Replace(text)
}

func TestGuestsAreAsStrictAsBash(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("bash is not installed")
	}
	for _, script := range strictScripts {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "s.sh"), []byte(script), 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		cmd := exec.CommandContext(ctx, "bash", "s.sh")
		cmd.Dir, cmd.Env, cmd.Stdin = dir, []string{"PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=" + dir}, strings.NewReader("")
		var real bytes.Buffer
		cmd.Stdout, cmd.Stderr = &real, &real
		err := cmd.Run()
		cancel()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		g := newGuest(t)
		out, code := g.run(t, shell.Script{Text: script, Name: "s.sh", Dir: "/root"})
		if withoutLocation(out) != withoutLocation(real.String()) || code != cmd.ProcessState.ExitCode() {
			t.Errorf("%q:\n got %q, code %d\nbash %q, code %d", script, out, code, real.String(), cmd.ProcessState.ExitCode())
		}
	}
}

// The messages about interpreters differ between versions of bash. The test
// expects the messages of the versions that were current when GoGrid was in
// service.
func TestInterpreters(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		script, want string
		code         int
	}{
		{"printf '#!/bin/bash\\r\\necho hi\\r\\n' > s; chmod +x s; ./s", "./s: /bin/bash^M: bad interpreter: No such file or directory\n", 126},
		{"printf '#!/usr/bin/python3\\nprint(1)\\n' > s; chmod +x s; ./s", "./s: /usr/bin/python3: bad interpreter: No such file or directory\n", 126},
		{"printf '#!/opt/bash\\n' > s; chmod +x s; ./s", "./s: /opt/bash: bad interpreter: No such file or directory\n", 126},
		{"printf '#!/etc\\n' > s; chmod +x s; ./s", "./s: /etc: bad interpreter: Permission denied\n", 126},
		{"printf '#!/usr/bin/env bash\\r\\n' > s; chmod +x s; ./s", "/usr/bin/env: bash\\r: No such file or directory\n", 127},
		{"printf '#!/usr/bin/env python3\\n' > s; chmod +x s; ./s", "/usr/bin/env: python3: No such file or directory\n", 127},
		{"printf '#!/bin/sh\\necho ran\\n' > s; ./s", "./s: Permission denied\n", 126},
		{"printf '#!/bin/bash\\r\\necho hi\\r\\n' > s; sh s | tr '\\r' R", "hiR\n", 0},
		{"mkdir d; ./d", "./d: Is a directory\n", 126},
		{"python3 -c 1", "python3: command not found\n", 127},
	} {
		g := newGuest(t)
		if out, code := g.sh(t, c.script); out != c.want || code != c.code {
			t.Errorf("%q:\n got %q, code %d\nwant %q, code %d", c.script, out, code, c.want, c.code)
		}
	}
}

// A script that uses too much memory ends as if the kernel had killed it.
func TestKilledForMemory(t *testing.T) { //nolint:paralleltest // the whole process shares one heap
	g := newGuest(t)
	if out, code := g.sh(t, "x=a; while :; do x=$x$x; done"); code != 137 || !strings.Contains(out, "Killed") {
		t.Errorf("code %d, %q", code, out)
	}
}
