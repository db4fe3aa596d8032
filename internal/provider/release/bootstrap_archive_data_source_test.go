// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

func TestBootstrapArchiveRead(t *testing.T) {
	t.Parallel()
	dir := plantFiles(t, map[string]string{"app/a": "1", "app/debug.log": "x", "app/b/c": "2"})
	output := filepath.Join(dir, "build", "app.zip")
	config := archiveConfig{
		"source_dir":  archiveText(filepath.Join(dir, "app")),
		"files":       archiveTextMap(map[string]any{"conf/x": "content"}),
		"exclude":     archiveTextList("*.log"),
		"output_path": archiveText(output),
	}
	if diagnostics := validateArchive(t, config); len(diagnostics) > 0 {
		t.Fatal(briefDiagnostics(diagnostics))
	}
	state, diagnostics := readArchive(t, config)
	if len(diagnostics) > 0 {
		t.Fatal(briefDiagnostics(diagnostics))
	}
	content, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	config["sha256"] = archiveText(hex.EncodeToString(sum[:]))
	config["size"] = tftypes.NewValue(tftypes.Number, len(content))
	config["file_count"] = tftypes.NewValue(tftypes.Number, 3)
	for name, want := range config {
		if !state[name].Equal(want) {
			t.Errorf("%s is %v, want %v", name, state[name], want)
		}
	}
	reader, err := zip.OpenReader(output)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = reader.Close() }()
	var names []string
	for _, file := range reader.File {
		names = append(names, file.Name)
	}
	if diff := cmp.Diff([]string{"a", "b/c", "conf/x", "bootstrap.json"}, names); diff != "" {
		t.Error("(-want +got)\n", diff)
	}
	delete(config, "output_path")
	withoutFile, _ := readArchive(t, config)
	if !withoutFile["sha256"].Equal(state["sha256"]) {
		t.Error("the digest depends on output_path")
	}
}

// TestBootstrapArchiveRefuses reads invalid configurations. Every problem must be
// reported, on the attribute that causes it.
func TestBootstrapArchiveRefuses(t *testing.T) {
	t.Parallel()
	// U+0085 is a control character that every file system accepts.
	dir := plantFiles(t, map[string]string{"a": "", "b\u0085": "", "sub/c\u0085": "", "fine/x": ""})
	for name, tc := range map[string]struct {
		config archiveConfig
		want   []string // "attribute: part of the detail", one for each diagnostic
	}{
		"missing folder": {
			archiveConfig{"source_dir": archiveText(dir + "/missing")},
			[]string{`AttributeName("source_dir"): There is no folder`},
		},
		"problems of the folder share a diagnostic": {
			archiveConfig{"source_dir": archiveText(dir)},
			[]string{"AttributeName(\"source_dir\"): There are 2 problems:\n- \"b\\u0085\" holds the control character U+0085\n- \"sub/c"},
		},
		"one problem of the folder": {
			archiveConfig{"source_dir": archiveText(dir), "exclude": archiveTextList("/b*")},
			[]string{`AttributeName("source_dir"): "sub/c\u0085" holds the control character`},
		},
		"everything excluded": {
			archiveConfig{"source_dir": archiveText(dir), "exclude": archiveTextList("*")},
			[]string{fmt.Sprintf(`AttributeName("source_dir"): %q has no files to archive that are not excluded`, dir)},
		},
		"files": {
			archiveConfig{"files": archiveTextMap(map[string]any{"/etc/x": "1", "ok": "2", "../y": "3"})},
			[]string{
				`AttributeName("files").ElementKeyString("../y"): "../y" holds ".."`,
				`AttributeName("files").ElementKeyString("/etc/x"): "/etc/x" is an absolute path`,
			},
		},
		"null content": {
			archiveConfig{"files": archiveTextMap(map[string]any{"x": nil})},
			[]string{`AttributeName("files").ElementKeyString("x"): The content of "x" is null`},
		},
		"no files": {
			archiveConfig{"files": archiveTextMap(nil)},
			[]string{`AttributeName("files"): There are no files to archive`},
		},
		"exclude": {
			archiveConfig{"source_dir": archiveText(dir + "/fine"), "exclude": archiveTextList("ok", `a\b`, "[x")},
			[]string{
				`AttributeName("exclude").ElementKeyInt(1): The pattern "a\\b" has a backslash before 'b'`,
				`AttributeName("exclude").ElementKeyInt(2): The pattern "[x" has a "[" without its "]"`,
			},
		},
		"null pattern": {
			archiveConfig{"source_dir": archiveText(dir + "/fine"), "exclude": archiveTextList("ok", nil)},
			[]string{`AttributeName("exclude").ElementKeyInt(1): The pattern is null`},
		},
		"output inside the folder": {
			archiveConfig{"source_dir": archiveText(dir + "/fine"), "output_path": archiveText(dir + "/fine/o.zip")},
			[]string{fmt.Sprintf(`AttributeName("output_path"): %q is inside the source folder`, dir+"/fine/o.zip")},
		},
		"output cannot be written": {
			archiveConfig{"source_dir": archiveText(dir + "/fine"), "output_path": archiveText(dir + "/a/o.zip")},
			[]string{`AttributeName("output_path"): The archive cannot be written to`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			state, diagnostics := readArchive(t, tc.config)
			checkDiagnostics(t, diagnostics, tc.want)
			if state != nil {
				t.Error("the read returned a state despite its errors")
			}
		})
	}
}

func TestBootstrapArchiveValidate(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		config archiveConfig
		want   []string
	}{
		"neither source": {archiveConfig{}, []string{": At least one of these attributes must be configured: [source_dir,files]"}},
		"exclude alone": {
			archiveConfig{"files": archiveTextMap(map[string]any{"x": ""}), "exclude": archiveTextList("a")},
			[]string{`AttributeName("exclude"): Attribute "source_dir" must be specified when "exclude" is specified`},
		},
		"empty folder name": {
			archiveConfig{"source_dir": archiveText("")},
			[]string{`AttributeName("source_dir"): source_dir is empty. It must not be empty`},
		},
		"folder is not read": {archiveConfig{"source_dir": archiveText("missing")}, nil},
		"all unknown": {
			archiveConfig{
				"source_dir": archiveText(tftypes.UnknownValue), "output_path": archiveText(tftypes.UnknownValue),
				"files":   tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, tftypes.UnknownValue),
				"exclude": tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, tftypes.UnknownValue),
			},
			nil,
		},
		"bad path beside unknown content": {
			archiveConfig{"files": archiveTextMap(map[string]any{"/x": "", "y": tftypes.UnknownValue})},
			[]string{`AttributeName("files").ElementKeyString("/x"): "/x" is an absolute path`},
		},
		"bad path of unknown content": {
			archiveConfig{"files": archiveTextMap(map[string]any{"/x": tftypes.UnknownValue})},
			[]string{`AttributeName("files").ElementKeyString("/x"): "/x" is an absolute path`},
		},
		"bad pattern after unknown pattern": {
			archiveConfig{"source_dir": archiveText("x"), "exclude": archiveTextList(tftypes.UnknownValue, "[")},
			[]string{`AttributeName("exclude").ElementKeyInt(1): The pattern "["`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkDiagnostics(t, validateArchive(t, tc.config), tc.want)
		})
	}
}

// A message about a folder with many problems has a limited length.
func TestBootstrapArchiveShortensLongLists(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for i := range 60 {
		files[fmt.Sprintf("%02d/\u0085", i)] = ""
	}
	_, diagnostics := readArchive(t, archiveConfig{"source_dir": archiveText(plantFiles(t, files))})
	got := briefDiagnostics(diagnostics)
	if strings.Count(got, "\n- ") != shownProblems+1 || !strings.HasSuffix(got, "\n- and 10 more") {
		t.Errorf("the message is\n%s", got)
	}
}

// TestArchivesWithOneOutputPath checks that a second archive with the same
// output_path causes an error that names both archives. The file of the first
// archive must not change.
func TestArchivesWithOneOutputPath(t *testing.T) {
	t.Parallel()
	output := filepath.Join(t.TempDir(), "app.zip")
	server := archiveServer()
	read := func(file string) []*tfprotov6.Diagnostic {
		config := archiveConfig{"files": archiveTextMap(map[string]any{file: "x"}), "output_path": archiveText(output)}
		resp, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: archiveTypeName, Config: config.value(t)})
		if err != nil {
			t.Fatal(err)
		}
		return resp.Diagnostics
	}
	for range 2 {
		if diags := read("first"); len(diags) > 0 {
			t.Fatalf("the first archive has diagnostics: %v", diags[0])
		}
	}
	before, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	diags := read("second")
	if len(diags) != 1 || !strings.Contains(diags[0].Detail, `files ["first"]`) || !strings.Contains(diags[0].Detail, `files ["second"]`) {
		t.Errorf("the diagnostics are %v, want one error that names both archives", diags)
	}
	if after, err := os.ReadFile(output); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file of the first archive has changed (%v)", err)
	}
}
