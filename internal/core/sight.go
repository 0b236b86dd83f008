package core

import (
	"time"

	"roster"
)

// Accessible narrows a list of people to those whom the actor may see:
// Managers see the people they share a project or a workspace with, and who
// may not list people at all sees themself.
func Accessible(who roster.Actor, f roster.MemberFilter) roster.MemberFilter {
	switch Granted(who, ListPeople) {
	case Own:
		f.Sight = Within(who)
	case No:
		f.IDs = []int64{who.UserID}
	}
	return f
}

// Addressed is somebody as who may know them: whoever may not list people is told
// nobody's e-mail but their own.
func Addressed(who roster.Actor, u roster.User) roster.User {
	if u.ID == who.UserID || Granted(who, ListPeople) != No {
		return u
	}
	return u.Unaddressed()
}

// Unwatched is somebody as who may know them: whoever may not list people is told nobody's
// activity but their own (contract 5).
func Unwatched(who roster.Actor, u roster.User) roster.User {
	if u.ID != who.UserID && Granted(who, ListPeople) == No {
		u.LastActivity = time.Time{}
	}
	return u
}

// Untagged is somebody's tags as who may know them: whoever may not see tags is told none.
func Untagged(who roster.Actor, tags []roster.Tag) []roster.Tag {
	if Granted(who, ViewTags) == No {
		return nil
	}
	return tags
}
