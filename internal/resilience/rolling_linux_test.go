// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package resilience

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

// look is one request to a server, and what came of it.
type look struct {
	begun, ended time.Time
	page         string // empty: it did not answer with one
}

// audience asks every server for its page, ten times a second, until it leaves.
type audience struct {
	t     testing.TB
	leave context.CancelFunc
	gone  sync.WaitGroup

	mu    sync.Mutex
	looks map[string][]look
}

// watching begins to look at servers.
func watching(t testing.TB, addresses []string) *audience {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	a := &audience{t: t, leave: leave, looks: map[string][]look{}}
	for _, address := range addresses {
		a.gone.Go(func() { a.watch(ctx, address) })
	}
	t.Cleanup(a.end)
	return a
}

func (a *audience) end() {
	a.leave()
	a.gone.Wait()
}

func (a *audience) watch(ctx context.Context, address string) {
	client := cleanhttp.DefaultClient()
	ticker := time.NewTicker(time.Second / 10)
	defer ticker.Stop()
	for {
		seen := look{begun: time.Now()}
		seen.page = page(ctx, client, address)
		seen.ended = time.Now()
		if ctx.Err() != nil {
			return
		}
		a.mu.Lock()
		a.looks[address] = append(a.looks[address], seen)
		a.mu.Unlock()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// page is what a server answers with, whole; empty when it does not. A slow
// answer is one.
func page(ctx context.Context, client *http.Client, address string) string {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/", nil)
	if err != nil {
		return ""
	}
	resp, err := client.Do(req)
	if err != nil {
		return ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		return ""
	}
	return string(body)
}

// last is the page that a server has answered with when it was last looked at;
// empty when it did not.
func (a *audience) last(address string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if looks := a.looks[address]; len(looks) > 0 {
		return looks[len(looks)-1].page
	}
	return ""
}

// count is how many servers have answered with a page when they were last looked
// at.
func (a *audience) count(page string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	count := 0
	for _, looks := range a.looks {
		if looks[len(looks)-1].page == page {
			count++
		}
	}
	return count
}

// mustHaveSeen checks that every answer was one of some pages, and that no more
// servers than allowed were away at a time.
func (a *audience) mustHaveSeen(away int, pages ...string) {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	answers := 0
	for address, looks := range a.looks {
		for i, seen := range looks {
			switch {
			case seen.page == "":
				if others := a.awayWith(address, seen); len(others) >= away {
					a.t.Errorf("at %s %s did not answer, and neither did %v", seen.begun.Format(time.StampMilli), address, others)
				}
			case !slices.Contains(pages, seen.page):
				a.t.Errorf("answer %d of %s is none of the releases, or not whole: %q", i, address, seen.page)
			default:
				answers++
			}
		}
	}
	if answers == 0 {
		a.t.Error("nobody has answered")
	}
}

// awayWith are the servers that did not answer either just before and just
// after another one did not: requests take their time, so two that failed at
// about the same time prove nothing.
func (a *audience) awayWith(address string, seen look) []string {
	var others []string
	for other, looks := range a.looks {
		if other == address {
			continue
		}
		after := slices.IndexFunc(looks, func(l look) bool { return !l.begun.Before(seen.ended) })
		before := -1
		for i, l := range looks {
			if !l.ended.After(seen.begun) {
				before = i
			}
		}
		if before >= 0 && after >= 0 && !slices.ContainsFunc(looks[before:after+1], func(l look) bool { return l.page != "" }) {
			others = append(others, other)
		}
	}
	return others
}

// site is the page of a release.
func site(release string) string {
	return fmt.Sprintf("<!doctype html>\n<html>\n<h1>%[1]s</h1>\n%[2]s\n<!-- %[1]s -->\n</html>\n", release, strings.Repeat("<p>The shop is open.</p>\n", 500))
}
