// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"time"
)

// slowPieces is how many pieces a slow body comes in.
const slowPieces = 20

// writeSlowly sends the headers, and then the body in pieces. Each piece has its time, so that a clock that jumps leaves no
// piece behind.
func (g *Grid) writeSlowly(w http.ResponseWriter, r *http.Request, a answer) {
	started, controller := g.host.Now(), http.NewResponseController(w)
	_ = controller.Flush() // a writer that cannot flush sends all at the end
	for n := range slowPieces {
		due := started.Add(time.Duration(a.over) * time.Duration(n+1) / slowPieces)
		if left := due.Sub(g.host.Now()); left > 0 {
			select {
			case <-g.host.After(left):
			case <-r.Context().Done():
				return
			}
		}
		if _, err := w.Write(a.body[len(a.body)*n/slowPieces : len(a.body)*(n+1)/slowPieces]); err != nil {
			return
		}
		_ = controller.Flush()
	}
}

// huge is a body that is made while it is sent: the rows of an answer, copies of them, and white space.
type huge struct {
	parts   pieces
	rows    []*object
	copies  int
	padding int64
	length  int64
	format  string
}

const (
	// headSlack is more than a head grows by when its counts grow.
	headSlack = 64
	// firstCopyID is the id of the first copy. Ids and names of copies have a fixed length, and so have all copies of one row.
	firstCopyID = 1_000_000_000
)

// newHuge blows an answer up to a size. Only a whole list gets copies: a page or a single object would contradict its request.
// An answer that is larger already stays as it is.
func newHuge(e envelope, format string, size int64, isList bool) *huge {
	h := &huge{rows: e.list, format: format, length: int64(len(e.encode(format)))}
	if isList && !e.failure && e.pages == 0 {
		h.parts = e.pieces(format, 0)
		h.copies = h.copiesIn(size - headSlack - h.length)
		e.total += h.copies
	}
	h.parts = e.pieces(format, len(e.list)+h.copies)
	h.length = int64(len(h.parts.head)) + h.lengthOfRows() + int64(len(h.parts.tail))
	h.padding = max(size-h.length, 0)
	h.length += h.padding
	return h
}

// copiesIn is how many copies fit into a number of bytes.
func (h *huge) copiesIn(room int64) (copies int) {
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

// lengthsOfCopies are the lengths that one copy of each row has.
func (h *huge) lengthsOfCopies() []int64 {
	lengths := make([]int64, len(h.rows))
	for i := range h.rows {
		lengths[i] = int64(len(h.parts.row(nil, len(h.rows)+i, h.row(len(h.rows)+i))))
	}
	return lengths
}

func (h *huge) lengthOfRows() (sum int64) {
	for n, row := range h.rows {
		sum += int64(len(h.parts.row(nil, n, row)))
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

// row returns row number n: behind the rows of the answer come copies with other ids and names.
func (h *huge) row(n int) *object {
	if n < len(h.rows) {
		return h.rows[n]
	}
	original, number := h.rows[n%len(h.rows)], n-len(h.rows)
	row := &object{kind: original.kind, kindAt: original.kindAt, attributes: slices.Clone(original.attributes)}
	for i, a := range row.attributes {
		switch value := a.value.(type) {
		case int64:
			if a.name == "id" {
				row.attributes[i].value = int64(firstCopyID + number)
			}
		case string:
			if a.name == "name" {
				row.attributes[i].value = fmt.Sprintf("%s-%09d", value, number)
			}
		}
	}
	return row
}

// writeTo makes and sends the body; it holds no more than a few rows at a time.
func (h *huge) writeTo(w io.Writer) error {
	buffered := bufio.NewWriterSize(w, 64<<10)
	_, _ = buffered.Write(h.parts.head) // the buffer keeps an error for Flush
	var b []byte
	for n := range len(h.rows) + h.copies {
		b = h.parts.row(b[:0], n, h.row(n))
		if _, err := buffered.Write(b); err != nil {
			return err
		}
	}
	if err := h.pad(buffered); err != nil {
		return err
	}
	_, _ = buffered.Write(h.parts.tail)
	return buffered.Flush()
}

// pad writes the white space. In CSV it is a comment, or an empty line.
func (h *huge) pad(w io.Writer) error {
	left, first, last := h.padding, "", ""
	if h.format == formatCSV && left > 0 {
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
