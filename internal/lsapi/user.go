package lsapi

import (
	"net/http"
	"strings"

	"roster"
)

var userRoutes = []plainRoute{
	{"GET", "/api/users", (*call).listUsers},
	{"POST", "/api/users", (*call).createUser},
	{"GET", "/api/users/{id}", (*call).getUser},
	{"PATCH", "/api/users/{id}", (*call).patchUser},
	{"PATCH", "/api/current-user", (*call).patchCurrentUser},
}

// userAPIJSON is the wire's LseUserAPI: LseUser without what only Enterprise
// knows.
type userAPIJSON struct {
	personJSON
	ActiveOrganizationMeta organizationMeta `json:"active_organization_meta"`
	OrgMembership          []membershipJSON `json:"org_membership"`
	OrganizationMembership membershipJSON   `json:"organization_membership"`
}

func userAPIOf(u roster.User, m roster.OrganizationMembership, org roster.Organization) userAPIJSON {
	full := userOf(u, m, org)
	return userAPIJSON{full.personJSON, full.ActiveOrganizationMeta, full.OrgMembership, full.OrganizationMembership}
}

// listUsers is GET /api/users/: always a bare list, page parameters or not.
func (c *call) listUsers() error {
	p := c.params()
	order := p.str("ordering")
	if err := p.err(); err != nil {
		return err
	}
	if order == "" {
		order = "id"
	}
	people, err := c.app.People(c.r.Context(), order)
	if err != nil {
		return err
	}
	org, err := c.organization()
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(people, func(m roster.OrganizationMember) userAPIJSON { return userAPIOf(m.User, m.Membership, org) }))
}

// createUser makes a person with the organization's default role. What a person may do
// is not theirs to say. The e-mail can be left out where the username is one.
func (c *call) createUser() error {
	b, err := c.body()
	if err != nil {
		return err
	}
	b.require("username")
	who, _ := roster.ActorFrom(c.r.Context())
	b.unchanged(map[string]any{"active_organization": who.OrganizationID, "allow_newsletters": nil, "custom_hotkeys": nil, "date_joined": nil})
	n := roster.NewUser{
		Email: b.string("email", 254), Username: b.string("username", 256), Password: b.string("password", 1024),
		FirstName: b.string("first_name", 256), LastName: b.string("last_name", 256), Phone: b.string("phone", 256),
	}
	for name, text := range map[string]string{"username": n.Username, "password": n.Password} {
		if b.has(name) && text == "" {
			b.bad(name, "This field may not be blank.")
		}
	}
	switch byName := strings.Contains(n.Username, "@"); {
	case b.has("email"):
		b.require("email")
	case byName:
		n.Email = n.Username
	default:
		b.bad("email", "This field is required where the username is no e-mail address: people sign in by it. Nothing was changed.")
	}
	if err := b.err(); err != nil {
		return err
	}
	u, err := c.app.CreateUser(c.r.Context(), n)
	if err != nil {
		return err
	}
	m, err := c.app.Person(c.r.Context(), u.ID)
	if err != nil {
		return err
	}
	return c.user(http.StatusCreated, m)
}

// string is text with absence and null as "".
func (b *body) string(name string, most int) string {
	if text := b.text(name, most); text != nil {
		return *text
	}
	return ""
}

// user answers with the wire's LseUser.
func (c *call) user(status int, m roster.OrganizationMember) error {
	org, err := c.organization()
	if err != nil {
		return err
	}
	return c.json(status, userOf(m.User, m.Membership, org))
}

func (c *call) getUser() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	m, err := c.app.Person(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.user(http.StatusOK, m)
}

func (c *call) patchUser() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	m, err := c.updatePerson(id)
	if err != nil {
		return err
	}
	return c.user(http.StatusOK, m)
}

func (c *call) patchCurrentUser() error {
	who, _ := roster.ActorFrom(c.r.Context())
	if _, err := c.updatePerson(who.UserID); err != nil {
		return err
	}
	return c.currentUser()
}

// unchangedUser is what Roster has none of for a person: nobody writes to them but about
// invitations, and they are led through nothing.
var unchangedUser = map[string]any{"email_notification_settings": nil, "is_email_verified": nil, "onboarding_state": nil}

// updatePerson reads what of an account may be changed. Whoever somebody is and since
// when is passed over: it is not theirs to say.
func (c *call) updatePerson(id int64) (m roster.OrganizationMember, err error) {
	b, err := c.body()
	if err != nil {
		return m, err
	}
	if b.has("email") {
		return m, roster.Errorf(roster.NotAllowed, "The e-mail of an account cannot be changed.")
	}
	patch := roster.UserPatch{
		Username: b.text("username", 256), FirstName: b.text("first_name", 256), LastName: b.text("last_name", 256),
		Phone: b.text("phone", 256), Password: b.text("password", 1024),
		AllowNewsletters: b.boolean("allow_newsletters"), CustomHotkeys: b.raw("custom_hotkeys"),
	}
	b.unchanged(unchangedUser)
	if err := b.err(); err != nil {
		return m, err
	}
	return c.app.UpdatePerson(c.r.Context(), id, patch)
}

// raw is a field as JSON, nil when absent; null is no text.
func (b *body) raw(name string) *string {
	if !b.has(name) {
		return nil
	}
	text := string(b.fields[name])
	if b.isForm {
		text = b.str(name)
	}
	if text == "null" {
		text = ""
	}
	return &text
}
