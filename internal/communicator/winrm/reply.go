// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package winrm

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// maxShownAnswer is the number of bytes of an unexpected answer that an error
// shows.
const maxShownAnswer = 200

// envelope is the SOAP envelope of an answer.
type envelope struct {
	XMLName xml.Name `xml:"http://www.w3.org/2003/05/soap-envelope Envelope"`
	Body    reply    `xml:"http://www.w3.org/2003/05/soap-envelope Body"`
}

// reply is the body of an answer. Usually only one of its fields is set.
type reply struct {
	Fault    *faultReply    `xml:"http://www.w3.org/2003/05/soap-envelope Fault"`
	Shell    *shellReply    `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell Shell"`
	Created  *createdReply  `xml:"http://schemas.xmlsoap.org/ws/2004/09/transfer ResourceCreated"`
	Command  *commandReply  `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell CommandResponse"`
	Received *receivedReply `xml:"http://schemas.microsoft.com/wbem/wsman/1/windows/shell ReceiveResponse"`
}

type faultReply struct {
	Code struct {
		Subcode struct{ Value string }
	}
	Reason struct{ Text string }
	Detail struct {
		WSManFault struct {
			Code    string `xml:",attr"`
			Message string
		}
	}
}

type shellReply struct {
	ID string `xml:"ShellId"`
}

// createdReply contains the id of a new shell. Servers before Windows Server
// 2012 send the id only here and not in shellReply.
type createdReply struct {
	Selectors []struct {
		Name  string `xml:",attr"`
		Value string `xml:",chardata"`
	} `xml:"ReferenceParameters>SelectorSet>Selector"`
}

type commandReply struct {
	ID string `xml:"CommandId"`
}

type receivedReply struct {
	Streams []stream `xml:"Stream"`
	State   struct {
		State    string `xml:",attr"`
		ExitCode string
	} `xml:"CommandState"`
}

// stream is a piece of output.
type stream struct {
	Name string `xml:",attr"`
	Text string `xml:",chardata"`
}

// decode reads an answer. It returns an *AnswerError if the text is not a
// WS-Management message, and a *Fault if the server reports an error.
func decode(status int, text []byte) (*reply, error) {
	var answer envelope
	if err := xml.Unmarshal(text, &answer); err != nil {
		return nil, unexpectedAnswer(status, text, "not a SOAP envelope")
	}
	switch {
	case answer.Body.Fault != nil:
		return nil, answer.Body.Fault.fault()
	case status != http.StatusOK:
		return nil, unexpectedAnswer(status, text, "no fault in it")
	}
	return &answer.Body, nil
}

func unexpectedAnswer(status int, text []byte, reason string) *AnswerError {
	start := text[:min(len(text), maxShownAnswer)]
	return &AnswerError{Status: status, Start: strings.ToValidUTF8(string(start), ""), Reason: reason}
}

func (f *faultReply) fault() *Fault {
	_, subcode, found := strings.Cut(f.Code.Subcode.Value, ":")
	if !found {
		subcode = f.Code.Subcode.Value
	}
	reason := strings.TrimSpace(f.Reason.Text)
	if reason == "" {
		reason = strings.TrimSpace(f.Detail.WSManFault.Message)
	}
	return &Fault{Subcode: strings.TrimSpace(subcode), Code: f.Detail.WSManFault.Code, Reason: reason}
}

// shellID returns the id of a new shell, or "" if the answer contains no id.
func (r *reply) shellID() string {
	if r.Shell != nil && r.Shell.ID != "" {
		return r.Shell.ID
	}
	if r.Created != nil {
		for _, selector := range r.Created.Selectors {
			if selector.Name == "ShellId" {
				return selector.Value
			}
		}
	}
	return ""
}

// content returns the decoded bytes.
func (s stream) content() ([]byte, error) {
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(s.Text))
	if err != nil {
		return nil, fmt.Errorf("a piece of %s is not base64: %w", s.Name, err)
	}
	return text, nil
}

// done reports whether the command has ended.
func (r *receivedReply) done() bool { return strings.HasSuffix(r.State.State, "/CommandState/Done") }

// exitCode returns the exit code of the command. Some servers write the codes
// of Windows errors as unsigned numbers, other servers as signed numbers.
func (r *receivedReply) exitCode() (int, error) {
	code, err := strconv.ParseInt(strings.TrimSpace(r.State.ExitCode), 10, 64)
	if err != nil {
		return 0, errors.New("the command has ended, but the server returned no exit code")
	}
	return int(int32(code)), nil
}
