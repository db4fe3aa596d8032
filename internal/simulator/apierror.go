// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// apiError is a failure that the API returns: an HTTP status and an error object.
type apiError struct {
	status  int
	code    string
	message string
}

func (e *apiError) Error() string { return e.message }

// Error codes were names of Java exceptions. Recorded responses of the service
// contain the first two codes. No recorded response shows the codes and texts
// for a wrong role and an unknown path.
const (
	codeIllegalArgument = "IllegalArgumentException"
	codeUnexpected      = "UnexpectedException"
	codeNotOwned        = "GoGridIllegalArgumentException"
	codeUnauthorized    = "UnauthorizedException"
	codeNotFound        = "NotFoundException"
)

// invalid returns the error for an invalid parameter.
func invalid(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, codeIllegalArgument, fmt.Sprintf(format, args...)}
}

// noSuchObject returns the recorded error for a selector that matches nothing. Its status is 400, not 404.
func noSuchObject() error {
	return invalid("No object found that matches your input criteria.")
}

// unexpected returns an error with the text that the service sent, including
// the misspelled "occured".
func unexpected(reason string) error {
	return &apiError{
		http.StatusInternalServerError, codeUnexpected,
		"An unexpected server error has occured. Please email this error to apisupport@gogrid.com.  Error Message : " + reason,
	}
}

func asAPIError(err error) *apiError {
	var known *apiError
	if errors.As(err, &known) {
		return known
	}
	return &apiError{http.StatusInternalServerError, codeUnexpected, err.Error()}
}

// object returns the error object, with its members in the recorded order.
func (e *apiError) object() *wire.Object {
	return &wire.Object{Kind: "error", KindAt: 1, Attributes: []wire.Attribute{
		{Name: "message", Value: e.message}, {Name: "errorcode", Value: e.code},
	}}
}
