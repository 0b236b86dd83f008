package roster

import (
	"strconv"
	"strings"
	"time"
)

// User is a person (or a service account) that can sign in.
type User struct {
	ID                 int64
	Email              string
	Username           string
	FirstName          string
	LastName           string
	Phone              string
	DateJoined         time.Time
	LastActivity       time.Time // zero: never
	ActiveOrganization int64     // 0: none, which refuses every credential
	AllowNewsletters   *bool
	CustomHotkeys      string // JSON; "" when none
}

// MostNestedKeys is how deep hotkeys are nested. Label Studio's are objects, by
// "section:action", in an object: two.
const MostNestedKeys = 5

// Name is how a person is called: their name, else their e-mail.
func (u User) Name() string {
	switch {
	case u.FirstName != "" && u.LastName != "":
		return u.FirstName + " " + u.LastName
	case u.FirstName+u.LastName != "":
		return u.FirstName + u.LastName
	}
	if u.Email == "" && u.ID != 0 {
		return "User " + strconv.FormatInt(u.ID, 10)
	}
	return u.Email
}

// Unaddressed is the person without what they can be written or called by, for who
// may know their name alone.
func (u User) Unaddressed() User {
	u.Email, u.Phone = "", ""
	if strings.Contains(u.Username, "@") {
		u.Username = ""
	}
	return u
}

// NewUser is what it takes to make a person.
type NewUser struct {
	Email, Username, FirstName, LastName, Phone string
	Password                                    string // "" makes an account nobody can sign in to with a password
	Role                                        Role
	UserType                                    UserType
}

// UserPatch changes a person; nil leaves a field as it is.
type UserPatch struct {
	Username, FirstName, LastName, Phone, Password *string
	AllowNewsletters                               *bool
	CustomHotkeys                                  *string
}
