// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"slices"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// Huge is a body that is generated while it is sent: the rows of a response, copies of the rows, and white space.
type Huge struct {
	parts   wire.Pieces
	rows    []*wire.Object
	copies  int
	padding int64 // bytes of white space
	format  string

	// Length is the length of the body in bytes.
	Length int64
}

const (
	// headSlack is the maximum number of bytes that larger counts add to the head.
	headSlack = 64
	// firstCopyID is the id of the first copy. Ids and name suffixes of copies have a fixed length, so all copies of a row are
	// equally long.
	firstCopyID = 1_000_000_000
)

// NewHuge extends a response to a size in bytes. isList must be true if the response is a list. Only an unpaged list
// gets copies of its rows: extra rows in a page or a single object would contradict the request. NewHuge does not change an
// response that is already larger.
func NewHuge(e wire.Envelope, format string, size int64, isList bool) *Huge {
	h := &Huge{rows: e.List, format: format, Length: int64(len(e.Encode(format)))}
	if isList && !e.Failure && e.Pages == 0 {
		h.parts = e.Split(format, 0)
		h.copies = h.copiesIn(size - headSlack - h.Length)
		e.Total += h.copies
	}
	h.parts = e.Split(format, len(e.List)+h.copies)
	h.Length = int64(len(h.parts.Head)) + h.lengthOfRows() + int64(len(h.parts.Tail))
	h.padding = max(size-h.Length, 0)
	h.Length += h.padding
	return h
}

// copiesIn returns the number of copies that fit into room bytes.
func (h *Huge) copiesIn(room int64) (copies int) {
	lengths := h.lengthsOfCopies()
	var round int64
	for _, length := range lengths {
		round += length
	}
	if round == 0 || room < 0 {
		return 0
	}
	copies, room = int(room/round)*len(lengths), room%round
	for _, length := range lengths {
		if room -= length; room < 0 {
			break
		}
		copies++
	}
	return copies
}

// lengthsOfCopies returns, for each row, the length of a copy in bytes.
func (h *Huge) lengthsOfCopies() []int64 {
	lengths := make([]int64, len(h.rows))
	for i := range h.rows {
		lengths[i] = int64(len(h.parts.Row(nil, len(h.rows)+i, h.row(len(h.rows)+i))))
	}
	return lengths
}

// lengthOfRows returns the length of all rows and copies in bytes.
func (h *Huge) lengthOfRows() (sum int64) {
	for n, row := range h.rows {
		sum += int64(len(h.parts.Row(nil, n, row)))
	}
	for i, length := range h.lengthsOfCopies() {
		times := h.copies / len(h.rows)
		if i < h.copies%len(h.rows) {
			times++
		}
		sum += length * int64(times)
	}
	return sum
}

// row returns row number n. The copies follow the rows of the response and have other ids and names.
func (h *Huge) row(n int) *wire.Object {
	if n < len(h.rows) {
		return h.rows[n]
	}
	original, number := h.rows[n%len(h.rows)], n-len(h.rows)
	row := &wire.Object{Kind: original.Kind, KindAt: original.KindAt, Attributes: slices.Clone(original.Attributes)}
	for i, a := range row.Attributes {
		switch value := a.Value.(type) {
		case int64:
			if a.Name == "id" {
				row.Attributes[i].Value = int64(firstCopyID + number)
			}
		case string:
			if a.Name == "name" {
				row.Attributes[i].Value = fmt.Sprintf("%s-%09d", value, number)
			}
		}
	}
	return row
}

// Send writes the body to w. It holds only a few rows in memory at a time.
func (h *Huge) Send(w io.Writer) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	_, _ = buffered.Write(h.parts.Head) // bufio.Writer returns a failed write again from Flush
	var b []byte
	for n := range len(h.rows) + h.copies {
		b = h.parts.Row(b[:0], n, h.row(n))
		if _, err := buffered.Write(b); err != nil {
			return err
		}
	}
	if err := h.pad(buffered); err != nil {
		return err
	}
	_, _ = buffered.Write(h.parts.Tail)
	return buffered.Flush()
}

// pad writes the white space. In CSV it writes a comment instead, or an empty line for a single byte.
func (h *Huge) pad(w io.Writer) error {
	left, first, last := h.padding, "", ""
	if h.format == wire.CSV && left > 0 {
		first, last = "#", "\n"
		if left == 1 {
			first = ""
		}
		left -= int64(len(first) + len(last))
	}
	if _, err := io.WriteString(w, first); err != nil {
		return err
	}
	blank := bytes.Repeat([]byte{' '}, 32<<10)
	for left > 0 {
		n, err := w.Write(blank[:min(left, int64(len(blank)))])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	_, err := io.WriteString(w, last)
	return err
}
