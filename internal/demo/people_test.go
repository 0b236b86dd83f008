package demo

import (
	"maps"
	"strings"
	"testing"
	"time"
	"unicode"

	"roster"
	"roster/internal/core"
)

func TestNames(t *testing.T) {
	for _, l := range lexicons() {
		if given := len(l.given[0]) + len(l.given[1]); given < 40 || len(l.family) < 40 {
			t.Errorf("%s: %d given and %d family names", l.code, given, len(l.family))
		}
		for _, list := range [][]word{l.given[0], l.given[1], l.family} {
			seen := map[string]bool{}
			for _, w := range list {
				for i, text := range w.text {
					if text == "" || strings.ContainsFunc(text, unicode.IsDigit) || strings.ContainsAny(text, "=/?") {
						t.Errorf("%s: name %q", l.code, text)
					}
					if latin := w.latin[i]; len(latin) < 1 || strings.Trim(latin, "abcdefghijklmnopqrstuvwxyz-.") != "" ||
						strings.Trim(latin, "-.") != latin {
						t.Errorf("%s: %q in Latin letters is %q", l.code, text, latin)
					}
				}
				if seen[w.text[0]] {
					t.Errorf("%s: %s is listed twice", l.code, w.text[0])
				}
				seen[w.text[0]] = true
			}
		}
	}
}

func TestPeople(t *testing.T) {
	o, err := Options{Seed: 1, Now: now}.complete()
	if err != nil {
		t.Fatal(err)
	}
	all := people(o)
	emails, phrases := map[string]bool{}, map[string]int{}
	for _, p := range all {
		u := p.User
		if clean, err := core.CleanEmail(u.Email); err != nil || clean != u.Email || emails[u.Email] {
			t.Errorf("e-mail %q: %v", u.Email, err)
		}
		emails[u.Email] = true
		if !u.LastActivity.IsZero() && (u.LastActivity.Before(u.DateJoined) || u.LastActivity.After(now)) {
			t.Errorf("%s joined %v, was last active %v", u.Email, u.DateJoined, u.LastActivity)
		}
		if gone := p.Membership.DeletedAt; !gone.IsZero() && (gone.Before(u.DateJoined) || gone.After(now)) {
			t.Errorf("%s joined %v, was deleted %v", u.Email, u.DateJoined, gone)
		}
		for _, sign := range []string{"-", "'", " "} {
			phrases[sign] += strings.Count(u.LastName, sign)
		}
		if u.LastName == "" {
			phrases["single"]++
		}
	}
	for sign, n := range phrases {
		if n < 10 {
			t.Errorf("names with %q: %d", sign, n)
		}
	}
}

func TestDistribution(t *testing.T) {
	o, err := Options{Seed: 1, Now: now}.complete()
	if err != nil {
		t.Fatal(err)
	}
	all := people(o)
	count := func(fits func(p person) bool) (n int) {
		for _, p := range all {
			if fits(p) {
				n++
			}
		}
		return n
	}
	role := func(r roster.Role) func(p person) bool { return func(p person) bool { return p.Membership.Role == r } }
	seat := func(s roster.UserType) func(p person) bool {
		return func(p person) bool { return p.Membership.UserType == s }
	}
	idle := func(from, to time.Duration) func(p person) bool {
		return func(p person) bool {
			age := now.Sub(p.User.LastActivity)
			return !p.User.LastActivity.IsZero() && age >= from && age < to
		}
	}
	const day = 24 * time.Hour
	for _, c := range []struct {
		what      string
		low, high int
		fits      func(p person) bool
	}{
		{"owner", 1, 1, role(roster.RoleOwner)},
		{"administrators", 4, 4, role(roster.RoleAdministrator)},
		{"managers", 25, 60, role(roster.RoleManager)},
		{"reviewers", 190, 290, role(roster.RoleReviewer)},
		{"annotators", 1450, 1700, role(roster.RoleAnnotator)},
		{"view-only role", 8, 35, role(roster.RoleViewOnly)},
		{"not activated", 35, 90, role(roster.RoleNotActivated)},
		{"deactivated", 35, 90, role(roster.RoleDeactivated)},
		{"deleted", 20, 60, func(p person) bool { return !p.Membership.DeletedAt.IsZero() }},
		{"services", 2, 2, seat(roster.SeatService)},
		{"flex seats", 180, 330, seat(roster.SeatFlex)},
		{"view-only seats", 8, 35, seat(roster.SeatViewOnly)},
		{"active this week", 600, 850, idle(0, 7*day)},
		{"idle for two months", 560, 760, idle(60*day, 1000*day)},
		{"never active", 80, 220, func(p person) bool { return p.User.LastActivity.IsZero() }},
	} {
		if n := count(c.fits); n < c.low || n > c.high {
			t.Errorf("%s: %d of %d people, want %d to %d", c.what, n, len(all), c.low, c.high)
		}
	}
	for _, l := range locales {
		if n := count(func(p person) bool { return p.locale == l.code }); n < 20 {
			t.Errorf("names of locale %s: %d", l.code, n)
		}
	}
}

func TestProjects(t *testing.T) {
	o, err := Options{Seed: 1, Now: now}.complete()
	if err != nil {
		t.Fatal(err)
	}
	p := newPlan(o)
	if n := len(p.projects[0].members); n != 900 {
		t.Errorf("the largest project has %d members", n)
	}
	kinds := map[string]int{}
	overrides, memberships := 0, 0
	for i, one := range p.projects {
		if n := len(one.members); i > 0 && (n < 40 || n > 600) {
			t.Errorf("%s has %d members", one.title, n)
		}
		if n := len([]rune(one.title)); n < 3 || n > 50 { // what the wire takes
			t.Errorf("%q has %d characters", one.title, n)
		}
		for kind, is := range map[string]bool{"draft": one.draft, "archived": one.archived, "assigned": one.assignedOnly,
			"homeless": one.group == nowhere} {
			if is {
				kinds[kind]++
			}
		}
		for _, m := range one.members {
			memberships++
			if m.role != "" {
				overrides++
			}
		}
	}
	if want := map[string]int{"draft": 1, "archived": 1, "assigned": 3, "homeless": 1}; !maps.Equal(kinds, want) {
		t.Errorf("projects: %v, want %v", kinds, want)
	}
	if share := overrides * 100 / memberships; share < 10 || share > 18 {
		t.Errorf("%d %% of the members have a role of the project's", share)
	}
}
