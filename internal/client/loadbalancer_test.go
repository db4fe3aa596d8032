// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"strings"
	"testing"
)

// The service rejects a member of another account with a server error that has
// a known text. This error means invalid input, so the service did not make the
// change.
func TestForeignMemberIsBadInput(t *testing.T) {
	t.Parallel()
	const known = "An unexpected server error has occured. Please email this error to apisupport@gogrid.com.  Error Message : null"
	add := func(ctx context.Context, c *Client) error {
		_, err := c.LoadBalancers.Add(ctx, LoadBalancerAdd{
			Name: "lb", VirtualIP: IPPort{IP: IP{Address: "203.0.113.7"}, Port: 80}, RealIPs: []IPPort{{IP: IP{Address: "8.8.8.8"}, Port: 80}},
		})
		return err
	}
	edit := func(ctx context.Context, c *Client) error {
		_, err := c.LoadBalancers.Edit(ctx, 5, []IPPort{{IP: IP{Address: "8.8.8.8"}, Port: 80}})
		return err
	}
	remove := func(ctx context.Context, c *Client) error {
		_, err := c.LoadBalancers.Delete(ctx, 5)
		return err
	}
	server := func(ctx context.Context, c *Client) error {
		_, err := c.Servers.Add(ctx, ServerAdd{Name: "web", Image: "1", IP: "203.0.113.7"})
		return err
	}
	for _, test := range []struct {
		name   string
		call   func(context.Context, *Client) error
		answer reply
		bad    bool
	}{
		{"add", add, failure(500, "UnexpectedException", known), true},
		{"edit", edit, failure(500, "UnexpectedException", known), true},
		{"another reason", add, failure(500, "UnexpectedException", strings.Replace(known, "null", "database is down", 1)), false},
		{"another text", add, failure(500, "UnexpectedException", "Try again"), false},
		{"another code", add, failure(500, "OutOfMemoryError", known), false},
		{"another status", add, failure(503, "UnexpectedException", known), false},
		{"a page", add, reply{status: 500, body: "<h1>" + known + "</h1>"}, false},
		{"delete", remove, failure(500, "UnexpectedException", known), false},
		{"another object", server, failure(500, "UnexpectedException", known), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := &service{answer: func(string, url.Values) reply { return test.answer }}
			err := test.call(t.Context(), newTestClient(t, s, WithMaxRetries(4)))
			if err == nil || IsInvalid(err) != test.bad || IsOutcomeUnknown(err) == test.bad || IsUnanswered(err) == test.bad {
				t.Errorf("invalid: %t, outcome unknown: %t, unanswered: %t; want invalid input: %t. %v", IsInvalid(err), IsOutcomeUnknown(err), IsUnanswered(err), test.bad, err)
			}
			if test.bad && !strings.Contains(err.Error(), "does not belong to the account") {
				t.Errorf("the error does not name the cause: %v", err)
			}
		})
	}
}

// A load balancer may have no members.
func TestLoadBalancerWithoutMembers(t *testing.T) {
	t.Parallel()
	row := strings.Replace(balancerJSON(5, "lb", "203.0.113.7"), `"realiplist":[`, `"realiplist":[],"former":[`, 1)
	s := &service{answer: func(string, url.Values) reply { return reply{body: success(row)} }}
	found, err := newTestClient(t, s).LoadBalancers.List(t.Context(), LoadBalancerFilter{})
	if err != nil || len(found) != 1 || len(found[0].RealIPs) != 0 {
		t.Errorf("got %+v, %v", found, err)
	}
}
