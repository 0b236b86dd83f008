package app_test

import (
	"slices"
	"strings"
	"time"

	"roster"
	"roster/internal/store"
)

// person is the reference model: what the test knows about somebody, kept
// outside the store.
type person struct {
	id                  int64
	first, last, email  string
	org, override       roster.Role
	seat                roster.UserType
	tags                []int64
	active              time.Time
	deleted             bool
	explicit, workspace bool
	joined              time.Time // the beginning of the tenure, of the explicit
	paused              bool
}

func (p person) effective() roster.Role {
	if p.override != "" && (p.org == "AN" || p.org == "RE") {
		return p.override
	}
	return p.org
}

// shown is the override, where it counts.
func (p person) shown() roster.Role {
	if p.org == "AN" || p.org == "RE" {
		return p.override
	}
	return ""
}

// member is whether they have access; of the deleted, whether they had a row of it.
func (p person) member() bool {
	return p.explicit || p.workspace || !p.deleted && (p.org == "OW" || p.org == "AD")
}

// matches is the reference matcher: the meaning of a filter, in plain Go.
func matches(p person, f roster.MemberFilter) bool {
	text := plain.Replace(strings.ToLower(p.first + "\n" + p.last + "\n" + p.email))
	if p.first == "李" || p.first == "志强" {
		text += "\n" + p.last + p.first
	}
	hidden := p.deleted || (p.org == "DI" && !slices.Contains(f.Roles, "DI") && f.Ability == roster.AnyAbility)
	switch {
	case !p.member(), hidden && !f.WithInactive:
		return false
	case f.Access == roster.ExplicitAccess && !p.explicit, f.Access == roster.ImplicitAccess && p.explicit:
		return false
	case len(f.IDs) > 0 && !slices.Contains(f.IDs, p.id):
		return false
	case len(f.Roles) > 0 && !slices.Contains(f.Roles, p.effective()), f.NoAnnotators && p.effective() == "AN",
		f.NoViewOnly && p.seat == "viewonly":
		return false
	case len(f.UserTypes) > 0 && !slices.Contains(f.UserTypes, p.seat):
		return false
	case !inside(p.active, f.ActiveFrom, f.ActiveTo), !inside(p.joined, f.JoinedAfter, f.JoinedBefore):
		return false
	case f.NeverActive && !p.active.IsZero(), f.InWorkspace != 0 && !p.workspace, f.ByRole && p.org != "OW" &&
		p.org != "AD":
		return false
	case f.PausedIn != 0 && !p.paused:
		return false
	case f.Ability == roster.Able && !p.org.Works(), f.Ability == roster.Deactivated && p.org != "DI",
		f.Ability == roster.Waiting && p.org != "NO":
		return false
	}
	for _, term := range store.Terms(f.Search) {
		if !strings.Contains(text, term) {
			return false
		}
	}
	has := func(tag int64) bool { return slices.Contains(p.tags, tag) }
	lacks := func(tag int64) bool { return !has(tag) }
	if len(f.Tags) == 0 {
		return true
	}
	if f.EveryTag {
		return !slices.ContainsFunc(f.Tags, lacks)
	}
	return slices.ContainsFunc(f.Tags, has)
}

// dormant is whose memberships a removal with s ends besides, by the reference.
func dormant(people []person, s roster.Selector) []int64 {
	ids := []int64{}
	f := s.Filter
	f.Access, f.WithInactive = roster.ExplicitAccess, true
	for _, p := range people {
		if s.All && len(f.Roles) == 0 && f.Ability == roster.AnyAbility && p.org == "DI" && !p.deleted &&
			matches(p, f) && !slices.Contains(s.Excluded, p.id) {
			ids = append(ids, p.id)
		}
	}
	return ids
}

// inside reports whether a moment is in a window; what never was is in none.
func inside(at time.Time, from, to *time.Time) bool {
	if from == nil && to == nil {
		return true
	}
	return !at.IsZero() && (from == nil || !at.Before(*from)) && (to == nil || !at.After(*to))
}

// plain is the reference of what a search compares, for the letters of these people.
var plain = strings.NewReplacer("ë", "e", "é", "e", "í", "i", "ü", "u", "đ", "d", "ặ", "a", "ễ", "e",
	"ß", "ss", "'", "", "’", "", "й", "и", "ё", "е")

// selected is who an unassign with s ends, by the reference.
func selected(people []person, s roster.Selector) []int64 {
	ids := []int64{}
	for _, p := range people {
		var in bool
		if s.All {
			f := s.Filter
			f.Access, f.WithInactive = roster.ExplicitAccess, false
			in = matches(p, f)
		} else {
			in = p.explicit && !p.deleted && slices.Contains(s.Included, p.id)
		}
		if in && !slices.Contains(s.Excluded, p.id) {
			ids = append(ids, p.id)
		}
	}
	return ids
}
