// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrmtest

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
)

const (
	maxEnvelope = 153600 // the default MaxEnvelopeSizekb of Windows Server 2008 R2, in bytes

	soap       = "http://www.w3.org/2003/05/soap-envelope"
	addressing = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
	transfer   = "http://schemas.xmlsoap.org/ws/2004/09/transfer/"
	wsman      = "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"
	windows    = "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
)

// Message is a request of a client.
type Message struct {
	// Action is the last part of the action, such as "Create".
	Action string
	// Shell is the id of the shell that the message concerns.
	Shell string

	id      string
	timeout time.Duration
	options map[string]string
	body    body
}

type mustUnderstand struct {
	Must  string `xml:"http://www.w3.org/2003/05/soap-envelope mustUnderstand,attr"`
	Value string `xml:",chardata"`
}

type named struct {
	Name  string `xml:",attr"`
	Value string `xml:",chardata"`
}

type request struct {
	XMLName xml.Name `xml:"http://www.w3.org/2003/05/soap-envelope Envelope"`
	Header  struct {
		To        string         `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing To"`
		Action    mustUnderstand `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing Action"`
		MessageID string         `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing MessageID"`
		ReplyTo   struct {
			Address mustUnderstand `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing Address"`
		} `xml:"http://schemas.xmlsoap.org/ws/2004/08/addressing ReplyTo"`
		Resource  mustUnderstand `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd ResourceURI"`
		Largest   mustUnderstand `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd MaxEnvelopeSize"`
		Timeout   string         `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd OperationTimeout"`
		Selectors struct {
			All []named `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd Selector"`
		} `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd SelectorSet"`
		Options struct {
			All []named `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd Option"`
		} `xml:"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd OptionSet"`
	} `xml:"http://www.w3.org/2003/05/soap-envelope Header"`
	Body body `xml:"http://www.w3.org/2003/05/soap-envelope Body"`
}

type body struct {
	Shell *struct {
		InputStreams  string
		OutputStreams string
	} `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Shell"`
	CommandLine *struct {
		Command   string
		Arguments []string
	} `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell CommandLine"`
	Send *struct {
		Stream struct {
			Name      string `xml:",attr"`
			CommandID string `xml:"CommandId,attr"`
			End       string `xml:",attr"`
			Text      string `xml:",chardata"`
		}
	} `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Send"`
	Receive *struct {
		DesiredStream struct {
			CommandID string `xml:"CommandId,attr"`
			Names     string `xml:",chardata"`
		}
	} `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Receive"`
	Signal *struct {
		CommandID string `xml:"CommandId,attr"`
		Code      string
	} `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Signal"`
}

var uuid = regexp.MustCompile(`^uuid:[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-[89AB][0-9A-F]{3}-[0-9A-F]{12}$`)

// read parses a message. If the message is invalid, problem says why.
func (s *Server) read(text []byte) (message Message, problem string) {
	var r request
	short, long := shorten(text)
	if err := xml.Unmarshal(short, &r); err != nil {
		return message, err.Error()
	}
	if r.Body.Send != nil && long != "" {
		r.Body.Send.Stream.Text = long
	}
	h := r.Header
	for name, header := range map[string]mustUnderstand{"Action": h.Action, "ResourceURI": h.Resource, "ReplyTo": h.ReplyTo.Address, "MaxEnvelopeSize": h.Largest} {
		if header.Must != "true" {
			return message, name + " has no mustUnderstand"
		}
	}
	timeout, err := time.ParseDuration(strings.ToLower(strings.TrimPrefix(h.Timeout, "PT")))
	_, action, found := strings.Cut(h.Action.Value, transfer)
	if !found {
		_, action, found = strings.Cut(h.Action.Value, windows+"/")
	}
	switch {
	case err != nil || timeout <= 0:
		return message, "an invalid OperationTimeout"
	case !found:
		return message, "an unknown action"
	case h.To != s.server.URL+"/wsman":
		return message, "a wrong To"
	case h.ReplyTo.Address.Value != addressing+"/role/anonymous":
		return message, "a wrong ReplyTo"
	case h.Resource.Value != windows+"/cmd":
		return message, "a wrong ResourceURI"
	case h.Largest.Value != "153600":
		return message, "a wrong MaxEnvelopeSize"
	case !uuid.MatchString(h.MessageID) || !s.isNewID(h.MessageID):
		return message, "a MessageID that is invalid or not unique"
	}
	message = Message{Action: action, id: h.MessageID, timeout: timeout, options: map[string]string{}, body: r.Body}
	for _, option := range h.Options.All {
		message.options[option.Name] = option.Value
	}
	if len(h.Selectors.All) > 0 {
		if h.Selectors.All[0].Name != "ShellId" || len(h.Selectors.All) > 1 {
			return message, "unknown selectors"
		}
		message.Shell = h.Selectors.All[0].Value
	}
	s.record(action, r.Body)
	return message, ""
}

// shorten removes a long text from a message and returns the rest and the text.
// The XML decoder is slow under the race detector, and base64 text contains no
// XML to decode.
func shorten(text []byte) (short []byte, long string) {
	for at := 0; ; {
		begin := bytes.IndexByte(text[at:], '>') + 1
		length := bytes.IndexByte(text[at+begin:], '<')
		if begin == 0 || length < 0 {
			return text, ""
		}
		if begin += at; length > 1<<13 {
			return slices.Concat(text[:begin], text[begin+length:]), string(text[begin : begin+length])
		}
		at = begin + length
	}
}

func (s *Server) isNewID(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	used := s.ids[id]
	s.ids[id] = true
	return !used
}

func (s *Server) record(action string, b body) {
	if b.Signal != nil {
		action += " " + b.Signal.Code[strings.LastIndexByte(b.Signal.Code, '/')+1:]
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// The number of consecutive requests for output depends on timing, so
	// record only the first.
	if action != "Receive" || !slices.Contains(s.messages[max(0, len(s.messages)-1):], "Receive") {
		s.messages = append(s.messages, action)
	}
}

// Reply sends an answer with a status and a body.
func (m Message) Reply(w http.ResponseWriter, status int, body string) {
	var text bytes.Buffer
	fmt.Fprintf(&text, `<s:Envelope xml:lang="en-US" xmlns:s=%q xmlns:a=%q xmlns:w=%q xmlns:rsp=%q>`, soap, addressing, wsman, windows)
	fmt.Fprintf(&text, `<s:Header><a:MessageID>uuid:00000000-0000-0000-0000-000000000000</a:MessageID><a:RelatesTo>%s</a:RelatesTo></s:Header>`, m.id)
	fmt.Fprintf(&text, `<s:Body>%s</s:Body></s:Envelope>`, body)
	w.Header().Set("Content-Type", "application/soap+xml;charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // the client may have closed the connection
}

// Fault sends a fault, which is an error message of WS-Management.
func (m Message) Fault(w http.ResponseWriter, subcode, code, reason string) {
	m.Reply(w, http.StatusInternalServerError, fmt.Sprintf(`<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:%s</s:Value></s:Subcode></s:Code>`+
		`<s:Reason><s:Text xml:lang="en-US">%s</s:Text></s:Reason><s:Detail><f:WSManFault xmlns:f="http://schemas.microsoft.com/wbem/wsman/1/wsmanfault" Code=%q Machine="w">`+
		`<f:Message>%s</f:Message></f:WSManFault></s:Detail></s:Fault>`, subcode, html.EscapeString(reason), code, html.EscapeString(reason)))
}
