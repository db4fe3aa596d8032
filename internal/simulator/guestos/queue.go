// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package guestos

import "context"

// work runs the queued jobs one after another until the host is closed.
func (h *Host) work() {
	for {
		job := h.next()
		if job != nil {
			job(h.ctx)
			continue
		}
		select {
		case <-h.wake:
		case <-h.ctx.Done():
			return
		}
	}
}

func (h *Host) next() func(context.Context) {
	h.queueMu.Lock()
	defer h.queueMu.Unlock()
	if len(h.queue) == 0 || h.ctx.Err() != nil {
		return nil
	}
	job := h.queue[0]
	h.queue = h.queue[1:]
	return job
}

func (h *Host) enqueue(what string, id int64, job func(context.Context) error) {
	h.queueMu.Lock()
	h.queue = append(h.queue, func(ctx context.Context) {
		if err := job(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("guest: could not "+what, "id", id, "error", err)
		}
	})
	h.queueMu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default: // a wake-up is already pending
	}
}
