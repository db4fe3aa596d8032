// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// checkTarget checks that a folder on a server may become a mirror. Mirroring
// deletes all other files in the folder, so checkTarget rejects system folders
// and everything inside protected folders.
func (o OS) checkTarget(to string) error {
	clean, err := o.cleanTarget(to)
	if err != nil {
		return err
	}
	folder := strings.ToLower(clean)
	if o == Windows {
		folder = folder[len("c:"):]
	}
	if slices.Contains(o.systemFolders(), folder) {
		return fmt.Errorf("%q belongs to the system, and everything in it that is not in the archive would be deleted: name a folder of your own inside it", to)
	}
	for _, protected := range o.protectedFolders() {
		if strings.HasPrefix(folder, protected) {
			return fmt.Errorf("%q is inside %q, which only the system may write to: name a folder outside it", to, strings.TrimRight(protected, `\/`))
		}
	}
	return nil
}

// cleanTarget returns the normalized form of an absolute path on a server: with
// backslashes on Windows, and without a trailing separator.
func (o OS) cleanTarget(to string) (string, error) {
	if o == Windows {
		return cleanWindows(to)
	}
	if !strings.HasPrefix(to, "/") {
		return "", fmt.Errorf("%q is not an absolute path on Linux, such as /srv/app", to)
	}
	if strings.ContainsFunc(to, isControl) {
		return "", fmt.Errorf("%q holds a control character", to)
	}
	clean := path.Clean(to)
	if clean != to && clean+"/" != to {
		return "", fmt.Errorf("%q is not a normalized path: write %q", to, clean)
	}
	return clean, nil
}

func isControl(c rune) bool { return c < ' ' || c == 0x7f }

func cleanWindows(to string) (string, error) {
	slashed := strings.ReplaceAll(to, `\`, "/")
	if !hasDriveLetter(slashed) || !strings.HasPrefix(slashed[2:], "/") {
		return "", fmt.Errorf(`%q is not an absolute path on Windows, such as C:\app: it begins with a drive letter, a colon and a backslash`, to)
	}
	rest := strings.TrimSuffix(slashed[len("c:/"):], "/")
	if rest != "" {
		for name := range strings.SplitSeq(rest, "/") {
			if err := checkName(name); err != nil {
				return "", fmt.Errorf("%q %w", to, err)
			}
		}
	}
	return strings.ToUpper(slashed[:1]) + `:\` + strings.ReplaceAll(rest, "/", `\`), nil
}

// systemFolders returns folders that must not become mirrors, in lower case.
// Windows paths have no drive letter.
func (o OS) systemFolders() []string {
	if o == Windows {
		return []string{`\`, `\windows`, `\program files`, `\program files (x86)`, `\programdata`, `\users`, `\documents and settings`, `\inetpub`}
	}
	return []string{
		"/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt", "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp",
		"/usr", "/usr/bin", "/usr/lib", "/usr/lib64", "/usr/local", "/usr/sbin", "/usr/share", "/var", "/var/lib", "/var/log", "/var/run",
	}
}

// protectedFolders returns prefixes of paths that must not become mirrors.
func (o OS) protectedFolders() []string {
	if o == Windows {
		return []string{`\windows\`}
	}
	return []string{"/boot/", "/dev/", "/proc/", "/sys/"}
}

// checkTargetClashes rejects mirrors that would delete each other's files.
func (c *stepCheck) checkTargetClashes(steps []Step) {
	type target struct {
		step   int
		folder string
	}
	var before []target
	for i, step := range steps {
		if step.Install == nil {
			continue
		}
		folder, err := c.os.cleanTarget(step.Install.To)
		if err != nil {
			continue // checkTarget has already reported it
		}
		if c.os == Windows {
			folder = strings.ReplaceAll(foldCase(folder), `\`, "/")
		}
		for _, other := range before {
			if relation := overlap(folder, other.folder); relation != "" {
				c.add(i, "install.to", fmt.Errorf("%q %s the target of step %d: each mirror would delete the other's files", step.Install.To, relation, other.step+1))
				break
			}
		}
		before = append(before, target{i, folder})
	}
}

// overlap returns how a folder overlaps another, in words, or "" if they are
// disjoint.
func overlap(folder, other string) string {
	switch {
	case folder == other:
		return "is the same folder as"
	case strings.HasPrefix(folder+"/", strings.TrimSuffix(other, "/")+"/"):
		return "is inside"
	case strings.HasPrefix(other+"/", strings.TrimSuffix(folder, "/")+"/"):
		return "contains"
	}
	return ""
}
