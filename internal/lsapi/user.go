package lsapi

import (
	"cmp"
	"net/http"
	"strings"

	"roster"
)

func userRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/users", do: does((*call).listUsers),
			summary: "List users",
			text:    "Always a bare list.",
			answer:  "The people the caller sees.",
		},
		{
			method: "POST", path: "/api/users", do: does((*call).createUser),
			summary: "Create a user",
			text: "With the organization's default role. active_organization is the caller's, and " +
				"allow_newsletters, custom_hotkeys and date_joined are not said here: other values are refused.",
			status: http.StatusCreated, answer: "The person.",
		},
		{
			method: "GET", path: "/api/users/{id}", do: does((*call).getUser),
			summary: "Read a user", answer: "The person.",
		},
		{
			method: "PATCH", path: "/api/users/{id}", do: does((*call).patchUser),
			summary: "Change a user",
			text: "Roster has no email_notification_settings, is_email_verified and onboarding_state, and refuses " +
				"them.",
			answer: "The person as they are now.",
			others: []answer{{status: 405, like: detailJSON{}, text: "The e-mail of an account cannot be changed."}},
		},
	}
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

type listUsersRequest struct{ Order ordering }

// listUsers is GET /api/users/: always a bare list, page parameters or not.
func (c *call) listUsers(in listUsersRequest) ([]userAPIJSON, error) {
	people, err := c.app.People(c.r.Context(), cmp.Or(string(in.Order), "id"))
	if err != nil {
		return nil, err
	}
	org, err := c.organization()
	shown := func(m roster.OrganizationMember) userAPIJSON { return userAPIOf(m.User, m.Membership, org) }
	return each(people, shown), err
}

type createUserRequest struct {
	Email     string `body:"email" most:"254" doc:"At most 254 characters; nobody else's. Needed where the username is no e-mail address."`
	Username  string `body:"username,required" most:"256" doc:"At most 256 characters; nobody else's."`
	Password  string `body:"password" most:"1024" doc:"At least 8 characters."`
	FirstName string `body:"first_name" most:"256" doc:"At most 256 characters."`
	LastName  string `body:"last_name" most:"256" doc:"At most 256 characters."`
	Phone     string `body:"phone" most:"256" doc:"At most 256 characters."`
}

// complete holds that the e-mail is left out only where the username is one. What a person
// may do is not theirs to say.
func (in *createUserRequest) complete(r *request) {
	b := r.body()
	who, _ := roster.ActorFrom(r.r.Context())
	b.unchanged(map[string]any{"active_organization": who.OrganizationID, "allow_newsletters": nil,
		"custom_hotkeys": nil, "date_joined": nil})
	for name, text := range map[string]string{"username": in.Username, "password": in.Password} {
		if b.has(name) && text == "" {
			b.bad(name, "This field may not be blank.")
		}
	}
	switch byName := strings.Contains(in.Username, "@"); {
	case b.has("email"):
		b.require("email")
	case byName:
		in.Email = in.Username
	default:
		b.bad("email", "This field is required where the username is no e-mail address: people sign in by it. "+
			"Nothing was changed.")
	}
}

// createUser makes a person with the organization's default role.
func (c *call) createUser(in createUserRequest) (out userJSON, err error) {
	u, err := c.app.CreateUser(c.r.Context(), roster.NewUser{
		Email: in.Email, Username: in.Username, Password: in.Password,
		FirstName: in.FirstName, LastName: in.LastName, Phone: in.Phone,
	})
	if err != nil {
		return out, err
	}
	return c.getUser(inUser{u.ID})
}

type inUser struct {
	User int64 `path:"id"`
}

func (c *call) getUser(in inUser) (userJSON, error) {
	return c.person(c.app.Person(c.r.Context(), in.User))
}

// person is the wire's LseUser of somebody who was read.
func (c *call) person(m roster.OrganizationMember, err error) (userJSON, error) {
	if err != nil {
		return userJSON{}, err
	}
	org, err := c.organization()
	return userOf(m.User, m.Membership, org), err
}

// accountPatch is what of an account may be changed. Whoever somebody is and since when is
// passed over: it is not theirs to say.
type accountPatch struct {
	Email       keptEmail
	Username    *string  `body:"username" most:"256" doc:"At most 256 characters."`
	FirstName   *string  `body:"first_name" most:"256" doc:"At most 256 characters."`
	LastName    *string  `body:"last_name" most:"256" doc:"At most 256 characters."`
	Phone       *string  `body:"phone" most:"256" doc:"At most 256 characters."`
	Password    *string  `body:"password" most:"1024" doc:"A new password."`
	Newsletters *bool    `body:"allow_newsletters,null" doc:"Kept and given back."`
	Hotkeys     keptJSON `body:"custom_hotkeys" doc:"Kept and given back."`
}

// unchangedUser is what Roster has none of for a person: nobody writes to them but about
// invitations, and they are led through nothing.
var unchangedUser = map[string]any{"email_notification_settings": nil, "is_email_verified": nil,
	"onboarding_state": nil}

func (in *accountPatch) complete(r *request) { r.body().unchanged(unchangedUser) }

func (in accountPatch) patch() roster.UserPatch {
	return roster.UserPatch{
		Username: in.Username, FirstName: in.FirstName, LastName: in.LastName, Phone: in.Phone, Password: in.Password,
		AllowNewsletters: in.Newsletters, CustomHotkeys: in.Hotkeys.text,
	}
}

// keptEmail is an e-mail that is refused, whatever it says.
type keptEmail struct{}

func (keptEmail) read(r *request, _ field) {
	if r.body().has("email") {
		r.fail(roster.Errorf(roster.NotAllowed, "The e-mail of an account cannot be changed."))
	}
}

func (keptEmail) fields(field) []field { return nil }

type patchUserRequest struct {
	inUser
	accountPatch
}

func (c *call) patchUser(in patchUserRequest) (userJSON, error) {
	return c.person(c.app.UpdatePerson(c.r.Context(), in.User, in.patch()))
}

func (c *call) patchCurrentUser(in accountPatch) (out userAPIJSON, err error) {
	who, _ := roster.ActorFrom(c.r.Context())
	if _, err := c.app.UpdatePerson(c.r.Context(), who.UserID, in.patch()); err != nil {
		return out, err
	}
	return c.currentUser(nothing{})
}

// keptJSON is a field that is kept as it came, nil when absent; null is no text.
type keptJSON struct{ text *string }

func (k *keptJSON) read(r *request, f field) {
	k.text = r.body().raw(f.name)
}

// string is text with absence and null as "".
func (b *body) string(name string, most int) string {
	if text := b.text(name, most); text != nil {
		return *text
	}
	return ""
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
