// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/jonboulle/clockwork"
)

// archiveOnlyProvider has an empty schema and serves only gogrid_bootstrap_archive.
// The tests use it to show that the data source needs no provider configuration.
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
	return []func() datasource.DataSource{NewBootstrapArchiveDataSource(clockwork.NewFakeClockAt(archiveNow()))}
}

const archiveTypeName = "gogrid_bootstrap_archive"

// archiveConfig is a configuration of the data source. Attributes that are not
// given are null.
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
		"os":      tftypes.String, "version": tftypes.String, "release": tftypes.String,
		"certificate_passwords": tftypes.Map{ElementType: tftypes.String},
		"manifest":              tftypes.Object{AttributeTypes: map[string]tftypes.Type{"steps": tftypes.List{ElementType: archiveStepType()}}},
	}
}

func archiveStepType() tftypes.Object {
	text := func(names ...string) tftypes.Object {
		object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{}}
		for _, name := range names {
			object.AttributeTypes[name] = tftypes.String
		}
		return object
	}
	run := text("script", "timeout")
	run.AttributeTypes["args"] = tftypes.List{ElementType: tftypes.String}
	return tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"install": text("from", "to"), "certificate": text("file", "password_file", "store"), "run": run, "service": text("name", "action"),
		"on_error": tftypes.String, "when": tftypes.String,
	}}
}

// archiveManifest returns a manifest block with the given steps.
func archiveManifest(steps ...tftypes.Value) tftypes.Value {
	kind := archiveAttributeTypes()["manifest"].(tftypes.Object)
	return tftypes.NewValue(kind, map[string]tftypes.Value{"steps": tftypes.NewValue(tftypes.List{ElementType: archiveStepType()}, steps)})
}

// archiveStep returns a step of the given kind, with the on_error and when
// values of settings. Attributes that are not given are null.
func archiveStep(kind string, values map[string]any, settings ...archiveConfig) tftypes.Value {
	step := map[string]tftypes.Value{}
	for name, attribute := range archiveStepType().AttributeTypes {
		step[name] = tftypes.NewValue(attribute, nil)
	}
	object := archiveStepType().AttributeTypes[kind].(tftypes.Object)
	attributes := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		value := values[name]
		if name == "args" && value != nil {
			attributes[name] = archiveTextList(value.([]any)...)
			continue
		}
		attributes[name] = tftypes.NewValue(attribute, value)
	}
	step[kind] = tftypes.NewValue(object, attributes)
	for _, set := range settings {
		maps.Copy(step, set)
	}
	return tftypes.NewValue(archiveStepType(), step)
}

// archiveNow is the time that these tests use as the current time.
func archiveNow() time.Time { return time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC) }

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

// readArchive reads the data source. The state is nil if there are errors.
func readArchive(t *testing.T, config archiveConfig) (map[string]tftypes.Value, []*tfprotov6.Diagnostic) {
	t.Helper()
	resp, err := archiveServer().ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: archiveTypeName, Config: config.value(t),
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range resp.Diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return nil, resp.Diagnostics
		}
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
	return values, resp.Diagnostics
}

// briefDiagnostics formats diagnostics as "attribute: detail", one per line.
func briefDiagnostics(diagnostics []*tfprotov6.Diagnostic) string {
	var lines []string
	for _, d := range diagnostics {
		lines = append(lines, fmt.Sprintf("%s: %s", d.Attribute, d.Detail))
	}
	return strings.Join(lines, "\n")
}

// plantFiles creates a folder with files of mode 0644.
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
