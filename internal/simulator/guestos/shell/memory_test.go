// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/guestos/shell"
)

// Without a limit, each of these scripts would exhaust the host's memory. The
// limit must end only the script, although scripts share the simulator's heap.
func TestMemoryBombs(t *testing.T) { //nolint:paralleltest // it measures the whole process
	for name, script := range map[string]string{
		"output that is collected":           "x=$(yes)",
		"output of a loop that is collected": "x=$(y=$(seq 100000); while :; do echo \"$y\"; done)",
		"a variable that doubles":            "x=a; while :; do x=$x$x; done",
		"doubling without a command":         "x=aaaaaaaaaaaaaaaa;" + strings.Repeat("x=$x$x;", 100),
		"appending without a command":        "x=aaaaaaaaaaaaaaaa;" + strings.Repeat("x+=$x;", 100),
		"doubling in arithmetic loops":       "x=a; while ((1)); do x=$x$x; done",
		"doubling in declarations":           "x=a; while ((1)); do declare x=$x$x; done",
		"doubling by eval":                   "x=a; while ((1)); do eval 'x=$x$x'; done",
		"doubling in a background job":       "x=a; while ((1)); do x=$x$x; done & wait",
		"doubling in a pipeline":             "x=a; while ((1)); do x=$x$x; done | cat",
		"one word of many parts":             "x=$(yes | head -c 1000000); y=" + strings.Repeat("$x", 10_000),
		"one argument of many parts":         "x=$(yes | head -c 1000000); test \"" + strings.Repeat("$x", 10_000) + "\"",
		"arguments that double":              "set -- 1 2 3 4; while :; do set -- \"$@\" \"$@\"; done",
		"replacing all by much":              "x=$(yes | head -c 1000000); y=${x//?/$x}",
		"replacing by eval":                  "x=$(yes | head -c 1000000); eval 'y=${x//y/$x}'",
		"replacing in a sourced file":        "echo 'y=${x//y/\"$x\"}' > f; x=$(yes | head -c 1000000); . ./f",
		"a wide field":                       "printf %1000000000d 1",
		"wide fields":                        "printf '%9999d' $(seq 100000)",
		"braces":                             "echo {1..1000000000}; false",
		"braces in braces":                   "echo {1..1000}{1..1000}{1..1000}; false",
		"a pattern that goes round":          "mkdir -p /g; cd /g; for i in $(seq 10); do mkdir $i; done; echo */../*/../*/../*/../*/../*; false",
		"mapping without end":                "yes | mapfile x",
		"a large file":                       "yes | head -c 5000000 > f; x=$(<f); x=$(cat f f f f f f f f f f)",
		"sorting without end":                "yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | sort > /dev/null && false",
		"tail of endless input":              "yes aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa | tail -n 1000000000 && false",
		"a line without end":                 "yes | tr -d '\\n' | grep b",
		"a line that sed makes":              "head -c 50000 /dev/zero | tr '\\0' a > f; sed 's/a/" + strings.Repeat("b", 100) + "/g' f > /dev/null && false",
		"a file that sed makes":              "head -c 200000 /dev/zero | tr '\\0' a > f; echo >> f; sed -i '" + strings.Repeat("p;", 10_000) + "' f && false",
		"a set of all characters":            "echo a | tr '" + strings.Repeat("a-\U000fffff", 1000) + "' x && false",
		"recursion in many jobs":             "f() { f; }; for i in $(seq 250); do f & done; wait; false",
	} {
		t.Run(name, func(t *testing.T) { //nolint:paralleltest // it measures the whole process
			g := newGuest(t)
			var before runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			g.HeapLimit = before.HeapAlloc + 16<<20
			out, code := g.run(t, shell.Script{Text: script})
			if code == 0 {
				t.Errorf("the script succeeds with %.200q", out)
			}
			var after runtime.MemStats
			runtime.ReadMemStats(&after)
			t.Logf("code %d, %d MB more: %.150q", code, (int64(after.Sys)-int64(before.Sys))>>20, out)
			if after.Sys > before.Sys+1<<30 {
				t.Errorf("the process uses %d MB more", (after.Sys-before.Sys)>>20)
			}
		})
	}
}

// The limits do not stop ordinary scripts.
func TestMemoryThatIsGiven(t *testing.T) {
	t.Parallel()
	for script, want := range map[string]string{
		"x=$(seq 100000); echo ${#x}":                                                 "588894\n",
		"a=1 b=2 c=3 d=4 e=5; echo \"$a$b$c$d$e$a$b$c$d$e\" $a$b$c$d$e":               "1234512345 12345\n",
		"false; x=$?; echo $x; set -eu; y=$x$x; echo $y":                              "1\n11\n",
		"x='a b a'; y='c d'; echo ${x//a/$y} \"${x//a/\"<$y>\"}\" ${x/a/$(echo z)}":   "c d b c d <c d> b <c d> z b a\n",
		"x=NAME/NAME; echo ${x//NAME/\\$1} ${x/NAME/\\$1}":                            "\\$1/\\$1 \\$1/NAME\n",
		"a=(); b=(\"${a[@]}\"); echo ${#b[@]}; b+=(x \"y z\"); echo ${#b[@]} ${b[1]}": "0\n2 y z\n",
		"x=1; x+=$x; x+=2; echo $x; local=~/a; echo $local":                           "112\n/root/a\n",
		"printf '%05d|%-8s|%x|%%|%s\\n' 7 ab 15 c":                                    "00007|ab      |f|%|c\n",
		"for i in {1..5}; do printf '%s ' $i; done; echo {a,b}{1,2}":                  "1 2 3 4 5 a1 a2 b1 b2\n",
		"declare -A m=([a]=1); m[b]=$((1+1)); echo ${m[a]}${m[b]}":                    "12\n",
		"eval 'f() { x=$1$2$3$4$5; echo $x; }'; f a b c d e":                          "abcde\n",
	} {
		if out, _ := newGuest(t).sh(t, script); out != want {
			t.Errorf("%q:\n got %q\nwant %q", script, out, want)
		}
	}
}
