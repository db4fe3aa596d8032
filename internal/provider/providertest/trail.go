// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/tfcli"
)

// Trail collects everything that the commands of a workspace write: output,
// files and logs.
type Trail struct {
	t          *testing.T
	Workspace  *tfcli.Workspace
	grid       *acctest.Grid
	signatures func() []string
	// Log is the path of Terraform's trace log.
	Log string
	// Texts maps each source, such as a file, to the collected text.
	Texts map[string]string
}

// NewTrail creates a workspace whose commands log at level TRACE. It skips the
// test if Terraform is not available.
func NewTrail(t *testing.T, grid *acctest.Grid, configuration string) *Trail {
	t.Helper()
	if os.Getenv("TF_ACC") == "" {
		t.Skip("runs Terraform: set TF_ACC=1, as \"make test\" does")
	}
	found, err := tfcli.Find(t.Context())
	if err != nil {
		t.Skipf("no engine to run: %v", err)
	}
	root, err := tfcli.Root()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := tfcli.Build(t.Context(), root, dir, ""); err != nil {
		t.Fatal(err)
	}
	workspace, err := tfcli.NewWorkspace(found, dir, tfcli.Program(dir, ""))
	if err != nil {
		t.Fatal(err)
	}
	tr := &Trail{t: t, Workspace: workspace, grid: grid, signatures: grid.Signatures(), Log: filepath.Join(dir, "trace.log"), Texts: map[string]string{}}
	workspace.Env = append(grid.Env(), "TF_LOG=TRACE", "TF_LOG_PATH="+tr.Log)
	if err := workspace.Write("main.tf", configuration); err != nil {
		t.Fatal(err)
	}
	return tr
}

// Run runs a command, checks its exit code and keeps its output.
func (tr *Trail) Run(code int, args ...string) {
	tr.t.Helper()
	output, got, err := tr.Workspace.Run(tr.t.Context(), args...)
	if err != nil {
		tr.t.Fatal(err)
	}
	if got != code {
		tr.t.Fatalf("%v ended with code %d, want %d:\n%s", args, got, code, output)
	}
	tr.Texts["output of "+strings.Join(args, " ")] += output
}

// Keep collects the content of a file of the workspace. If the file is a plan,
// Keep also collects the files that the plan contains.
func (tr *Trail) Keep(name string) {
	tr.t.Helper()
	path := filepath.Join(tr.Workspace.Dir, name)
	text, err := os.ReadFile(path)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.Texts[name] = string(text)
	packed, err := zip.OpenReader(path)
	if err != nil {
		return // not a plan file
	}
	defer packed.Close() //nolint:errcheck // it was only read
	for _, entry := range packed.File {
		file, err := entry.Open()
		if err != nil {
			tr.t.Fatal(err)
		}
		text, err := io.ReadAll(file)
		_ = file.Close() // it is in memory
		if err != nil {
			tr.t.Fatal(err)
		}
		tr.Texts[name+"/"+entry.Name] = string(text)
	}
}

// Search checks that no collected text holds a secret. In addition to secrets,
// it searches for the secrets of the API: the key, the shared secret and each
// signature.
func (tr *Trail) Search(secrets map[string]string) {
	tr.t.Helper()
	secrets["the shared secret"], secrets["the API key"] = tr.grid.Key.SharedSecret, tr.grid.Key.APIKey
	if len(tr.signatures()) == 0 {
		tr.t.Error("the trail saw no signature, so a search for signatures proves nothing")
	}
	for _, signature := range tr.signatures() {
		secrets["the signature "+signature] = signature
	}
	log, err := os.ReadFile(tr.Log)
	if err != nil {
		tr.t.Fatal(err)
	}
	tr.Texts["the log"] = string(log)
	for where, text := range tr.Texts {
		for what, secret := range secrets {
			if at := strings.Index(text, secret); at >= 0 {
				line := text[strings.LastIndex(text[:at], "\n")+1 : at]
				tr.t.Errorf("%s holds %s, after %q", where, what, line[max(0, len(line)-300):])
			}
		}
	}
}

// Write writes a file below the directory of the workspace.
func (tr *Trail) Write(name, content string) {
	tr.t.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(tr.Workspace.Dir, name)), 0o700); err != nil {
		tr.t.Fatal(err)
	}
	if err := tr.Workspace.Write(name, content); err != nil {
		tr.t.Fatal(err)
	}
}
