// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// With random patterns, this package and git keep the same files. The patterns
// contain no runs of stars inside a name, which git handles inconsistently, and
// nothing that this package rejects.
func TestExclusionsAgreeWithGit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git to compare with: ", err)
	}
	root, repository := t.TempDir(), t.TempDir()
	plant(t, root, 2)
	git := gitIn(t, repository, root)
	git("init", "-q")
	random := rand.New(rand.NewPCG(1, 2))
	for range 150 {
		patterns := make([]string, 1+random.IntN(4))
		for i := range patterns {
			patterns[i] = randomPattern(random)
		}
		list := filepath.Join(repository, "patterns")
		writeTestFile(t, list, strings.Join(patterns, "\n")+"\n", 0o600)
		out := git("ls-files", "--others", "-z", "--exclude-from="+list)
		want := strings.FieldsFunc(out, func(r rune) bool { return r == 0 })
		slices.Sort(want)
		if diff := cmp.Diff(want, kept(t, root, patterns), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%q (-git +this package):\n%s", patterns, diff)
		}
	}
}

func gitIn(t *testing.T, repository, tree string) func(args ...string) string {
	return func(args ...string) string {
		t.Helper()
		command := exec.CommandContext(t.Context(), "git", args...)
		command.Dir = tree
		command.Env = append(os.Environ(), "GIT_DIR="+filepath.Join(repository, ".git"), "GIT_WORK_TREE="+tree,
			"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
		out, err := command.Output()
		if err != nil {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(out)
	}
}

func plant(t *testing.T, dir string, depth int) {
	t.Helper()
	for i, name := range []string{"a", "b", "ab", "a.b", "b.a", "c", "{a}", "a b", "1", "]a"} {
		path := filepath.Join(dir, name)
		if depth == 0 || i%2 == 1 {
			writeTestFile(t, path, "", 0o600)
			continue
		}
		plant(t, path, depth-1)
	}
}

func randomPattern(random *rand.Rand) string {
	pieces := []string{
		"a", "b", "c", "ab", "*", "**", "?", "a*", "*.b", "*b*", "[ab]", "[!a]", "[^b]", "[a-c]*", "[]a]*",
		"[[:alpha:]]", "[[:punct:][:digit:]]*", "a?b", "a b", "{a}", `\{a}`, `a\.b`,
	}
	names := make([]string, 1+random.IntN(3))
	for i := range names {
		names[i] = pieces[random.IntN(len(pieces))]
	}
	pattern := strings.Join(names, "/")
	if random.IntN(4) == 0 {
		pattern = "/" + pattern
	}
	if random.IntN(4) == 0 {
		pattern += "/"
	}
	if random.IntN(3) == 0 {
		pattern = "!" + pattern
	}
	return pattern
}

func kept(t *testing.T, root string, patterns []string) []string {
	t.Helper()
	rules, problems := parseExclusions(patterns)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	var paths []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("walk: %w", err)
		case path == ".":
			return nil
		case rules.match(path, entry.IsDir()):
			return skip(entry)
		case !entry.IsDir():
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(paths)
	return paths
}
