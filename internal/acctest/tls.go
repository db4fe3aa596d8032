// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package acctest

import (
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
)

// OverTLS serves the same grid over HTTPS as well. It returns the grid at that
// endpoint, without a way to trust it, and the file with its certificate
// authority.
func (g *Grid) OverTLS(t *testing.T) (secure *Grid, caFile string) {
	t.Helper()
	server := httptest.NewTLSServer(g.calls)
	t.Cleanup(server.Close)
	caFile = filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(caFile, text, 0o600); err != nil {
		t.Fatal(err)
	}
	other := *g
	other.Endpoint = server.URL + "/api"
	return &other, caFile
}
