// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package prepare holds the prepare, build and verify blocks of an image: their
// schemas and models, the recipe with its digest, and the warnings about files and
// settings that the prep step destroys.
//
// It exports Block, ModeManual, the defaults of attributes, the models of the
// blocks, Read, and the Recipe, File and Login that Read returns.
package prepare
