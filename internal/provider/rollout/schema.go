// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package rollout

import (
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

// Defaults of deploy.on_change and deploy.max_unavailable.
const (
	DefaultOnChange       = OnChangeRestart
	DefaultMaxUnavailable = 1
)

// DefaultHealthTimeout bounds the wait for a release if health sets no timeout. A
// restart takes minutes on GoGrid, and then the server loads the release. The limit
// is shorter than the default time limit of an update, so that the error names the
// release.
const DefaultHealthTimeout = 15 * time.Minute

// Block returns the schema of the deploy block.
func Block() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "The release that the server runs. The image must have the script of `gogrid_startup_script`, which loads the release at boot and reports the result. Needs the provider's `cloud_storage` block.\n\n" +
			"A new release restarts the servers of a `group` one after another; see the guide [Deploying releases](../guides/deploying-releases). " +
			"To go back, apply the previous release. A restart for `restart_triggers` also waits for the other servers of the group. " +
			"A server that runs a different release than the state records shows as a change. " +
			"Set `-parallelism` above the number of servers in the largest group.",
		Attributes: map[string]schema.Attribute{
			"channel": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Channel that holds the path of the release's archive, usually `gogrid_storage_channel.app.name`. " +
					"Required in this block. Updated in place without a restart.",
				Validators: []validator.String{tf.StartupName("channel")},
			},
			"release": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Name of the release, usually `data.gogrid_bootstrap_archive.app.release`. It must be the current or the previous release of the channel. " +
					"Required in this block. `on_change` sets the effect of a change.",
				Validators: []validator.String{tf.StartupName("release")},
			},
			"on_change": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Effect of a new release on the server. `restart` restarts the server. `replace` replaces the server, without regard to `group`. " +
					"`none` lets the server load the release at its next boot; until then, the running release does not show as a change. " + tf.DefaultText(DefaultOnChange) + " Updated in place.",
				Validators: []validator.String{tf.OneOf(OnChangeRestart, OnChangeReplace, OnChangeNone)},
			},
			"group": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Group of servers that must not all be unavailable at the same time. Defaults to the channel. " +
					"Only servers of the same provider configuration wait for each other, not servers of another alias or workspace. Updated in place without a restart.",
				Validators: []validator.String{tf.StartupName("group")},
			},
			"max_unavailable": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Maximum number of unavailable servers in the group, at least 1. " + tf.DefaultText(DefaultMaxUnavailable) +
					" With a `health` block, other servers of the group that fail their health check also count as unavailable. Updated in place.",
				Validators: []validator.Int64{int64validator.AtLeast(1)},
			},
		},
		Blocks:     map[string]schema.Block{"health": healthBlock()},
		Validators: []validator.Object{deployRules{}},
	}
}

// healthBlock returns the schema of the health check that a server must pass after
// it has loaded a release.
func healthBlock() schema.SingleNestedBlock {
	return schema.SingleNestedBlock{
		MarkdownDescription: "Health check that the server must pass before the next server of the group is restarted. The check starts after the server has reported the release. " +
			"The same check is used for the other servers of the group, so give all servers of a group the same `health` block. " +
			"`{public_ip}`, `{private_ip}`, `{name}` and `{release}` stand for the server's values.",
		Attributes: map[string]schema.Attribute{
			"tcp_port": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Port on the public address that must accept a connection.",
				Validators:          []validator.Int64{int64validator.Between(1, 65535)},
			},
			"http": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "URL that must answer, for example `http://{public_ip}:8080/health`. Redirects are followed only within the same host.",
				Validators:          []validator.String{tf.HTTPURL()},
			},
			"status": schema.Int64Attribute{
				Optional:            true,
				MarkdownDescription: "Status code with which `http` must answer, from 100 to 599. Defaults to any status from 200 to 299. If `status` is the status of a redirect, the check does not follow redirects.",
				Validators:          []validator.Int64{int64validator.Between(100, 599), int64validator.AlsoRequires(path.MatchRelative().AtParent().AtName("http"))},
			},
			"body": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Text that the first mebibyte of the response from `http` must contain, for example `release {release}`. Not checked for the other servers of the group.",
				Validators:          []validator.String{stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("http"))},
			},
			"timeout": schema.StringAttribute{
				Optional:            true,
				MarkdownDescription: "Maximum time to wait after the restart until the server reports the release and is healthy, as a duration. " + tf.DefaultText(DefaultHealthTimeout) + " The time limits in `timeouts` also apply.",
				Validators:          []validator.String{tf.PositiveDuration()},
			},
		},
	}
}
