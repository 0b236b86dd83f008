package roster

import "time"

// Invite asks people by e-mail to join the actor's organization.
type Invite struct {
	Emails     []string
	Role       Role     // what they get at once; "" with a View Only seat, which brings its own
	UserType   UserType // "" is standard
	Projects   []int64
	Workspaces []int64
}

// Invitation is one person's, by e-mail, or for whoever has the organization's
// link; that one has no ID, no e-mail and no end.
type Invitation struct {
	ID             int64
	OrganizationID int64
	Email          string
	Role           Role
	UserType       UserType
	Projects       []int64
	Workspaces     []int64
	InvitedBy      int64
	CreatedAt      time.Time
	ExpiresAt      time.Time
	AcceptedAt     time.Time // zero: not yet
	RevokedAt      time.Time // zero: it stands
	UserID         int64     // who accepted it
	Mail           MailState // how its mail is doing
}

// InvitationState says what can be done with an invitation.
type InvitationState string

// The states of an invitation. Only an open one can be accepted.
const (
	InvitationOpen     InvitationState = "open"
	InvitationAccepted InvitationState = "accepted"
	InvitationRevoked  InvitationState = "revoked"
	InvitationExpired  InvitationState = "expired"
)

// State is the state of an invitation at a time.
func (i Invitation) State(now time.Time) InvitationState {
	switch {
	case !i.AcceptedAt.IsZero():
		return InvitationAccepted
	case !i.RevokedAt.IsZero():
		return InvitationRevoked
	case i.ID != 0 && !now.Before(i.ExpiresAt):
		return InvitationExpired
	}
	return InvitationOpen
}

// InvitationWaiting is of a filter: open or expired, so that somebody still has to do
// something about it.
const InvitationWaiting InvitationState = "waiting"

// InvitationFilter narrows the list of invitations; zero fields match all.
type InvitationFilter struct {
	InvitedBy int64
	State     InvitationState // waiting, accepted or revoked
}

// Mail is a letter in the outbox.
type Mail struct {
	ID        int64
	Recipient string
	Subject   string
	Text      string
	Attempts  int
}

// MailState is how the sending of a mail is doing.
type MailState struct {
	Attempts int
	SentAt   time.Time // zero: not yet
	NextAt   time.Time // the next attempt; zero: none, it was sent or given up
	Error    string    // what the last attempt failed with; "" when it did not
	Printed  bool      // it was printed where the server runs, and reached nobody
}

// Joining is how somebody accepts an invitation.
type Joining struct {
	Email               string // with the organization's link only: an invitation knows its own
	FirstName, LastName string
	Password            string
}

// Letter is a mail of the outbox, without what it says.
type Letter struct {
	ID                 int64
	Recipient, Subject string
	CreatedAt          time.Time
	MailState
}
