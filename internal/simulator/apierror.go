// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// apiError is a failure that the caller sees: an HTTP status and an error object.
type apiError struct {
	status  int
	code    string
	message string
}

func (e *apiError) Error() string { return e.message }

// Error codes were names of Java exceptions. The first two were recorded; the texts for roles and paths were never captured.
const (
	codeIllegalArgument = "IllegalArgumentException"
	codeUnexpected      = "UnexpectedException"
	codeNotOwned        = "GoGridIllegalArgumentException"
	codeUnauthorized    = "UnauthorizedException"
	codeNotFound        = "NotFoundException"
)

// invalid is the answer to any bad parameter.
func invalid(format string, args ...any) error {
	return &apiError{http.StatusBadRequest, codeIllegalArgument, fmt.Sprintf(format, args...)}
}

// noSuchObject is the recorded answer when a selector matches nothing; its status is 400, not 404.
func noSuchObject() error {
	return invalid("No object found that matches your input criteria.")
}

// unexpected has the recorded text, misspelling included.
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

// object has its members in the recorded order.
func (e *apiError) object() *wire.Object {
	return &wire.Object{Kind: "error", KindAt: 1, Attributes: []wire.Attribute{
		{Name: "message", Value: e.message}, {Name: "errorcode", Value: e.code},
	}}
}
