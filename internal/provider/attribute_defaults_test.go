// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/defaults"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/image"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/prepare"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/rollout"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/server"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// published is a default that the documentation promises. Code is the constant
// that sets the default, and text is the default as users read it. Users rely
// on the default, so a change of the constant must also change the text.
type published struct {
	code any
	text string
}

// publishedDefaults maps attributes to their defaults, in the order in which
// the attribute text names them. schemaDefaults adds the defaults that schemas
// set.
var publishedDefaults = map[string][]published{
	"provider.endpoint":                       {{client.DefaultEndpoint, "https://api.gogrid.com/api"}},
	"provider.request_timeout":                {{client.DefaultRequestTimeout, "1m"}},
	"provider.max_retries":                    {{client.DefaultMaxRetries, "4"}},
	"provider.poll_interval":                  {{defaultPollInterval, "10s"}},
	"provider.cloud_storage.protocol":         {{storage.DefaultProtocol, "smb"}},
	"provider.cloud_storage.host":             {{storage.AccountHost("<username>"), "<username>.cloud.storage.gogrid.com"}},
	"provider.cloud_storage.port":             {{storage.DefaultSMBPort, "445"}, {communicator.DefaultSSHPort, "22"}},
	"provider.cloud_storage.bastion.port":     {{communicator.DefaultSSHPort, "22"}},
	"provider.cloud_storage.bastion.username": {{communicator.DefaultSSHAccount, "root"}},

	"resource gogrid_server.deploy.max_unavailable": {{rollout.DefaultMaxUnavailable, "1"}},
	"resource gogrid_server.deploy.on_change":       {{rollout.DefaultOnChange, "restart"}},
	"resource gogrid_server.deploy.health.timeout":  {{rollout.DefaultHealthTimeout, "15m"}},
	"resource gogrid_server.ready.timeout":          {{machine.DefaultReadyTimeout, "20m"}},
	"resource gogrid_sandbox.ready.timeout":         {{machine.DefaultReadyTimeout, "20m"}},
	"resource gogrid_storage_object.retain":         {{false, "false"}},

	"resource gogrid_mygsi_image.build.keep_sandbox_on_failure":       {{false, "false"}},
	"resource gogrid_mygsi_image.build.max_duration":                  {{image.DefaultMaxDuration, "2h"}},
	"resource gogrid_mygsi_image.verify.timeout":                      {{prepare.DefaultLoginTimeout, "20m"}},
	"resource gogrid_mygsi_image.prepare.mode":                        {{prepare.DefaultMode, "automatic"}},
	"resource gogrid_mygsi_image.prepare.files.mode":                  {{fmt.Sprintf("%04o", tf.DefaultFileMode), "0644"}},
	"resource gogrid_mygsi_image.prepare.connection.type":             {{prepare.DefaultProtocol, "ssh"}},
	"resource gogrid_mygsi_image.prepare.connection.username":         {{communicator.DefaultSSHAccount, "root"}, {communicator.DefaultWinRMAccount, "Administrator"}},
	"resource gogrid_mygsi_image.prepare.connection.port":             {{communicator.DefaultSSHPort, "22"}, {communicator.DefaultWinRMPort, "5986"}},
	"resource gogrid_mygsi_image.prepare.connection.timeout":          {{prepare.DefaultLoginTimeout, "20m"}},
	"resource gogrid_mygsi_image.prepare.connection.insecure":         {{false, "false"}},
	"resource gogrid_mygsi_image.prepare.connection.bastion.port":     {{communicator.DefaultSSHPort, "22"}},
	"resource gogrid_mygsi_image.prepare.connection.bastion.username": {{communicator.DefaultSSHAccount, "root"}},

	"data gogrid_dhcp_config.interface":                              {{startup.DefaultLinuxAdapter, "eth1"}},
	"data gogrid_dhcp_config.lease_time":                             {{startup.DefaultLease, "12h"}},
	"data gogrid_startup_script.private_network.adapter":             {{startup.DefaultLinuxAdapter, "eth1"}, {startup.DefaultWindowsAdapter, "Local Area Connection 2"}},
	"data gogrid_startup_script.private_network.mode":                {{startup.DefaultMode, "dhcp"}},
	"data gogrid_bootstrap_archive.manifest.steps.on_error":          {{bootstrap.DefaultOnError, "stop"}},
	"data gogrid_bootstrap_archive.manifest.steps.when":              {{bootstrap.DefaultWhen, "on_change"}},
	"data gogrid_bootstrap_archive.manifest.steps.run.timeout":       {{time.Duration(bootstrap.DefaultTimeoutSeconds) * time.Second, "10m"}},
	"data gogrid_bootstrap_archive.manifest.steps.certificate.store": {{bootstrap.DefaultStore, "My"}},

	"ephemeral gogrid_server_password.timeout": {{server.DefaultPasswordTimeout, "5m"}},
}

// statedDefaults matches the part of an attribute text that names one default,
// or one default for each of two cases ("`22` over SSH and `5986` over WinRM").
var statedDefaults = regexp.MustCompile("[Dd]efaults? to (`[^`]+`(?: (?:over|for|on) \\w+ and `[^`]+`)?)")

// looseDefault matches other ways to name a value as the default. They escape
// statedDefaults.
var looseDefault = regexp.MustCompile("`,? (?:\\(?the default|which is the default|unless given|by default)|[Dd]efaults? (?:is|are|to) \\d")

var quoted = regexp.MustCompile("`[^`]+`")

// TestTextsNameTheDefaults compares every default in an attribute text with the
// constant or the schema that sets the default.
func TestTextsNameTheDefaults(t *testing.T) {
	t.Parallel()
	want := map[string][]string{}
	for name, defaults := range publishedDefaults {
		for _, d := range defaults {
			if code := tf.ValueText(d.code); code != "`"+d.text+"`" {
				t.Errorf("%s: the constant is %s, and the published default is `%s`", name, code, d.text)
			}
			want[name] = append(want[name], tf.ValueText(d.code))
		}
	}
	maps.Copy(want, schemaDefaults(t))
	for name, text := range schemaTexts(t) {
		var got []string
		for _, match := range statedDefaults.FindAllStringSubmatch(text, -1) {
			got = append(got, quoted.FindAllString(match[1], -1)...)
		}
		if !slices.Equal(got, want[name]) {
			t.Errorf("%s names the defaults %v, want %v: %s", name, got, want[name], text)
		}
		if loose := looseDefault.FindString(text); loose != "" {
			t.Errorf("%s says %q: write \"Defaults to ...\" with tf.DefaultText", name, loose)
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("there is no attribute %s", name)
	}
}

// maxTextLength is six lines of 100 columns.
const maxTextLength = 600

// TestTextsAreShort checks the length of attribute texts, because longer
// explanations belong in a guide. The descriptions of whole resources and data
// sources have separate pages and may be longer.
func TestTextsAreShort(t *testing.T) {
	t.Parallel()
	for name, text := range schemaTexts(t) {
		if strings.Contains(name, ".") && len(text) > maxTextLength {
			t.Errorf("the text of %s has %d characters, want at most %d: move some of it to a guide", name, len(text), maxTextLength)
		}
	}
}

// schemaDefaults returns the defaults that resource schemas set, by the path of
// the attribute.
func schemaDefaults(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	for name, typeSchema := range schemas(t) {
		resourceSchema, ok := typeSchema.(schema.Schema)
		if !ok || !strings.HasPrefix(name, "resource ") {
			continue
		}
		for attribute, definition := range resourceSchema.Attributes {
			if value := schemaDefault(t.Context(), definition); value != nil {
				found[name+"."+attribute] = []string{tf.ValueText(value)}
			}
		}
	}
	if len(found) == 0 {
		t.Fatal("schemaDefaults found no default in any resource schema")
	}
	return found
}

// schemaDefault returns the default of an attribute, or nil if the schema sets
// no default.
func schemaDefault(ctx context.Context, definition schema.Attribute) any {
	switch attribute := definition.(type) {
	case schema.StringAttribute:
		if attribute.Default != nil {
			var resp defaults.StringResponse
			attribute.Default.DefaultString(ctx, defaults.StringRequest{}, &resp)
			return resp.PlanValue.ValueString()
		}
	case schema.BoolAttribute:
		if attribute.Default != nil {
			var resp defaults.BoolResponse
			attribute.Default.DefaultBool(ctx, defaults.BoolRequest{}, &resp)
			return resp.PlanValue.ValueBool()
		}
	case schema.Int64Attribute:
		if attribute.Default != nil {
			var resp defaults.Int64Response
			attribute.Default.DefaultInt64(ctx, defaults.Int64Request{}, &resp)
			return resp.PlanValue.ValueInt64()
		}
	}
	return nil
}
