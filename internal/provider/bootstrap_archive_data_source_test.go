// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// archiveOnlyProvider serves the data source alone, to show that it needs
// nothing from a configured provider.
type archiveOnlyProvider struct{}

func (archiveOnlyProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "gogrid"
}
func (archiveOnlyProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {
}
func (archiveOnlyProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}
func (archiveOnlyProvider) Resources(context.Context) []func() resource.Resource { return nil }
func (archiveOnlyProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{NewBootstrapArchiveDataSource}
}

const archiveTypeName = "gogrid_bootstrap_archive"

// archiveConfig is a configuration of the data source; what is not named is
// null.
type archiveConfig map[string]tftypes.Value

func (c archiveConfig) value(t *testing.T) *tfprotov6.DynamicValue {
	t.Helper()
	attributes := archiveAttributeTypes()
	values := map[string]tftypes.Value{}
	for name, kind := range attributes {
		values[name] = tftypes.NewValue(kind, nil)
	}
	for name, value := range c {
		values[name] = value
	}
	object := tftypes.Object{AttributeTypes: attributes}
	encoded, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
	if err != nil {
		t.Fatal(err)
	}
	return &encoded
}

func archiveAttributeTypes() map[string]tftypes.Type {
	return map[string]tftypes.Type{
		"source_dir": tftypes.String, "output_path": tftypes.String, "sha256": tftypes.String,
		"size": tftypes.Number, "file_count": tftypes.Number,
		"files":   tftypes.Map{ElementType: tftypes.String},
		"exclude": tftypes.List{ElementType: tftypes.String},
	}
}

func archiveText(value any) tftypes.Value { return tftypes.NewValue(tftypes.String, value) }

func archiveTextMap(entries map[string]any) tftypes.Value {
	values := map[string]tftypes.Value{}
	for key, value := range entries {
		values[key] = archiveText(value)
	}
	return tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, values)
}

func archiveTextList(entries ...any) tftypes.Value {
	var values []tftypes.Value
	for _, value := range entries {
		values = append(values, archiveText(value))
	}
	return tftypes.NewValue(tftypes.List{ElementType: tftypes.String}, values)
}

func archiveServer() tfprotov6.ProviderServer {
	return providerserver.NewProtocol6(archiveOnlyProvider{})()
}

func validateArchive(t *testing.T, config archiveConfig) []*tfprotov6.Diagnostic {
	t.Helper()
	resp, err := archiveServer().ValidateDataResourceConfig(t.Context(), &tfprotov6.ValidateDataResourceConfigRequest{
		TypeName: archiveTypeName, Config: config.value(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	return resp.Diagnostics
}

// readArchive reads the data source; the state is nil when there are errors.
func readArchive(t *testing.T, config archiveConfig) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	resp, err := archiveServer().ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: archiveTypeName, Config: config.value(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(resp.Diagnostics) > 0 {
		return nil, resp.Diagnostics
	}
	state, err := resp.State.Unmarshal(tftypes.Object{AttributeTypes: archiveAttributeTypes()})
	if err != nil {
		t.Fatal(err)
	}
	if !state.IsFullyKnown() {
		t.Errorf("the state holds unknown values: %v", state)
	}
	values := map[string]tftypes.Value{}
	if err := state.As(&values); err != nil {
		t.Fatal(err)
	}
	return values, nil
}

// briefDiagnostics shows diagnostics as "attribute: detail", a line each.
func briefDiagnostics(diagnostics []*tfprotov6.Diagnostic) string {
	var lines []string
	for _, d := range diagnostics {
		lines = append(lines, fmt.Sprintf("%s: %s", d.Attribute, d.Detail))
	}
	return strings.Join(lines, "\n")
}

// plantFiles makes a folder with files of mode 0644.
func plantFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

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
	if diff := cmp.Diff([]string{"a", "b/c", "conf/x"}, names); diff != "" {
		t.Error("(-want +got)\n", diff)
	}
	delete(config, "output_path")
	withoutFile, _ := readArchive(t, config)
	if !withoutFile["sha256"].Equal(state["sha256"]) {
		t.Error("the digest depends on output_path")
	}
}

// TestBootstrapArchiveRefuses reads configurations that cannot become an
// archive: every problem is told, on the attribute that is to blame.
func TestBootstrapArchiveRefuses(t *testing.T) {
	t.Parallel()
	// U+0085 is a control character that every file system takes.
	dir := plantFiles(t, map[string]string{"a": "", "b\u0085": "", "sub/c\u0085": "", "fine/x": ""})
	for name, tc := range map[string]struct {
		config archiveConfig
		want   []string // "attribute: part of the detail", one a diagnostic
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
			archiveConfig{"source_dir": archiveText(dir), "exclude": archiveTextList("/a")},
			[]string{`AttributeName("source_dir"): "sub/nul" holds the name "nul", which Windows reserves`},
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
				t.Error("a state was returned with errors")
			}
		})
	}
}

func checkDiagnostics(t *testing.T, diagnostics []*tfprotov6.Diagnostic, want []string) {
	t.Helper()
	if len(diagnostics) != len(want) {
		t.Fatalf("got %d diagnostics, want %d:\n%s", len(diagnostics), len(want), briefDiagnostics(diagnostics))
	}
	for i, d := range diagnostics {
		if got := briefDiagnostics([]*tfprotov6.Diagnostic{d}); !strings.HasPrefix(got, want[i]) {
			t.Errorf("diagnostic %d is\n%s\nwant it to start with\n%s", i, got, want[i])
		}
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
			[]string{`AttributeName("source_dir"): Attribute source_dir string length must be at least 1`},
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

// A folder with very many problems gives a message that can still be read.
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
