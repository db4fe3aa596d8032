// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// respond is the URL of a page that answers with a status.
func respond(t *testing.T, status func() int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status()) }))
	t.Cleanup(server.Close)
	return server.URL
}

// release are the restart triggers of a release.
func release(name string) acctest.Attributes {
	return acctest.Attributes{"restart_triggers": acctest.Attributes{"release": name}}
}
