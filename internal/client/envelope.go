// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// envelope is what every answer of the API is wrapped in.
type envelope struct {
	Status  text            `json:"status"`
	Method  text            `json:"method"`
	Summary summary         `json:"summary"`
	List    json.RawMessage `json:"list"`
}

// summary tells how much of a list an answer holds. NumPages is missing from
// failures and from some older answers.
type summary struct {
	Total    integer `json:"total"`
	Start    integer `json:"start"`
	NumPages integer `json:"numpages"`
	Returned integer `json:"returned"`
}

// wireError is the object in the list of a failure.
type wireError struct {
	Message   text `json:"message"`
	ErrorCode text `json:"errorcode"`
}

var errNotEnvelope = errors.New("not an answer of the API")

// parseEnvelope reads the outer part of an answer. Content-Type says nothing:
// recorded JSON answers came as text/html.
func parseEnvelope(body []byte) (envelope, error) {
	trimmed := bytes.TrimSpace(body)
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return envelope{}, errNotEnvelope
	}
	var parsed envelope
	if err := json.Unmarshal(trimmed, &parsed); err != nil {
		return envelope{}, errors.Join(errNotEnvelope, err)
	}
	if !parsed.succeeded() && !strings.EqualFold(string(parsed.Status), "failure") {
		return envelope{}, errNotEnvelope
	}
	return parsed, nil
}

func (e envelope) succeeded() bool { return strings.EqualFold(string(e.Status), "success") }

// failure returns what the service says went wrong. Anything that is not an
// error object is passed over.
func (e envelope) failure() wireError {
	var failures []wireError
	if json.Unmarshal(e.List, &failures) != nil || len(failures) == 0 {
		return wireError{}
	}
	return failures[0]
}

// decodeList turns the list of an answer into domain objects.
func decodeList[W, T any](raw json.RawMessage, convert func(W) (T, error)) ([]T, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var wires []W
	if err := json.Unmarshal(raw, &wires); err != nil {
		return nil, err
	}
	items := make([]T, 0, len(wires))
	for i := range wires {
		item, err := convert(wires[i])
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// answer is the body of a response that was read whole, parsed once for all
// the transports that look at it.
type answer struct {
	io.Reader

	body     []byte
	envelope envelope
	err      error
}

func newAnswer(body []byte) *answer {
	parsed, err := parseEnvelope(body)
	return &answer{Reader: bytes.NewReader(body), body: body, envelope: parsed, err: err}
}

// Close implements [io.Closer].
func (a *answer) Close() error { return nil }

// answerOf returns the read body of a response, nil if there is none.
func answerOf(response *http.Response) *answer {
	if response == nil {
		return nil
	}
	read, _ := response.Body.(*answer)
	return read
}
