// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Values of deploy.on_change.
const (
	OnChangeRestart = "restart"
	OnChangeReplace = "replace"
	OnChangeNone    = "none"
)

// defaultDeployTimeout bounds the wait for a release where health sets none: a
// restart takes minutes on GoGrid, and then the server loads the release. It is
// less than what an update may take, so that the error tells of the release.
const defaultDeployTimeout = 15 * time.Minute

// Block asks for a release.
func Block() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "The release that the server is to run. Its image must have the script of `gogrid_startup_script`, which loads the release when the server boots and says on Cloud Storage what became of it; so the provider needs its `cloud_storage` block.\n\n" +
			"A new release restarts the server in place. Servers of one `group` go one after the other: the next one only when the last one has told that it runs the release, and is healthy. When one fails, those that have not begun are left as they are, and the next apply goes on. " +
			"To go back, apply the previous release. A restart for `restart_triggers` waits for its turn as well.\n\n" +
			"A server that runs another release than its state says shows as a change. Each server's release is pinned in a file of its own, `servers/<name>.json`: one that boots by itself in the middle of a deploy stays on its release until its turn has come.\n\n" +
			"Servers that wait for their turn hold places of Terraform's: run with `-parallelism` above the number of servers in the largest group, or other resources wait with them.",
		Attributes: map[string]schema.Attribute{
			"channel": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Channel that knows where the release's archive is, usually `gogrid_storage_channel.app.name`. " +
					"Required in this block. A change alone restarts nothing.",
				Validators: []validator.String{tf.StartupName("channel")},
			},
			"release": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name of the release, usually `data.gogrid_bootstrap_archive.app.release`; the channel must name it, as its current or its previous one. " +
					"Required in this block.",
				Validators: []validator.String{tf.StartupName("release")},
			},
			"on_change": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What a new release does to the server: `restart` (the default) restarts it, `replace` replaces it, without regard to `group`, and `none` has it load the release whenever it boots next; " +
					"what it runs until then is not shown as a change.",
				Validators: []validator.String{stringvalidator.OneOf(OnChangeRestart, OnChangeReplace, OnChangeNone)},
			},
			"group": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Servers that must not all be away at a time. Defaults to the channel. It holds within one provider configuration; another alias or workspace that deploys to the same group at the same moment is not waited for.",
				Validators:          []validator.String{tf.StartupName("group")},
			},
			"max_unavailable": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "How many servers of the group may be away at a time, at least 1, which is the default. With a `health` block, servers of the group count as away when they do not answer for another reason.",
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
			},
		},
		Blocks:     map[string]schema.Block{"health": healthBlock()},
		Validators: []validator.Object{deployRules{}},
	}
}

// healthBlock asks for a sign of life after a release was loaded.
func healthBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "What the server must answer, once it has told that it runs the release, before the next one of its group is restarted. " +
			"Servers of the group that wait are looked at with the block of the one whose turn is to come: give all of a group the same. " +
			"`{public_ip}`, `{private_ip}`, `{name}` and `{release}` stand for what the server has.",
		Attributes: map[string]schema.Attribute{
			"tcp_port": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Port on the public address that must accept a connection.",
				Validators:          []validator.Int64{int64validator.Between(1, 65535)},
			},
			"http": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "URL that must answer, for example `http://{public_ip}:8080/health`. A redirect is followed where it stays on the host.",
				Validators:          []validator.String{tf.HTTPURL()},
			},
			"status": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Status that `http` must answer with. By default, any from 200 to 299 will do. That of a redirect has none followed.",
				Validators:          []validator.Int64{int64validator.Between(100, 599), int64validator.AlsoRequires(path.MatchRelative().AtParent().AtName("http"))},
			},
			"body": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Text that must be part of what `http` answers with, within its first mebibyte, for example `release {release}`. Servers of the group that wait are not asked for it.",
				Validators:          []validator.String{stringvalidator.LengthAtLeast(1), stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("http"))},
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: fmt.Sprintf("How long to wait for release and health after the restart, as a duration. Defaults to `%dm`; the time of `timeouts` bounds it as well.", int(defaultDeployTimeout.Minutes())),
				Validators:          []validator.String{tf.PositiveDuration()},
			},
		},
	}
}
