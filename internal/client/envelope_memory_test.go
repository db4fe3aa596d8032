// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
)

// maxMemory is the maximum memory of a call, in bytes.
const maxMemory = 200_000_000

// generated is a response body that is generated while it is read, so that the test
// itself needs no memory for it. It measures the memory of the process after every
// mebibyte.
type generated struct {
	size  int // approximate size of the answer, in bytes
	row   func(i int) string
	rows  int
	sent  int
	next  []byte
	ended bool
	peak  *uint64
	since int
}

func (g *generated) Read(p []byte) (int, error) {
	for len(g.next) == 0 {
		switch {
		case g.ended:
			return 0, io.EOF
		case g.rows == 0:
			g.next = []byte(`{"status":"success","method":"/x","list":[` + g.row(0))
		case g.sent >= g.size:
			g.next = fmt.Appendf(nil, `],"summary":{"total":%d,"returned":%[1]d}}`, g.rows)
			g.ended = true
		default:
			g.next = []byte("," + g.row(g.rows))
		}
		g.rows++
	}
	n := copy(p, g.next)
	g.next, g.sent, g.since = g.next[n:], g.sent+n, g.since+n
	if g.since > 1<<20 {
		g.since = 0
		measure(g.peak)
	}
	return n, nil
}

func (g *generated) Close() error { return nil }

// measure raises peak to the current heap memory, including objects that are
// not collected yet.
func measure(peak *uint64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	*peak = max(*peak, sample[0].Value.Uint64())
}

type generatedTransport struct{ make func() *generated }

func (g generatedTransport) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: g.make()}, nil
}

// hostileRows returns rows that take much memory for their size, by name.
func hostileRows(tb testing.TB) map[string]func(int) string {
	tb.Helper()
	var server bytes.Buffer
	if err := json.Compact(&server, []byte(toJSONRow(tb, serverRow(tb)))); err != nil {
		tb.Fatal(err)
	}
	compact := server.String()
	filler := make([]byte, 600<<10)
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a fixed text
	for i := range filler {
		filler[i] = byte('a' + random.IntN(26))
	}
	image := imageJSON(9, "GSI-9", ImageAvailable)
	job := `{"id":%d,"command":{"id":1,"name":"a"},"objecttype":{"id":1,"name":"a"},"currentstate":{"id":1,"name":"a"},"owner":"a","history":[%s],"detail":{%s"name":"a","ip":"b"}}`
	return map[string]func(int) string{
		"short broken rows": func(i int) string {
			return fmt.Sprintf(`{"id":%d,"name":"x","description":"a short row of a server"}`, i)
		},
		"empty objects": func(int) string { return `{}` },
		"servers":       func(i int) string { return strings.Replace(compact, `"id":`, fmt.Sprintf(`"x":%d,"id":`, i), 1) },
		"different servers": func(i int) string {
			return strings.Replace(serverJSON(int64(i+1), "web", "203.0.113.7", StateOn), `"id":12834`, fmt.Sprintf(`"id":%d`, i+1), 1)
		},
		"addresses": func(i int) string { return ipJSON(i+1, fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255), true, true) },
		"long texts": func(i int) string {
			return strings.Replace(compact, `"description":"`, fmt.Sprintf(`"description":"%d%s`, i, filler), 1)
		},
		"lists in images": func(i int) string {
			return strings.Replace(image, `"billingtokens":[]`, `"billingtokens":[{}`+strings.Repeat(",{}", 100_000)+`]`, 1)
		},
		"lists in broken rows": func(i int) string {
			return `{"datacenterlist":[{}` + strings.Repeat(",{}", 300_000) + `],"history":[{}]}`
		},
		"states of jobs": func(i int) string {
			return fmt.Sprintf(job, i+1, `{"state":{"id":1,"name":"a"}}`+strings.Repeat(`,{"state":{"id":1,"name":"a"}}`, 20_000), "")
		},
		"details of jobs": func(i int) string {
			var detail strings.Builder
			for n := range 40_000 {
				fmt.Fprintf(&detail, `"%x":"a",`, n)
			}
			return fmt.Sprintf(job, i+1, "", detail.String())
		},
		"one endless row": func(int) string { return `{"name":"` + strings.Repeat("x", 4<<20) + `"}` },
		"white space":     func(i int) string { return strings.Repeat(" ", 4<<20) + fmt.Sprintf(`{"id":%d}`, i) },
	}
}

func toJSONRow(tb testing.TB, row any) string {
	tb.Helper()
	data, err := json.Marshal(row)
	if err != nil {
		tb.Fatal(err)
	}
	return string(data)
}

// peakOf returns how much the memory of the process grows during a list call, and the
// error of the call.
func peakOf(tb testing.TB, name string, size int, row func(int) string) (uint64, error) {
	tb.Helper()
	// The provider's main function sets the same limits.
	defer debug.SetGCPercent(debug.SetGCPercent(400))
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(160 << 20))
	runtime.GC()
	var before, peak uint64
	measure(&before)
	c := newTestClient(tb, generatedTransport{func() *generated { return &generated{size: size, row: row, peak: &peak} }}, WithMaxRetries(1), WithRequestTimeout(DefaultRequestTimeout*10))
	var err error
	switch {
	case strings.Contains(name, "image"), strings.Contains(name, "broken"):
		_, err = c.Images.List(tb.Context(), ImageFilter{})
	case strings.Contains(name, "job"):
		_, err = c.Jobs.List(tb.Context(), JobFilter{})
	case strings.Contains(name, "address"):
		_, err = c.IPs.List(tb.Context(), IPFilter{})
	default:
		_, err = c.Servers.List(tb.Context(), ServerFilter{})
	}
	measure(&peak)
	return peak - min(peak, before), err
}

// The memory of a call is bounded whatever the service answers. This test must not run
// in parallel: it measures the whole process.
func TestMemoryOfHugeAnswers(t *testing.T) {
	for name, row := range hostileRows(t) {
		sizes := []int{50_000_000}
		if name == "long texts" || name == "white space" { // the others end at a bound of values or rows
			sizes = append(sizes, 200_000_000)
		}
		for _, size := range sizes {
			peak, err := peakOf(t, name, size, row)
			t.Logf("%s, %d MB: %d MB of memory (%v)", name, size/1_000_000, peak/1_000_000, err)
			if peak > maxMemory {
				t.Errorf("%s: an answer of %d MB needs %d MB of memory", name, size/1_000_000, peak/1_000_000)
			}
			if size > maxAnswerBytes && (err == nil || !strings.Contains(err.Error(), "an answer of more than")) {
				t.Errorf("%s: an answer of %d MB gives %v, want an error that names the bound", name, size/1_000_000, err)
			}
		}
	}
}

// BenchmarkHugeAnswers reports the peak memory for answers of 50 MB and 200 MB.
func BenchmarkHugeAnswers(b *testing.B) {
	rows := hostileRows(b)
	for _, name := range []string{"short broken rows", "servers", "different servers", "addresses", "states of jobs"} {
		for _, size := range []int{50_000_000, 200_000_000} {
			b.Run(fmt.Sprintf("%s/%dMB", name, size/1_000_000), func(b *testing.B) {
				var highest uint64
				for b.Loop() {
					peak, _ := peakOf(b, name, size, rows[name])
					highest = max(highest, peak)
				}
				b.ReportMetric(float64(highest)/1e6, "peak-MB")
			})
		}
	}
}

func TestBoundsOfAnAnswer(t *testing.T) {
	t.Parallel()
	list := func(rows string) string {
		return `{"status":"success","summary":{"total":1},"list":[` + rows + `]}`
	}
	many := func(row string, n int) string { return row + strings.Repeat(","+row, n-1) }
	for name, test := range map[string]struct{ body, want string }{
		"most rows":        {list(many(`1`, maxRows)), ""},
		"one row more":     {list(many(`1`, maxRows+1)), "more than 100000 rows"},
		"most values":      {list(many(`["`+many(`,[{`, 100)+`"`+strings.Repeat(",1", 97)+`]`, 10_000)), ""},
		"too many values":  {list(many(`[1`+strings.Repeat(",1", 99)+`]`, 10_000)), "more than 1000000 values"},
		"a long row":       {list(`"` + strings.Repeat("x", maxValueBytes/2) + `"`), ""},
		"a row too long":   {list(`"` + strings.Repeat("x", 2*maxValueBytes) + `"`), "more than 1 MiB in one value"},
		"another member":   {`{"x":"` + strings.Repeat("x", 2*maxValueBytes) + `"}`, "more than 1 MiB in one value"},
		"much white space": {list(strings.Repeat(" \n", 4*maxValueBytes) + `1`), ""},
		"a long page":      {"<html>" + strings.Repeat("x", 4*maxValueBytes), errNotEnvelope.Error()},
	} {
		_, err := parseEnvelope([]byte(test.body), &rowDecoder[any, any]{convert: func(any) (any, error) { return nil, nil }})
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%s: got %v, want %q", name, err, test.want)
		}
	}
}

// FuzzStream compares the streaming decoder with a decoder that holds the whole answer.
func FuzzStream(f *testing.F) {
	for _, name := range []string{"lookup_list.json", "server_add.json", "not_found.json", "job_list.json"} {
		f.Add([]byte(fixture(f, name)), 7)
	}
	for _, body := range []string{
		success(`{"id":1}`, `null`, `[]`, `"x"`), `{"list":[1],"list":{"a":1},"STATUS":"success"}`, ` {"status":"success", "list" : [ 1 , 2 ] } `,
		`{"status":"failure","list":[{"message":"a\\\" b"}]}`, `{"status":"success","list":[1 2]}`, `{"status":"success"}x`, `{"status":"success","list":[1,]}`,
	} {
		f.Add([]byte(body), 1)
	}
	f.Fuzz(func(t *testing.T, body []byte, piece int) {
		if len(body) > 64<<10 {
			return
		}
		var want struct {
			Status  text            `json:"status"`
			Method  text            `json:"method"`
			Summary summary         `json:"summary"`
			List    json.RawMessage `json:"list"`
		}
		trimmed := bytes.Trim(body, " \r\n\t")
		accepted := bytes.HasPrefix(trimmed, []byte("{")) && json.Unmarshal(trimmed, &want) == nil &&
			(strings.EqualFold(string(want.Status), "success") || strings.EqualFold(string(want.Status), "failure"))
		var list []json.RawMessage
		_ = json.Unmarshal(want.List, &list)
		rows := &rowDecoder[json.RawMessage, string]{convert: func(row json.RawMessage) (string, error) { return string(row), nil }}
		read, err := readAnswer(&pieces{body, max(1, piece)}, 100, rows)
		if err != nil {
			t.Fatalf("%q cannot be read: %v", body, err)
		}
		if (read.err == nil) != accepted {
			t.Fatalf("%q: got %v, accepted %t", body, read.err, accepted)
		}
		if !accepted {
			return
		}
		if read.envelope.Status != want.Status || read.envelope.Method != want.Method || read.envelope.Summary != want.Summary || len(rows.items) != len(list) {
			t.Fatalf("%q: got %+v with %q, want %+v", body, read.envelope, rows.items, want)
		}
		for i, row := range list {
			if !sameJSON(rows.items[i], string(row)) {
				t.Errorf("%q: row %d is %q, want %q", body, i, rows.items[i], row)
			}
		}
		if read.size != int64(len(body)) || !bytes.Equal(read.head, body[:min(len(body), 100)]) {
			t.Errorf("%q: got %d bytes and the head %q", body, read.size, read.head)
		}
	})
}

// sameJSON reports whether two texts are equal except for white space.
func sameJSON(a, b string) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, []byte(a)) == nil && json.Compact(&y, []byte(b)) == nil && x.String() == y.String()
}

// pieces is a body whose reads return at most size bytes each.
type pieces struct {
	rest []byte
	size int
}

func (p *pieces) Read(into []byte) (int, error) {
	if len(p.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(into, p.rest[:min(p.size, len(p.rest))])
	p.rest = p.rest[n:]
	return n, nil
}
