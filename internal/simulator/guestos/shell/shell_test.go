// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/disk"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// machine is a Host whose clock advances only when a script sleeps.
type machine struct {
	mu   sync.Mutex
	name string
	now  time.Time
}

func (m *machine) Hostname() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.name
}

func (m *machine) SetHostname(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.name = name
}

func (m *machine) Now() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *machine) Sleep(ctx context.Context, d time.Duration) error {
	if d > 24*time.Hour { // longer than any test waits
		<-ctx.Done()
		return ctx.Err()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
	return ctx.Err()
}

type guest struct {
	*shell.Shell
	files *disk.Disk
	dir   string // on the host
}

func newGuest(t testing.TB) *guest {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	files, err := disk.Create(dir, 16<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = files.Close() })
	g := &guest{dir: dir, files: files, Shell: &shell.Shell{
		Files: files, User: "root", Home: "/root", Programs: shell.Standard(),
		Host: &machine{name: "web", now: time.Date(2009, 10, 1, 12, 0, 0, 0, time.UTC)},
	}}
	for _, folder := range []string{"/root", "/etc", "/tmp", "/usr/local/bin"} {
		if err := files.MkdirAll(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	g.sh(t, "echo root:x:0:0:root:/root:/bin/sh > /etc/passwd; echo deploy:x:1000:1000::/home/deploy:/bin/sh >> /etc/passwd")
	return g
}

// sh runs a script and returns its output and exit code.
func (g *guest) sh(t testing.TB, text string) (string, int) {
	t.Helper()
	return g.run(t, shell.Script{Text: text})
}

func (g *guest) run(t testing.TB, script shell.Script) (string, int) {
	t.Helper()
	var out safeBuffer
	script.Stdout, script.Stderr = &out, &out
	if script.Stdin == nil {
		script.Stdin = strings.NewReader("")
	}
	code, err := g.Run(t.Context(), script)
	if err != nil {
		t.Errorf("%q: %v", script.Text, err)
	}
	return out.String(), code
}

type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer // not embedded, because ReadFrom would not lock mu
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestScripts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		script, want string
		code         int
	}{
		{"echo one; printf '%s|' a 'b c'; echo", "one\na|b c|\n", 0},
		{"exit 7", "", 7},
		{"false", "", 1},
		{"no-such-program", "no-such-program: command not found\n", 127},
		{"set -e; false; echo not here", "", 1},
		{"if", "", 2},
		{"cd /etc && pwd && cat passwd | head -1", "/etc\nroot:x:0:0:root:/root:/bin/sh\n", 0},
		{"mkdir -p a/b && cp -r a c && mv c d && ls && test -d d/b && rm -r a d && ls", "a\nd\n", 0},
		{"echo x > f; chmod 755 f; stat -c %a f; chmod u-w,o=r f; stat -c '%a %A' f", "755\n554 -r-xr-xr--\n", 0},
		{"ln -s /etc/passwd link && readlink link && grep -c root link", "/etc/passwd\n1\n", 0},
		{"printf 'b\\na\\nc\\na\\n' | sort -u | tr a-z A-Z", "A\nB\nC\n", 0},
		{"printf '10\\n9\\n' | sort -n", "9\n10\n", 0},
		{"seq 5 | tail -n 2; seq 5 | tail -n +4 | wc -l; seq 3 | sed -n 2p", "4\n5\n2\n2\n", 0},
		{"echo 'listen 80;' | sed 's/listen \\([0-9]*\\)/listen 80\\1/; s/;$/ & #/'", "listen 8080 ; #\n", 0},
		{"printf 'a=1\\nb=2\\n' > f; sed -i -e '/^a/d' -e 's/2/$HOME/' f; cat f", "b=$HOME\n", 0},
		{"printf 'one\\ntwo\\nthree\\n' | sed '/two/,$ s/t/T/'", "one\nTwo\nThree\n", 0},
		{"printf 'x\\ny\\n' | grep -v x; echo ab12 | grep -oE '[0-9]+'; grep -q nothing /etc/passwd", "y\n12\n", 1},
		{"cut -d: -f1,6 /etc/passwd | head -n1", "root:/root\n", 0},
		{"printf abc | sha256sum", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  -\n", 0},
		{"date +%s; sleep 1m; date '+%F %T'", "1254398400\n2009-10-01 12:01:00\n", 0},
		{"hostname; hostname db; hostname; id; id -u deploy; whoami", "web\ndb\nuid=0(root) gid=0(root) groups=0(root)\n1000\nroot\n", 0},
		{"env | sort | head -3", "EUID=0\nGID=0\nHOME=/root\n", 0},
		{"mkdir t; echo 1 > t/one; ln -s one t/two; tar -czf t.tgz t; rm -r t; tar -xzf t.tgz; cat t/two", "1\n", 0},
		{"sh -c 'echo $0 $1; exit 3' name arg; echo $?", "name arg\n3\n", 0},
		{"printf 'echo from a file $1\\n' > s; chmod +x s; ./s x; sh ./s y; chmod -x s; ./s", "from a file x\nfrom a file y\n./s: Permission denied\n", 126},
		{"printf '#!/usr/bin/env bash\\nlist=(a b)\\necho ${#list[@]}\\n' > /usr/local/bin/count; chmod 755 /usr/local/bin/count; count; command -v count", "2\n/usr/local/bin/count\n", 0},
		{"echo 'echo input $(cat)' | sh -s", "input\n", 0},
		{"command -v ls; type cd; which cp; test -x /bin/ls && echo yes; command -v nothing", "/usr/bin/ls\ncd is a shell builtin\n/usr/bin/cp\nyes\n", 1},
		{"find / -name 'pass*' -type f; echo a b | xargs -n1 echo", "/etc/passwd\na\nb\n", 0},
		{"timeout 5 sleep 100000000; echo $?; timeout 100000000 echo quick", "124\nquick\n", 0},
		{"cat <<END\n$HOME $(echo sub)\nEND\necho $((6*7)) ${x:-unset}", "/root sub\n42 unset\n", 0},
		{"sleep 3 & wait; echo done", "done\n", 0},
		{"echo gone > /dev/null; cat /dev/null; head -c 3 /dev/zero | wc -c", "3\n", 0},
		{"basename /a/b.txt .txt; dirname /a/b.txt; f=$(mktemp); test -f $f && echo made", "b\n/a\nmade\n", 0},
		{"rm nothing", "rm: nothing: No such file or directory\n", 1},
		{"ls --color", "ls: invalid option -- '-'\n", 2},
		{"cat /etc", "cat: /etc: Is a directory\n", 1},
		{"env FOO=bar sh -c 'echo $FOO'; FOO=baz env -i /bin/sh -c 'echo \"<$FOO>\"'", "bar\n<>\n", 0},
	} {
		g := newGuest(t)
		out, code := g.sh(t, c.script)
		if c.script == "if" {
			out = "" // the parser's own words
		}
		if out != c.want || code != c.code {
			t.Errorf("%q:\n got %q, code %d\nwant %q, code %d", c.script, out, code, c.want, c.code)
		}
	}
}

// canary is a text on the host. No script may be able to print it.
const canary = "of-the-host-7f3a"

func TestEscape(t *testing.T) {
	t.Setenv("GUEST_TEST_CANARY", canary)
	g := newGuest(t)
	outside := filepath.Join(filepath.Dir(g.dir), "secret")
	if err := os.WriteFile(outside, []byte(canary), 0o700); err != nil {
		t.Fatal(err)
	}
	hostScript := filepath.Join(filepath.Dir(g.dir), "run")
	touched := filepath.Join(filepath.Dir(g.dir), "touched")
	if err := os.WriteFile(hostScript, []byte("#!/bin/sh\ntouch "+touched+"; echo "+canary+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	home := "/usr/sbin" // the home folder of daemon in the host's list of accounts
	for _, trick := range []string{
		"cat SECRET", "cat ../../../../../../../../../..SECRET", "cat < SECRET", "read x < SECRET; echo $x", "echo $(<SECRET)", "mapfile a < SECRET; echo $a",
		"source SECRET", ". SECRET", "PATH=$(dirname SECRET) . secret", "ln -s SECRET l; cat l", "ln -s / root; cat rootSECRET", "cp SECRET x; cat x", "ln SECRET x; cat x",
		"RUN", "exec RUN", "command RUN", "sh RUN", "sh -c RUN", "env RUN", "nohup RUN", "xargs RUN </dev/null", "PATH=$(dirname RUN):$PATH; run", "cd $(dirname SECRET) && cat secret",
		"cd $(dirname SECRET); ./run", "echo x > TOUCHED", "echo x >> TOUCHED", "tee TOUCHED < /etc/passwd", "touch TOUCHED", "mkdir -p TOUCHED", "cp /etc/passwd TOUCHED",
		"mv /etc/passwd TOUCHED", "rm -f SECRET", "rm -rf $(dirname SECRET)", "chmod 777 SECRET", "cat <(cat SECRET)", "eval 'cat <(echo hi) >(cat)'", "eval 'echo <(true)'",
		"env", "printenv", "set", "export", "declare -p", "echo $GUEST_TEST_CANARY", "cat /proc/self/environ", "cat /proc/1/environ", "cat /dev/fd/3", "cat </dev/tcp/127.0.0.1/22",
		"echo $(dirname SECRET)/*", "ls $(dirname SECRET)", "find $(dirname SECRET)", "grep -r host /", "test -e SECRET && echo " + canary, "[ -r SECRET ] && echo " + canary,
		"[ -O SECRET ]; [ -G /etc/passwd ]; [ -N /etc/passwd ]; [ /etc/passwd -ef /etc/passwd ]", "type RUN && echo " + canary, "command -v RUN && echo " + canary,
		"cd $(dirname SECRET) && pwd -P", "command pwd -P", "builtin pwd -P", "echo ~nobody", "echo ~daemon | cat", "echo ~daemon & wait", "x=~daemon; echo ${x:-~daemon} | cat",
		"eval 'echo ~daemon | cat'", "(echo $$ $PPID; cat /proc/$PPID/environ) | cat",
		"tar -cf - SECRET", "tar -C / -cf - ..SECRET", "unzip SECRET",
		"dd if=SECRET", "sha256sum SECRET", "TMPDIR=$(dirname SECRET) mktemp", "ulimit -a", "kill -9 $$", "kill -9 $PPID", "trap 'cat SECRET' EXIT", "umask 0; exec 3<SECRET; cat <&3",
		"printf 'cat SECRET' | sh", "alias ls='cat SECRET'; ls", "wget file://SECRET", "sed -n p SECRET", "sed -i s/a/b/ SECRET", "exec > TOUCHED; echo x", "cat <> SECRET", "cat <<< $(<SECRET)", "cat << E\n$(<SECRET)\nE", "env -i cat SECRET",
		"command -p cat SECRET", "cat SECRET &", "coproc cat SECRET", "select x in $(<SECRET); do echo $x; done", "declare -f; typeset -x", "ulimit -u unlimited; RUN",
		"ln -s $(dirname SECRET) d; echo d/*; cat d/secret", "cd $(dirname SECRET)/..; cat */secret", "mkdir -p x; cd x; rmdir ../x; cat ../../../../../..SECRET",
		"ln -s SECRET l; tar -chf - l 2>/dev/null; tar -cf - l | tar -xf - -O", "cp -rL / /copy; cat /copySECRET", "mv SECRET m; cat m", "ln -sf SECRET /etc/passwd; id nobody; cat /etc/passwd",
		"echo x >| TOUCHED", "echo x &> TOUCHED", "echo x 2> TOUCHED", "echo x | tee -a TOUCHED", "install SECRET x", "find / -exec cat SECRET +", "xargs -a SECRET", "bash -c 'source SECRET'",
		"enable -f SECRET x", "exec -a name RUN", "BASH_ENV=SECRET sh -c env", "ENV=SECRET sh -c env", "LD_PRELOAD=SECRET ls", "PROMPT_COMMAND='cat SECRET' bash", "printf '%s' SECRET | xargs cat",
		"hash RUN; history; fc -l",
	} {
		text := strings.NewReplacer("SECRET", outside, "RUN", hostScript, "TOUCHED", touched).Replace(trick)
		out, _ := g.sh(t, text)
		if strings.Contains(out, canary) && !strings.Contains(trick, "declare") {
			t.Errorf("%q prints a text from the host: %q", trick, out)
		}
		if strings.Contains(trick, "~daemon") && strings.Contains(out, home) {
			t.Errorf("%q prints the home folder of a host account: %q", trick, out)
		}
		if _, err := os.Stat(touched); err == nil {
			t.Errorf("%q wrote on the host", trick)
			_ = os.RemoveAll(touched)
		}
	}
	if text, err := os.ReadFile(outside); err != nil || string(text) != canary {
		t.Errorf("the host's file holds %q (%v)", text, err)
	}
	fifos, _ := filepath.Glob(filepath.Join(os.TempDir(), "sh-interp-*"))
	if len(fifos) > 0 {
		t.Errorf("named pipes were created on the host: %v", fifos)
	}
}

func TestScriptEndsWithItsContext(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"sleep 100000000", "while true; do :; done", "sleep 100000000 & sleep 100000000 & wait", "cat /dev/zero | sleep 100000000",
		"sh -c 'sleep 100000000'", "f() { f | f; }; while :; do sleep 100000000; done", "cat", "read x",
	} {
		g := newGuest(t)
		ctx, cancel := context.WithCancel(t.Context())
		input, _, err := os.Pipe() // the input stays open, but nothing is written to it
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = input.Close() })
		ended := make(chan error, 1)
		var out safeBuffer
		go func() {
			_, err := g.Run(ctx, shell.Script{Text: text, Stdin: input, Stdout: &out, Stderr: &out})
			ended <- err
		}()
		cancel()
		if text == "cat" || text == "read x" {
			_ = input.Close() // make a pending read of the input return
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%q ended with %v", text, err)
		}
	}
}

func TestEndlessShellsAreEnded(t *testing.T) {
	t.Parallel()
	g := newGuest(t)
	if out, code := g.sh(t, "printf 'sh /tmp/again\\n' > /tmp/again; sh /tmp/again"); code == 0 || !strings.Contains(out, "too many shells") {
		t.Errorf("endless nested shells: exit code %d, output %q; want an error about too many shells", code, out)
	}
}

func TestNoGoroutineIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	g := newGuest(t)
	for range 50 {
		g.sh(t, "echo a | cat | cat; x=$(echo b); (echo c); sleep 1 & wait")
	}
	waitForGoroutines(t, before+1)
}

func FuzzScript(f *testing.F) {
	for _, seed := range []string{"echo a", "x=$(cat /etc/passwd); eval \"$x\"", "sed 's/a/b/;$d' /etc/passwd", "tr a-z A-Z < /etc/passwd | grep -E '(a|b)+'", "cut -f1- -d: /etc/passwd"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		g := newGuest(t)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var out safeBuffer
		_, _ = g.Run(ctx, shell.Script{Text: text, Stdin: strings.NewReader("input\n"), Stdout: &out, Stderr: &out})
	})
}

func TestZipAndRsync(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		script, want string
		code         int
	}{
		{"mkdir -p a/b; echo 1 > a/b/one; echo 2 > a/two; zip -r x a; rm -r a; unzip -q x.zip; cat a/b/one a/two", "  adding: a/\n  adding: a/b/\n  adding: a/b/one\n  adding: a/two\n1\n2\n", 0},
		{"mkdir a; echo 1 > a/one; zip -qj x.zip a/one; unzip -l x.zip | grep -c a/; zip -q y.zip a/two", "0\n\tzip warning: name not matched: a/two\nzip: error: Nothing to do! (y.zip)\n", 12},
		{"echo 1 > f; zip -q - f > p.zip; unzip -l p.zip | grep -o 'f$'; zip z.zip", "f\nzip: an archive and files are required\n", 16},
		{"mkdir -p a/b; echo 1 > a/b/one; chmod 640 a/b/one; rsync -a a/ c; rsync -a a d/; find c d -type f; stat -c %a c/b/one", "c/b/one\nd/a/b/one\n640\n", 0},
		{"mkdir -p a c; echo 1 > a/one; echo 2 > c/two; rsync -av --delete a/ c/; ls c; rsync -av a/ c/", "one\ndeleting two\none\n", 0},
		{"mkdir a; echo 1 > a/one.log; echo 2 > a/two; rsync -a --exclude '*.log' a/ c; ls c; rsync -an a/ d; ls d", "two\nls: cannot access 'd': d: No such file or directory\n", 1},
		{"mkdir a; rsync a/ c; rsync -a a web:/srv; rsync -a none c", "skipping directory a\nrsync: web:/srv: a simulated server's rsync only copies between its own folders\nrsync: none: No such file or directory\n", 23},
		{"mkdir a; rsync -a a/ a/b; rsync --foo a b", "rsync: a/b: the target is inside the source\nrsync: --foo: unknown option\n", 1},
	} {
		g := newGuest(t)
		if out, code := g.sh(t, c.script); out != c.want || code != c.code {
			t.Errorf("%q:\n got %q, code %d\nwant %q, code %d", c.script, out, code, c.want, c.code)
		}
	}
}
