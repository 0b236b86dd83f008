package scim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
)

const (
	userSchema  = "urn:ietf:params:scim:schemas:core:2.0:User"
	groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group"
)

func (c *call) userResource(u roster.SCIMUser) map[string]any {
	id := strconv.FormatInt(u.User.ID, 10)
	groups := make([]map[string]any, len(u.Groups))
	for i, g := range u.Groups {
		groups[i] = c.reference("Groups", g)
	}
	out := map[string]any{
		"schemas": []string{userSchema}, "id": id, "userName": u.UserName, "displayName": u.User.Name(), "active": u.Active,
		"emails": []map[string]any{{"value": u.User.Email, "type": "work", "primary": true}},
		"groups": groups,
		"meta": map[string]any{
			"resourceType": "User", "created": u.User.DateJoined.Format(time.RFC3339), "location": c.location("Users", id),
			"version": etag(u.Version()),
		},
	}
	if u.ExternalID != "" {
		out["externalId"] = u.ExternalID
	}
	if name := nameOf(u.User); len(name) > 0 {
		out["name"] = name
	}
	return out
}

// nameOf has the parts of a name that there are: what has no value is left out
// (RFC 7643 §2.5).
func nameOf(u roster.User) map[string]any {
	out := map[string]any{}
	for part, text := range map[string]string{
		"givenName": u.FirstName, "familyName": u.LastName, "formatted": strings.TrimSpace(u.FirstName + " " + u.LastName),
	} {
		if text != "" {
			out[part] = text
		}
	}
	return out
}

func (c *call) groupResource(g roster.SCIMGroup) map[string]any {
	id := strconv.FormatInt(g.ID, 10)
	members := make([]map[string]any, len(g.Members))
	for i, m := range g.Members {
		members[i] = c.reference("Users", m)
	}
	out := map[string]any{
		"schemas": []string{groupSchema}, "id": id, "displayName": g.Name, "members": members,
		"meta": map[string]any{"resourceType": "Group", "location": c.location("Groups", id), "version": etag(g.Version())},
	}
	if g.ExternalID != "" {
		out["externalId"] = g.ExternalID
	}
	return out
}

func (c *call) reference(kind string, n roster.SCIMName) map[string]any {
	id := strconv.FormatInt(n.ID, 10)
	return map[string]any{"value": id, "display": n.Name, "$ref": c.location(kind, id)}
}

// projection is which attributes are asked for: some, or all but some. The
// names are in lower case and without a schema.
type projection struct{ only, but []string }

func (c *call) projection() (p projection, err error) {
	values := c.r.URL.Query()
	p = projection{names(values.Get("attributes")), names(values.Get("excludedAttributes"))}
	if p.only != nil && p.but != nil {
		return p, invalid("invalidValue", "attributes and excludedAttributes cannot be combined.")
	}
	return p, nil
}

func names(list string) (out []string) {
	for name := range strings.SplitSeq(list, ",") {
		name = strings.ToLower(strings.TrimSpace(name))
		for _, schema := range []string{userSchema, groupSchema} {
			name = strings.TrimPrefix(name, strings.ToLower(schema)+":")
		}
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// always are the attributes that every answer has.
var always = []string{"id", "schemas"}

// wants reports whether an attribute, or a part of it, is to be shown.
func (p projection) wants(name string) bool {
	name = strings.ToLower(name)
	if slices.Contains(always, name) {
		return true
	}
	if p.only == nil {
		return !slices.Contains(p.but, name)
	}
	return slices.ContainsFunc(p.only, func(asked string) bool {
		return asked == name || strings.HasPrefix(asked, name+".") || strings.HasPrefix(name, asked+".")
	})
}

func (p projection) of(resource map[string]any) map[string]any {
	out := map[string]any{}
	for name, value := range resource {
		if p.wants(name) {
			out[name] = p.within(name, value)
		}
	}
	return out
}

// within is the parts of a value that are to be shown.
func (p projection) within(name string, value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for part, of := range v {
			if p.wants(name + "." + part) {
				out[part] = of
			}
		}
		return out
	case []map[string]any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = p.within(name, item)
		}
		return out
	}
	return value
}
