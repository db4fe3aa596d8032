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
	// askInterval is how often every server is asked.
	askInterval = 100 * time.Millisecond
	// requestTimeout bounds one asking.
	requestTimeout = 10 * time.Second
	// maxPageSize is more than a page has, in bytes.
	maxPageSize = 1 << 20
	// awayPage is what a server is called that does not answer.
	awayPage = "away"
)

// Watch is what was seen of servers that were asked all along.
type Watch struct {
	// Servers is how many were asked, Answers how often they answered.
	Servers, Answers int
	// Fewest is how many answered when the fewest did.
	Fewest int
}

// check finds that fewer answered than were to.
func (w Watch) check(least int) error {
	if w.Fewest < least {
		return fmt.Errorf("only %d of %d servers answered at a time, and at least %d were to", w.Fewest, w.Servers, least)
	}
	return nil
}

// watcher asks servers for their page, every one several times a second.
type watcher struct {
	client  *http.Client
	clock   clockwork.Clock
	account *account
	now     func() time.Time // the grid's time
	// pages tells what a page is called that may be answered with.
	pages map[string]string

	mu         sync.Mutex
	origin     time.Time // origin of the shown times, on the grid's clock
	tally      *tally
	seen       map[string]string // what servers answered last
	unexpected error             // the first answer that nobody should get
}

func newWatcher(clock clockwork.Clock, account *account, now func() time.Time, pages map[string]string) *watcher {
	client := cleanhttp.DefaultClient() // without connections that are kept: each asking is a new visitor
	client.Timeout = requestTimeout
	return &watcher{client: client, clock: clock, account: account, now: now, pages: pages, tally: newTally(), seen: map[string]string{}, origin: now()}
}

// watch asks until what it returns is called, which tells what was seen.
func (w *watcher) watch(ctx context.Context, urls map[string]string) (end func() (Watch, error)) {
	ctx, stop := context.WithCancel(ctx)
	var asking sync.WaitGroup
	for name, url := range urls {
		asking.Go(func() { w.follow(ctx, name, url) })
	}
	return func() (Watch, error) {
		stop()
		asking.Wait()
		return Watch{Servers: len(urls), Answers: w.tally.answers, Fewest: len(urls) - w.tally.maxAway()}, w.unexpected
	}
}

// setOrigin sets the origin of the shown times to the plan, as for the times of
// changes.
func (w *watcher) setOrigin(begun time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.origin = begun
}

// follow asks one server until the context ends.
func (w *watcher) follow(ctx context.Context, name, url string) {
	ticker := w.clock.NewTicker(askInterval)
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

// record takes what a server answered, and tells when that is something else
// than before.
func (w *watcher) record(name, page string, err error, sent, ended time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tally.record(name, err == nil, sent, ended)
	now := awayPage
	if err == nil {
		known := false
		if now, known = w.pages[page]; !known {
			now = "another page"
			if w.unexpected == nil {
				w.unexpected = fmt.Errorf("%s answered with what is no release of the app as a whole:\n%s", name, page)
			}
		}
	}
	if now != w.seen[name] {
		w.account.answer(w.now().Sub(w.origin), name, now)
	}
	w.seen[name] = now
}

// fetchPage gets a page as a whole. The error is for a server that does not answer;
// an answer other than a page is a page of its own.
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
