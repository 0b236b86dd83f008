package scim

import (
	"net/http"
	"strings"

	"roster"
)

func (c *call) listUsers() error {
	f, page, err := c.query(userSchema)
	if err != nil {
		return err
	}
	p, err := c.projection()
	if err != nil {
		return err
	}
	users, total, err := c.app.SCIMUsers(c.r.Context(), f, page, p.wants("groups"))
	if err != nil {
		return err
	}
	resources := make([]map[string]any, len(users))
	for i, u := range users {
		resources[i] = c.userResource(u)
	}
	return c.list(total, page.Start, resources)
}

func (c *call) getUser() error {
	id, err := c.id()
	if err != nil {
		return err
	}
	u, err := c.app.SCIMUser(c.r.Context(), id)
	return c.user(http.StatusOK, u, err)
}

func (c *call) user(status int, u roster.SCIMUser, err error) error {
	if err != nil {
		return err
	}
	return c.one(status, c.userResource(u), u.Version())
}

func (c *call) createUser() error {
	change, err := c.wholeUser()
	if err != nil {
		return err
	}
	u, err := c.app.CreateSCIMUser(c.r.Context(), change)
	return c.user(http.StatusCreated, u, err)
}

func (c *call) putUser() error {
	id, err := c.id()
	if err != nil {
		return err
	}
	change, err := c.wholeUser()
	if err != nil {
		return err
	}
	u, err := c.app.UpdateSCIMUser(c.r.Context(), id, change, c.ifMatch())
	return c.user(http.StatusOK, u, err)
}

// wholeUser reads a person in full: names that are absent are empty, and
// active stays as it is.
func (c *call) wholeUser() (change roster.SCIMUserChange, err error) {
	b, err := c.body()
	if err != nil {
		return change, err
	}
	if name, _ := b["username"].(string); name == "" {
		return change, invalid("invalidValue", "userName: This field is required.")
	}
	change.FirstName, change.LastName, change.ExternalID = new(string), new(string), new(string)
	for _, name := range []string{"username", "externalid", "active", "name"} {
		if value, given := b[name]; given && value != nil {
			if err := setUser(&change, name, value); err != nil {
				return change, err
			}
		}
	}
	change.Email, err = workEmail(b["emails"])
	return change, err
}

// setUser says what becomes of one attribute. Those that Roster does not keep
// are left out: the display name follows from name.
func setUser(change *roster.SCIMUserChange, attribute string, value any) (err error) {
	switch attribute {
	case "username":
		change.UserName, err = text("userName", value)
	case "externalid":
		change.ExternalID, err = text("externalId", value)
	case "active":
		change.Active, err = flag("active", value)
	case "name.givenname":
		change.FirstName, err = text("name.givenName", value)
	case "name.familyname":
		change.LastName, err = text("name.familyName", value)
	case "name":
		return setName(change, value)
	}
	return err
}

func setName(change *roster.SCIMUserChange, value any) error {
	if value == nil {
		value = map[string]any{"givenName": "", "familyName": ""}
	}
	fields, err := objectOf(value)
	if err != nil {
		return invalid("invalidValue", "name must be an object.")
	}
	for _, part := range []string{"givenname", "familyname"} {
		if v, given := fields[part]; given {
			if err := setUser(change, "name."+part, v); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *call) patchUser() error {
	id, err := c.id()
	if err != nil {
		return err
	}
	operations, err := c.patch(userSchema)
	if err != nil {
		return err
	}
	var change roster.SCIMUserChange
	for _, o := range operations {
		if attribute, sub, _ := strings.Cut(o.at.attribute, "."); attribute == "emails" {
			if err := setEmail(&change, o, sub); err != nil {
				return err
			}
			continue
		}
		if o.remove {
			if o.at.attribute == "username" || o.at.attribute == "active" || o.at.attribute == "id" {
				return invalid("mutability", o.at.attribute+" cannot be removed.")
			}
			o.value = nil
		}
		if err := setUser(&change, o.at.attribute, o.value); err != nil {
			return err
		}
	}
	u, err := c.app.UpdateSCIMUser(c.r.Context(), id, change, c.ifMatch())
	return c.user(http.StatusOK, u, err)
}

func (c *call) deleteUser() error {
	id, err := c.id()
	if err != nil {
		return err
	}
	if err := c.app.DeleteSCIMUser(c.r.Context(), id, c.ifMatch()); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
