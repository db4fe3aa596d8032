// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package main

import (
	"encoding/json"
	"fmt"
	"strings"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

func schema(from *tfprotov6.Schema) (*tfjson.Schema, error) {
	converted, err := block(from.Block)
	if err != nil {
		return nil, err
	}
	return &tfjson.Schema{Version: uint64(max(from.Version, 0)), Block: converted}, nil
}

func action(from *tfprotov6.ActionSchema) (*tfjson.ActionSchema, error) {
	converted, err := block(from.Schema.Block)
	if err != nil {
		return nil, err
	}
	return &tfjson.ActionSchema{Block: converted}, nil
}

func block(from *tfprotov6.SchemaBlock) (*tfjson.SchemaBlock, error) {
	attributes, err := attributes(from.Attributes)
	if err != nil {
		return nil, err
	}
	to := &tfjson.SchemaBlock{
		Attributes:      attributes,
		NestedBlocks:    make(map[string]*tfjson.SchemaBlockType, len(from.BlockTypes)),
		Description:     from.Description,
		DescriptionKind: kind(from.DescriptionKind),
		Deprecated:      from.Deprecated,
	}
	for _, nested := range from.BlockTypes {
		inner, err := block(nested.Block)
		if err != nil {
			return nil, fmt.Errorf("block %s: %w", nested.TypeName, err)
		}
		to.NestedBlocks[nested.TypeName] = &tfjson.SchemaBlockType{
			NestingMode: nesting(nested.Nesting),
			Block:       inner,
			MinItems:    uint64(max(nested.MinItems, 0)),
			MaxItems:    uint64(max(nested.MaxItems, 0)),
		}
	}
	return to, nil
}

func attributes(from []*tfprotov6.SchemaAttribute) (map[string]*tfjson.SchemaAttribute, error) {
	to := make(map[string]*tfjson.SchemaAttribute, len(from))
	for _, attr := range from {
		converted, err := attribute(attr)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", attr.Name, err)
		}
		to[attr.Name] = converted
	}
	return to, nil
}

func attribute(from *tfprotov6.SchemaAttribute) (*tfjson.SchemaAttribute, error) {
	to := &tfjson.SchemaAttribute{
		Description:     from.Description,
		DescriptionKind: kind(from.DescriptionKind),
		Deprecated:      from.Deprecated,
		Required:        from.Required,
		Optional:        from.Optional,
		Computed:        from.Computed,
		Sensitive:       from.Sensitive,
		WriteOnly:       from.WriteOnly,
	}
	if from.NestedType == nil {
		typ, err := ctyType(from.Type)
		to.AttributeType = typ
		return to, err
	}
	inner, err := attributes(from.NestedType.Attributes)
	to.AttributeNestedType = &tfjson.SchemaNestedAttributeType{
		Attributes:  inner,
		NestingMode: nesting(from.NestedType.Nesting),
	}
	return to, err
}

func identity(from *tfprotov6.ResourceIdentitySchema) (*tfjson.IdentitySchema, error) {
	to := &tfjson.IdentitySchema{
		Version:    uint64(max(from.Version, 0)),
		Attributes: make(map[string]*tfjson.IdentityAttribute, len(from.IdentityAttributes)),
	}
	for _, attr := range from.IdentityAttributes {
		typ, err := ctyType(attr.Type)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", attr.Name, err)
		}
		to.Attributes[attr.Name] = &tfjson.IdentityAttribute{
			IdentityType:      typ,
			Description:       attr.Description,
			RequiredForImport: attr.RequiredForImport,
			OptionalForImport: attr.OptionalForImport,
		}
	}
	return to, nil
}

func function(from *tfprotov6.Function) (*tfjson.FunctionSignature, error) {
	result, err := ctyType(from.Return.Type)
	if err != nil {
		return nil, fmt.Errorf("result: %w", err)
	}
	to := &tfjson.FunctionSignature{
		Description:        from.Description,
		Summary:            from.Summary,
		DeprecationMessage: from.DeprecationMessage,
		ReturnType:         result,
	}
	for _, param := range from.Parameters {
		converted, err := parameter(param)
		if err != nil {
			return nil, err
		}
		to.Parameters = append(to.Parameters, converted)
	}
	if from.VariadicParameter != nil {
		to.VariadicParameter, err = parameter(from.VariadicParameter)
	}
	return to, err
}

func parameter(from *tfprotov6.FunctionParameter) (*tfjson.FunctionParameter, error) {
	typ, err := ctyType(from.Type)
	if err != nil {
		return nil, fmt.Errorf("parameter %s: %w", from.Name, err)
	}
	return &tfjson.FunctionParameter{
		Name:        from.Name,
		Description: from.Description,
		IsNullable:  from.AllowNullValue,
		Type:        typ,
	}, nil
}

// ctyType converts a type through JSON, the only format that both type systems
// share.
func ctyType(from tftypes.Type) (cty.Type, error) {
	var to cty.Type
	encoded, err := json.Marshal(from)
	if err != nil {
		return to, fmt.Errorf("encode type %s: %w", from, err)
	}
	if err := json.Unmarshal(encoded, &to); err != nil {
		return to, fmt.Errorf("decode type %s: %w", from, err)
	}
	return to, nil
}

func kind(from tfprotov6.StringKind) tfjson.SchemaDescriptionKind {
	if from == tfprotov6.StringKindMarkdown {
		return tfjson.SchemaDescriptionKindMarkdown
	}
	return tfjson.SchemaDescriptionKindPlain
}

// nesting converts the nesting mode of a block or an attribute. The JSON format
// requires mode names in lower case.
func nesting(mode fmt.Stringer) tfjson.SchemaNestingMode {
	return tfjson.SchemaNestingMode(strings.ToLower(mode.String()))
}
