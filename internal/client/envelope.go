// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// envelope wraps every answer of the API.
type envelope struct {
	Status  text            `json:"status"`
	Method  text            `json:"method"`
	Summary summary         `json:"summary"`
	List    json.RawMessage `json:"list"`
}

// summary says how much of a list an answer holds. NumPages is missing from
// failures and from some older answers. Total counts the objects that match,
// Returned the rows of this answer; each is missing if the answer does not say.
type summary struct {
	Total    optionalInteger `json:"total"`
	Start    integer         `json:"start"`
	NumPages integer         `json:"numpages"`
	Returned optionalInteger `json:"returned"`
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

// errNoList is returned for a success that has no list: the list of a success is
// always an array, and of a get or a change it has one row.
var errNoList = errors.New("it has no list")

// decodeList turns the list of an answer into domain objects. A row that cannot
// be read, or lacks what every complete row has, is left out and named in
// broken.
func decodeList[W, T any](raw json.RawMessage, convert func(W) (T, error)) (items []T, broken, err error) {
	if trimmed := bytes.TrimSpace(raw); len(trimmed) == 0 || trimmed[0] != '[' {
		return nil, nil, errNoList
	}
	var wires []W
	if json.Unmarshal(raw, &wires) != nil {
		return decodeRows(raw, convert)
	}
	items = make([]T, 0, len(wires))
	var skipped brokenRows
	for i := range wires {
		item, err := convert(wires[i])
		if err != nil {
			skipped.add(err)
			continue
		}
		items = append(items, item)
	}
	return items, skipped.err(), nil
}

// brokenRows are rows that were left out. The first stands for all of them.
type brokenRows struct {
	first error
	count int
}

func (b *brokenRows) add(err error) {
	if b.count++; b.first == nil {
		b.first = err
	}
}

func (b *brokenRows) err() error {
	if b.count <= 1 {
		return b.first
	}
	return fmt.Errorf("%w, and so do %d other rows", b.first, b.count-1)
}

// decodeRows is decodeList for a list with a row of the wrong shape. It decodes
// row by row, which takes longer, and keeps the sound ones.
func decodeRows[W, T any](raw json.RawMessage, convert func(W) (T, error)) (items []T, broken, err error) {
	var rows []json.RawMessage
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, nil, err
	}
	var skipped brokenRows
	for _, row := range rows {
		var wire W
		err := json.Unmarshal(row, &wire)
		if err == nil {
			var item T
			if item, err = convert(wire); err == nil {
				items = append(items, item)
			}
		}
		if err != nil {
			skipped.add(err)
		}
	}
	return items, skipped.err(), nil
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
