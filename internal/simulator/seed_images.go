// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	_ "embed" // the catalogue of images
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// catalogueTable has a row for each image that a new account sees. Its numbers
// match a list that Deltacloud recorded in January 2013: 173 images of 35
// owners (35 base, 27 of partners, 111 of the community). 41 images are in all
// datacenters, and most of the others are in one datacenter. 24 images have no
// creation time, and one has no update time. 73 images have no description, and
// three have an empty description. Two friendly names occur twice. 14 images
// have a price (one with cents), and 41 have a second billing token. The 25
// GoGrid images with recorded ids have the recorded values. The other images,
// their owners and their products are invented.
//
// If the name is empty, the image gets a generated name. A description or a
// time of "-" means that the image has none. A description of "=" means that
// the description equals the friendly name.
//
//go:embed catalogue.tsv
var catalogueTable string

// firstProduct is the id of the first billing token that does not represent an operating system.
const firstProduct = 1001

// catalogueImages returns new copies of the images of the catalogue.
func catalogueImages() []*image {
	parsed := parsedCatalogue()
	images := make([]*image, len(parsed))
	for n := range parsed {
		copied := parsed[n]
		images[n] = &copied
	}
	return images
}

// parsedCatalogue parses the table. It panics on an invalid row, because the table is part of the program.
var parsedCatalogue = sync.OnceValue(func() []image {
	table := csv.NewReader(strings.NewReader(catalogueTable))
	table.Comma, table.LazyQuotes = '\t', true
	rows, err := table.ReadAll()
	if err != nil {
		panic(fmt.Errorf("read the catalogue of images: %w", err))
	}
	reader := catalogueReader{header: rows[0], products: map[string]int{}}
	images := make([]image, 0, len(rows)-1)
	for _, row := range rows[1:] {
		images = append(images, reader.image(row))
	}
	return images
})

type catalogueReader struct {
	header   []string
	row      []string
	products map[string]int // ids of the billing tokens
}

func (r *catalogueReader) image(row []string) image {
	r.row = row
	id, os := int64(r.number("id")), r.number("os")
	generated := randomImageName(draw(0, drawImageName, id))
	i := image{
		ID: id, Account: goGridAccount, Owner: customer{ID: int64(r.number("owner_id")), Name: r.text("owner")}, GSIType: r.gsiType(),
		Name: r.text("name"), FriendlyName: r.text("friendly_name"), Description: r.text("description"),
		OS: os, Architecture: architectureOf(os), Type: r.number("type"), MinRAM: r.ram(), State: imageAvailable, TokenID: os,
		Location: r.folder() + generated + ".img", Active: true, Public: true,
		Created: r.time("created"), Updated: r.time("updated"),
	}
	if i.Name == "" {
		i.Name = generated
	}
	switch i.Description {
	case "-":
		i.Description = ""
	case "=":
		i.Description = i.FriendlyName
	case "":
		i.BlankDescription = true
	}
	if product := r.text("product"); product != "" {
		i.Product, i.ProductID = product, r.product(product)
	}
	for datacenter := range strings.SplitSeq(r.text("datacenters"), ",") {
		i.Datacenters = append(i.Datacenters, r.parse("datacenters", datacenter))
	}
	price, err := strconv.ParseFloat(r.text("price"), 64)
	if err != nil {
		r.fail("price", err)
	}
	i.Price = price
	return i
}

func (r *catalogueReader) text(column string) string {
	for n, name := range r.header {
		if name == column {
			return r.row[n]
		}
	}
	panic("the catalogue of images has no column " + column)
}

func (r *catalogueReader) fail(column string, err error) {
	panic(fmt.Errorf("the catalogue of images: image %s, column %s: %w", r.row[0], column, err))
}

func (r *catalogueReader) number(column string) int { return r.parse(column, r.text(column)) }

func (r *catalogueReader) parse(column, text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		r.fail(column, err)
	}
	return n
}

// time returns the time in a column, or 0 if the column holds "-".
func (r *catalogueReader) time(column string) moment {
	if r.text(column) == "-" {
		return 0
	}
	t, err := time.Parse(time.RFC3339, r.text(column))
	if err != nil {
		r.fail(column, err)
	}
	return momentOf(t)
}

func (r *catalogueReader) gsiType() int {
	kind, known := map[string]int{"base": gsiBase, "partner": gsiPartner, "community": gsiCommunity}[r.text("kind")]
	if !known {
		r.fail("kind", fmt.Errorf("%q is unknown", r.text("kind")))
	}
	return kind
}

func (r *catalogueReader) ram() int {
	for _, size := range ramSizes() {
		if size.name == r.text("min_ram") {
			return size.id
		}
	}
	r.fail("min_ram", fmt.Errorf("%q is unknown", r.text("min_ram")))
	return 0
}

// folder returns the folder of an image. All images of GoGrid share one folder,
// and each customer has a separate folder.
func (r *catalogueReader) folder() string {
	if r.text("kind") == "base" {
		return "gogrid/"
	}
	return r.text("owner_id") + "/"
}

func (r *catalogueReader) product(name string) int {
	if r.products[name] == 0 {
		r.products[name] = firstProduct + len(r.products)
	}
	return r.products[name]
}

// architectureOf derives the architecture from the name of an operating system.
func architectureOf(os int) int {
	for _, o := range operatingSystems() {
		if o.id == os && strings.Contains(o.name, "(64-bit)") {
			return arch64
		}
	}
	return arch32
}
