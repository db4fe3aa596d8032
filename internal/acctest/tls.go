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

// OverTLS also serves the grid over HTTPS. It returns the grid with the HTTPS
// endpoint, and the file with the certificate of the certificate authority. A
// provider does not trust this authority by default.
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
