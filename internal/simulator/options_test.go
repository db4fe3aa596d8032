// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"
)

func TestOptionErrors(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		options Options
		part    string
	}{
		"speed":        {Options{Speed: -1}, "speed is -1"},
		"infinite":     {Options{Speed: math.Inf(1)}, "speed"},
		"jitter":       {Options{Jitter: 1}, "at most 0.9"},
		"era":          {Options{Era: "stone"}, `"sandbox" or "direct"`},
		"block":        {Options{PublicBlockSize: 100}, "public block size is 100: it must be a power of two from 8 to 65536"},
		"small block":  {Options{PrivateBlockSize: 4}, "private block size is 4"},
		"window":       {Options{SignatureWindow: -time.Second}, "signature window"},
		"empty secret": {Options{Keys: []Key{{APIKey: "a"}}}, "key 1"},
		"twice":        {Options{Keys: []Key{{APIKey: "a", SharedSecret: "s"}, {APIKey: "a", SharedSecret: "t"}}}, "key 2: the API key must not be given twice"},
	} {
		if _, err := New(tc.options); err == nil || !strings.Contains(err.Error(), tc.part) {
			t.Errorf("%s: error is %v, want %q", name, err, tc.part)
		}
	}
}

func TestTooManyAccounts(t *testing.T) {
	t.Parallel()
	var keys []Key
	for i := range 16 {
		keys = append(keys, Key{APIKey: fmt.Sprint(i), SharedSecret: "s", Account: int64(i + 1)})
	}
	_, err := New(Options{Keys: keys, PrivateBlockSize: 65536})
	if err == nil || !strings.Contains(err.Error(), "account number 16") {
		t.Errorf("error is %v", err)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	grid, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = grid.Close() })
	keys := grid.Keys()
	want(t, "keys", len(keys), 1)
	want(t, "role", keys[0].Role, RoleSuper)
	want(t, "account", keys[0].Account, DefaultAccount)
	want(t, "digits", len(keys[0].APIKey), 16)
	if off := time.Since(grid.Now()); off < -time.Second || off > time.Minute {
		t.Errorf("the grid's clock is off by %v", off)
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	for text, key := range map[string]Key{
		"a:b":             {"a", "b", RoleSuper, DefaultAccount},
		"a:b:read-only":   {"a", "b", RoleReadOnly, DefaultAccount},
		"a:b::17":         {"a", "b", RoleSuper, 17},
		"a:b:billing:900": {"a", "b", RoleBilling, 900},
	} {
		got, err := ParseKey(text)
		if err != nil || got != key {
			t.Errorf("%s is %v, %v", text, got, err)
		}
	}
	for text, part := range map[string]string{
		"canary": "1 parts", "a:canary:king": "system", "a:canary:super:x": "customer number", ":canary": "empty",
		"a:canary:super:-1": "positive", "a:canary:b:c:d": "5 parts",
		"a:half:canary": "colon", "a:half:super:canary": "colon",
	} {
		_, err := ParseKey(text)
		if err == nil || !strings.Contains(err.Error(), part) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: error is %v, want %q", text, err, part)
		}
	}
}

func TestTimings(t *testing.T) {
	t.Parallel()
	parsed, err := ParseTimings("server_create=5m, image_save=0s,queue=1.5s")
	if err != nil {
		t.Fatal(err)
	}
	full := parsed.withDefaults()
	want(t, "server_create", full.ServerCreate, 5*time.Minute)
	want(t, "image_save", full.ImageSave, time.Duration(0))
	want(t, "queue", full.Queue, 1500*time.Millisecond)
	want(t, "sandbox_create", full.SandboxCreate, 10*time.Minute)
	for _, text := range []string{"server_create", "colour=1s", "queue=soon", "queue=-1s"} {
		if _, err := ParseTimings(text); err == nil {
			t.Errorf("%q is accepted", text)
		}
	}
	_, err = ParseTimings("colour=1s")
	if !strings.Contains(err.Error(), strings.Join(TimingNames(), ", ")) {
		t.Errorf("error is %v", err)
	}
}

func TestJitter(t *testing.T) {
	t.Parallel()
	end := func(seed uint64, jitter float64) moment {
		r := newRig(t, func(o *Options) { o.Seed, o.Jitter = seed, jitter })
		r.add("web", 0)
		s, _ := r.grid.accounts[DefaultAccount].servers.get(700001)
		return s.Operation.Ends
	}
	want(t, "the same seed", end(1, 0.5), end(1, 0.5))
	if end(1, 0.5) == end(2, 0.5) {
		t.Error("seeds 1 and 2 give the same duration")
	}
	spread := end(3, 0).sub(end(3, -1)).Abs()
	if spread == 0 || spread > 42*time.Second+100*time.Millisecond {
		t.Errorf("the default jitter changed a duration of 7 minutes by %v", spread)
	}
}

func TestSpeed(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.HandDriven = false; o.Speed = 60 })
	r.add("web", 0)
	r.clock.Advance(6 * time.Second)
	want(t, "pending", r.ok("grid.server.list").one()["id"], nil)
	r.clock.Advance(2 * time.Second)
	want(t, "state", at(r.ok("grid.server.get", "name=web").one(), "state", "name"), "On")
}

func TestSpeedMayChange(t *testing.T) {
	t.Parallel()
	r := newRig(t, func(o *Options) { o.HandDriven = false; o.Speed = 60 })
	begun := r.grid.Now()
	r.clock.Advance(time.Second)
	if err := r.grid.setSpeed(10); err != nil {
		t.Fatal(err)
	}
	want(t, "time before the change of speed", r.grid.Now().Sub(begun), time.Minute)
	r.clock.Advance(time.Second)
	want(t, "time after the change of speed", r.grid.Now().Sub(begun), 70*time.Second)
}

// The clock stops before the year 10000, because JSON cannot express later
// times.
func TestTheClockStops(t *testing.T) {
	t.Parallel()
	end := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	driven := newRig(t)
	for range 30 {
		driven.grid.Advance(math.MaxInt64)
	}
	want(t, "end of a clock that is driven by hand", driven.grid.Now(), end)
	racing := newRig(t, func(o *Options) { o.HandDriven, o.Speed = false, 1e300 })
	racing.clock.Advance(time.Second)
	want(t, "end of a fast clock", racing.grid.Now(), end)
	if _, err := json.Marshal(racing.grid.Inspect()); err != nil {
		t.Error(err)
	}
}

func TestSecretsStayOutOfLogsAndText(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	r := newRig(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	r.ready("web", 0)
	r.ok("support.password.list")
	r.call("grid.server.get", "id=1")
	r.as(Key{APIKey: testKey, SharedSecret: "wrong"}).call("grid.server.list")
	slog.New(slog.NewTextHandler(&log, nil)).Info("key", "key", r.key)
	fmt.Fprintf(&log, "%v %+v %#v %s", r.key, r.key, r.key, []Key{r.key})
	if !strings.Contains(log.String(), "method=grid.server.get") {
		t.Errorf("the log is %s", log.String())
	}
	password := r.ok("support.password.list").List[1]["password"].(string)
	for _, secret := range []string{testSecret, testKey, signature(r.key, r.clock.Now()), password} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log contains %s", secret)
		}
	}
}
