// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const (
	// pageFile is the page of the app in the example.
	pageFile = "app/site/index.html"
	// heading is the part of the page that the app's own check requires.
	heading = "  <h1>Welcome</h1>\n"
	// deployServers is the number of servers in the example. maxDown is the
	// number of servers that may be down at a time.
	deployServers, maxDown = 4, 1
)

// deploySteps returns the steps of the chapter that deploys the app.
func (d *demo) deploySteps() []step {
	return []step{
		{
			title:   "An image whose servers load their app when they boot",
			command: []string{"apply", "-target=gogrid_mygsi_image.web"},
		},
		{title: "Four servers of it", command: []string{"apply"}, check: d.checkPages},
		{
			title: "Change one line of the app, and deploy it", command: []string{"apply"},
			edit:         &edit{pageFile, "The shop is open.", "The shop is open all night."},
			minAnswering: deployServers - maxDown, check: d.checkPages,
		},
		{
			title: "Break the app: the deploy stops at the first server", command: []string{"apply"},
			edit: &edit{pageFile, heading, ""}, code: 1,
			minAnswering: deployServers - maxDown, check: d.checkPages,
		},
		{
			title: "Go back: a server that already runs the release is not restarted", command: []string{"apply"},
			edit:         &edit{pageFile, "  <p>", heading + "  <p>"},
			minAnswering: deployServers, check: d.checkPages,
		},
	}
}

// edit replaces the text from, which must occur exactly once, in a file of the
// configuration.
type edit struct{ file, from, to string }

// apply edits the file and returns its text before and after the edit.
func (e edit) apply(dir string) (before, after string, err error) {
	path := filepath.Join(dir, filepath.FromSlash(e.file))
	text, err := os.ReadFile(path)
	if err != nil {
		return "", "", err
	}
	before = string(text)
	if strings.Count(before, e.from) != 1 {
		return "", "", fmt.Errorf("the demo changes %[2]q in %[1]s of the example, so the file must contain this text exactly once; if you changed the page, restore it with \"git checkout examples\"", e.file, e.from)
	}
	after = strings.Replace(before, e.from, e.to, 1)
	return before, after, os.WriteFile(path, []byte(after), 0o600)
}

// changedLines returns the lines of a text that another text does not have.
func changedLines(of, other string) []string {
	var changed []string
	for line := range strings.Lines(of) {
		if !strings.Contains(other, line) {
			changed = append(changed, strings.TrimSpace(line))
		}
	}
	return changed
}
