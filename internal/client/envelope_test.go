// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// parseEnvelope decodes a body and passes its rows to rows.
func parseEnvelope(body []byte, rows rowSink) (envelope, error) {
	read, err := readAnswer(bytes.NewReader(body), 100, rows)
	if err != nil {
		return envelope{}, err
	}
	return read.envelope, read.err
}

// decodeRows returns the complete rows of a body.
func decodeRows[W, T any](body []byte, convert func(W) (T, error)) []T {
	rows := &rowDecoder[W, T]{convert: convert}
	_, _ = parseEnvelope(body, rows)
	return rows.items
}

func TestParseEnvelope(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, body string
		ok         bool
		message    string
	}{
		{"success", success(`{"id":1}`), true, ""},
		{"spaces around", "\r\n " + success() + "\n", true, ""},
		{"summary missing", `{"status":"success","list":[]}`, true, ""},
		{"list missing", `{"status":"success"}`, true, ""},
		{"numbers in quotes", `{"status":"SUCCESS","summary":{"total":"2"},"list":[]}`, true, ""},
		{"failure", fixture(t, "not_found.json"), true, "No object found that matches your input criteria."},
		{"failure without an error object", `{"status":"failure","list":[{"object":"server","id":1}]}`, true, ""},
		{"failure without a list", `{"status":"failure"}`, true, ""},
		{"page", "<h1>403 Not Authorized</h1>", false, ""},
		{"empty", "", false, ""},
		{"cut off", success(`{"id":1}`)[:80], false, ""},
		{"more after it", success() + "x", false, ""},
		{"another object", `{"error":"no"}`, false, ""},
		{"array", `[` + success() + `]`, false, ""},
		{"null", `null`, false, ""},
	} {
		parsed, err := parseEnvelope([]byte(test.body), nil)
		if (err == nil) != test.ok {
			t.Errorf("%s: got error %v, want success %t", test.name, err, test.ok)
		}
		if got := string(parsed.failure().Message); err == nil && !parsed.succeeded() && got != test.message {
			t.Errorf("%s: got message %q, want %q", test.name, got, test.message)
		}
	}
}

func TestLenientValues(t *testing.T) {
	t.Parallel()
	type values struct {
		Integer integer
		Decimal decimal
		Flag    flag
		Text    text
		Moment  timestamp
	}
	day := time.Date(2013, 1, 29, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		json string
		want values
	}{
		{`{}`, values{}},
		{`{"Integer":null,"Decimal":null,"Flag":null,"Text":null,"Moment":null}`, values{}},
		{`{"Integer":"","Decimal":"","Flag":"","Text":"","Moment":""}`, values{}},
		{`{"Integer":9007199254740993}`, values{Integer: 9007199254740993}},
		{`{"Integer":"-1"}`, values{Integer: -1}},
		{`{"Integer":25600.0}`, values{Integer: 25600}},
		{`{"Decimal":0.5}`, values{Decimal: 0.5}},
		{`{"Decimal":"349.99"}`, values{Decimal: 349.99}},
		{`{"Flag":true}`, values{Flag: true}},
		{`{"Flag":"TRUE"}`, values{Flag: true}},
		{`{"Flag":"false"}`, values{}},
		{`{"Text":"a\"b"}`, values{Text: `a"b`}},
		{`{"Moment":1359417600000}`, values{Moment: timestamp{day}}},
		{`{"Moment":"1359417600000"}`, values{Moment: timestamp{day}}},
		{`{"Moment":"2013-01-29 01:00:00.0 +01:00"}`, values{Moment: timestamp{day}}},
		{`{"Moment":"2013-01-29"}`, values{Moment: timestamp{day}}},
		{`{"Moment":"Tue Jan 29 00:00:00 UTC 2013"}`, values{Moment: timestamp{day}}},
	} {
		var got values
		if err := json.Unmarshal([]byte(test.json), &got); err != nil || got != test.want {
			t.Errorf("%s: got %+v, %v; want %+v", test.json, got, err, test.want)
		}
	}
	for _, bad := range []string{
		`{"Integer":1.5}`, `{"Integer":"one"}`, `{"Integer":1e30}`, `{"Integer":{}}`, `{"Decimal":"NaN"}`, `{"Decimal":[]}`,
		`{"Flag":"perhaps"}`, `{"Flag":4711}`, `{"Text":5}`, `{"Text":true}`, `{"Text":{}}`, `{"Text":["a"]}`, `{"Flag":{}}`, `{"Moment":"soon"}`, `{"Moment":1e300}`, `{"Moment":{}}`,
	} {
		var got values
		if err := json.Unmarshal([]byte(bad), &got); err == nil {
			t.Errorf("%s: got %+v, want an error", bad, got)
		}
	}
}

// FuzzEnvelope decodes arbitrary bodies with every decoder. No decoder may panic, and
// only a body of valid JSON may be accepted.
func FuzzEnvelope(f *testing.F) {
	for _, name := range []string{
		"lookup_list.json", "server_add.json", "server_get.json", "not_found.json", "loadbalancer_get.json",
		"job_list.json", "password_list.json", "billing_get.json", "ip_list.json", "image_list.json",
	} {
		f.Add([]byte(fixture(f, name)))
	}
	f.Add([]byte(`{"status":"success","list":[{"id":"1","ip":null,"image":[],"privateip":{}}]}`))
	f.Add([]byte(`{"status":"success","list":{"id":1}}`))
	f.Add([]byte(`<h1>403 Not Authorized</h1>`))
	f.Fuzz(func(t *testing.T, body []byte) {
		decoder := newServerDecoder()
		rows := &rowDecoder[wireServer, Server]{convert: decoder.server}
		parsed, err := parseEnvelope(body, rows)
		if err != nil {
			return
		}
		if !json.Valid(bytes.TrimSpace(body)) {
			t.Errorf("accepted as an answer: %q", body)
		}
		_ = parsed.failure()
		servers := rows.items
		for i := range servers {
			_, _ = servers[i].Pending(), servers[i].Addresses()
			_, _ = servers[i].IP.Prefix()
		}
		_ = decodeRows(body, decoder.password)
		jobs := decodeRows(body, wireJob.job)
		for i := range jobs {
			_, _ = jobs[i].Reason(), jobs[i].State()
		}
		_ = newJobIndex(jobs)
		_ = decodeRows(body, wireImage.image)
		_ = decodeRows(body, wireIP.ip)
		_ = decodeRows(body, wireLoadBalancer.loadBalancer)
		_ = decodeRows(body, wireBilling.summary)
		for i := range servers {
			if servers[i].Name == "" || servers[i].IP.Address == "" || servers[i].Image.ID == 0 {
				t.Errorf("a row without name, address or image is accepted as a server: %+v", servers[i])
			}
		}
		if !parsed.HasList && (len(servers) > 0 || rows.skipped.err() != nil) {
			t.Errorf("an unreadable list: got %d servers, %v", len(servers), rows.skipped.err())
		}
	})
}

// thousandServers returns an answer with 1,000 servers of three images. Its rows have
// the length of real rows.
func thousandServers(tb testing.TB) []byte {
	tb.Helper()
	var answered struct {
		List json.RawMessage `json:"list"`
	}
	if err := json.Unmarshal([]byte(fixture(tb, "server_get.json")), &answered); err != nil {
		tb.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, answered.List); err != nil {
		tb.Fatal(err)
	}
	server := strings.Trim(compact.String(), "[]")
	server = server[:len(server)-1] + "}"
	objects := make([]string, 1000)
	for i := range objects {
		object := strings.Replace(server, `"id":700123`, fmt.Sprintf(`"id":%d`, 700123+i), 1)
		object = strings.Replace(object, `"ip":"203.0.113.34"`, fmt.Sprintf(`"ip":"10.1.%d.%d"`, i/256, i%256), 1)
		objects[i] = strings.Replace(object, `"id":12834`, fmt.Sprintf(`"id":%d`, 12834+i%3), 1)
	}
	return []byte(success(objects...))
}

func BenchmarkDecodeThousandServers(b *testing.B) {
	body := thousandServers(b)
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		rows := &rowDecoder[wireServer, Server]{convert: newServerDecoder().server}
		_, err := parseEnvelope(body, rows)
		servers := rows.items
		if err != nil || len(servers) != 1000 || servers[4].Image.ID != 12835 {
			b.Fatalf("%d servers, %v", len(servers), err)
		}
	}
}
