// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
)

// The structs of this file describe the JSON of the API. The service leaves out null
// attributes, so decoding requires none; rowCheck checks for required attributes.
// Unknown attributes are ignored.

type wireOption struct {
	ID          integer `json:"id"`
	Name        text    `json:"name"`
	Description text    `json:"description"`
}

// option converts a row of common.lookup.list.
func (w wireOption) option() (Option, error) {
	r := rowCheck{kind: "option", name: w.Name, id: w.ID}
	r.require(w.ID != 0, "id")
	r.require(w.Name != "", "name")
	return w.value(), r.err()
}

func (w wireOption) value() Option {
	return Option{ID: int64(w.ID), Name: string(w.Name), Description: string(w.Description)}
}

type wireIP struct {
	ID         integer      `json:"id"`
	IP         text         `json:"ip"`
	Subnet     text         `json:"subnet"`
	Public     optionalFlag `json:"public"`
	State      wireOption   `json:"state"`
	Datacenter wireOption   `json:"datacenter"`
}

// ip converts a row of grid.ip.list.
func (w wireIP) ip() (IP, error) {
	r := rowCheck{kind: "address", name: w.IP, id: w.ID}
	w.check(&r, "")
	return w.value(), r.err()
}

// check records the attributes that are missing from an address. prefix is the
// path of the address in its row.
func (w *wireIP) check(r *rowCheck, prefix string) {
	r.require(w.ID != 0, prefix, "id")
	r.require(w.IP != "", prefix, "ip")
	r.require(w.Subnet != "", prefix, "subnet")
	r.require(w.Public.present, prefix, "public")
	r.requireOption(w.State, prefix, "state")
	r.requireOption(w.Datacenter, prefix, "datacenter")
}

func (w wireIP) value() IP {
	return IP{
		ID: int64(w.ID), Address: string(w.IP), Subnet: string(w.Subnet), Public: bool(w.Public.value),
		State: w.State.value(), Datacenter: w.Datacenter.value(),
	}
}

type wireImage struct {
	ID            integer               `json:"id"`
	Name          text                  `json:"name"`
	FriendlyName  optionalText          `json:"friendlyName"` // may be empty
	Description   text                  `json:"description"`
	OS            wireOption            `json:"os"`
	Architecture  wireOption            `json:"architecture"`
	Type          wireOption            `json:"type"`
	State         wireOption            `json:"state"`
	GSIType       wireOption            `json:"gsitype"`
	MinRAM        wireOption            `json:"minram"`
	Price         optionalDecimal       `json:"price"`
	Location      optionalText          `json:"location"`
	IsActive      optionalFlag          `json:"isActive"`
	IsPublic      optionalFlag          `json:"isPublic"`
	CreatedTime   timestamp             `json:"createdTime"`
	UpdatedTime   timestamp             `json:"updatedTime"`
	Owner         wireCustomer          `json:"owner"`
	BillingTokens []wireBillingToken    `json:"billingtokens"`
	Datacenters   []wireImageDatacenter `json:"datacenterlist"`
}

type wireCustomer struct {
	ID   integer `json:"id"`
	Name text    `json:"name"`
}

type wireBillingToken struct {
	ID    integer `json:"id"`
	Name  text    `json:"name"`
	Price decimal `json:"price"`
}

type wireImageDatacenter struct {
	Datacenter  wireOption `json:"datacenter"`
	State       wireOption `json:"state"`
	CreatedTime timestamp  `json:"createdTime"`
	UpdatedTime timestamp  `json:"updatedTime"`
}

// image converts a row of grid.image.list.
func (w wireImage) image() (Image, error) {
	r := rowCheck{kind: "image", name: w.Name, id: w.ID}
	r.require(w.ID != 0, "id")
	r.require(w.Name != "", "name")
	r.require(w.FriendlyName.present, "friendlyName")
	r.require(w.Price.present, "price")
	r.require(w.Location.present, "location")
	r.require(w.IsActive.present, "isActive")
	r.require(w.IsPublic.present, "isPublic")
	r.require(w.Owner.ID != 0, "owner")
	r.require(w.BillingTokens != nil, "billingtokens")
	r.require(w.Datacenters != nil, "datacenterlist")
	for _, d := range w.Datacenters {
		r.requireOption(d.Datacenter, "datacenterlist.datacenter")
		r.requireOption(d.State, "datacenterlist.state")
	}
	r.requireOption(w.OS, "os")
	r.requireOption(w.Architecture, "architecture")
	r.requireOption(w.Type, "type")
	r.requireOption(w.State, "state")
	r.requireOption(w.GSIType, "gsitype")
	r.requireOption(w.MinRAM, "minram")
	return w.value(), r.err()
}

// imageOfServer converts the image in a server row, which has only a few
// attributes.
func (w wireImage) imageOfServer() (Image, error) {
	r := rowCheck{kind: "image", name: w.Name, id: w.ID}
	r.require(w.ID != 0, "id")
	r.require(w.Name != "", "name")
	return w.value(), r.err()
}

func (w wireImage) value() Image {
	image := Image{
		ID: int64(w.ID), Name: string(w.Name), FriendlyName: string(w.FriendlyName.value), Description: string(w.Description),
		OS: w.OS.value(), Architecture: w.Architecture.value(), Type: w.Type.value(), State: w.State.value(),
		GSIType: w.GSIType.value(), MinRAM: w.MinRAM.value(), Price: float64(w.Price.value), Location: string(w.Location.value),
		IsActive: bool(w.IsActive.value), IsPublic: bool(w.IsPublic.value), CreatedTime: w.CreatedTime.Time, UpdatedTime: w.UpdatedTime.Time,
		Owner: Customer{ID: int64(w.Owner.ID), Name: string(w.Owner.Name)},
	}
	for _, token := range w.BillingTokens {
		image.BillingTokens = append(image.BillingTokens,
			BillingToken{ID: int64(token.ID), Name: string(token.Name), Price: float64(token.Price)})
	}
	for _, d := range w.Datacenters {
		image.Datacenters = append(image.Datacenters, ImageDatacenter{
			Datacenter: d.Datacenter.value(), State: d.State.value(), CreatedTime: d.CreatedTime.Time, UpdatedTime: d.UpdatedTime.Time,
		})
	}
	return image
}

type wireIPPort struct {
	IP   wireIP  `json:"ip"`
	Port integer `json:"port"`
}

func (w wireIPPort) value() IPPort { return IPPort{IP: w.IP.value(), Port: int(w.Port)} }

type wireLoadBalancer struct {
	ID          integer      `json:"id"`
	Name        text         `json:"name"`
	Description text         `json:"description"`
	VirtualIP   wireIPPort   `json:"virtualip"`
	RealIPs     []wireIPPort `json:"realiplist"`
	Type        wireOption   `json:"type"`
	Persistence wireOption   `json:"persistence"`
	OS          wireOption   `json:"os"`
	State       wireOption   `json:"state"`
	Datacenter  wireOption   `json:"datacenter"`
}

func (w wireLoadBalancer) loadBalancer() (LoadBalancer, error) {
	if err := w.check(); err != nil {
		return LoadBalancer{}, err
	}
	balancer := LoadBalancer{
		ID: int64(w.ID), Name: string(w.Name), Description: string(w.Description), VirtualIP: w.VirtualIP.value(),
		Type: w.Type.value(), Persistence: w.Persistence.value(), OS: w.OS.value(), State: w.State.value(),
		Datacenter: w.Datacenter.value(),
	}
	for _, real := range w.RealIPs {
		balancer.RealIPs = append(balancer.RealIPs, real.value())
	}
	return balancer, nil
}

// check returns an error for an incomplete row. The datacenter may be missing until
// the load balancer is ready.
func (w wireLoadBalancer) check() error {
	r := rowCheck{kind: "load balancer", name: w.Name, id: w.ID}
	r.require(w.Name != "", "name")
	r.require(w.VirtualIP.IP.IP != "" && w.VirtualIP.Port != 0, "virtualip")
	r.require(w.RealIPs != nil, "realiplist")
	for _, real := range w.RealIPs {
		r.require(real.IP.IP != "" && real.Port != 0, "realiplist.ip or port")
	}
	r.requireOption(w.Type, "type")
	r.requireOption(w.Persistence, "persistence")
	r.requireOption(w.State, "state")
	return r.err()
}

type wireJob struct {
	ID            integer         `json:"id"`
	Command       wireOption      `json:"command"`
	ObjectType    wireOption      `json:"objecttype"`
	CurrentState  wireOption      `json:"currentstate"`
	Datacenter    wireOption      `json:"datacenter"`
	Attempts      integer         `json:"attempts"`
	Owner         text            `json:"owner"`
	CreatedOn     timestamp       `json:"createdon"`
	LastUpdatedOn timestamp       `json:"lastupdatedon"`
	History       []wireJobState  `json:"history"`
	Detail        map[string]text `json:"detail"`
}

type wireJobState struct {
	ID        integer    `json:"id"`
	State     wireOption `json:"state"`
	UpdatedOn timestamp  `json:"updatedon"`
	Note      text       `json:"note"`
}

func (w wireJob) job() (Job, error) {
	if err := w.check(); err != nil {
		return Job{}, err
	}
	job := Job{
		ID: int64(w.ID), Command: w.Command.value(), ObjectType: w.ObjectType.value(), CurrentState: w.CurrentState.value(),
		Datacenter: w.Datacenter.value(), Attempts: int64(w.Attempts), Owner: string(w.Owner),
		CreatedOn: w.CreatedOn.Time, LastUpdatedOn: w.LastUpdatedOn.Time, Detail: make(map[string]string, len(w.Detail)),
	}
	for _, state := range w.History {
		job.History = append(job.History, JobState{
			ID: int64(state.ID), State: state.State.value(), UpdatedOn: state.UpdatedOn.Time, Note: string(state.Note),
		})
	}
	for name, value := range w.Detail {
		job.Detail[name] = string(value)
	}
	return job, nil
}

// check returns an error for an incomplete row. It requires the name and the address
// in the detail, because jobs are found by them.
func (w wireJob) check() error {
	r := rowCheck{kind: "job", name: w.Command.Name, id: w.ID}
	r.require(w.ID != 0, "id")
	r.require(w.Owner != "", "owner")
	r.require(w.History != nil, "history")
	for _, state := range w.History {
		r.requireOption(state.State, "history.state")
	}
	r.require(w.Detail != nil, "detail")
	r.require(w.Detail["name"] != "", "detail.name")
	if w.ObjectType.Name == JobObjectVirtualServer {
		r.require(w.Detail["ip"] != "", "detail.ip")
	}
	r.requireOption(w.Command, "command")
	r.requireOption(w.ObjectType, "objecttype")
	r.requireOption(w.CurrentState, "currentstate")
	return r.err()
}

type wireServer struct {
	ID          integer         `json:"id"`
	Name        text            `json:"name"`
	Description text            `json:"description"`
	IP          wireIP          `json:"ip"`
	PrivateIP   *wireIP         `json:"privateip"`
	Image       json.RawMessage `json:"image"`
	RAM         wireOption      `json:"ram"`
	State       wireOption      `json:"state"`
	Type        wireOption      `json:"type"`
	OS          wireOption      `json:"os"`
	Datacenter  wireOption      `json:"datacenter"`
	IsSandbox   optionalFlag    `json:"isSandbox"`
	Cores       optionalDecimal `json:"cores"`
	DiskSize    optionalInteger `json:"diskSize"`
}

// check returns an error for an incomplete row. A server that is being provisioned has
// no id, no cores and no disk: a row that has only some of the three is broken.
func (w *wireServer) check() error {
	r := rowCheck{kind: "server", name: w.Name, id: w.ID}
	if w.ID != 0 || w.Cores.present || w.DiskSize.present {
		r.require(w.ID != 0, "id")
		r.require(w.Cores.present, "cores")
		r.require(w.DiskSize.present, "diskSize")
	}
	r.require(w.Name != "", "name")
	w.IP.check(&r, "ip.")
	if w.PrivateIP != nil {
		w.PrivateIP.check(&r, "privateip.")
	}
	r.require(len(w.Image) > 0 && string(w.Image) != "null", "image")
	r.require(w.IsSandbox.present, "isSandbox")
	r.requireOption(w.RAM, "ram")
	r.requireOption(w.Type, "type")
	r.requireOption(w.OS, "os")
	r.requireOption(w.State, "state")
	r.requireOption(w.Datacenter, "datacenter")
	return r.err()
}

type wirePassword struct {
	ID              integer     `json:"id"`
	ApplicationType text        `json:"applicationtype"`
	Username        text        `json:"username"`
	Password        text        `json:"password"`
	Server          *wireServer `json:"server"`
}

// serverDecoder converts server rows. Every row repeats its whole image, and a grid has
// many servers but few images, so the decoder decodes each distinct image once. The map
// key is a digest, which bounds the memory if a hostile answer holds many long images.
type serverDecoder struct{ images map[[sha256.Size]byte]Image }

func newServerDecoder() serverDecoder {
	return serverDecoder{images: map[[sha256.Size]byte]Image{}}
}

func (d serverDecoder) server(w wireServer) (Server, error) {
	if err := w.check(); err != nil {
		return Server{}, err
	}
	return d.value(w)
}

// value converts a row, which may be incomplete.
func (d serverDecoder) value(w wireServer) (Server, error) {
	image, err := d.image(w.Image)
	if err != nil {
		return Server{}, fmt.Errorf("server %q (id %d): %w", w.Name, w.ID, err)
	}
	server := Server{
		ID: int64(w.ID), Name: string(w.Name), Description: string(w.Description), IP: w.IP.value(), Image: image,
		RAM: w.RAM.value(), State: w.State.value(), Type: w.Type.value(), OS: w.OS.value(), Datacenter: w.Datacenter.value(),
		IsSandbox: bool(w.IsSandbox.value), Cores: float64(w.Cores.value), DiskSizeMB: int64(w.DiskSize.value),
	}
	if w.PrivateIP != nil {
		private := w.PrivateIP.value()
		server.PrivateIP = &private
	}
	return server, nil
}

func (d serverDecoder) image(raw json.RawMessage) (Image, error) {
	if len(raw) == 0 {
		return Image{}, nil
	}
	key := sha256.Sum256(raw)
	if image, known := d.images[key]; known {
		return image, nil
	}
	var w wireImage
	if err := json.Unmarshal(raw, &w); err != nil {
		return Image{}, err
	}
	image, err := w.imageOfServer()
	if err == nil {
		d.images[key] = image
	}
	return image, err
}

func (d serverDecoder) password(w wirePassword) (Password, error) {
	password := Password{
		ID: int64(w.ID), ApplicationType: string(w.ApplicationType), Username: string(w.Username), Password: string(w.Password),
	}
	if w.Server == nil {
		return password, nil
	}
	server, err := d.value(*w.Server) // a list of passwords shows only some attributes of a server
	if err != nil {
		return Password{}, err
	}
	password.Server = &server
	return password, nil
}
