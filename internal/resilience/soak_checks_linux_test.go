// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

// advicePattern matches words with which an error names the next step.
var advicePattern = regexp.MustCompile(`(?i)\b(next apply|apply again|again|terraform \w+|import|untaint|remove it|delete it|set|raise|choose|check|wait|run|replace it|give|correct|make sure|see)\b`)

// problemsOf returns the part of an output with errors and warnings.
func problemsOf(output string) string {
	first := len(output)
	for _, begin := range []string{"\nError: ", "\nWarning: "} {
		if at := strings.Index(output, begin); at >= 0 {
			first = min(first, at)
		}
	}
	if first == len(output) {
		return output
	}
	return output[first:]
}

// mustAdvise checks that each error of a failed command names the next step.
func (w *soakWorld) mustAdvise(output string) {
	w.t.Helper()
	found := strings.Split(output, "Error: ")[1:]
	if len(found) == 0 {
		w.t.Errorf("the command failed but printed no error:\n%s", output)
	}
	for _, text := range found {
		text, _, _ = strings.Cut(text, "\nWarning: ")
		if w.judged[text] {
			continue
		}
		w.judged[text] = true
		switch {
		case strings.Contains(text, "bug in the provider"), strings.Contains(text, "inconsistent"), strings.Contains(text, "panic"):
			w.t.Errorf("the provider violated the engine's protocol:\nError: %s", text)
		case !advicePattern.MatchString(errorDetail(text)):
			w.t.Errorf("the error does not name the next step:\nError: %s", text)
		default:
			w.t.Logf("the command failed with:\nError: %s", text)
		}
	}
}

// errorDetail returns an error without its summary and its location in the
// configuration.
func errorDetail(text string) string {
	_, text, _ = strings.Cut(text, "\n")
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "with ") || strings.HasPrefix(text, "on ") {
		_, text, _ = strings.Cut(text, "\n\n")
	}
	return text
}

// soakLeftover is an object that is not in the state.
type soakLeftover struct {
	kind string
	name string // the path of a file
	id   int64  // 0 for a file
}

func (l soakLeftover) String() string {
	if l.id == 0 {
		return l.kind + " " + l.name
	}
	return fmt.Sprintf("%s %q (%d)", l.kind, l.name, l.id)
}

// namedIn reports whether a text names the object.
func (l soakLeftover) namedIn(text string) bool {
	return strings.Contains(text, l.name) && (l.id == 0 || strings.Contains(text, fmt.Sprint(l.id)))
}

// leftovers returns the objects on the grid and the files on Cloud Storage that
// are not in the state.
func (w *soakWorld) leftovers() []soakLeftover {
	w.t.Helper()
	w.grid.awaitFinished()
	servers, images, addresses := map[string]bool{}, map[string]bool{}, map[string]bool{}
	pinned := map[string]bool{}
	for _, r := range w.resources() {
		switch r.Type {
		case "gogrid_server", "gogrid_sandbox":
			servers[r.Values.ID], pinned[r.Values.Name] = true, w.config.parts.deploy
		case "gogrid_mygsi_image":
			images[r.Values.ID] = true
		case "gogrid_private_ip":
			addresses[r.Values.Address] = true
		}
	}
	var left []soakLeftover
	for _, server := range w.grid.state().Servers {
		if !servers[fmt.Sprint(server.ID)] {
			left = append(left, soakLeftover{"server", server.Name, server.ID})
		}
	}
	for _, image := range w.usableImages() {
		if !images[fmt.Sprint(image.ID)] {
			left = append(left, soakLeftover{"image", image.FriendlyName, image.ID})
		}
	}
	for _, file := range w.shareFiles(leaseFolder) {
		if !addresses[strings.TrimSuffix(file, ".json")] {
			left = append(left, soakLeftover{kind: "lease", name: leaseFolder + "/" + file})
		}
	}
	for _, file := range w.shareFiles(pinFolder) {
		if !pinned[strings.TrimSuffix(file, ".json")] {
			left = append(left, soakLeftover{kind: "pin", name: pinFolder + "/" + file})
		}
	}
	return left
}

// usableImages returns the account's images outside the trash.
func (w *soakWorld) usableImages() []simulator.ImageInfo {
	w.t.Helper()
	return slices.DeleteFunc(w.images(), func(image simulator.ImageInfo) bool { return image.State == client.ImageTrash })
}

// mustAccountForAll checks the grid after a successful apply. Each planned
// server must exist once, and the next plan must be empty. The plan and the
// sweep must name every object that is not in the state.
func (w *soakWorld) mustAccountForAll() {
	w.t.Helper()
	if left := w.leftovers(); len(left) > 0 {
		w.mustNotBeDuplicates(left)
		output, _ := w.start("plan", "-input=false", "-no-color").end()
		w.mustName("the plan", output, left)
		w.sweep(left)
	}
	w.mustBeDone(w.config.names())
	w.mustHaveFiles()
	w.mustUseAddresses()
	w.mustBill()
	w.mustHaveAddressesAsPlanned()
}

// mustNotBeDuplicates checks that no leftover is an object that the apply had
// to adopt: a server with a planned name, or an image with the planned recipe.
func (w *soakWorld) mustNotBeDuplicates(left []soakLeftover) {
	w.t.Helper()
	for _, object := range left {
		if object.kind == "server" && slices.Contains(w.config.names(), object.name) || object.kind == "image" && !w.rebuilt {
			w.t.Errorf("the apply duplicated an object instead of adopting it: %s", object)
		}
	}
}

// mustName checks that a text names every leftover.
func (w *soakWorld) mustName(what, text string, left []soakLeftover) {
	w.t.Helper()
	flat := strings.Join(strings.Fields(text), " ") // the engine breaks lines
	for _, object := range left {
		if !object.namedIn(flat) {
			w.t.Errorf("%s does not name the leftover %s\n%s", what, object, problemsOf(text))
		}
	}
}

// mustHaveFiles checks that Cloud Storage has exactly the leases and pins of
// the objects in the state, and no incomplete file.
func (w *soakWorld) mustHaveFiles() {
	w.t.Helper()
	var leases, pins []string
	for _, r := range w.resources() {
		switch {
		case r.Type == "gogrid_private_ip":
			leases = append(leases, r.Values.Address+".json")
		case r.Type == "gogrid_server" && w.config.parts.deploy:
			pins = append(pins, r.Values.Name+".json")
		}
	}
	slices.Sort(leases)
	slices.Sort(pins)
	if diff := cmp.Diff(leases, w.shareFiles(leaseFolder)); diff != "" {
		w.t.Errorf("leases (-addresses in the state +found):\n%s", diff)
	}
	if diff := cmp.Diff(pins, w.shareFiles(pinFolder)); diff != "" {
		w.t.Errorf("pins (-servers in the state +found):\n%s", diff)
	}
	for _, file := range w.shareFiles("") {
		if strings.Contains(file, ".part") || strings.Contains(file, ".takeover") || strings.Contains(file, "lock") {
			w.t.Errorf("left on Cloud Storage: %s", file)
		}
	}
}

// mustUseAddresses checks that only the addresses of servers are in use, plus
// the addresses that were in use before the first apply.
func (w *soakWorld) mustUseAddresses() {
	w.t.Helper()
	want := []string{}
	for address := range w.used {
		want = append(want, address)
	}
	for _, server := range w.grid.state().Servers {
		want = append(want, server.PublicIP)
		if server.PrivateIP != "" {
			want = append(want, server.PrivateIP)
		}
	}
	got := []string{}
	for address := range w.grid.takenAddresses() {
		got = append(got, address)
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		w.t.Errorf("addresses in use (-by servers +on the grid):\n%s", diff)
	}
}

// mustBill checks that only existing servers are billed.
func (w *soakWorld) mustBill() {
	w.t.Helper()
	state := w.grid.state()
	for _, bill := range state.Bills {
		for _, item := range bill.Items {
			if item.To == nil && !slices.ContainsFunc(state.Servers, func(s simulator.ServerInfo) bool { return s.Name == item.Name }) {
				w.t.Errorf("%q is billed but does not exist", item.Name)
			}
		}
	}
}

// mustHaveAddressesAsPlanned checks that each server has the private address of
// its claim.
func (w *soakWorld) mustHaveAddressesAsPlanned() {
	w.t.Helper()
	if !w.config.parts.addresses {
		return
	}
	claims := map[string]bool{}
	for _, r := range w.resources() {
		if r.Type == "gogrid_private_ip" {
			claims[r.Values.Address] = true
		}
	}
	if len(claims) != w.config.servers {
		w.t.Errorf("the state has the addresses %v for %d servers", claims, w.config.servers)
	}
	for _, server := range w.grid.state().Servers {
		var number int
		if _, err := fmt.Sscanf(server.Name, "web-%d", &number); err != nil {
			continue // checked elsewhere
		}
		if planned := w.config.address(number); !claims[server.PrivateIP] || planned != "" && planned != server.PrivateIP {
			w.t.Errorf("server %q has the private address %q, want %q", server.Name, server.PrivateIP, planned)
		}
	}
}
