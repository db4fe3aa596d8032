// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// StrangerError reports that the grid has, under the id in the state, a
// different object from the one that the state describes.
type StrangerError struct {
	State string // noun phrase for the object in the state
	Found string // noun phrase for the object on the grid
}

func (e *StrangerError) Error() string {
	return fmt.Sprintf("the state describes %s, and the grid has %s under that id", e.State, e.Found)
}

// OtherAccountError reports that the account does not own an address of the state.
type OtherAccountError struct {
	Object  string // noun phrase for the object in the state
	Address string
}

func (e *OtherAccountError) Error() string {
	return fmt.Sprintf("%s has the address %s, which is not one of this account's addresses", e.Object, e.Address)
}

// takenOverError reports that an object carries the tag of a different
// deployment from the one in the state.
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
	return fmt.Sprintf("%s carries %s, but the state records deployment %q", e.object, tag, e.recorded)
}

// IsForeign reports whether an error means that the object on the grid is not
// the object that the state describes.
func IsForeign(err error) bool {
	var stranger *StrangerError
	var account *OtherAccountError
	var taken *takenOverError
	return errors.As(err, &stranger) || errors.As(err, &account) || errors.As(err, &taken)
}

// ForeignProblem returns the error about an object on the grid that is not the
// object of the state. The provider does not change such an object. tried is the
// verb phrase that completes "Could not ".
func ForeignProblem(tried string, err error) report.Problem {
	var taken *takenOverError
	next := "The state belongs to another account or another grid, or GoGrid has given the id to another object. Nothing was changed. " +
		"Check api_key and endpoint of the provider block. If the object is gone for good, remove it from the state with terraform state rm."
	if errors.As(err, &taken) {
		next = "Another state has taken the object over, or its description was edited by hand. Nothing was changed. " +
			"If it belongs to another state now, remove it from this state with terraform state rm. If it belongs to this state, remove it in the same way and import it again: " +
			"an import accepts the tag as it is, and the next apply replaces the tag."
	}
	return report.Error(path.Empty(), "Could not "+tried, tf.Sentence(err.Error())+"\n\n"+next)
}

// CheckAccount returns an error if the account does not own an address of the
// state. Accounts keep their addresses, so such a state belongs to another
// account.
func CheckAccount(ctx context.Context, s *session.Session, object, address string) error {
	if address == "" {
		return nil
	}
	ip, err := s.Client.Snapshot.IPAt(ctx, address)
	if err == nil && ip == nil {
		return &OtherAccountError{Object: object, Address: address}
	}
	return err
}

// CheckOwner returns a *takenOverError if an object carries a different tag
// from the one in the state. It always accepts the tag of the configured
// deployment, because an update that renamed the deployment may have been
// killed after it changed the tag.
func CheckOwner(s *session.Session, object string, recorded types.String, description string) error {
	found := ownership.Of(description).Deployment
	if s.Deployment == "" || !tf.IsSet(recorded) || found == recorded.ValueString() || found == s.Deployment {
		return nil
	}
	return &takenOverError{object: object, recorded: recorded.ValueString(), found: found}
}

// KeepRecorded returns the warning about an object that carries a different tag
// from the one in the state. The state stays unchanged.
func KeepRecorded(taken error) report.Problem {
	return report.Warning(path.Empty(), "Not refreshed: the deployment of an object", tf.Sentence(taken.Error())+
		" This state can neither change nor delete it: another state may have taken it over.")
}

// NotRefreshed returns the warning about an object if err does not prove that
// the object is gone. Its state stays unchanged.
func NotRefreshed(what string, err error) report.Problem {
	return report.Warning(path.Empty(), "Not refreshed: "+what, tf.Sentence(err.Error())+" The state is kept as it is.")
}

// DescribedAs returns the state value of a description without its ownership
// tag. If description equals the current value, the user wrote the whole text,
// so DescribedAs returns it unchanged even if it ends like a tag.
func DescribedAs(value types.String, description string) types.String {
	if description != "" && value.ValueString() == description {
		return value
	}
	return tf.KeepEmpty(value, ownership.Strip(description))
}

// CheckTaggedDescription returns an error if a description with its ownership tag
// is longer than GoGrid allows.
func CheckTaggedDescription(s *session.Session, description, key string) report.List {
	var problems report.List
	length := len([]rune(s.Tag(key).Describe(description)))
	if length <= ownership.MaxDescription {
		return problems
	}
	text := fmt.Sprintf("GoGrid stores at most %d characters; this one has %d", ownership.MaxDescription, length)
	if s.Deployment != "" {
		text += fmt.Sprintf(", of which %d are the tag of deployment %q", length-len([]rune(description)), s.Deployment)
	}
	problems.AddError(path.Root("description"), "Description is too long", text+".")
	return problems
}
