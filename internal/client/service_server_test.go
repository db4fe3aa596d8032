// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func pointer[T any](value T) *T { return &value }

// Every method sends exactly the documented parameters.
func TestMethodsSendWhatTheAPIDocuments(t *testing.T) {
	t.Parallel()
	since := time.Date(2013, 1, 29, 0, 0, 0, 0, time.UTC)
	real := []IPPort{{IP: IP{Address: "203.0.113.8"}, Port: 8080}, {IP: IP{Address: "203.0.113.9"}, Port: 8081}}
	for _, test := range []struct {
		method string
		call   func(context.Context, *Client) error
		want   url.Values
	}{
		{"grid.server.list", func(ctx context.Context, c *Client) error {
			_, err := c.Servers.List(ctx, ServerFilter{})
			return err
		}, url.Values{}},
		{"grid.server.list", func(ctx context.Context, c *Client) error {
			_, err := c.Servers.List(ctx, ServerFilter{Datacenter: "2", Type: "Web Server", Sandbox: pointer(false)})
			return err
		}, url.Values{"datacenter": {"2"}, "server.type": {"Web Server"}, "isSandbox": {"false"}}},
		{"grid.server.get", func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Get(ctx, 7, 9)
			return err
		}, url.Values{"id": {"7", "9"}}},
		{"grid.server.add", func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Add(ctx, ServerAdd{
				Name: "web", Image: "12834", RAM: "1GB", IP: "203.0.113.7", PrivateIP: "10.0.0.7", Description: "a & b = ü",
			})
			return err
		}, url.Values{
			"name": {"web"}, "image": {"12834"}, "server.ram": {"1GB"}, "ip": {"203.0.113.7"}, "privateip": {"10.0.0.7"},
			"description": {"a & b = ü"},
		}},
		{"grid.server.add", func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Add(ctx, ServerAdd{Name: "box", Image: "12834", IP: "203.0.113.7", Sandbox: true})
			return err
		}, url.Values{"name": {"box"}, "image": {"12834"}, "ip": {"203.0.113.7"}, "isSandbox": {"true"}}},
		{"grid.server.edit", func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Edit(ctx, 7, ServerEdit{RAM: pointer("2GB"), Type: pointer("2"), Description: pointer("")})
			return err
		}, url.Values{"id": {"7"}, "server.ram": {"2GB"}, "server.type": {"2"}, "description": {""}}},
		{"grid.server.power", func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Power(ctx, 7, PowerRestart)
			return err
		}, url.Values{"id": {"7"}, "power": {"restart"}}},
		{"grid.server.delete", func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Delete(ctx, 7)
			return err
		}, url.Values{"id": {"7"}}},
		{"grid.image.list", func(ctx context.Context, c *Client) error {
			_, err := c.Images.List(ctx, ImageFilter{Public: pointer(true), Type: "1", State: "Available", Datacenter: "1"})
			return err
		}, url.Values{"isPublic": {"true"}, "type": {"1"}, "state": {"Available"}, "datacenter": {"1"}}},
		{"grid.image.get", func(ctx context.Context, c *Client) error {
			_, err := c.Images.Get(ctx, 9)
			return err
		}, url.Values{"id": {"9"}}},
		{"grid.image.save", func(ctx context.Context, c *Client) error {
			_, err := c.Images.Save(ctx, ImageSave{ServerID: 7, FriendlyName: "my image", Description: "d"})
			return err
		}, url.Values{"server": {"7"}, "friendlyName": {"my image"}, "description": {"d"}}},
		{"grid.image.edit", func(ctx context.Context, c *Client) error {
			_, err := c.Images.Edit(ctx, 9, ImageEdit{FriendlyName: pointer("n"), Description: pointer("d"), Public: pointer(false)})
			return err
		}, url.Values{"id": {"9"}, "friendlyName": {"n"}, "description": {"d"}, "isPublic": {"false"}}},
		{"grid.image.delete", func(ctx context.Context, c *Client) error {
			_, err := c.Images.Delete(ctx, 9)
			return err
		}, url.Values{"id": {"9"}}},
		{"grid.image.restore", func(ctx context.Context, c *Client) error {
			_, err := c.Images.Restore(ctx, 9)
			return err
		}, url.Values{"id": {"9"}}},
		{"grid.ip.list", func(ctx context.Context, c *Client) error {
			_, err := c.IPs.List(ctx, IPFilter{State: IPUnassigned, Type: "Private", Datacenter: "1"})
			return err
		}, url.Values{"ip.state": {"Unassigned"}, "ip.type": {"Private"}, "datacenter": {"1"}}},
		{"grid.loadbalancer.list", func(ctx context.Context, c *Client) error {
			_, err := c.LoadBalancers.List(ctx, LoadBalancerFilter{Datacenter: "1"})
			return err
		}, url.Values{"datacenter": {"1"}}},
		{"grid.loadbalancer.get", func(ctx context.Context, c *Client) error {
			_, err := c.LoadBalancers.Get(ctx, 5)
			return err
		}, url.Values{"id": {"5"}}},
		{"grid.loadbalancer.add", func(ctx context.Context, c *Client) error {
			_, err := c.LoadBalancers.Add(ctx, LoadBalancerAdd{
				Name: "lb", VirtualIP: IPPort{IP: IP{Address: "203.0.113.7"}, Port: 80}, RealIPs: real,
				Description: "d", Type: "Round Robin", Persistence: "None",
			})
			return err
		}, url.Values{
			"name": {"lb"}, "virtualip.ip": {"203.0.113.7"}, "virtualip.port": {"80"}, "description": {"d"},
			"realiplist.0.ip": {"203.0.113.8"}, "realiplist.0.port": {"8080"},
			"realiplist.1.ip": {"203.0.113.9"}, "realiplist.1.port": {"8081"},
			"loadbalancer.type": {"Round Robin"}, "loadbalancer.persistence": {"None"},
		}},
		{"grid.loadbalancer.edit", func(ctx context.Context, c *Client) error {
			_, err := c.LoadBalancers.Edit(ctx, 5, real[:1])
			return err
		}, url.Values{"id": {"5"}, "realiplist.0.ip": {"203.0.113.8"}, "realiplist.0.port": {"8080"}}},
		{"grid.loadbalancer.delete", func(ctx context.Context, c *Client) error {
			_, err := c.LoadBalancers.Delete(ctx, 5)
			return err
		}, url.Values{"id": {"5"}}},
		{"grid.job.list", func(ctx context.Context, c *Client) error {
			_, err := c.Jobs.List(ctx, JobFilter{
				Object: "web", Owner: "me@example.com", States: []string{"Failed", "Fatal"}, ObjectTypes: []string{"VirtualServer"},
				Since: since, Until: since.Add(time.Hour), Limit: 1, Datacenter: "1",
			})
			return err
		}, url.Values{
			"object": {"web"}, "owner": {"me@example.com"}, "job.state": {"Failed", "Fatal"}, "job.objecttype": {"VirtualServer"},
			"startdate": {"1359417600000"}, "enddate": {"1359421200000"}, "num_items": {"1"}, "page": {"0"}, "datacenter": {"1"},
		}},
		{"grid.job.get", func(ctx context.Context, c *Client) error {
			_, err := c.Jobs.Get(ctx, 3)
			return err
		}, url.Values{"id": {"3"}}},
		{"support.password.list", func(ctx context.Context, c *Client) error {
			_, err := c.Passwords.List(ctx, "1")
			return err
		}, url.Values{"datacenter": {"1"}}},
		{"support.password.get", func(ctx context.Context, c *Client) error {
			_, err := c.Passwords.Get(ctx, 4)
			return err
		}, url.Values{"id": {"4"}}},
		{"common.lookup.list", func(ctx context.Context, c *Client) error {
			_, err := c.Lookups.List(ctx, LookupServerRAM)
			return err
		}, url.Values{"lookup": {"server.ram"}}},
		{"myaccount.billing.get", func(ctx context.Context, c *Client) error {
			_, err := c.Billing.Get(ctx)
			return err
		}, url.Values{}},
	} {
		t.Run(test.method, func(t *testing.T) {
			t.Parallel()
			s := &service{answer: func(method string, form url.Values) reply { return reply{body: success(rowOf(method, form))} }}
			c := newTestClient(t, s)
			if err := test.call(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			got := s.form(test.method, 0)
			if len(got["sig"]) != 1 {
				t.Errorf("%d signatures", len(got["sig"]))
			}
			got.Del("sig")
			test.want.Set("api_key", testKey)
			test.want.Set("v", "1.9")
			test.want.Set("format", "json")
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("parameters (-want +got):\n%s", diff)
			}
		})
	}
}

func TestChangeNeedsItsObjectInTheAnswer(t *testing.T) {
	t.Parallel()
	for _, body := range []string{success(), success(`{"id":1}`, `{"id":2}`), success(`{"id":{}}`), success(`{"id":1,"image":"x"}`)} {
		s := &service{answer: func(string, url.Values) reply { return reply{body: body} }}
		_, err := newTestClient(t, s).Servers.Add(t.Context(), ServerAdd{Name: "web"})
		if !IsOutcomeUnknown(err) {
			t.Errorf("%s: got %v, want an unknown outcome: the server was added", body, err)
		}
	}
}

// An answer about another object, or with an invalid row, does not show whether
// the service accepted the change.
func TestChangesAnsweredAboutAnotherObject(t *testing.T) {
	t.Parallel()
	server := serverJSON(7, "web", "203.0.113.7", StateOn)
	pending := serverJSON(0, "web", "203.0.113.7", StateOff)
	image, balancer := imageJSON(9, "GSI-9", ImageAvailable), balancerJSON(5, "lb", "203.0.113.7")
	without := func(row, member string) string { return strings.Replace(row, `"`+member+`":`, `"x":`, 1) }
	for method, test := range map[string]struct {
		call func(context.Context, *Client) error
		good string
		bad  []string
	}{
		"grid.server.add": {func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Add(ctx, ServerAdd{Name: "web", IP: "203.0.113.7"})
			return err
		}, pending, []string{
			serverJSON(0, "db", "203.0.113.7", StateOff), serverJSON(0, "web", "203.0.113.8", StateOff),
			without(pending, "name"), without(pending, "ip"), without(pending, "image"), without(pending, "ram"), strings.Replace(pending, `"web"`, `5`, 1),
		}},
		"grid.server.edit": {func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Edit(ctx, 7, ServerEdit{RAM: pointer("1GB")})
			return err
		}, server, []string{serverJSON(8, "web", "203.0.113.7", StateOn), pending, without(server, "id"), without(server, "state")}},
		"grid.server.power": {func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Power(ctx, 7, PowerOff)
			return err
		}, server, []string{serverJSON(8, "web", "203.0.113.7", StateOn), pending, without(server, "cores")}},
		"grid.server.delete": {func(ctx context.Context, c *Client) error {
			_, err := c.Servers.Delete(ctx, 7)
			return err
		}, server, []string{serverJSON(8, "web", "203.0.113.7", StateOn), pending, without(server, "diskSize")}},
		"grid.image.save": {func(ctx context.Context, c *Client) error {
			_, err := c.Images.Save(ctx, ImageSave{ServerID: 7, FriendlyName: "image GSI-9"})
			return err
		}, image, []string{imageJSON(9, "GSI-8", ImageSaving), without(image, "id"), without(image, "name"), without(image, "friendlyName")}},
		"grid.image.edit": {func(ctx context.Context, c *Client) error {
			_, err := c.Images.Edit(ctx, 9, ImageEdit{FriendlyName: pointer("x")})
			return err
		}, image, []string{imageJSON(8, "GSI-8", ImageAvailable), without(image, "os")}},
		"grid.image.delete": {func(ctx context.Context, c *Client) error {
			_, err := c.Images.Delete(ctx, 9)
			return err
		}, image, []string{imageJSON(8, "GSI-8", ImageAvailable), without(image, "state")}},
		"grid.image.restore": {func(ctx context.Context, c *Client) error {
			_, err := c.Images.Restore(ctx, 9)
			return err
		}, image, []string{imageJSON(8, "GSI-8", ImageAvailable), without(image, "datacenterlist")}},
		"grid.loadbalancer.add": {func(ctx context.Context, c *Client) error {
			_, err := c.LoadBalancers.Add(ctx, LoadBalancerAdd{Name: "lb", VirtualIP: IPPort{IP: IP{Address: "203.0.113.7"}, Port: 80}})
			return err
		}, balancer, []string{balancerJSON(0, "lb2", "203.0.113.7"), balancerJSON(0, "lb", "203.0.113.8"), without(balancer, "realiplist")}},
		"grid.loadbalancer.edit": {func(ctx context.Context, c *Client) error {
			_, err := c.LoadBalancers.Edit(ctx, 5, nil)
			return err
		}, balancer, []string{balancerJSON(6, "lb", "203.0.113.7"), balancerJSON(0, "lb", "203.0.113.7")}},
		"grid.loadbalancer.delete": {func(ctx context.Context, c *Client) error {
			_, err := c.LoadBalancers.Delete(ctx, 5)
			return err
		}, balancer, []string{balancerJSON(6, "lb", "203.0.113.7"), without(balancer, "virtualip")}},
	} {
		bad := []string{success(), success(test.good, test.good), `{"status":"success"}`, `{"status":"success","list":null}`}
		for _, row := range test.bad {
			bad = append(bad, success(row))
		}
		for i, body := range append([]string{success(test.good), listed(``, test.good)}, bad...) {
			s := &service{answer: func(string, url.Values) reply { return reply{body: body} }}
			err := test.call(t.Context(), newTestClient(t, s, WithMaxRetries(4)))
			if good := i < 2; (err == nil) != good || IsOutcomeUnknown(err) == good {
				t.Errorf("%s: got %v, want success %t or an unknown outcome, for %s", method, err, good, body)
			}
			if got := s.count(method); got != 1 {
				t.Errorf("%s: %d calls, want 1, for %s", method, got, body)
			}
		}
	}
}
