package lsapi

import (
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"roster"
)

// stamp is a time as the wire writes it: UTC with microseconds. The zero time
// is null.
type stamp time.Time

func (s stamp) MarshalJSON() ([]byte, error) {
	t := time.Time(s)
	if t.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + formatTime(t) + `"`), nil
}

func formatTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// nullable is a value whose zero is null on the wire.
func nullable[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// membershipJSON is the wire's OrganizationMembership.
type membershipJSON struct {
	OrganizationID int64            `json:"organization_id"`
	Role           roster.Role      `json:"role"`
	Active         bool             `json:"active"`
	UserType       *roster.UserType `json:"user_type"`
	Flex           any              `json:"flex"`
}

func membershipOf(m roster.OrganizationMembership) membershipJSON {
	return membershipJSON{m.OrganizationID, m.Role, m.Active(), nullable(m.UserType), nil}
}

// personJSON is what every shape of a user has in common.
type personJSON struct {
	ID                 int64           `json:"id"`
	FirstName          string          `json:"first_name"`
	LastName           string          `json:"last_name"`
	Username           string          `json:"username"`
	Email              string          `json:"email"`
	LastActivity       stamp           `json:"last_activity"`
	DateJoined         stamp           `json:"date_joined"`
	Avatar             *string         `json:"avatar"`
	Initials           string          `json:"initials"`
	Phone              string          `json:"phone"`
	ActiveOrganization *int64          `json:"active_organization"`
	AllowNewsletters   *bool           `json:"allow_newsletters"`
	CustomHotkeys      json.RawMessage `json:"custom_hotkeys"`
}

func personOf(u roster.User) personJSON {
	return personJSON{
		ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Username: u.Username, Email: u.Email,
		LastActivity: stamp(u.LastActivity), DateJoined: stamp(u.DateJoined), Initials: initials(u), Phone: u.Phone,
		ActiveOrganization: nullable(u.ActiveOrganization), AllowNewsletters: u.AllowNewsletters,
		CustomHotkeys: hotkeysOf(u.CustomHotkeys),
	}
}

// shallow is JSON from the store, or something else in its place where it is nested
// deeper than it may be now: a list with it in could be read by nobody.
func shallow(text string, most int, instead string) json.RawMessage {
	if roster.Nesting(text) > most {
		text = instead
	}
	return json.RawMessage(text)
}

// initials are the first letters of the names, or of the e-mail without them.
func initials(u roster.User) string {
	var out strings.Builder
	for _, name := range []string{u.FirstName, u.LastName} {
		if r, size := utf8.DecodeRuneInString(name); size > 0 {
			out.WriteRune(r)
		}
	}
	if out.Len() == 0 {
		if r, size := utf8.DecodeRuneInString(u.Email); size > 0 {
			out.WriteRune(r)
		} else {
			out.WriteByte('?') // as Label Studio has it
		}
	}
	return strings.ToUpper(out.String())
}

// lseFields is the wire's LseFields.
type lseFields struct {
	EmailNotifications map[string]any `json:"email_notification_settings"`
	InviteActivated    *bool          `json:"invite_activated"`
	InviteExpired      *bool          `json:"invite_expired"`
	InviteExpiredAt    stamp          `json:"invite_expired_at"`
	InvitedAt          stamp          `json:"invited_at"`
	InvitedBy          *int64         `json:"invited_by"`
	OnboardingState    *string        `json:"onboarding_state"`
	SocialAuthFinished *bool          `json:"social_auth_finished"`
}

// lseFieldsOf says of people who accepted an invitation by e-mail when and by
// whom they were invited. Before they do they are no people yet: what is open
// stands in the list of invitations.
func lseFieldsOf(m roster.OrganizationMembership) lseFields {
	out := lseFields{EmailNotifications: map[string]any{}}
	if i := m.Invitation; i != nil {
		activated, expired := true, false
		out.InviteActivated, out.InviteExpired, out.InvitedBy = &activated, &expired, nullable(i.InvitedBy)
		out.InvitedAt, out.InviteExpiredAt = stamp(i.CreatedAt), stamp(i.ExpiresAt)
	}
	return out
}

// userJSON is the wire's LseUser.
type userJSON struct {
	personJSON
	ActiveOrganizationMeta organizationMeta `json:"active_organization_meta"`
	LseFields              lseFields        `json:"lse_fields"`
	OrgMembership          []membershipJSON `json:"org_membership"`
	OrganizationMembership membershipJSON   `json:"organization_membership"`
	Pause                  *pauseJSON       `json:"pause"` // in a project's lists
}

// organizationMeta is how a user names their organization.
type organizationMeta struct {
	Title string `json:"title"`
	Email string `json:"email"`
}

func userOf(u roster.User, m roster.OrganizationMembership, org roster.Organization) userJSON {
	membership := membershipOf(m)
	return userJSON{
		personJSON:             personOf(u),
		ActiveOrganizationMeta: organizationMeta{org.Title, org.ContactInfo},
		LseFields:              lseFieldsOf(m),
		OrgMembership:          []membershipJSON{membership},
		OrganizationMembership: membership,
	}
}

// userSimpleJSON is the wire's UserSimple.
type userSimpleJSON struct {
	ID        int64   `json:"id"`
	FirstName string  `json:"first_name"`
	LastName  string  `json:"last_name"`
	Username  string  `json:"username"`
	Email     string  `json:"email"`
	Avatar    *string `json:"avatar"`
}

func userSimpleOf(u roster.User) userSimpleJSON {
	return userSimpleJSON{ID: u.ID, FirstName: u.FirstName, LastName: u.LastName, Username: u.Username, Email: u.Email}
}

// tagJSON is the wire's SimpleOrganizationMemberTag.
type tagJSON struct {
	ID    int64  `json:"id"`
	Label string `json:"label"`
}

func tagsOf(tags []roster.Tag) []tagJSON {
	out := make([]tagJSON, len(tags))
	for i, t := range tags {
		out[i] = tagJSON{t.ID, t.Label}
	}
	return out
}

// memberJSON is the wire's PaginatedProjectMember.
type memberJSON struct {
	userJSON
	ImplicitMember    bool               `json:"implicit_member"`
	ProjectRole       *roster.Role       `json:"project_role"`
	ProjectRoleSource *roster.RoleSource `json:"project_role_source"`
	Tags              []tagJSON          `json:"tags"`
	UserType          *roster.UserType   `json:"user_type"`
	// from the organization: what they had, while it can be undone
	Deleted bool `json:"deleted,omitempty"`
}

// memberUserOf is a member of a project as a user.
func memberUserOf(m roster.Member, org roster.Organization) userJSON {
	u := userOf(m.User, m.Membership, org)
	u.Pause = currentPause(m.Pause)
	return u
}

func memberOf(m roster.Member, org roster.Organization) memberJSON {
	return memberJSON{
		userJSON:          memberUserOf(m, org),
		ImplicitMember:    !m.Explicit,
		ProjectRole:       nullable(m.ProjectRole),
		ProjectRoleSource: nullable(m.ProjectRoleSource),
		Tags:              tagsOf(m.Tags),
		UserType:          nullable(m.Membership.UserType),
		Deleted:           m.Membership.Deleted(),
	}
}

func memberIn(org roster.Organization) func(roster.Member) memberJSON {
	return func(m roster.Member) memberJSON { return memberOf(m, org) }
}

// each maps a list.
func each[T, U any](list []T, fn func(T) U) []U {
	out := make([]U, len(list))
	for i, item := range list {
		out[i] = fn(item)
	}
	return out
}
