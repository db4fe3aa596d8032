// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/go-cleanhttp"
)

// editApp edits the app for a step. It returns the names of the pages that
// servers may serve during the step, by content.
func (d *demo) editApp(s step) (map[string]string, error) {
	before, after, err := s.edit.apply(d.workspace.Dir)
	if err != nil {
		return nil, err
	}
	d.showEdit(s.edit.file, changedLines(before, after), changedLines(after, before))
	pages := map[string]string{d.page: "the page as before"}
	if s.code == 0 && after != d.page {
		pages[d.page], pages[after] = "the old page", "the new page"
		d.page = after
	}
	return pages, nil
}

// runWatched runs the command of a step. If the step requires a number of
// answering servers, a watcher polls the servers meanwhile.
func (d *demo) runWatched(ctx context.Context, s step, pages map[string]string) (*Result, error) {
	if s.minAnswering == 0 {
		return d.run(ctx, s, func(time.Time) {})
	}
	w := newWatcher(d.Clock, d.announcer, d.gridTime(ctx), pages)
	end := w.watch(ctx, d.urls())
	result, err := d.run(ctx, s, w.setOrigin)
	seen, wrong := end()
	if err != nil {
		return nil, err
	}
	result.Watch = &seen
	return result, errors.Join(wrong, seen.check(s.minAnswering))
}

// urls returns the URL of the app on each server.
func (d *demo) urls() map[string]string {
	urls := map[string]string{}
	for name, server := range d.servers {
		urls[name] = "http://" + net.JoinHostPort(server.PublicIP, strconv.Itoa(d.sitePort)) + "/"
	}
	return urls
}

// checkPages requests the page of every server once. All must serve the current
// page.
func (d *demo) checkPages(ctx context.Context, _ Outputs) error {
	urls := d.urls()
	if len(urls) != deployServers {
		return fmt.Errorf("there are %d servers, want %d", len(urls), deployServers)
	}
	client := cleanhttp.DefaultClient()
	client.Timeout = requestTimeout
	for _, name := range slices.Sorted(maps.Keys(urls)) {
		page, err := fetchPage(ctx, client, urls[name])
		if err != nil {
			return fmt.Errorf("get the page of %s: %w", name, err)
		}
		if page != d.page {
			return fmt.Errorf("%s does not serve the current page; it serves:\n%s", name, page)
		}
		d.note("curl", fmt.Sprintf("%s %s", urls[name], d.paint(bold, changedText(page))))
	}
	return nil
}

// changedText returns the line of a page that the demo changes.
func changedText(page string) string {
	for line := range strings.Lines(page) {
		if _, text, found := strings.Cut(line, "<p>"); found {
			return strings.TrimSuffix(strings.TrimSpace(text), "</p>")
		}
	}
	return ""
}
