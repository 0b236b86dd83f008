package app_test

import (
	"errors"
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestAnAnnotatorWatchesNobody: whoever may not list people is told by name who is in a
// workspace of theirs, and neither their e-mail nor when they were active.
func TestAnAnnotatorWatchesNobody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space, annotator, other, manager := w.Workspace("Vision"), w.Person("AN"), w.Person("AN"), w.Person("MA")
		_, err := w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{Included: []int64{annotator, other, manager}})
		must(t, err)
		night := roster.TagAssignment{Tags: []int64{w.Tag("night")}, Selector: roster.Selector{Included: []int64{other}}}
		_, err = w.App.AssignTags(w.As(w.Owner), w.Org, night)
		must(t, err)
		must(t, db.TouchUser(t.Context(), other, w.Clock))
		must(t, db.TouchUser(t.Context(), annotator, w.Clock))
		for viewer, watches := range map[int64]bool{annotator: false, manager: true} {
			members, _, err := w.App.WorkspaceMembers(w.As(viewer), space, roster.MemberFilter{}, roster.Everything)
			must(t, err)
			for _, m := range members {
				told := []bool{m.User.Email != "", !m.User.LastActivity.IsZero(), len(m.Tags) > 0}
				if m.User.ID == other && !slices.Equal(told, []bool{watches, watches, watches}) || m.User.Name() == "" {
					t.Errorf("%d is told %+v", viewer, m.User)
				}
				if m.User.ID == viewer && viewer == annotator && m.User.LastActivity.IsZero() {
					t.Error("not even their own")
				}
			}
		}
	})
}

// TestAnAnnotatorTellsNothingApart: whoever may not list people cannot narrow or sort those
// of their workspace by activity or e-mail, and searches names alone: what the members do
// not show, the difference of two lists would tell.
func TestAnAnnotatorTellsNothingApart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space, manager := w.Workspace("Vision"), w.Person("MA")
		zoe := w.PersonNamed(roster.NewUser{
			Email: "zoe.hidden@example.com", Username: "secret", FirstName: "Zoë", LastName: "Blum", Role: "AN",
		})
		han := w.PersonNamed(roster.NewUser{Email: "hu@example.com", FirstName: "志强", LastName: "胡", Role: "AN"})
		nameless := w.PersonNamed(roster.NewUser{Email: "zz@example.com", Role: "AN"})
		earlier := w.PersonNamed(roster.NewUser{Email: "aa@example.com", Role: "AN"})
		for _, role := range []roster.Role{"AN", "RE", "VO"} {
			viewer := w.Person(role)
			_, err := w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{
				Included: []int64{viewer, zoe, han, nameless, earlier, manager},
			})
			must(t, err)
			found := func(user int64, f roster.MemberFilter, page roster.Page) (ids []int64, err error) {
				members, total, err := w.App.WorkspaceMembers(w.As(user), space, f, page)
				for _, m := range members {
					ids = append(ids, m.User.ID)
				}
				if n, counted := w.App.CountInWorkspace(w.As(user), space, roster.Selector{All: true, Filter: f}); err == nil &&
					(counted != nil || n != total) {
					t.Errorf("%s counts %d of %d: %v", role, n, total, counted)
				}
				return ids, err
			}
			refused := func(field string, f roster.MemberFilter, order string) {
				t.Helper()
				_, err := found(viewer, f, roster.Page{Number: 1, Size: 99, Order: order})
				if !names(err, field) {
					t.Errorf("%s by %s%s: %v", role, field, order, err)
				}
				if order != "" {
					return
				}
				if _, err = w.App.CountInWorkspace(w.As(viewer), space, roster.Selector{All: true, Filter: f}); !names(err, field) {
					t.Errorf("%s counts by %s: %v", role, field, err)
				}
			}
			refused("last_activity__gte", roster.MemberFilter{ActiveFrom: &w.Clock}, "")
			refused("last_activity__lte", roster.MemberFilter{ActiveTo: &w.Clock}, "")
			refused("never_active", roster.MemberFilter{NeverActive: true}, "")
			refused("tags", roster.MemberFilter{Tags: []int64{1}}, "")
			for _, order := range []string{"last_activity", "-last_activity", "email", "-email", "username"} {
				refused("ordering", roster.MemberFilter{}, order)
				_, err := found(manager, roster.MemberFilter{}, roster.Page{Number: 1, Size: 99, Order: order})
				must(t, err)
			}
			for search, want := range map[string][]int64{
				"zoe": {zoe}, "blum zoe": {zoe}, "胡志强": {han}, "hidden": nil, "zoe.hidden": nil, "example.com": nil,
				"@": nil, "secret": nil, "zz": nil, "hu": nil,
			} {
				f := roster.MemberFilter{Search: search}
				if got, err := found(viewer, f, roster.Everything); err != nil || !slices.Equal(got, want) {
					t.Errorf("%s searches %s and finds %v, want %v: %v", role, search, got, want, err)
				}
				if got, err := found(manager, f, roster.Everything); err != nil || search != "@" && len(got) == 0 {
					t.Errorf("a manager searches %s and finds %v: %v", search, got, err)
				}
			}
			for _, order := range []string{"name", "-name"} {
				got, err := found(viewer, roster.MemberFilter{}, roster.Page{Number: 1, Size: 99, Order: order})
				if err != nil || slices.Index(got, nameless) > slices.Index(got, earlier) {
					t.Errorf("%s is told by %s whose e-mail is first: %v %v", role, order, got, err)
				}
			}
		}
	})
}

// TestAReviewerAddsByNameAlone: who manages members and may list nobody chooses whom to add
// by nothing that the candidates do not show.
func TestAReviewerAddsByNameAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		_, err := w.App.SetPermissionOverride(w.As(w.Owner), w.Org, "projects.members", []roster.Role{roster.RoleReviewer})
		must(t, err)
		project, shared, reviewer, other := w.Project("Street signs", 0), w.Project("Shared", 0), w.Person("RE"),
			w.Person("AN")
		w.Assign(project, reviewer)
		w.Assign(shared, reviewer, other)
		as := w.As(reviewer)
		_, _, err = w.App.Candidates(as, project, roster.MemberFilter{NeverActive: true}, roster.Everything)
		if !names(err, "never_active") {
			t.Errorf("candidates: %v", err)
		}
		_, _, err = w.App.Candidates(as, project, roster.MemberFilter{}, roster.Page{Number: 1, Size: 9, Order: "email"})
		if !names(err, "ordering") {
			t.Errorf("candidates: %v", err)
		}
		everybody := func(f roster.MemberFilter) roster.Selector { return roster.Selector{All: true, Filter: f} }
		if _, err = w.App.PreviewAssign(as, project, everybody(roster.MemberFilter{ActiveTo: &w.Clock}),
			nil); !names(err, "last_activity__lte") {
			t.Errorf("preview: %v", err)
		}
		for search, want := range map[string]int{"example.com": 0, "First2": 1} {
			_, n, err := w.App.Candidates(as, project, roster.MemberFilter{Search: search}, roster.Everything)
			must(t, err)
			done, err := w.App.PreviewAssign(as, project, everybody(roster.MemberFilter{Search: search}), nil)
			must(t, err)
			if n != want || done.Count != want {
				t.Errorf("%s: offers %d and adds %d, want %d", search, n, done.Count, want)
			}
		}
	})
}

// names reports whether an error is about a field.
func names(err error, field string) bool {
	var refused *roster.Error
	return errors.As(err, &refused) && refused.Kind == roster.Invalid && len(refused.Fields[field]) > 0
}

// TestNamesAreFoundWhateverIsInThem: whoever searches names alone finds those with an @, too,
// and nobody by their e-mail, whatever an upstream lets that and the username be.
func TestNamesAreFoundWhateverIsInThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space, viewer, ids := w.Workspace("Vision"), w.Person("AN"), []int64{901, 902, 903, 904}
		must(t, db.MirrorPeople(t.Context(), []roster.User{
			{ID: 901, Email: "secret", Username: "who@example.com", FirstName: "Kim"},
			{ID: 902, Email: "hidden@example.com", FirstName: "Noor @ Vision", LastName: "Ng"},
			{ID: 903, Email: "covert@example.com", FirstName: "Uma\nX", LastName: "\n\nBlum"},
			{ID: 904, Email: "nobody@example.com"},
		}, w.Clock))
		must(t, db.MirrorMemberships(t.Context(), w.Org, ids, "AN", w.Clock))
		_, err := w.App.AssignToWorkspace(w.As(w.Owner), space, roster.Selector{Included: append(ids, viewer)})
		must(t, err)
		for search, want := range map[string]int{
			"kim": 1, "ng": 1, "vision": 1, "uma": 1, "secret": 0, "who": 0, "hidden": 0, "covert": 0, "nobody": 0,
			"example": 0, "com": 0,
		} {
			_, n, err := w.App.WorkspaceMembers(w.As(viewer), space, roster.MemberFilter{Search: search}, roster.Everything)
			if n != want || err != nil {
				t.Errorf("%s finds %d, want %d: %v", search, n, want, err)
			}
		}
	})
}
