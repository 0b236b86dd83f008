package roster

import "time"

// Session is what somebody holds who signed in.
type Session struct {
	Token   string // what the cookie holds; known while the session begins, and never again
	UserID  int64  // whose it is
	Expires time.Time
}

// SessionPolicy is how long an organization lets sessions last.
type SessionPolicy struct {
	MaxAge    int // minutes since the person signed in
	MaxIdle   int // minutes since their last request
	CreatedAt time.Time
	UpdatedAt time.Time
}

// UsualSessionPolicy is what holds in an organization that chose nothing:
// eight days, three of them without a request.
var UsualSessionPolicy = SessionPolicy{MaxAge: 8 * 24 * 60, MaxIdle: 3 * 24 * 60}

// SessionPolicyPatch changes a policy; nil leaves a field as it is.
type SessionPolicyPatch struct{ MaxAge, MaxIdle *int }

// LiveSession is one that its person can end.
type LiveSession struct {
	ID        int64
	CreatedAt time.Time
	SeenAt    time.Time // within seconds of its last request
	Current   bool      // whoever asks acts in it
}
