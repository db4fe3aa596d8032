// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"strconv"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/wire"
)

// The state file holds the exported fields of the records below as JSON.

type operationKind string

const (
	opCreate  operationKind = "create"
	opDelete  operationKind = "delete"
	opStart   operationKind = "start"
	opStop    operationKind = "stop"
	opRestart operationKind = "restart"
	opEdit    operationKind = "edit"
	opSave    operationKind = "save"
	opTrash   operationKind = "trash"
	opRestore operationKind = "restore"
)

// operation is an unfinished change of an object. It takes effect at its end, unless it fails.
type operation struct {
	Kind   operationKind
	Starts moment
	Ends   moment
	Fails  bool
	Before *serverValues `json:",omitempty"` // values to restore if an edit fails
}

// running reports whether the job of the operation is being processed. The API
// shows transient states only during that time.
func (o *operation) running(now moment) bool { return o != nil && now >= o.Starts }

// deletionShownOn determines how long a server still shows On during its
// deletion: for 1/deletionShownOn of the duration.
const deletionShownOn = 4

// halted reports whether the server of a deletion shows Off, although it was On
// when the deletion began. In a recorded session, a client that polled during a
// deletion saw On a few times, then Off many times, then no server.
func (o *operation) halted(now moment) bool {
	return o != nil && o.Kind == opDelete && !o.Fails && now >= o.halts()
}

// halts returns the moment at which the server of a deletion begins to show Off.
func (o *operation) halts() moment { return o.Starts.add(o.Ends.sub(o.Starts) / deletionShownOn) }

// serverValues holds the values that grid.server.edit can change.
type serverValues struct {
	RAM         int
	Type        int
	Description string
}

type server struct {
	ID, Account int64
	Name        string
	serverValues
	Image        int64
	Datacenter   int
	PublicIP     address
	PrivateIP    address // 0 if the server has none
	Sandbox      bool
	On           bool
	DiskMB       int
	Created      moment
	PasswordID   int64
	Password     string
	PasswordFrom moment
	Usage        int64      // id of the open usage entry
	Boots        int        `json:",omitempty"` // number of boots so far
	Booted       moment     `json:",omitempty"` // time at which the last boot began
	Operation    *operation `json:",omitempty"`

	view      *wire.Object // cached view; nil if it is outdated
	viewImage *wire.Object // view of the image inside view
}

func (s *server) ident() int64   { return s.ID }
func (s *server) title() string  { return s.Name }
func (s *server) shownID() int64 { return s.ID }

// pending reports whether the server is still being provisioned. Only lists
// show such a server, and without its id.
func (s *server) pending() bool { return s.Operation != nil && s.Operation.Kind == opCreate }

// customer is the owner of an image in the catalogue. A customer has no account on the grid.
type customer struct {
	ID   int64
	Name string
}

type image struct {
	ID           int64
	Account      int64    // goGridAccount for images in the catalogue
	Owner        customer `json:",omitzero"`  // only for images in the catalogue
	GSIType      int      `json:",omitempty"` // only for images in the catalogue
	Name         string
	FriendlyName string
	Description  string
	OS           int
	Architecture int
	Type         int
	State        int
	MinRAM       int
	Price        float64
	Location     string
	Active       bool
	Public       bool
	Created      moment
	Updated      moment
	Datacenters  []int
	TokenID      int    // billing token of the operating system
	ProductID    int    `json:",omitempty"` // billing token with the price; 0 if the image has none
	Product      string `json:",omitempty"`
	// BlankDescription makes the API show an empty description instead of leaving
	// the description out.
	BlankDescription bool       `json:",omitempty"`
	DiskOf           int64      `json:",omitempty"` // server whose disk was saved
	Operation        *operation `json:",omitempty"`

	view *wire.Object
}

func (i *image) ident() int64   { return i.ID }
func (i *image) title() string  { return i.Name }
func (i *image) shownID() int64 { return i.ID }

type endpoint struct {
	IP   address
	Port int
}

// String returns "address:port".
func (e endpoint) String() string { return e.IP.String() + ":" + strconv.Itoa(e.Port) }

type balancer struct {
	ID, Account int64
	Name        string
	Description string
	Type        int
	Persistence int
	Datacenter  int
	Virtual     endpoint
	Real        []endpoint
	Former      []endpoint `json:",omitempty"` // pool to restore if an edit fails
	Operation   *operation `json:",omitempty"`
}

func (b *balancer) ident() int64  { return b.ID }
func (b *balancer) title() string { return b.Name }

// shownID returns the id that the API shows. It is 0 while the balancer is being created; selectors then find it by name.
func (b *balancer) shownID() int64 {
	if b.pending() {
		return 0
	}
	return b.ID
}

func (b *balancer) pending() bool { return b.Operation != nil && b.Operation.Kind == opCreate }

type jobState struct {
	ID    int64
	State int
	At    moment
	Note  string `json:",omitempty"`
}

type jobDetail struct {
	Name  string
	Value string
}

type job struct {
	ID, Account int64
	Command     int
	ObjectType  int
	Object      string // name of the object
	ObjectID    int64
	Owner       string
	Datacenter  int
	Created     moment
	Detail      []jobDetail // the API shows an empty value as null
	History     []jobState  // includes future states
}

func (j *job) ident() int64   { return j.ID }
func (j *job) title() string  { return j.Object }
func (j *job) shownID() int64 { return j.ID }

// usage is a period in which a server had the same RAM. Each period is a line of the bill.
type usage struct {
	ID, Account int64
	Server      int64
	Name        string
	RAMMB       int
	From        moment
	To          moment // 0 until the period ends
}

func (u *usage) ident() int64 { return u.ID }

type accountRecord struct {
	ID              int64
	Ordinal         int
	Blocks          []block
	StorageID       int64 // id of the Cloud Storage password
	StoragePassword string
}

// nextIDs holds the next id of each kind of object.
type nextIDs struct {
	Server, Image, Balancer, Job, History, Password, IP, Usage int64
}

func firstIDs() nextIDs {
	return nextIDs{
		Server: 700001, Image: 20001, Balancer: 30001, Job: 1500001, History: 7000001, Password: 810001, IP: 4100001, Usage: 1,
	}
}

func takeID(next *int64) int64 {
	id := *next
	*next++
	return id
}
