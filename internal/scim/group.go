package scim

import (
	"net/http"
	"strings"

	"roster"
)

func (c *call) listGroups() error {
	f, page, err := c.query(groupSchema)
	if err != nil {
		return err
	}
	p, err := c.projection()
	if err != nil {
		return err
	}
	groups, total, err := c.app.SCIMGroups(c.r.Context(), f, page, p.wants("members"))
	if err != nil {
		return err
	}
	resources := make([]map[string]any, len(groups))
	for i, g := range groups {
		resources[i] = c.groupResource(g)
		if !p.wants("members") { // and so its version is not known
			delete(resources[i]["meta"].(map[string]any), "version")
		}
	}
	return c.list(total, page.Start, resources)
}

func (c *call) getGroup() error {
	id, err := c.id()
	if err != nil {
		return err
	}
	g, err := c.app.SCIMGroup(c.r.Context(), id)
	return c.group(http.StatusOK, g, err)
}

func (c *call) group(status int, g roster.SCIMGroup, err error) error {
	if err != nil {
		return err
	}
	return c.one(status, c.groupResource(g), g.Version())
}

func (c *call) createGroup() error {
	change, err := c.wholeGroup()
	if err != nil {
		return err
	}
	g, err := c.app.CreateSCIMGroup(c.r.Context(), change)
	return c.group(http.StatusCreated, g, err)
}

func (c *call) putGroup() error {
	id, err := c.id()
	if err != nil {
		return err
	}
	change, err := c.wholeGroup()
	if err != nil {
		return err
	}
	g, err := c.app.UpdateSCIMGroup(c.r.Context(), id, change, c.ifMatch())
	return c.group(http.StatusOK, g, err)
}

// wholeGroup reads a group in full, but for members that are absent: those stay
// who they are, because absent is not nobody.
func (c *call) wholeGroup() (change roster.SCIMGroupChange, err error) {
	b, err := c.body()
	if err != nil {
		return change, err
	}
	if name, _ := b["displayname"].(string); name == "" {
		return change, invalid("invalidValue", "displayName: This field is required.")
	}
	change.ExternalID = new(string)
	for _, name := range []string{"displayname", "externalid", "members"} {
		value, given := b[name]
		if name == "members" && !given {
			continue
		}
		if err := setGroup(&change, operation{at: path{attribute: name}, given: given, value: value}); err != nil {
			return change, err
		}
	}
	return change, nil
}

// setGroup says what becomes of one attribute; those that Roster does not keep
// are left out.
func setGroup(change *roster.SCIMGroupChange, o operation) (err error) {
	name, part, _ := strings.Cut(o.at.attribute, ".")
	if part != "" && name == "members" || o.at.filter != nil && name != "members" {
		return invalid("invalidPath", "The path names a part of "+name+" that cannot be changed by itself.")
	}
	switch o.at.attribute {
	case "displayname":
		if o.remove {
			return invalid("mutability", "displayName cannot be removed.")
		}
		change.Name, err = text("displayName", o.value)
	case "externalid":
		if o.remove {
			o.value = nil
		}
		change.ExternalID, err = text("externalId", o.value)
	case "members":
		return setMembers(change, o)
	}
	return err
}

// setMembers reads a change of the members. Who is to be removed is named by
// the path's filter, or by the value, as Entra does; else it is everybody.
func setMembers(change *roster.SCIMGroupChange, o operation) error {
	who, err := people(o.value)
	switch {
	case err != nil:
		return err
	case o.given && o.value == nil && o.at.filter == nil, !o.given && !o.remove:
		return invalid("invalidValue", "members must be a list; [] is nobody.")
	case o.remove && o.at.filter == nil && o.given && len(who) == 0:
		return invalid("invalidValue", "The value names nobody to remove. Without a value, everybody is removed.")
	case o.at.filter != nil && !o.remove:
		return invalid("invalidPath", "Members have nothing that could be changed; add or remove them.")
	case o.at.filter != nil:
		if who, err = filtered(*o.at.filter); err != nil {
			return err
		}
		change.Members = append(change.Members, roster.SCIMMembersChange{Remove: true, People: who})
	case o.remove:
		change.Members = append(change.Members, roster.SCIMMembersChange{Remove: true, All: !o.given, People: who})
	case o.add:
		change.Members = append(change.Members, roster.SCIMMembersChange{People: who})
	default:
		change.Members = append(change.Members, roster.SCIMMembersChange{Remove: true, All: true},
			roster.SCIMMembersChange{People: who})
	}
	return nil
}

// filtered is whom a filter like value eq "7" names, one or several with "or"
// between them. Somebody unknown is in no group, so there is nobody to remove.
func filtered(f roster.SCIMFilter) (ids []int64, err error) {
	if f.Op == roster.SCIMOr {
		for _, part := range f.Parts {
			more, err := filtered(part)
			if err != nil {
				return nil, err
			}
			ids = append(ids, more...)
		}
		return ids, nil
	}
	if f.Op != roster.SCIMEqual || f.Attribute != "members.value" {
		return nil, invalid("invalidFilter", `Members are named by value eq "id", with or between several.`)
	}
	id, err := personID(f.Value)
	if err != nil {
		return nil, nil
	}
	return []int64{id}, nil
}

func (c *call) patchGroup() error {
	id, err := c.id()
	if err != nil {
		return err
	}
	operations, err := c.patch(groupSchema)
	if err != nil {
		return err
	}
	var change roster.SCIMGroupChange
	for _, o := range operations {
		if err := setGroup(&change, o); err != nil {
			return err
		}
	}
	g, err := c.app.UpdateSCIMGroup(c.r.Context(), id, change, c.ifMatch())
	if err != nil || c.r.URL.Query().Has("attributes") {
		return c.group(http.StatusOK, g, err)
	}
	// Entra asks for no answer, which could be a list of everybody.
	c.w.Header().Set("ETag", etag(g.Version()))
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (c *call) deleteGroup() error {
	id, err := c.id()
	if err != nil {
		return err
	}
	if err := c.app.DeleteSCIMGroup(c.r.Context(), id, c.ifMatch()); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
