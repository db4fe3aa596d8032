// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/jonboulle/clockwork"
)

const (
	// requestInterval is the interval between the requests to one server.
	requestInterval = 100 * time.Millisecond
	// requestTimeout limits one request.
	requestTimeout = 10 * time.Second
	// maxPageSize limits how much of a page is read, in bytes. Pages of the app
	// are smaller.
	maxPageSize = 1 << 20
	// downPage is printed for a server that does not answer.
	downPage = "away"
)

// Watch is the result of watching servers.
type Watch struct {
	// Servers is the number of watched servers; Answers is the number of answers.
	Servers, Answers int
	// Fewest is the lowest number of servers that answered at the same time.
	Fewest int
}

// check returns an error if fewer than least servers answered at some time.
func (w Watch) check(least int) error {
	if w.Fewest < least {
		return fmt.Errorf("only %d of %d servers answered at a time, want at least %d", w.Fewest, w.Servers, least)
	}
	return nil
}

// watcher requests the page of every server several times a second.
type watcher struct {
	client    *http.Client
	clock     clockwork.Clock
	announcer *announcer
	now       func() time.Time // the grid's time
	// pages maps the content of each expected page to its name.
	pages map[string]string

	mu         sync.Mutex
	origin     time.Time // grid time from which printed times count
	tally      *tally
	seen       map[string]string // name of each server's last page
	unexpected error             // error about the first answer that is not an expected page
}

func newWatcher(clock clockwork.Clock, announcer *announcer, now func() time.Time, pages map[string]string) *watcher {
	client := cleanhttp.DefaultClient() // opens a new connection for each request, like a new visitor
	client.Timeout = requestTimeout
	return &watcher{client: client, clock: clock, announcer: announcer, now: now, pages: pages, tally: newTally(), seen: map[string]string{}, origin: now()}
}

// watch requests the pages until the returned function is called. That function
// returns the result and the error of the first unexpected answer.
func (w *watcher) watch(ctx context.Context, urls map[string]string) (end func() (Watch, error)) {
	ctx, stop := context.WithCancel(ctx)
	var asking sync.WaitGroup
	for name, url := range urls {
		asking.Go(func() { w.follow(ctx, name, url) })
	}
	return func() (Watch, error) {
		stop()
		asking.Wait()
		return Watch{Servers: len(urls), Answers: w.tally.answers, Fewest: len(urls) - w.tally.maxDown()}, w.unexpected
	}
}

// setOrigin makes printed times count from begun, the end of the plan, as the
// times of changes do.
func (w *watcher) setOrigin(begun time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.origin = begun
}

// follow requests the page of one server until ctx ends.
func (w *watcher) follow(ctx context.Context, name, url string) {
	ticker := w.clock.NewTicker(requestInterval)
	defer ticker.Stop()
	for {
		sent := w.clock.Now()
		page, err := fetchPage(ctx, w.client, url)
		if ctx.Err() != nil {
			return
		}
		w.record(name, page, err, sent, w.clock.Now())
		select {
		case <-ticker.Chan():
		case <-ctx.Done():
			return
		}
	}
}

// record adds the result of a request, and prints the page if it has changed.
func (w *watcher) record(name, page string, err error, sent, ended time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tally.record(name, err == nil, sent, ended)
	now := downPage
	if err == nil {
		known := false
		if now, known = w.pages[page]; !known {
			now = "another page"
			if w.unexpected == nil {
				w.unexpected = fmt.Errorf("%s answered with a page that is not a complete release of the app:\n%s", name, page)
			}
		}
	}
	if now != w.seen[name] {
		w.announcer.answer(w.now().Sub(w.origin), name, now)
	}
	w.seen[name] = now
}

// fetchPage returns the complete page of a server. It returns an error if the
// server does not answer. A response with a status other than 200 counts as a
// page.
func fetchPage(ctx context.Context, client *http.Client, url string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	answer, err := client.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxPageSize))
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusOK {
		return answer.Status + "\n" + string(text), nil
	}
	return string(text), nil
}
