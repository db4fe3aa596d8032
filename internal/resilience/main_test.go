// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

//go:build unix

package resilience

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// tools holds the programs that all tests share. The first test that needs the
// programs compiles them.
var tools = &toolbox{builds: tfcli.NewBuilds("", "cmd/gogrid-simulator")}

func TestMain(m *testing.M) {
	m.Run()
	if tools.summary != "" {
		fmt.Fprintln(os.Stdout, tools.summary)
	}
	if err := tools.builds.Close(); err != nil {
		panic(err)
	}
}

// toolbox holds the engine and the programs of this repository.
type toolbox struct {
	builds  *tfcli.Builds
	summary string // printed after all tests

	once   sync.Once
	engine *tfcli.Engine
	dir    string
	err    error
}

func (b *toolbox) provider() string  { return filepath.Join(b.dir, "terraform-provider-gogrid") }
func (b *toolbox) simulator() string { return filepath.Join(b.dir, "gogrid-simulator") }

// require compiles the programs if necessary. It skips the test if TF_ACC is
// not set or no engine is installed.
func (b *toolbox) require(t testing.TB) {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs a real Terraform or OpenTofu: set TF_ACC=1, as make test does")
	}
	found, err := tfcli.Find(t.Context())
	if err != nil {
		t.Skip(err)
	}
	b.once.Do(func() {
		b.engine = found
		b.dir, b.err = b.builds.Programs(t.Context())
	})
	if b.err != nil {
		t.Fatal(b.err)
	}
}
