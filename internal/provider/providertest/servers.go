// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package providertest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
)

// StatusPage returns the URL of a page whose HTTP status is the result of the
// function.
func StatusPage(t *testing.T, status func() int) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status()) }))
	t.Cleanup(server.Close)
	return server.URL
}

// ReleaseTriggers returns restart triggers that hold the name of a release.
func ReleaseTriggers(name string) acctest.Attributes {
	return acctest.Attributes{"restart_triggers": acctest.Attributes{"release": name}}
}
