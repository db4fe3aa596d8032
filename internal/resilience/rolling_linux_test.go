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

// visit is one request to a server and its result.
type visit struct {
	begun, ended time.Time
	page         string // "" if the server did not answer with a page
}

// siteWatcher requests the page of every server ten times a second, until end
// is called.
type siteWatcher struct {
	t       testing.TB
	stop    context.CancelFunc
	running sync.WaitGroup

	mu     sync.Mutex
	visits map[string][]visit
}

// watchSites starts to watch servers.
func watchSites(t testing.TB, addresses []string) *siteWatcher {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	a := &siteWatcher{t: t, stop: leave, visits: map[string][]visit{}}
	for _, address := range addresses {
		a.running.Go(func() { a.watch(ctx, address) })
	}
	t.Cleanup(a.end)
	return a
}

func (a *siteWatcher) end() {
	a.stop()
	a.running.Wait()
}

func (a *siteWatcher) watch(ctx context.Context, address string) {
	client := cleanhttp.DefaultClient()
	ticker := time.NewTicker(time.Second / 10)
	defer ticker.Stop()
	for {
		seen := visit{begun: time.Now()}
		seen.page = page(ctx, client, address)
		seen.ended = time.Now()
		if ctx.Err() != nil {
			return
		}
		a.mu.Lock()
		a.visits[address] = append(a.visits[address], seen)
		a.mu.Unlock()
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// page returns the complete page of a server, or "" if the server does not
// answer with a page. It has no time limit, because a slow response also counts
// as an answer.
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

// last returns the page of a server's last visit, or "" if the server did not
// answer.
func (a *siteWatcher) last(address string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if looks := a.visits[address]; len(looks) > 0 {
		return looks[len(looks)-1].page
	}
	return ""
}

// count returns the number of servers whose last visit returned a page.
func (a *siteWatcher) count(page string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	count := 0
	for _, looks := range a.visits {
		if looks[len(looks)-1].page == page {
			count++
		}
	}
	return count
}

// mustHaveSeen checks that every answer was one of the given pages, and that at
// most away servers were down at a time.
func (a *siteWatcher) mustHaveSeen(away int, pages ...string) {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	answers := 0
	for address, looks := range a.visits {
		for i, seen := range looks {
			switch {
			case seen.page == "":
				if others := a.awayWith(address, seen); len(others) >= away {
					a.t.Errorf("at %s the server %s did not answer, and neither did %v", seen.begun.Format(time.StampMilli), address, others)
				}
			case !slices.Contains(pages, seen.page):
				a.t.Errorf("answer %d of %s is not a complete page of a release: %q", i, address, seen.page)
			default:
				answers++
			}
		}
	}
	if answers == 0 {
		a.t.Error("no server has answered")
	}
}

// awayWith returns the servers that did not answer just before and just after a
// failed visit. Requests take time, so a single failed request of each of two
// servers does not prove that both were down at the same time.
func (a *siteWatcher) awayWith(address string, seen visit) []string {
	var others []string
	for other, looks := range a.visits {
		if other == address {
			continue
		}
		after := slices.IndexFunc(looks, func(l visit) bool { return !l.begun.Before(seen.ended) })
		before := -1
		for i, l := range looks {
			if !l.ended.After(seen.begun) {
				before = i
			}
		}
		if before >= 0 && after >= 0 && !slices.ContainsFunc(looks[before:after+1], func(l visit) bool { return l.page != "" }) {
			others = append(others, other)
		}
	}
	return others
}

// site returns the page of the app in a release.
func site(release string) string {
	return fmt.Sprintf("<!doctype html>\n<html>\n<h1>%[1]s</h1>\n%[2]s\n<!-- %[1]s -->\n</html>\n", release, strings.Repeat("<p>The shop is open.</p>\n", 500))
}
