// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/demo"
)

// checkDeploys checks the results of the deploy chapter.
func checkDeploys(t *testing.T, report *demo.Report, output string) {
	t.Helper()
	if len(report.Steps) != 12 {
		t.Fatalf("there are %d steps, want 12", len(report.Steps))
	}
	deploy, broken, back := report.Steps[8], report.Steps[9], report.Steps[10]
	for fewest, step := range map[int]demo.Result{3: deploy, 4: back} {
		if step.Watch == nil || step.Watch.Servers != 4 || step.Watch.Fewest < fewest || step.Watch.Answers < 4 {
			t.Errorf("during step %q the watch found %+v, want at least %d of 4 servers", step.Title, step.Watch, fewest)
		}
	}
	if broken.Watch == nil || broken.Watch.Fewest < 3 {
		t.Errorf("during step %q the watch found %+v, want at least 3 servers", broken.Title, broken.Watch)
	}
	untouched := 0
	for _, text := range broken.Errors {
		if strings.Contains(text, "This server was not touched.") {
			untouched++
		}
	}
	if len(broken.Errors) != 4 || untouched != 3 {
		t.Errorf("the broken app failed with %q, want four errors, three of them about servers that were not touched", broken.Errors)
	}
	// A restart with its boot takes three and a half minutes, and the servers
	// restart one after the other.
	if deploy.OnGrid.Round(time.Minute) != 14*time.Minute || broken.OnGrid.Round(10*time.Second) != 210*time.Second {
		t.Errorf("the deploy took %s on the grid and the failed deploy took %s, want 14m and 3m30s", deploy.OnGrid, broken.OnGrid)
	}
	for want, times := range map[string]int{
		": the old page\n": 4, ": the new page\n": 4, "+ <p>The shop is open all night.</p>": 1, "- <h1>Welcome</h1>": 1, "+ <h1>Welcome</h1>": 1,
		"/ The shop is open all night.\n": 12, "/ The shop is open.\n": 4, "error    Could not update server": 4, "This server was not touched.": 1,
	} {
		if got := strings.Count(output, want); got != times {
			t.Errorf("the output has %q %d times, want %d", want, got, times)
		}
	}
}
