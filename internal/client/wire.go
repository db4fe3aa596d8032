// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import "encoding/json"

// The structs of this file are what the API writes. Attributes that are null
// are left out by the service, so absence is never an error; unknown ones are
// passed over.

type wireOption struct {
	ID          integer `json:"id"`
	Name        text    `json:"name"`
	Description text    `json:"description"`
}

func (w wireOption) option() (Option, error) {
	return w.value(), nil
}

func (w wireOption) value() Option {
	return Option{ID: int64(w.ID), Name: string(w.Name), Description: string(w.Description)}
}

type wireIP struct {
	ID         integer    `json:"id"`
	IP         text       `json:"ip"`
	Subnet     text       `json:"subnet"`
	Public     flag       `json:"public"`
	State      wireOption `json:"state"`
	Datacenter wireOption `json:"datacenter"`
}

func (w wireIP) ip() (IP, error) { return w.value(), nil }

func (w wireIP) value() IP {
	return IP{
		ID: int64(w.ID), Address: string(w.IP), Subnet: string(w.Subnet), Public: bool(w.Public),
		State: w.State.value(), Datacenter: w.Datacenter.value(),
	}
}

type wireImage struct {
	ID            integer               `json:"id"`
	Name          text                  `json:"name"`
	FriendlyName  text                  `json:"friendlyName"`
	Description   text                  `json:"description"`
	OS            wireOption            `json:"os"`
	Architecture  wireOption            `json:"architecture"`
	Type          wireOption            `json:"type"`
	State         wireOption            `json:"state"`
	GSIType       wireOption            `json:"gsitype"`
	MinRAM        wireOption            `json:"minram"`
	Price         decimal               `json:"price"`
	Location      text                  `json:"location"`
	IsActive      flag                  `json:"isActive"`
	IsPublic      flag                  `json:"isPublic"`
	CreatedTime   moment                `json:"createdTime"`
	UpdatedTime   moment                `json:"updatedTime"`
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
	CreatedTime moment     `json:"createdTime"`
	UpdatedTime moment     `json:"updatedTime"`
}

func (w wireImage) image() (Image, error) {
	image := Image{
		ID: int64(w.ID), Name: string(w.Name), FriendlyName: string(w.FriendlyName), Description: string(w.Description),
		OS: w.OS.value(), Architecture: w.Architecture.value(), Type: w.Type.value(), State: w.State.value(),
		GSIType: w.GSIType.value(), MinRAM: w.MinRAM.value(), Price: float64(w.Price), Location: string(w.Location),
		IsActive: bool(w.IsActive), IsPublic: bool(w.IsPublic), CreatedTime: w.CreatedTime.Time, UpdatedTime: w.UpdatedTime.Time,
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
	return image, nil
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

type wireJob struct {
	ID            integer         `json:"id"`
	Command       wireOption      `json:"command"`
	ObjectType    wireOption      `json:"objecttype"`
	CurrentState  wireOption      `json:"currentstate"`
	Datacenter    wireOption      `json:"datacenter"`
	Attempts      integer         `json:"attempts"`
	Owner         text            `json:"owner"`
	CreatedOn     moment          `json:"createdon"`
	LastUpdatedOn moment          `json:"lastupdatedon"`
	History       []wireJobState  `json:"history"`
	Detail        map[string]text `json:"detail"`
}

type wireJobState struct {
	ID        integer    `json:"id"`
	State     wireOption `json:"state"`
	UpdatedOn moment     `json:"updatedon"`
	Note      text       `json:"note"`
}

func (w wireJob) job() (Job, error) {
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
	IsSandbox   flag            `json:"isSandbox"`
	Cores       decimal         `json:"cores"`
	DiskSize    integer         `json:"diskSize"`
}

type wirePassword struct {
	ID              integer     `json:"id"`
	ApplicationType text        `json:"applicationtype"`
	Username        text        `json:"username"`
	Password        text        `json:"password"`
	Server          *wireServer `json:"server"`
}

// serverDecoder decodes each distinct image of an answer once: every server
// repeats the whole of its image, and a grid has many servers of few images.
type serverDecoder struct{ images map[string]Image }

func newServerDecoder() serverDecoder { return serverDecoder{images: map[string]Image{}} }

func (d serverDecoder) server(w wireServer) (Server, error) {
	image, err := d.image(w.Image)
	if err != nil {
		return Server{}, err
	}
	server := Server{
		ID: int64(w.ID), Name: string(w.Name), Description: string(w.Description), IP: w.IP.value(), Image: image,
		RAM: w.RAM.value(), State: w.State.value(), Type: w.Type.value(), OS: w.OS.value(), Datacenter: w.Datacenter.value(),
		IsSandbox: bool(w.IsSandbox), Cores: float64(w.Cores), DiskSizeMB: int64(w.DiskSize),
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
	if image, known := d.images[string(raw)]; known {
		return image, nil
	}
	var w wireImage
	if err := json.Unmarshal(raw, &w); err != nil {
		return Image{}, err
	}
	image, err := w.image()
	if err == nil {
		d.images[string(raw)] = image
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
	server, err := d.server(*w.Server)
	if err != nil {
		return Password{}, err
	}
	password.Server = &server
	return password, nil
}
