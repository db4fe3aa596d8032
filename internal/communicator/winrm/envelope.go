// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"strings"
	"time"
)

// The XML namespaces of WS-Management and of its shells.
const (
	soapSpace       = "http://www.w3.org/2003/05/soap-envelope"
	addressingSpace = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
	transferSpace   = "http://schemas.xmlsoap.org/ws/2004/09/transfer"
	wsmanSpace      = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
	shellSpace      = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
	anonymous       = addressingSpace + "/role/anonymous"
)

// The actions that the client requests.
const (
	actionCreate  = transferSpace + "/Create"
	actionDelete  = transferSpace + "/Delete"
	actionCommand = shellSpace + "/Command"
	actionSend    = shellSpace + "/Send"
	actionReceive = shellSpace + "/Receive"
	actionSignal  = shellSpace + "/Signal"
)

// maxEnvelope limits a message in either direction, in bytes. It is the default
// limit of Windows Server 2008 R2; newer versions accept more.
const maxEnvelope = 150 << 10

// message is a request to a server.
type message struct {
	action string
	// shell is the id of the shell that the message concerns; empty: no shell yet.
	shell   string
	options []option
	// body is XML.
	body string
	// limit is the time in which the server must answer.
	limit time.Duration
}

// step describes the message in errors.
func (m message) step() string {
	switch m.action {
	case actionCreate:
		return "create a shell"
	case actionCommand:
		return "start the command"
	case actionSend:
		return "send the input"
	case actionReceive:
		return "receive the output"
	case actionSignal:
		return "end the command"
	case actionDelete:
		return "delete the shell"
	}
	return m.action
}

type option struct{ name, value string }

// encode returns the SOAP envelope of a message.
func (m message) encode(endpoint string) []byte {
	var text strings.Builder
	fmt.Fprintf(&text, `<s:Envelope xmlns:s="%s" xmlns:a="%s" xmlns:w="%s" xmlns:rsp="%s"><s:Header>`,
		soapSpace, addressingSpace, wsmanSpace, shellSpace)
	fmt.Fprintf(&text, `<a:To>%s</a:To>`, escape(endpoint))
	fmt.Fprintf(&text, `<a:ReplyTo><a:Address s:mustUnderstand="true">%s</a:Address></a:ReplyTo>`, anonymous)
	fmt.Fprintf(&text, `<a:Action s:mustUnderstand="true">%s</a:Action>`, m.action)
	fmt.Fprintf(&text, `<a:MessageID>uuid:%s</a:MessageID>`, newID())
	fmt.Fprintf(&text, `<w:ResourceURI s:mustUnderstand="true">%s/cmd</w:ResourceURI>`, shellSpace)
	fmt.Fprintf(&text, `<w:MaxEnvelopeSize s:mustUnderstand="true">%d</w:MaxEnvelopeSize>`, maxEnvelope)
	fmt.Fprintf(&text, `<w:OperationTimeout>PT%.3fS</w:OperationTimeout>`, m.limit.Seconds())
	text.WriteString(`<w:Locale xml:lang="en-US" s:mustUnderstand="false"/>`)
	if m.shell != "" {
		fmt.Fprintf(&text, `<w:SelectorSet><w:Selector Name="ShellId">%s</w:Selector></w:SelectorSet>`, escape(m.shell))
	}
	if len(m.options) > 0 {
		text.WriteString(`<w:OptionSet>`)
		for _, o := range m.options {
			fmt.Fprintf(&text, `<w:Option Name="%s">%s</w:Option>`, o.name, o.value)
		}
		text.WriteString(`</w:OptionSet>`)
	}
	fmt.Fprintf(&text, `</s:Header><s:Body>%s</s:Body></s:Envelope>`, m.body)
	return []byte(text.String())
}

func escape(text string) string {
	var escaped strings.Builder
	_ = xml.EscapeText(&escaped, []byte(text)) // a builder never fails
	return escaped.String()
}

// newID returns a random UUID.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%X-%X-%X-%X-%X", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
