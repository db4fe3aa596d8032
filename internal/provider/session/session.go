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

// Session is one configured provider in one process: the client, and the record
// of what this process has seen and done. All resources of a provider
// configuration share one session. Each alias and each command has its own
// session.
type Session struct {
	Client     *client.Client
	Deployment string // name of the deployment; empty if none is configured
	Datacenter string // default for new objects; empty if none is configured
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

	// Destroys is true in a command that only destroys. Before the destroy plan
	// Terraform makes an ordinary plan, and errors about objects to be created
	// must not stop the command there.
	Destroys bool

	// ReadOnly is true if the role of the API key does not allow changes to the grid.
	ReadOnly bool
	// Unknown names the provider attributes whose values are not known yet. If it is
	// not empty, Client and Pool are nil.
	Unknown []string
}

// Tag returns the ownership tag of this deployment for an object. key is empty
// for an object that a resource manages. If no deployment is configured,
// objects carry no tag.
func (s *Session) Tag(key string) ownership.Tag {
	return ownership.Tag{Deployment: s.Deployment, Key: key}
}

// Configured reports whether all values of the provider's configuration are known.
func (s *Session) Configured() bool { return len(s.Unknown) == 0 }

// UnknownAttributes returns the sentence about provider attributes whose values
// are not known yet.
func (s *Session) UnknownAttributes() string {
	return fmt.Sprintf("The provider block's %s is not known yet: it comes from an object that does not exist yet.", strings.Join(s.Unknown, ", "))
}

// NotKnown returns the error for an operation that needs provider attributes
// whose values are not known yet. what is the verb phrase that completes
// "Cannot ".
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
			"the account's owner can create such a key in the GoGrid portal under My Account, API Keys. For a simulated grid, start it with: gogrid-simulator --key KEY:SECRET:system")}
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
// Before Configure, data is nil, so From returns a nil session without an
// error.
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

// ChangedDescription returns the description to send to the grid: the wanted
// text with the tag of this deployment. It returns nil if the current
// description is the same. recorded is the deployment that the state records.
// If recorded is null, the object has no tag, and a tag-like ending belongs to
// the user's description.
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

// MaxCommandTries is the maximum number of times that a command is sent if its
// answer is lost or the server is busy.
const MaxCommandTries = 5

// Default time limits for operations without a limit in the timeouts block.
// Users reported that GoGrid took 7 to 12 minutes to create a server and 10 to
// create a sandbox. Other clients wait up to 20 minutes.
const (
	DefaultCreateTimeout = 40 * time.Minute
	DefaultUpdateTimeout = 20 * time.Minute
	DefaultDeleteTimeout = 20 * time.Minute
)

// DeploymentOf returns the deployment named in the tag at the end of a
// description, or null if there is no tag. value is the description in the
// configuration or state. If description equals value, the user wrote the whole
// text, so it holds no tag.
func DeploymentOf(value types.String, description string) types.String {
	if description != "" && value.ValueString() == description {
		return types.StringNull()
	}
	return tf.NullIfEmpty(ownership.Of(description).Deployment)
}

// PlannedDeployment returns the deployment whose tag an existing object will
// have after the apply. This is the configured deployment, or prior if none is
// configured.
func (s *Session) PlannedDeployment(prior types.String) types.String {
	if !s.Configured() || s.Deployment == "" {
		return prior
	}
	return types.StringValue(s.Deployment)
}

// MaxAddTries is the maximum number of times that an add call is sent for one
// address if answers are lost. Repeating the call is safe: an address belongs
// to one server, so the grid refuses the second add.
const MaxAddTries = 3

// LimitFunc returns a context that ends when the limit has passed. The context's
// error is then [context.DeadlineExceeded].
type LimitFunc func(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc)
