// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
)

// strangerError reports that the grid has another object under an id than the
// state describes.
type strangerError struct {
	state string // the object of the state, as messages name it
	found string
}

func (e *strangerError) Error() string {
	return fmt.Sprintf("the state describes %s, and the grid has %s under that id", e.state, e.found)
}

// otherAccountError says that the account does not own an address of the state.
type otherAccountError struct {
	object  string
	address string
}

func (e *otherAccountError) Error() string {
	return fmt.Sprintf("%s has the address %s, which is not one of this account's addresses", e.object, e.address)
}

// takenOverError reports that an object carries the tag of another deployment
// than the state records.
type takenOverError struct {
	object   string
	recorded string // the deployment of the state
	found    string // the deployment of the tag, empty if there is no tag
}

func (e *takenOverError) Error() string {
	tag := fmt.Sprintf("the tag of deployment %q", e.found)
	if e.found == "" {
		tag = "no tag of a deployment"
	}
	return fmt.Sprintf("%s carries %s, and the state records it as one of deployment %q", e.object, tag, e.recorded)
}

// foreign reports whether an error means that the grid has another object than
// the state describes.
func foreign(err error) bool {
	var stranger *strangerError
	var account *otherAccountError
	var taken *takenOverError
	return errors.As(err, &stranger) || errors.As(err, &account) || errors.As(err, &taken)
}

// foreignDiagnostic is the error about another object than the state describes.
// The provider changes nothing then.
func foreignDiagnostic(tried string, err error) diag.Diagnostic {
	var taken *takenOverError
	next := "The state belongs to another account or another grid, or GoGrid has given the id to another object. Nothing was changed. " +
		"Check api_key and endpoint of the provider block. If the object is gone for good, remove it from the state with terraform state rm."
	if errors.As(err, &taken) {
		next = "Another state has taken the object over, or its description was edited by hand. Nothing was changed. " +
			"If it belongs to another state now, remove it from this state with terraform state rm. If it belongs to this state, remove it in the same way and import it again: " +
			"an import accepts the tag as it is, and the next apply replaces the tag."
	}
	return diag.NewErrorDiagnostic("Could not "+tried, sentence(err.Error())+"\n\n"+next)
}

// find returns the server that a state describes. It returns nil only if it is
// proven that the server is gone. The error is a *strangerError or an
// *otherAccountError if the grid has something else than the state describes,
// and satisfies [client.IsUnproven] if the answers prove neither.
func (s *session) find(ctx context.Context, m machine) (*client.Server, error) {
	known := m.shared()
	var server *client.Server
	var err error
	if id := serverID(known.ID); id != 0 {
		server, err = s.client.Snapshot.Server(ctx, id)
	} else {
		server, err = s.client.Snapshot.AddedServer(ctx, known.Name.ValueString(), known.PublicIP.ValueString())
	}
	switch {
	case err != nil:
		return nil, err
	case server == nil:
		return nil, s.checkAccount(ctx, describe(known.reference()), known.PublicIP.ValueString())
	case startling(m, *server):
		return s.confirm(ctx, m, *server)
	default:
		return server, nil
	}
}

// checkAccount returns an error if the account does not own an address of the
// state. Accounts keep their addresses, so the state belongs to another account
// then.
func (s *session) checkAccount(ctx context.Context, object, address string) error {
	if address == "" {
		return nil
	}
	ip, err := s.client.Snapshot.IPAt(ctx, address)
	if err == nil && ip == nil {
		return &otherAccountError{object: object, address: address}
	}
	return err
}

// startling reports whether a server differs from the state in a value that
// GoGrid cannot change, in its tag, or in a value that its row may leave out.
// One wrong answer must not replace or change a server, so a direct look
// confirms such a difference before it counts.
func startling(m machine, server client.Server) bool {
	known := m.shared()
	switch {
	case otherServer(known, server), server.IsSandbox != m.spec().Sandbox:
		return true
	case !isSet(known.ImageID): // an import, or a creation that was cut short
		return false
	}
	return !idText(server.Image.ID).Equal(known.ImageID) ||
		isSet(known.Datacenter) && !server.Datacenter.Matches(known.Datacenter.ValueString()) ||
		!m.holdsPrivate(server) ||
		known.Description.ValueString() != "" && server.Description == "" ||
		isSet(known.Deployment) && ownership.Of(server.Description).Deployment != known.Deployment.ValueString()
}

// otherServer reports whether a server is another server than a state
// describes: GoGrid changes neither names nor addresses.
func otherServer(known *machineModel, server client.Server) bool {
	return isSet(known.Name) && known.Name.ValueString() != server.Name ||
		isSet(known.PublicIP) && known.PublicIP.ValueString() != server.IP.Address
}

// confirm looks directly at a server that differs from the state.
func (s *session) confirm(ctx context.Context, m machine, server client.Server) (*client.Server, error) {
	known := m.shared()
	if server.Pending() {
		return &server, nil // it was found by name and address
	}
	fresh, err := s.client.Snapshot.FreshServer(ctx, server.ID)
	switch {
	case err != nil:
		return nil, err
	case fresh == nil:
		return nil, &client.UnprovenError{Object: describe(server), Reason: errors.New("a list shows it, and a direct look says that it does not exist")}
	case otherServer(known, *fresh):
		return nil, &strangerError{state: describe(known.reference()), found: describe(*fresh)}
	default:
		return fresh, nil
	}
}

// checkOwner returns a *takenOverError if an object carries another tag than the
// state records. A tag of the configured deployment is ours in any case: an
// update that renamed the deployment may have been killed.
func (s *session) checkOwner(object string, recorded types.String, description string) error {
	found := ownership.Of(description).Deployment
	if s.deployment == "" || !isSet(recorded) || found == recorded.ValueString() || found == s.deployment {
		return nil
	}
	return &takenOverError{object: object, recorded: recorded.ValueString(), found: found}
}

// keepRecorded is the warning about an object that carries another tag than the
// state records. The state keeps what it records.
func keepRecorded(taken error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not refreshed: the deployment of an object", sentence(taken.Error())+
		" This state can neither change nor delete it: another state may have taken it over.")
}

// findOwned returns the server that a state describes if it may be changed or
// deleted. It combines find and checkOwner.
func (s *session) findOwned(ctx context.Context, m machine) (*client.Server, error) {
	server, err := s.find(ctx, m)
	if err != nil || server == nil {
		return nil, err
	}
	if err := s.checkOwner(describe(*server), m.shared().Deployment, server.Description); err != nil {
		return nil, err
	}
	return server, nil
}

// checkOwned checks at plan time an object that the plan changes or deletes.
// The apply decides what the answers leave open.
func (s *session) checkOwned(ctx context.Context, tried string, m machine) diag.Diagnostics {
	if !s.known() {
		return nil
	}
	if _, err := s.findOwned(ctx, m); foreign(err) {
		return diag.Diagnostics{foreignDiagnostic(tried, err)}
	}
	return nil
}

// notRefreshed is the warning about an object whose existence is not proven
// either way. Its state stays unchanged.
func notRefreshed(what string, err error) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Not refreshed: "+what, sentence(err.Error())+" The state is kept as it is.")
}
