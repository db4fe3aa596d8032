// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"
)

func benchGrid(b *testing.B, options Options) (*Grid, Key) {
	b.Helper()
	options.Keys = []Key{{APIKey: testKey, SharedSecret: testSecret}}
	options.HandDriven, options.PublicBlockSize = true, 65536
	grid, err := New(options)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = grid.Close() })
	return grid, grid.Keys()[0]
}

func benchCall(b *testing.B, g *Grid, key Key, method, rest string) int {
	b.Helper()
	query := "?v=1.9&api_key=" + key.APIKey + "&sig=" + signature(key, time.Now()) + "&" + rest
	recorder := httptest.NewRecorder()
	g.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, path(method)+query, nil))
	if recorder.Code != http.StatusOK {
		b.Errorf("%s: %s", method, recorder.Body)
	}
	return recorder.Body.Len()
}

func order(i int) string {
	return "name=s&image=12834&ram=1GB&ip=127.20." + strconv.Itoa((i+2)/256) + "." + strconv.Itoa((i+2)%256)
}

func BenchmarkServerList(b *testing.B) {
	for _, count := range []int{1000, 10000} {
		b.Run(strconv.Itoa(count), func(b *testing.B) {
			g, key := benchGrid(b, Options{})
			for i := range count {
				benchCall(b, g, key, "grid.server.add", order(i))
			}
			g.Advance(time20)
			for b.Loop() {
				b.SetBytes(int64(benchCall(b, g, key, "grid.server.list", "")))
			}
		})
	}
}

func BenchmarkParallelAddsOnAFile(b *testing.B) {
	for b.Loop() {
		b.StopTimer()
		g, key := benchGrid(b, Options{State: filepath.Join(b.TempDir(), "grid.db")})
		b.StartTimer()
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() { benchCall(b, g, key, "grid.server.add", order(i)) })
		}
		wg.Wait()
	}
}
