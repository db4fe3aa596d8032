// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package wire

import (
	"testing"
	"time"
)

// All formats encode values of all types, and omit attributes of other API
// versions.
func TestEncode(t *testing.T) {
	t.Parallel()
	e := Envelope{Path: "/grid/thing/list", Version: 5, Total: 1, List: []*Object{{Kind: "thing", Attributes: []Attribute{
		{Name: "id", Value: int64(7)},
		{Name: "price", Value: Number(2)},
		{Name: "cores", Value: Decimal(2)},
		{Name: "none", Value: Null{}},
		{Name: "absent", Value: Text("")},
		{Name: "later", Value: true, Since: 6},
		{Name: "day", Value: Date(time.Date(2008, 7, 12, 0, 0, 0, 0, Pacific))},
		{Name: "ip", Value: &Object{Kind: "ip", Attributes: []Attribute{{Name: "ip", Value: "10.0.0.1"}}}},
	}}}}
	for format, want := range map[string]string{
		JSON: `{"summary":{"total":1,"start":0,"numpages":0,"returned":1},"status":"success","method":"/grid/thing/list","list":[` +
			`{"id":7,"price":2,"cores":2.0,"none":null,"day":null,"ip":{"ip":"10.0.0.1","object":"ip"},"object":"thing"}]}`,
		XML: `<gogrid><response method="/grid/thing/list" status="success"><summary total="1" start="0" numpages="0" returned="1"/>` +
			`<list><object name="thing"><attribute name="id">7</attribute><attribute name="price">2</attribute>` +
			`<attribute name="cores">2.0</attribute><attribute name="none"></attribute><attribute name="absent"></attribute>` +
			`<attribute name="day">Sat Jul 12 00:00:00 PDT 2008</attribute>` +
			`<attribute name="ip"><object name="ip"><attribute name="ip">10.0.0.1</attribute></object></attribute></object></list></response></gogrid>`,
		CSV: "# SUCCESS, /grid/thing/list, TOTAL, 1, START, 0, RETURNED, 1\n# id,price,cores,none,absent,day,ip.ip\n" +
			"7,2,2.0,,,Sat Jul 12 00:00:00 PDT 2008,10.0.0.1\n",
	} {
		if got := string(e.Encode(format)); got != want {
			t.Errorf("%s is\n%s\nwant\n%s", format, got, want)
		}
	}
}
