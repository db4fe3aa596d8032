// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/jonboulle/clockwork"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage/storagetest"
)

// TestCreateGivesWayToADelete checks that, if a create finds different content,
// it lets a waiting delete of the same file run first.
func TestCreateGivesWayToADelete(t *testing.T) {
	t.Parallel()
	server := storagetest.Start(t)
	s := &session.Session{
		Clock: clockwork.NewRealClock(),
		Storage: &session.CloudStorage{Set: true, Config: storage.Config{
			Protocol: storage.SFTP, Host: server.Host, Port: server.Port, HostKey: server.HostKey,
			Username: storagetest.Username, Password: storagetest.Password,
		}},
	}
	at := filepath.Join(server.Dir, "app.txt")
	if err := os.WriteFile(at, []byte("one"), 0o600); err != nil {
		t.Fatal(err)
	}
	reached := make(chan struct{})
	var once sync.Once
	server.OnFile(func(operation, _ string) error {
		if operation == "Stat" {
			once.Do(func() {
				close(reached)
				ticker := time.NewTicker(time.Millisecond)
				defer ticker.Stop()
				for !s.FileLeaves("app.txt") {
					<-ticker.C
				}
			})
		}
		return nil
	})
	var group sync.WaitGroup
	group.Go(func() {
		plan := storageObjectModel{Path: types.StringValue("app.txt"), Content: types.StringValue("another"), SHA256: types.StringNull(), Archive: types.DynamicNull()}
		if diags := putObject(t.Context(), s, &plan, false); diags.HasError() {
			t.Errorf("the create failed: %v", diags)
		}
	})
	<-reached
	group.Go(func() {
		if diags := s.RemoveFile(t.Context(), "app.txt", "the file", nil); len(diags) > 0 {
			t.Errorf("the delete returns %v", diags)
		}
	})
	group.Wait()
	if text, err := os.ReadFile(at); err != nil || string(text) != "another" {
		t.Errorf("the file holds %q (%v)", text, err)
	}
	store, err := s.OpenStorage(t.Context())
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		t.Error(err)
	}
}
