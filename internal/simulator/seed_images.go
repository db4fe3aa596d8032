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

// catalogueTable has a row for each image that an account sees from the start. It has the proportions of the list that an account
// got in January 2013, as recorded by Deltacloud: 173 images of 35 owners (35 base, 27 of partners, 111 of the community), 41 of
// them in all datacenters and most in one, 24 without a time of creation and one without a time of change, 73 without a
// description and three with an empty one, two friendly names that occur twice, 14 images with a price (one with cents) and 41 with
// a second billing token. GoGrid's 25 own images with an id in the seed of the record are as recorded; the others, their owners and
// their products are made up.
//
// A name that is empty is a generated one. A description of "-" is none, and one of "=" repeats the friendly name. A time of "-"
// is none.
//
//go:embed catalogue.tsv
var catalogueTable string

// firstProduct is the id of the first billing token that is no operating system.
const firstProduct = 1001

// catalogueImages are new copies of the images of the catalogue.
func catalogueImages() []*image {
	parsed := parsedCatalogue()
	images := make([]*image, len(parsed))
	for n := range parsed {
		copied := parsed[n]
		images[n] = &copied
	}
	return images
}

// parsedCatalogue panics on a row that cannot be read: the table is part of the program.
var parsedCatalogue = sync.OnceValue(func() []image {
	table := csv.NewReader(strings.NewReader(catalogueTable))
	table.Comma, table.LazyQuotes = '\t', true
	rows, err := table.ReadAll()
	if err != nil {
		panic(fmt.Errorf("reading the catalogue of images: %w", err))
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
	for place := range strings.SplitSeq(r.text("datacenters"), ",") {
		i.Datacenters = append(i.Datacenters, r.parse("datacenters", place))
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

// time is 0 for an image that has none.
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

// folder is where an image lies: GoGrid's own in one folder, those of customers in one of each.
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

// architectureOf goes by the name of an operating system.
func architectureOf(os int) int {
	for _, o := range operatingSystems() {
		if o.id == os && strings.Contains(o.name, "(64-bit)") {
			return arch64
		}
	}
	return arch32
}
