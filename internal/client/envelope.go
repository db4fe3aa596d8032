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

// envelope is the outer object of every answer of the API, without the rows of its
// list.
type envelope struct {
	Status  text
	Method  text
	Summary summary
	// HasList is true if the list is an array.
	HasList bool
	// Said is the first row of the list as an error object. It is zero if the row is
	// not an error object.
	Said wireError
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

var errNotEnvelope = errors.New("not a response of the GoGrid API")

func (e envelope) succeeded() bool { return strings.EqualFold(string(e.Status), "success") }

// failure returns the first error object of a failed answer. It is zero if the
// answer holds no error object.
func (e envelope) failure() wireError { return e.Said }

// errNoList rejects a success without a list: the list of a success is always an
// array. In answers to a get or a change it has one row.
var errNoList = errors.New("it has no list")

// Bounds of an answer. Together they keep the memory of a call below 200 MB, whatever
// the service answers. A list of 1,000 servers takes 3 MB and holds 130,000 values. The
// row of a server takes 3 KB, and the longest recorded row takes 5 KB.
const (
	// maxAnswerBytes limits the size of an answer.
	maxAnswerBytes = 64 << 20
	// maxRows limits the number of rows. The largest list is a block of 65,536
	// addresses.
	maxRows = 100_000
	// maxValueBytes limits the size of a row or of another member, which is decoded
	// as a whole.
	maxValueBytes = 1 << 20
	// maxValues limits the number of values in all rows. An empty object of two
	// characters takes up to 150 bytes of memory. A list of 65,536 addresses holds
	// 1,000,000 values.
	maxValues = 1_000_000
)

// limitError reports an answer that exceeds one of the bounds. A retry cannot mend it.
type limitError struct{ exceeded string }

func (e *limitError) Error() string { return "an answer of more than " + e.exceeded }

// rowSink receives the rows of an answer while the answer is read.
type rowSink interface {
	// reset removes all rows: a new try or a new list begins.
	reset()
	// add decodes a row, which is valid JSON. It must not keep the row.
	add(row []byte)
}

// rowDecoder turns rows into domain objects. It skips rows that it cannot decode and
// incomplete rows; skipped describes them.
type rowDecoder[W, T any] struct {
	convert func(W) (T, error)
	items   []T
	skipped brokenRows
}

func (d *rowDecoder[W, T]) reset() { d.items, d.skipped = []T{}, brokenRows{} }

func (d *rowDecoder[W, T]) add(row []byte) {
	var wire W
	err := json.Unmarshal(row, &wire)
	if err == nil {
		var item T
		if item, err = d.convert(wire); err == nil {
			d.items = append(d.items, item)
			return
		}
	}
	d.skipped.add(err)
}

// brokenRows counts the skipped rows and keeps the error of the first one.
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

// envelopeDecoder decodes an answer as a stream and holds only one row in memory. It
// ignores Content-Type, since recorded JSON answers have the type text/html.
type envelopeDecoder struct {
	body   *boundedReader
	json   *json.Decoder
	rows   rowSink // nil if the caller needs no rows
	opened bool    // the body begins like a JSON object
	parsed envelope
	row    json.RawMessage
	count  int
	values int
}

// decodeEnvelope decodes the envelope of an answer and passes its rows to rows. The
// error is errNotEnvelope or explains why the body could not be read.
func decodeEnvelope(body *boundedReader, rows rowSink) (envelope, error) {
	if rows != nil {
		rows.reset()
	}
	d := &envelopeDecoder{body: body, json: json.NewDecoder(body), rows: rows}
	body.allowValue()
	err := d.object()
	switch {
	case body.failed != nil:
		return envelope{}, body.failed
	case isLimit(err):
		return envelope{}, err
	case d.opened && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
		return envelope{}, errors.Join(errNotEnvelope, &truncatedError{err})
	case err != nil:
		return envelope{}, errors.Join(errNotEnvelope, err)
	case !d.parsed.succeeded() && !strings.EqualFold(string(d.parsed.Status), "failure"):
		return envelope{}, errNotEnvelope
	}
	return d.parsed, nil
}

// truncatedError reports an answer that is the beginning of a JSON object. It may come
// from the API, so the endpoint is not wrong.
type truncatedError struct{ error }

func isTruncated(err error) bool {
	var truncated *truncatedError
	return errors.As(err, &truncated)
}

func isLimit(err error) bool {
	var limit *limitError
	return errors.As(err, &limit)
}

// object decodes the whole body. Member names are compared without regard to case, as
// encoding/json does for structs.
func (d *envelopeDecoder) object() error {
	if err := d.delimiter('{'); err != nil {
		return err
	}
	d.opened = true
	for d.json.More() {
		name, err := d.json.Token()
		if err != nil {
			return err
		}
		d.body.allowValue()
		if err := d.member(fmt.Sprint(name)); err != nil {
			return err
		}
		d.body.allowValue()
	}
	if err := d.delimiter('}'); err != nil {
		return err
	}
	if _, err := d.json.Token(); !errors.Is(err, io.EOF) {
		return errors.Join(errors.New("more follows the object"), err)
	}
	return nil
}

// delimiter reads the next token, which must be the given delimiter.
func (d *envelopeDecoder) delimiter(want json.Delim) error {
	token, err := d.json.Token()
	if err == nil && token != want {
		err = fmt.Errorf("%v is not %v", token, want)
	}
	return err
}

// member decodes the value of a member.
func (d *envelopeDecoder) member(name string) error {
	switch {
	case strings.EqualFold(name, "status"):
		return d.json.Decode(&d.parsed.Status)
	case strings.EqualFold(name, "method"):
		return d.json.Decode(&d.parsed.Method)
	case strings.EqualFold(name, "summary"):
		return d.json.Decode(&d.parsed.Summary)
	case strings.EqualFold(name, "list"):
		return d.list()
	}
	return d.json.Decode(&d.row)
}

// list decodes the list. Any value other than an array counts as a missing list.
func (d *envelopeDecoder) list() error {
	d.parsed.HasList, d.parsed.Said, d.count = false, wireError{}, 0
	if d.rows != nil {
		d.rows.reset()
	}
	token, err := d.json.Token()
	switch {
	case err != nil:
		return err
	case token == json.Delim('{'):
		return d.rest('}')
	case token != json.Delim('['):
		return nil
	}
	d.parsed.HasList = true
	for d.json.More() {
		d.body.allowValue()
		if err := d.json.Decode(&d.row); err != nil {
			return err
		}
		if err := d.addRow(); err != nil {
			return err
		}
	}
	d.body.allowValue()
	return d.delimiter(']')
}

// rest skips the remaining members of the current object.
func (d *envelopeDecoder) rest(end json.Delim) error {
	for d.json.More() {
		if _, err := d.json.Token(); err != nil { // the name
			return err
		}
		d.body.allowValue()
		if err := d.json.Decode(&d.row); err != nil {
			return err
		}
	}
	return d.delimiter(end)
}

// addRow counts the current row and passes it on.
func (d *envelopeDecoder) addRow() error {
	if d.count++; d.count > maxRows {
		return &limitError{fmt.Sprintf("%d rows", maxRows)}
	}
	if d.values += countValues(d.row); d.values > maxValues {
		return &limitError{fmt.Sprintf("%d values", maxValues)}
	}
	if d.count == 1 && json.Unmarshal(d.row, &d.parsed.Said) != nil {
		d.parsed.Said = wireError{}
	}
	if d.rows != nil {
		d.rows.add(d.row)
	}
	return nil
}

// countValues returns an upper bound of the number of values in valid JSON.
func countValues(row []byte) int {
	values := 1
	inText := false
	for i := 0; i < len(row); i++ {
		switch row[i] {
		case '"':
			inText = !inText
		case '\\':
			i++ // a backslash occurs only in strings and escapes the next character
		case ',', '{', '[':
			if !inText {
				values++
			}
		}
	}
	return values
}

// boundedReader reads the body of an answer, keeps its first bytes, and counts all
// bytes.
type boundedReader struct {
	source io.Reader
	// head is the beginning of the body, at most headLimit bytes.
	head      []byte
	headLimit int
	size      int64
	// allowed is the number of bytes until the next limit error, if bounded.
	allowed int
	bounded bool
	// failed is the first error other than io.EOF.
	failed error
	// inText, escaped and afterSpace describe the last byte: it is in a string, it is a
	// backslash in a string that escapes the next byte, or it is white space between
	// values.
	inText, escaped, afterSpace bool
}

// allowValue permits maxValueBytes more bytes.
func (r *boundedReader) allowValue() { r.allowed, r.bounded = maxValueBytes, true }

// unbind permits the rest of the answer, up to maxAnswerBytes in total.
func (r *boundedReader) unbind() { r.bounded = false }

// Read implements [io.Reader].
func (r *boundedReader) Read(p []byte) (int, error) {
	if r.failed != nil {
		return 0, r.failed
	}
	if r.bounded {
		if r.allowed <= 0 {
			r.failed = &limitError{fmt.Sprintf("%d MiB in one value", maxValueBytes>>20)}
			return 0, r.failed
		}
		p = p[:min(len(p), r.allowed)]
	}
	n, err := r.source.Read(p)
	r.size += int64(n)
	if missing := r.headLimit - len(r.head); missing > 0 {
		r.head = append(r.head, p[:min(n, missing)]...)
	}
	n = r.compact(p[:n])
	r.allowed -= n
	switch {
	case r.size > maxAnswerBytes:
		r.failed = &limitError{fmt.Sprintf("%d MiB", maxAnswerBytes>>20)}
		return 0, r.failed
	case err != nil && !errors.Is(err, io.EOF):
		r.failed = err
	}
	return n, err
}

// compact replaces each run of white space between values with its first character,
// and returns the new length. The JSON decoder would keep the whole run in memory.
func (r *boundedReader) compact(p []byte) int {
	kept := 0
	for _, c := range p {
		space := !r.inText && (c == ' ' || c == '\n' || c == '\r' || c == '\t')
		if space && r.afterSpace {
			continue
		}
		switch {
		case r.escaped:
			r.escaped = false
		case r.inText && c == '\\':
			r.escaped = true
		case c == '"':
			r.inText = !r.inText
		}
		r.afterSpace = space
		p[kept] = c
		kept++
	}
	return kept
}

// answer is the body of a response, read to its end and decoded once. As a reader it
// returns only the head, which is all that the transports need.
type answer struct {
	io.Reader

	head     []byte
	size     int64
	envelope envelope
	err      error
}

// readAnswer reads and decodes a body. headLimit is the number of bytes to keep. The
// error explains why the body could not be read to its end.
func readAnswer(body io.Reader, headLimit int, rows rowSink) (*answer, error) {
	in := &boundedReader{source: body, headLimit: headLimit}
	parsed, err := decodeEnvelope(in, rows)
	if isLimit(err) {
		return nil, err
	}
	in.unbind()
	if in.failed == nil {
		_, _ = io.Copy(io.Discard, in) // a failure is in.failed
	}
	if in.failed != nil {
		return nil, in.failed
	}
	return &answer{Reader: bytes.NewReader(in.head), head: in.head, size: in.size, envelope: parsed, err: err}, nil
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
