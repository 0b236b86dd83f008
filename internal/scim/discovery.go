package scim

import (
	"net/http"
	"strings"

	"roster"
)

// What the server says of itself (RFC 7643 §5 to §7).

func (c *call) meta(kind, id string) map[string]any {
	return map[string]any{"resourceType": kind, "location": c.location(kind+"s", id)}
}

func (c *call) providerConfig() error {
	supported := func(yes bool) map[string]any { return map[string]any{"supported": yes} }
	return c.json(http.StatusOK, map[string]any{
		"schemas":        []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		"patch":          supported(true),
		"bulk":           map[string]any{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter":         map[string]any{"supported": true, "maxResults": mostCount},
		"changePassword": supported(false), "sort": supported(false), "etag": supported(true),
		"authenticationSchemes": []map[string]any{{
			"type": "oauthbearertoken", "name": "Bearer token", "primary": true,
			"description": "A legacy token or a personal access token of the organization's Owner.",
		}},
		"meta": map[string]any{"resourceType": "ServiceProviderConfig",
			"location": strings.TrimSuffix(c.location("ServiceProviderConfig", ""), "/")},
	})
}

func (c *call) resourceType(name, schema string) map[string]any {
	return map[string]any{
		"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"},
		"id":      name, "name": name, "endpoint": "/" + name + "s", "schema": schema, "meta": c.meta("ResourceType", name),
	}
}

func (c *call) resourceTypes() []map[string]any {
	return []map[string]any{c.resourceType("User", userSchema), c.resourceType("Group", groupSchema)}
}

func (c *call) listResourceTypes() error { return c.fixed(c.resourceTypes()) }

func (c *call) getResourceType() error { return c.fixedOne(c.resourceTypes()) }

// attribute is one of a schema's; its parts make it complex.
func attribute(name, kind, mutability string, parts ...map[string]any) map[string]any {
	out := map[string]any{
		"name": name, "type": kind, "multiValued": false, "description": "", "required": false,
		"mutability": mutability, "returned": "default", "uniqueness": "none",
	}
	if kind == "string" {
		out["caseExact"] = false
	}
	if len(parts) > 0 {
		out["subAttributes"] = parts
	}
	return out
}

// with says otherwise about an attribute.
func with(a map[string]any, name string, value any) map[string]any {
	a[name] = value
	return a
}

func (c *call) schemas() []map[string]any {
	const readWrite, readOnly, immutable = "readWrite", "readOnly", "immutable"
	schema := func(id, name string, attributes ...map[string]any) map[string]any {
		return map[string]any{
			"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Schema"},
			"id":      id, "name": name, "description": name, "attributes": attributes, "meta": c.meta("Schema", id),
		}
	}
	required := func(name string) map[string]any {
		return with(with(attribute(name, "string", readWrite), "required", true), "uniqueness", "server")
	}
	externalID := func() map[string]any { return with(attribute("externalId", "string", readWrite), "caseExact", true) }
	references := func(name, kind, mutability, part string) map[string]any {
		ref := with(attribute("$ref", "reference", part), "referenceTypes", []string{kind})
		return with(attribute(name, "complex", mutability,
			attribute("value", "string", part), attribute("display", "string", readOnly), ref), "multiValued", true)
	}
	return []map[string]any{
		schema(userSchema, "User", required("userName"), externalID(), attribute("active", "boolean", readWrite),
			attribute("name", "complex", readWrite, attribute("givenName", "string", readWrite),
				attribute("familyName", "string", readWrite), attribute("formatted", "string", readOnly)),
			attribute("displayName", "string", readOnly),
			with(attribute("emails", "complex", readWrite, attribute("value", "string", readWrite),
				attribute("type", "string", readOnly), attribute("primary", "boolean", readOnly)), "multiValued", true),
			references("groups", "Group", readOnly, readOnly)),
		schema(groupSchema, "Group", with(required("displayName"), "caseExact", true), externalID(),
			references("members", "User", readWrite, immutable)),
	}
}

func (c *call) listSchemas() error { return c.fixed(c.schemas()) }

func (c *call) getSchema() error { return c.fixedOne(c.schemas()) }

// fixed answers with a whole list; filters are refused here (RFC 7644 §4).
func (c *call) fixed(all []map[string]any) error {
	if c.r.URL.Query().Has("filter") {
		return roster.Errorf(roster.Forbidden, "This list cannot be filtered.")
	}
	return c.list(len(all), 1, all)
}

func (c *call) fixedOne(all []map[string]any) error {
	for _, one := range all {
		if one["id"] == c.r.PathValue("id") {
			return c.json(http.StatusOK, one)
		}
	}
	return roster.Errorf(roster.NotFound, "Resource %q not found.", c.r.PathValue("id"))
}
