// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tfcli

import (
	"fmt"
	"slices"
	"testing"
)

func TestBuildOutput(t *testing.T) {
	t.Parallel()
	var shown []string
	out := &buildOutput{show: func(what string) { shown = append(shown, what) }}
	for _, part := range []string{"go: downloading example.com/a v1.2.3\nnet/ht", "tp\nexample.com/a\n# example.com/b\n", "b/b.go:3:5: undefined: x\n\nno end"} {
		fmt.Fprint(out, part)
	}
	if want := []string{"downloading example.com/a v1.2.3", "compiling net/http", "compiling example.com/a"}; !slices.Equal(shown, want) {
		t.Errorf("shown: %q, want %q", shown, want)
	}
	if got, want := out.remaining(), "# example.com/b\nb/b.go:3:5: undefined: x\n\nno end"; got != want {
		t.Errorf("the rest is %q, want %q", got, want)
	}
}
