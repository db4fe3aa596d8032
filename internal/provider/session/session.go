// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Session is one configured provider in one process: the client, and the record of
// what this process has seen and done. All resources of a provider configuration
// share one session. Each alias and each command has its own.
type Session struct {
	Client     *client.Client
	Deployment string // name of the deployment, empty when none is set
	Datacenter string // default for new objects, empty when none is set
	Clock      clockwork.Clock
	Limit      LimitFunc     // applies the time limits of timeouts blocks
	Poll       time.Duration // pause between two requests while a wait polls the grid
	Guests     GuestAccess
	Pool       *allocation.Pool
	Known      known
	Planned    planned
	Phase      phase
	Keys       keyRegistry
	Storage    *CloudStorage
	Rollouts   *Rollouts

	// Destroys is true in a command that only destroys. Terraform first makes
	// an ordinary plan for it, so errors about objects to be created must not
	// stop the command.
	Destroys bool

	// ReadOnly is true if the role of the API key does not allow changes to the grid.
	ReadOnly bool
	// Unknown names the provider attributes whose values are not known yet. If it is
	// not empty, Client and Pool are nil.
	Unknown []string
}

// Tag returns the ownership tag of this deployment for an object. key is empty
// for the object of a resource. Without a deployment no tag is set.
func (s *Session) Tag(key string) ownership.Tag {
	return ownership.Tag{Deployment: s.Deployment, Key: key}
}

// Configured reports whether all values of the provider's configuration are known.
func (s *Session) Configured() bool { return len(s.Unknown) == 0 }

// UnknownAttributes returns the sentence about provider attributes that are not
// known yet.
func (s *Session) UnknownAttributes() string {
	return fmt.Sprintf("The provider block's %s is not known yet: it comes from an object that does not exist yet.", strings.Join(s.Unknown, ", "))
}

// NotKnown returns the error about an operation that needs provider attributes
// that are not known yet. what is the verb phrase that completes "Cannot ".
func (s *Session) NotKnown(what string) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Cannot "+what+" yet",
		s.UnknownAttributes()+" Apply that object first, with -target, then run the same command again.")
}

// MayChange returns an error if the role of the API key forbids changes to the
// grid, and nil otherwise. what is the verb phrase that completes "API key may not ".
func (s *Session) MayChange(what string) report.List {
	if !s.ReadOnly {
		return nil
	}
	return report.List{report.Error(path.Empty(), "API key may not "+what,
		"The role of the API key in api_key or GOGRID_API_KEY allows reading only. Changes to the grid need a key with the role System User or Super User; "+
			"the account's owner creates one in the GoGrid portal under My Account, API Keys. For a simulated grid, start it with: gogrid-simulator --key KEY:SECRET:system")}
}

// Connect completes a session whose configuration is known.
func (s *Session) Connect(grid *client.Client) {
	s.Client = grid
	s.Pool = allocation.New(inventory{grid.Snapshot})
}

// inventory gives the address pool access to the client's shared list of addresses.
type inventory struct{ snapshot *client.Snapshot }

func (i inventory) IPs(ctx context.Context) ([]client.IP, error) { return i.snapshot.IPs(ctx) }

func (i inventory) RefreshIPs() { i.snapshot.Refresh(client.KindIPs) }

// From returns the session that Configure passed to a resource or data source.
// Before Configure data is nil, and so is the session; that is not an error.
func From(data any, diags *diag.Diagnostics) *Session {
	if data == nil {
		return nil
	}
	s, ok := data.(*Session)
	if !ok {
		diags.AddError("Unexpected provider data", fmt.Sprintf("The provider data is a %T, not a session. This is an error in the provider; please report it.", data))
		return nil
	}
	return s
}

// ChangedDescription returns the description to send to the grid: the wanted text
// with the tag of this deployment. It returns nil if the current description is
// the same. recorded is the deployment whose tag the state records. If recorded is
// null, the object has no tag, and a text that looks like a tag is the user's.
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

// MaxCommandTries is how often a command is sent to a server in all, if its answer
// is lost or the server is busy.
const MaxCommandTries = 5

// Default time limits, if the timeouts block sets none. Users reported 7 to 12
// minutes to create a server and 10 to create a sandbox. Other clients wait up to
// 20 minutes.
const (
	DefaultCreateTimeout = 40 * time.Minute
	DefaultUpdateTimeout = 20 * time.Minute
	DefaultDeleteTimeout = 20 * time.Minute
)

// DeploymentOf returns the deployment whose tag ends a description, or null
// without a tag. value is the description in the configuration or state. If
// description equals value, the text is the user's and holds no tag.
func DeploymentOf(value types.String, description string) types.String {
	if description != "" && value.ValueString() == description {
		return types.StringNull()
	}
	return tf.NullIfEmpty(ownership.Of(description).Deployment)
}

// PlannedDeployment returns the deployment whose tag an existing object gets: the
// configured one. Without a configured deployment, objects keep their current tag.
func (s *Session) PlannedDeployment(prior types.String) types.String {
	if !s.Configured() || s.Deployment == "" {
		return prior
	}
	return types.StringValue(s.Deployment)
}

// MaxAddTries is how often an add call is sent for one address in all, if answers
// are lost. Repeating the call is safe: an address belongs to one server, so the
// grid refuses the second add.
const MaxAddTries = 3

// LimitFunc returns a context that ends when the limit has passed. The context's
// error is then [context.DeadlineExceeded].
type LimitFunc func(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc)
