// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package store

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

// Bucket names a kind of record in the state file.
type Bucket string

// Kinds of records.
const (
	Meta      Bucket = "meta"
	Accounts  Bucket = "accounts"
	Servers   Bucket = "servers"
	Images    Bucket = "images"
	Balancers Bucket = "balancers"
	Jobs      Bucket = "jobs"
	Usage     Bucket = "usage"
)

func buckets() []Bucket {
	return []Bucket{Meta, Accounts, Servers, Images, Balancers, Jobs, Usage}
}

// layout is the version of the file format. Files with another version are rejected.
const layout = 1

// lockTimeout is the maximum time that the store waits for the lock of the database.
const lockTimeout = 300 * time.Millisecond

// ErrClosed is the error that a closed store or a closed grid returns.
var ErrClosed = errors.New("the grid is closed")

type recordKey struct {
	bucket Bucket
	key    string
}

// Store collects changed records and writes them in batches. [Store.Sync] writes all collected changes in one transaction, so
// concurrent callers share a write. A store without a file keeps nothing.
type Store struct {
	path  string
	claim *claim.Claim // nil if the claim could not be taken
	db    *bolt.DB

	staged map[recordKey][]byte // changes of the current step; not guarded by mu, because Put, Remove and Publish must not run concurrently

	mu      sync.Mutex
	pending map[recordKey][]byte // a nil value removes the record
	last    uint64               // number of the newest step
	failed  error                // kept forever: after a failed write, memory and file differ
	closed  bool

	writing sync.Mutex
	written uint64
}

// Open opens or creates a state file. If path is "", the store has no file. Open returns an [InUseError] if another process
// has the file open.
func Open(path string) (*Store, error) {
	s := &Store{path: path, staged: make(map[recordKey][]byte), pending: make(map[recordKey][]byte)}
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

func (s *Store) openFile() error {
	err := CatchDamage(s.path, func() (err error) {
		s.db, err = bolt.Open(s.path, 0o600, &bolt.Options{Timeout: lockTimeout})
		return err
	})
	if err != nil {
		return explainOpen(s.path, err)
	}
	if err := CatchDamage(s.path, func() error { return prepare(s.db) }); err != nil {
		return fmt.Errorf("open the state file %s: %w", s.path, errors.Join(err, s.db.Close()))
	}
	return nil
}

func explainOpen(path string, err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("open the state file %s: another process has it open; stop that simulator or use another file: %w", path, err)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrVersionMismatch), errors.Is(err, bolterrors.ErrChecksum):
		return fmt.Errorf("open the state file %s: it is not a state file of a simulated grid; use another path: %w", path, err)
	case errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("open the state file %s: its folder does not exist; create it first: %w", path, err)
	default:
		return fmt.Errorf("open the state file %s: %w", path, err)
	}
}

// prepare creates the buckets of a new file, and checks the layout of an existing file.
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
	meta := tx.Bucket([]byte(Meta))
	if meta == nil {
		return errors.New("the file belongs to another program; use another path")
	}
	var found int
	if err := json.Unmarshal(meta.Get([]byte("layout")), &found); err != nil {
		return fmt.Errorf("read the layout number of the file: %w; use another path", err)
	}
	if found != layout {
		return fmt.Errorf("the file has layout %d, but this program reads layout %d; use the program that created the file, or another path", found, layout)
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
	return tx.Bucket([]byte(Meta)).Put([]byte("layout"), number)
}

// IDKey returns the key of a record with a numeric id. Keys sort in the order of their ids.
func IDKey(id int64) string {
	return string(binary.BigEndian.AppendUint64(nil, uint64(id)))
}

// Put stages a changed record for the next Publish. Put, Remove and Publish must not run concurrently. If the record cannot be
// encoded, the next [Store.Sync] returns the error.
func (s *Store) Put(bucket Bucket, key string, record any) {
	if s.db == nil {
		return
	}
	text, err := json.Marshal(record)
	if err != nil {
		_ = s.fail(fmt.Errorf("encode a record of %s: %w", bucket, err))
		return
	}
	s.staged[recordKey{bucket, key}] = text
}

// Remove stages the removal of a record for the next Publish.
func (s *Store) Remove(bucket Bucket, key string) {
	if s.db != nil {
		s.staged[recordKey{bucket, key}] = nil
	}
}

// Publish ends a step. The next Sync writes all staged changes of the step in one transaction, so the file never contains an
// incomplete step.
func (s *Store) Publish() {
	if len(s.staged) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.Copy(s.pending, s.staged)
	clear(s.staged)
	s.last++
}

// Sync returns when all changes published before the call are on disk. After a failed write, every later Sync returns the
// same error.
func (s *Store) Sync() error {
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
		return s.fail(fmt.Errorf("write the state file %s: %w", s.path, err))
	}
	s.written = last
	return nil
}

// progress returns the number of the newest published step.
func (s *Store) progress() (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return 0, ErrClosed
	}
	return s.last, s.failed
}

// collect removes and returns the pending changes, and the number of the newest step among them.
func (s *Store) collect() (map[recordKey][]byte, uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.pending
	s.pending = make(map[recordKey][]byte)
	return batch, s.last, s.failed
}

// fail adds to the error that every later Sync returns.
func (s *Store) fail(err error) error {
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

// Each decodes all records of a bucket, in the order of their keys, and calls use for each record.
func Each[T any](s *Store, bucket Bucket, use func(*T)) error {
	if s.db == nil {
		return nil
	}
	return s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte(bucket)).ForEach(func(_, text []byte) error {
			record := new(T)
			if err := json.Unmarshal(text, record); err != nil {
				return fmt.Errorf("read a record of %s from the state file: %w", bucket, err)
			}
			use(record)
			return nil
		})
	})
}

// LoadMeta decodes a record of the Meta bucket, and reports whether the record exists. A new file has no such records.
func LoadMeta[T any](s *Store, key string, into *T) (found bool, err error) {
	if s.db == nil {
		return false, nil
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		text := tx.Bucket([]byte(Meta)).Get([]byte(key))
		if text == nil {
			return nil
		}
		found = true
		if err := json.Unmarshal(text, into); err != nil {
			return fmt.Errorf("read %s from the state file: %w", key, err)
		}
		return nil
	})
	return found, err
}

// Close writes the remaining changes and closes the file. A second call does nothing.
func (s *Store) Close() error {
	err := s.Sync()
	if errors.Is(err, ErrClosed) {
		return nil
	}
	s.writing.Lock()
	defer s.writing.Unlock()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	return errors.Join(err, s.CloseFile())
}

// CloseFile closes the file without writing the remaining changes. Tests use CloseFile to simulate a lost file: every later
// Sync that has changes to write fails.
func (s *Store) CloseFile() error {
	if s.db == nil {
		return nil
	}
	return errors.Join(s.db.Close(), releaseState(s.claim))
}
