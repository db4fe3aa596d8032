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

// envelope is the outer object of every answer of the API.
type envelope struct {
	Status  text            `json:"status"`
	Method  text            `json:"method"`
	Summary summary         `json:"summary"`
	List    json.RawMessage `json:"list"`
}

// summary holds the totals of an answer. Total counts the matching objects, and
// Returned counts the rows of this answer. An answer may lack both. NumPages is
// missing from failures and from some older answers.
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

// parseEnvelope decodes the envelope of an answer. It ignores Content-Type, since
// recorded JSON answers have the type text/html.
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

// failure returns the first error object of a failed answer. It is zero if the
// answer holds no error object.
func (e envelope) failure() wireError {
	var failures []wireError
	if json.Unmarshal(e.List, &failures) != nil || len(failures) == 0 {
		return wireError{}
	}
	return failures[0]
}

// errNoList rejects a success without a list: the list of a success is always an
// array. In answers to a get or a change it has one row.
var errNoList = errors.New("it has no list")

// decodeList turns the list of an answer into domain objects. It leaves out rows
// that it cannot decode and rows that are not complete; broken describes them.
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

// brokenRows counts rows that were left out, and keeps the error of the first one.
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

// decodeRows replaces decodeList for a list with a row of the wrong shape. It decodes
// row by row, which is slower, and keeps the valid rows.
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

// answer is the body of a response. It is read to the end and parsed once for all
// transports.
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

// answerOf returns the answer of a response. It is nil if the body was not read.
func answerOf(response *http.Response) *answer {
	if response == nil {
		return nil
	}
	read, _ := response.Body.(*answer)
	return read
}
