// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// adminRoutes returns the handler of the admin routes, which the real service did not have. The handler refuses calls from web
// pages.
func (g *Grid) adminRoutes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /admin/faults", func(w http.ResponseWriter, _ *http.Request) { reply(w, g.faults.List()) })
	mux.HandleFunc("POST /admin/faults", g.postFaults)
	mux.HandleFunc("DELETE /admin/faults", func(w http.ResponseWriter, _ *http.Request) {
		g.faults.Clear()
		reply(w, g.faults.List())
	})
	mux.HandleFunc("GET /admin/counters", func(w http.ResponseWriter, _ *http.Request) { reply(w, g.counters.snapshot()) })
	mux.HandleFunc("DELETE /admin/counters", func(w http.ResponseWriter, _ *http.Request) {
		g.counters.reset()
		reply(w, g.counters.snapshot())
	})
	mux.HandleFunc("GET /admin/clock", func(w http.ResponseWriter, _ *http.Request) { reply(w, g.clockState()) })
	mux.HandleFunc("POST /admin/clock", g.postClock)
	mux.HandleFunc("GET /admin/state", func(w http.ResponseWriter, _ *http.Request) { g.replyDurable(w, g.Inspect()) })
	mux.HandleFunc("GET /admin/guests", func(w http.ResponseWriter, _ *http.Request) { reply(w, g.Guests()) })
	mux.HandleFunc("GET /admin/bill", func(w http.ResponseWriter, _ *http.Request) { g.replyDurable(w, g.Inspect().Bills) })
	mux.HandleFunc("POST /admin/reseed", g.postReseed)
	return guardAdmin(mux)
}

type clockState struct {
	Now        time.Time `json:"now"`
	Speed      float64   `json:"speed"`
	HandDriven bool      `json:"hand_driven"`
	Stepped    bool      `json:"stepped"`
}

func (g *Grid) clockState() (state clockState) {
	g.step(func(now moment) {
		state = clockState{Now: now.time(), Speed: g.clock.record.Speed, HandDriven: g.clock.record.Hand, Stepped: g.clock.record.Stepped}
	})
	return state
}

func (g *Grid) postFaults(w http.ResponseWriter, r *http.Request) {
	var rules []Fault
	err := readJSON(r, &rules)
	if err == nil {
		err = g.AddFaults(rules...)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	reply(w, g.faults.List())
}

// clockRequest is the body of POST /admin/clock. Exactly one member must be
// present.
type clockRequest struct {
	Advance *Duration `json:"advance"`
	Speed   *float64  `json:"speed"`
	Stepped *bool     `json:"stepped"`
}

func (o clockRequest) members() (given int) {
	for _, member := range []bool{o.Advance != nil, o.Speed != nil, o.Stepped != nil} {
		if member {
			given++
		}
	}
	return given
}

var errClockRequest = errors.New(`the body must contain exactly one of: advance, a positive duration, for example {"advance":"10m"}; speed, grid seconds per second above 0, for example {"speed":60}; stepped, for example {"stepped":true}`)

// postClock moves the clock forward, changes its speed, or switches stepping on
// or off.
func (g *Grid) postClock(w http.ResponseWriter, r *http.Request) {
	var order clockRequest
	if err := readJSON(r, &order); err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	var err error
	switch {
	case order.members() != 1:
		err = errClockRequest
	case order.Stepped != nil:
		err = g.setStepped(*order.Stepped)
	case order.Speed != nil && *order.Speed > 0:
		err = g.setSpeed(*order.Speed)
	case order.Advance != nil && *order.Advance > 0:
		if err = g.advance(time.Duration(*order.Advance)); err == nil {
			err = g.AwaitGuests(r.Context())
		}
	default:
		err = errClockRequest
	}
	if errors.Is(err, errClockRequest) || errors.Is(err, errSteppedByHand) {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	reply(w, g.clockState())
}

func (g *Grid) postReseed(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Seed *uint64 `json:"seed"`
	}
	err := readJSON(r, &order)
	if err == nil && order.Seed == nil {
		err = errors.New(`seed must be a whole number, for example {"seed":7}`)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, err)
		return
	}
	if err := g.reseed(*order.Seed); err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	reply(w, order)
}

func readJSON(r *http.Request, into any) error {
	decoder := json.NewDecoder(http.MaxBytesReader(nil, r.Body, largestBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("read the body: nothing may follow the JSON value")
	}
	return nil
}

// replyDurable writes the grid's state to disk and then answers with a value of that
// state.
func (g *Grid) replyDurable(w http.ResponseWriter, value any) {
	if err := g.store.Sync(); err != nil {
		refuse(w, http.StatusInternalServerError, err)
		return
	}
	reply(w, value)
}

func reply(w http.ResponseWriter, value any) { writeJSON(w, http.StatusOK, value) }

func refuse(w http.ResponseWriter, status int, err error) {
	writeJSON(w, status, map[string]string{"error": err.Error()})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(text, '\n')) // fails if the caller has disconnected
}
