// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// rowIn returns the first row of a fixture.
func rowIn(t testing.TB, name string) map[string]any {
	t.Helper()
	var answered struct {
		List []map[string]any `json:"list"`
	}
	if err := json.Unmarshal([]byte(fixture(t, name)), &answered); err != nil || len(answered.List) == 0 {
		t.Fatalf("%s: %v", name, err)
	}
	return answered.List[0]
}

// serverRow returns a complete row of a server with a private address.
func serverRow(t testing.TB) map[string]any {
	t.Helper()
	row, private := rowIn(t, "server_get.json"), rowIn(t, "ip_list.json")
	private["ip"], private["public"] = "10.110.0.2", false
	row["privateip"] = private
	return row
}

// membersOf returns the path of every member of a row, at any depth. The objects of
// an array share their paths.
func membersOf(value any, path string) map[string]bool {
	members := map[string]bool{}
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			below := strings.TrimPrefix(path+"."+name, ".")
			members[below] = true
			maps.Copy(members, membersOf(inner, below))
		}
	case []any:
		for _, inner := range value {
			maps.Copy(members, membersOf(inner, path))
		}
	}
	return members
}

// without returns a copy of a row that lacks one member.
func without(value any, path string) any {
	switch value := value.(type) {
	case map[string]any:
		first, rest, deeper := strings.Cut(path, ".")
		copied := maps.Clone(value)
		if !deeper {
			delete(copied, first)
		} else if inner, there := copied[first]; there {
			copied[first] = without(inner, rest)
		}
		return copied
	case []any:
		var copied []any
		for _, inner := range value {
			copied = append(copied, without(inner, path))
		}
		return copied
	default:
		return value
	}
}

func toJSON(t testing.TB, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// decodedAs decodes a row with a converter.
func decodedAs[W, T any](convert func(W) (T, error)) func(testing.TB, any) (any, error) {
	return func(t testing.TB, row any) (any, error) {
		t.Helper()
		rows := &rowDecoder[W, T]{convert: convert}
		_, err := parseEnvelope([]byte(success(toJSON(t, row))), rows)
		if broken := rows.skipped.err(); err != nil || broken != nil {
			return nil, cmpOr(err, broken)
		}
		return rows.items[0], nil
	}
}

func cmpOr(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// The test removes each member from a complete row. The decoder must then reject the
// row or return the same object. Members that complete rows may lack, and descriptive
// texts, are exempt.
func TestRowsThatLackAMember(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		row    map[string]any
		decode func(testing.TB, any) (any, error)
		// missed lists the members whose absence changes the object. A member that
		// ends with a dot stands for all members below it.
		missed []string
	}{
		{
			"server", serverRow(t), decodedAs(newServerDecoder().server),
			// Code that needs more than the id and the name of an image reads the list
			// of images.
			[]string{
				"description", "privateip", "image.friendlyName", "image.location", "image.isActive", "image.isPublic",
				"image.price", "image.updatedTime", "image.os", "image.os.", "image.architecture", "image.architecture.", "image.type", "image.type.",
				"image.state", "image.state.", "image.gsitype", "image.gsitype.", "image.minram", "image.minram.", "image.owner", "image.owner.",
				"image.billingtokens", "image.billingtokens.", "image.datacenterlist", "image.datacenterlist.",
			},
		},
		{
			"image", rowIn(t, "image_list.json"), decodedAs(wireImage.image),
			[]string{"description", "updatedTime", "owner.name", "billingtokens.", "datacenterlist.updatedTime"},
		},
		{"address", rowIn(t, "ip_list.json"), decodedAs(wireIP.ip), nil},
		{
			"job", rowIn(t, "job_list.json"), decodedAs(wireJob.job),
			// No decision depends on these.
			[]string{
				"attempts", "createdon", "datacenter", "datacenter.", "detail.type", "detail.image", "detail.ram",
				"history.id", "history.updatedon", "history.note",
			},
		},
		{
			"load balancer", rowIn(t, "loadbalancer_get.json"), decodedAs(wireLoadBalancer.loadBalancer),
			// A load balancer has no id and no datacenter until it is ready.
			[]string{
				"id", "description", "os", "os.", "datacenter", "datacenter.",
				"virtualip.ip.id", "virtualip.ip.subnet", "virtualip.ip.public", "virtualip.ip.state", "virtualip.ip.state.",
				"virtualip.ip.datacenter", "virtualip.ip.datacenter.", "realiplist.ip.id", "realiplist.ip.subnet", "realiplist.ip.public",
				"realiplist.ip.state", "realiplist.ip.state.", "realiplist.ip.datacenter", "realiplist.ip.datacenter.",
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			whole, err := test.decode(t, test.row)
			if err != nil {
				t.Fatal(err)
			}
			for _, member := range slices.Sorted(maps.Keys(membersOf(test.row, ""))) {
				// No decision depends on the description of an option.
				described := strings.HasSuffix(member, ".description")
				may := described || slices.ContainsFunc(test.missed, func(missed string) bool {
					return member == missed || strings.HasSuffix(missed, ".") && strings.HasPrefix(member, missed)
				})
				item, err := test.decode(t, without(test.row, member))
				switch changed := err == nil && !reflect.DeepEqual(item, whole); {
				case changed && !may:
					t.Errorf("without %s the row decodes to another object (-complete +got):\n%s", member, cmp.Diff(whole, item))
				case err != nil && may && !described:
					t.Errorf("without %s: got %v, want an object", member, err)
				}
			}
		})
	}
}

// If the row in a list lacks a member, the client must not report the server as absent
// or changed. It must either get the server from a direct lookup or return an
// UnprovenError.
func TestServerWithABrokenRow(t *testing.T) {
	t.Parallel()
	row := serverRow(t)
	for _, member := range slices.Sorted(maps.Keys(row)) {
		for _, getToo := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, also in direct lookups %t", member, getToo), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					c, g, s := newGridClient(t)
					broken, sound := success(toJSON(t, without(row, member))), success(toJSON(t, row))
					g.set(func(g *grid) {
						g.override = func(method string, _ url.Values) (reply, bool) {
							if method == "grid.server.list" || getToo && method == "grid.server.get" {
								return reply{body: broken}, true
							}
							return reply{body: sound}, method == "grid.server.get"
						}
					})
					server, err := c.Snapshot.Server(t.Context(), 700123)
					switch member {
					case "description", "object", "privateip":
						if err != nil || server == nil || s.count("grid.server.list") != 1 {
							t.Errorf("got %v, %v after %d lists, want a server", server, err, s.count("grid.server.list"))
						}
						return
					}
					if getToo && (server != nil || !IsUnproven(err)) {
						t.Errorf("got %v, %v, want an UnprovenError", server, err)
					}
					if !getToo && (err != nil || server == nil || server.RAM.Name != "1GB" || server.PrivateIP == nil) {
						t.Errorf("got %v, %v, want the unchanged server", server, err)
					}
					if _, err := c.Servers.List(t.Context(), ServerFilter{}); !IsUnproven(err) || !strings.Contains(err.Error(), "lacks") {
						t.Errorf("the list: got %v, want an IncompleteError that names the missing member", err)
					}
				})
			})
		}
	}
}

// A server that is being provisioned has no id, no cores and no disk.
func TestPendingServerIsComplete(t *testing.T) {
	t.Parallel()
	decode := decodedAs(newServerDecoder().server)
	row := serverRow(t)
	for _, lacking := range []string{"id", "cores", "diskSize", "id cores", "id diskSize", "cores diskSize"} {
		cut := any(row)
		for _, member := range strings.Fields(lacking) {
			cut = without(cut, member)
		}
		if got, err := decode(t, cut); err == nil {
			t.Errorf("without %s: got %v, want a broken row", lacking, got)
		}
	}
	pending, err := decode(t, without(without(without(row, "id"), "cores"), "diskSize"))
	if server, ok := pending.(Server); err != nil || !ok || !server.Pending() || server.Name != "tf-web-01" {
		t.Errorf("got %v, %v, want a pending server", pending, err)
	}
}
