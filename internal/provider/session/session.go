// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Session is one configured provider in one process: the client and what this
// process has seen and done. Every resource of a provider configuration
// shares it; another alias, and the next command, has its own.
type Session struct {
	Client     *client.Client
	Deployment string // name of the deployment, empty when none is set
	Datacenter string // default for new objects, empty when none is set
	Clock      clockwork.Clock
	Limit      LimitFunc     // bounds what a resource's timeouts are for
	Poll       time.Duration // how often something is looked at while it is waited for
	Guests     GuestAccess
	Pool       *allocation.Pool
	Ledger     *ledger
	Keys       keyRegistry
	Storage    *CloudStorage
	Rollouts   *Rollouts

	// Destroys is true in a command that only destroys. Terraform first makes
	// an ordinary plan for it, so errors about objects to be created must not
	// stop the command.
	Destroys bool

	// ReadOnly is true when the role of the key may not change the grid.
	ReadOnly bool
	// Unknown names the provider attributes whose values are not known yet.
	// While there are any, client and pool are nil.
	Unknown []string
}

// Tag is the tag of this deployment on an object with a key; none is set
// without a deployment.
func (s *Session) Tag(key string) ownership.Tag {
	return ownership.Tag{Deployment: s.Deployment, Key: key}
}

// Known tells whether the provider's configuration is complete.
func (s *Session) Known() bool { return len(s.Unknown) == 0 }

// UnknownAttributes is the text about an incomplete provider configuration.
func (s *Session) UnknownAttributes() string {
	return fmt.Sprintf("The provider block's %s is not known yet: it comes from something that does not exist so far.", strings.Join(s.Unknown, ", "))
}

// NotKnown is the diagnostic of something that cannot be done while the
// provider's configuration is incomplete.
func (s *Session) NotKnown(what string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot "+what+" yet",
		s.UnknownAttributes()+" Apply first what it comes from, with -target, then run the same command again.")
}

// MayChange is the diagnostic for a change that the key's role forbids; nil
// when it is allowed.
func (s *Session) MayChange(what string) diag.Diagnostics {
	if !s.ReadOnly {
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("API key may not "+what,
		"The role of the API key that api_key (or GOGRID_API_KEY) names allows reading only. Changes to the grid need a key with the role System User or Super User; "+
			"the account's owner makes one in the GoGrid portal under My Account, API Keys. A simulated grid has one if it is started with: gogrid-simulator --key KEY:SECRET:system")}
}

// Connect completes a session whose configuration is known.
func (s *Session) Connect(grid *client.Client) {
	s.Client = grid
	s.Pool = allocation.New(inventory{grid.Snapshot})
}

// inventory lets the pool of addresses look at the client's shared lists.
type inventory struct{ snapshot *client.Snapshot }

func (i inventory) IPs(ctx context.Context) ([]client.IP, error) { return i.snapshot.IPs(ctx) }

func (i inventory) RefreshIPs() { i.snapshot.Refresh(client.KindIPs) }

// From reads the session that Configure handed to a resource or data
// source. Before Configure there is none, which is not an error.
func From(data any, diags *diag.Diagnostics) *Session {
	if data == nil {
		return nil
	}
	s, ok := data.(*Session)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("The provider handed over a %T. This is an error in the provider; please report it.", data))
		return nil
	}
	return s
}

// ChangedDescription is the description to send so that the grid shows the
// wanted one with the tag of this deployment; nil if it does already. recorded
// is the deployment whose tag the object is known to carry: without one, what
// looks like a tag is the user's text.
func (s *Session) ChangedDescription(wanted, recorded types.String, current string) *string {
	if s.Deployment == "" && recorded.IsNull() {
		if description := wanted.ValueString(); description != current {
			return &description
		}
		return nil
	}
	next, changed := ownership.Redescribe(wanted.ValueString(), current, s.Deployment)
	if !changed {
		return nil
	}
	return &next
}

// MaxCommandTries is how often a command is sent to a server that does not
// take it: because its answer was lost, or because the server was busy.
const MaxCommandTries = 5

// Time limits where the timeouts block sets none. Users reported 7 to 12
// minutes for a server, 10 for a sandbox; other clients wait up to 20.
const (
	DefaultCreateTimeout = 40 * time.Minute
	DefaultUpdateTimeout = 20 * time.Minute
	DefaultDeleteTimeout = 20 * time.Minute
)

// DeploymentOf returns the deployment whose tag ends a description; null
// without a tag. A text of the user that looks like a tag is not a tag.
func DeploymentOf(value types.String, description string) types.String {
	if description != "" && value.ValueString() == description {
		return types.StringNull()
	}
	return tf.NullIfEmpty(ownership.Of(description).Deployment)
}

// PlannedDeployment is the deployment whose tag an existing object is to carry:
// the configured one. Without one, objects keep the tag that they have.
func (s *Session) PlannedDeployment(prior types.String) types.String {
	if !s.Known() || s.Deployment == "" {
		return prior
	}
	return types.StringValue(s.Deployment)
}

// MaxAddTries is how often an add whose answer was lost is sent for one
// address. Sending it again is safe: an address belongs to one server, so
// the grid refuses the second.
const MaxAddTries = 3

// LimitFunc is a context that ends, with an error that is
// [context.DeadlineExceeded], once something has taken as long as it may.
type LimitFunc func(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc)
