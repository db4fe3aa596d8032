// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/claim"
)

// Buckets of the state file, one per kind of record.
const (
	bucketMeta      = "meta"
	bucketAccounts  = "accounts"
	bucketServers   = "servers"
	bucketImages    = "images"
	bucketBalancers = "balancers"
	bucketJobs      = "jobs"
	bucketUsage     = "usage"
)

func buckets() []string {
	return []string{bucketMeta, bucketAccounts, bucketServers, bucketImages, bucketBalancers, bucketJobs, bucketUsage}
}

// layout is the number of the state file's form; another one cannot be read.
const layout = 1

const lockTimeout = 300 * time.Millisecond

var errClosed = errors.New("the grid is closed")

type recordKey struct{ bucket, key string }

// store collects changed records and writes them in batches. Whoever needs its changes on disk calls sync; the first to come
// writes what all have collected, so that many calls at once share one write. Without a file there is nothing to write.
type store struct {
	path  string
	claim *claim.Claim // claim of the path; nil if there is none
	db    *bolt.DB

	staged map[recordKey][]byte // changes of one step, guarded by the grid's lock until they are published together

	mu      sync.Mutex
	pending map[recordKey][]byte // a nil value removes the record
	last    uint64               // number of the newest step
	failed  error                // sticky: after a failed write memory and file differ
	closed  bool

	writing sync.Mutex
	written uint64
}

func openStore(path string) (*store, error) {
	s := &store{path: path, staged: make(map[recordKey][]byte), pending: make(map[recordKey][]byte)}
	if path == "" {
		return s, nil
	}
	var err error
	if s.claim, err = claimState(path); err != nil {
		return nil, err
	}
	if err := s.openFile(); err != nil {
		return nil, errors.Join(err, releaseState(s.claim))
	}
	return s, nil
}

func (s *store) openFile() error {
	err := damageTold(s.path, func() (err error) {
		s.db, err = bolt.Open(s.path, 0o600, &bolt.Options{Timeout: lockTimeout})
		return err
	})
	if err != nil {
		return explainOpen(s.path, err)
	}
	if err := damageTold(s.path, func() error { return prepare(s.db) }); err != nil {
		return fmt.Errorf("opening the state file %s: %w", s.path, errors.Join(err, s.db.Close()))
	}
	return nil
}

func explainOpen(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("opening the state file %s: another process has it open; stop that simulator or use another file: %w", path, err)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
		return fmt.Errorf("opening the state file %s: it is not a state file of a simulated grid; use another path: %w", path, err)
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("opening the state file %s: its folder does not exist; make it first: %w", path, err)
	default:
		return fmt.Errorf("opening the state file %s: %w", path, err)
	}
}

// prepare makes the buckets of a new file and checks the layout of an old one.
func prepare(db *bolt.DB) error {
	return db.Update(func(tx *bolt.Tx) error {
		if name, _ := tx.Cursor().First(); name == nil {
			return prepareNew(tx)
		}
		return checkLayout(tx)
	})
}

// checkLayout returns an error if this program cannot read the file.
func checkLayout(tx *bolt.Tx) error {
	meta := tx.Bucket([]byte(bucketMeta))
	if meta == nil {
		return errors.New("it belongs to another program; use another path")
	}
	var found int
	if err := json.Unmarshal(meta.Get([]byte("layout")), &found); err != nil {
		return fmt.Errorf("its layout number cannot be read; use another path: %w", err)
	}
	if found != layout {
		return fmt.Errorf("it has layout %d and this program reads layout %d; use the program that made it or another path", found, layout)
	}
	return nil
}

func prepareNew(tx *bolt.Tx) error {
	for _, name := range buckets() {
		if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
			return err
		}
	}
	number, err := json.Marshal(layout)
	if err != nil {
		return err
	}
	return tx.Bucket([]byte(bucketMeta)).Put([]byte("layout"), number)
}

func idKey(id int64) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(id)))
}

// put stages a changed record. The caller holds the grid's lock.
func (s *store) put(bucket, key string, record any) {
	if s.db == nil {
		return
	}
	text, err := json.Marshal(record)
	if err != nil {
		_ = s.fail(fmt.Errorf("encoding a record of %s: %w", bucket, err))
		return
	}
	s.staged[recordKey{bucket, key}] = text
}

// remove stages the removal of a record. The caller holds the grid's lock.
func (s *store) remove(bucket, key string) {
	if s.db != nil {
		s.staged[recordKey{bucket, key}] = nil
	}
}

// publish hands over what a step has staged, so that a batch holds whole steps only. The caller holds the grid's lock.
func (s *store) publish() {
	if len(s.staged) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.pending, s.staged)
	clear(s.staged)
	s.last++
}

// sync returns when everything that was changed before the call is on disk.
func (s *store) sync() error {
	want, err := s.progress()
	if err != nil || s.db == nil {
		return err
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	if s.written >= want {
		return nil
	}
	batch, last, err := s.collect()
	if err != nil {
		return err
	}
	if err := s.db.Update(func(tx *bolt.Tx) error { return write(tx, batch) }); err != nil {
		return s.fail(fmt.Errorf("writing the state file %s: %w", s.path, err))
	}
	s.written = last
	return nil
}

func (s *store) progress() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, errClosed
	}
	return s.last, s.failed
}

func (s *store) collect() (map[recordKey][]byte, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.pending
	s.pending = make(map[recordKey][]byte)
	return batch, s.last, s.failed
}

func (s *store) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = errors.Join(s.failed, err)
	return s.failed
}

func write(tx *bolt.Tx, batch map[recordKey][]byte) error {
	for key, text := range batch {
		bucket := tx.Bucket([]byte(key.bucket))
		var err error
		if text == nil {
			err = bucket.Delete([]byte(key.key))
		} else {
			err = bucket.Put([]byte(key.key), text)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// each decodes all records of a bucket, by ascending id.
func each[T any](s *store, bucket string, use func(*T)) error {
	if s.db == nil {
		return nil
	}
	return s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(_, text []byte) error {
			record := new(T)
			if err := json.Unmarshal(text, record); err != nil {
				return fmt.Errorf("reading a record of %s from the state file: %w", bucket, err)
			}
			use(record)
			return nil
		})
	})
}

// meta reads one record of the meta bucket; a new file has none.
func meta[T any](s *store, key string, into *T) (found bool, err error) {
	if s.db == nil {
		return false, nil
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		text := tx.Bucket([]byte(bucketMeta)).Get([]byte(key))
		if text == nil {
			return nil
		}
		found = true
		if err := json.Unmarshal(text, into); err != nil {
			return fmt.Errorf("reading %s from the state file: %w", key, err)
		}
		return nil
	})
	return found, err
}

// close writes what is left and gives the file free.
func (s *store) close() error {
	err := s.sync()
	if errors.Is(err, errClosed) {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	if s.db == nil {
		return err
	}
	return errors.Join(err, s.db.Close(), releaseState(s.claim))
}
