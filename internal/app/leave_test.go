package app_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// leavings are the faces by which people leave the organization.
var leavings = map[string]func(p provider, user int64) (int64, error){
	"one": func(p provider, user int64) (int64, error) {
		return p.App.RemoveFromOrganization(p.As(p.Owner), p.Org, user)
	},
	"many": func(p provider, user int64) (int64, error) {
		done, err := p.App.RemovePeople(p.As(p.Owner), roster.Selector{Included: []int64{user}}, "")
		return done.Operation, err
	},
	"by a provider": func(p provider, user int64) (int64, error) {
		err := p.App.DeleteSCIMUser(p.ctx, user, nil)
		op, _ := p.DB.Removal(p.T.Context(), p.Org, user)
		return op.ID, err
	},
}

// settled is somebody who has everything that one can have in two projects.
func settled(w *apptest.World, role roster.Role) (user int64, place settledIn) {
	user = w.PersonNamed(roster.NewUser{Email: "ana@example.com", FirstName: "Ana", Role: role})
	place.space = w.Workspace("Vision")
	place.own, place.inherited = w.Project("Own", 0), w.Project("Inherited", place.space)
	w.Assign(place.own, user)
	joined(w, place.space, user)
	for _, p := range []int64{place.own, place.inherited} {
		_, _, err := w.App.SetProjectRole(w.As(w.Owner), p, user, roster.RoleReviewer)
		must(w.T, err)
		task := madeTasks(w, p, 1)[0]
		give(w, p, user, task)
		place.tasks = append(place.tasks, task)
	}
	return user, place
}

type settledIn struct {
	space, own, inherited int64
	tasks                 []int64
}

// want looks whether somebody has all of it, or nothing.
func (s settledIn) want(t *testing.T, w *apptest.World, user int64, all bool) {
	t.Helper()
	var in []int64
	roles := map[int64]roster.Role{}
	if all {
		in, roles = []int64{user}, map[int64]roster.Role{user: roster.RoleReviewer}
	}
	if got := w.Explicit(s.own); !slices.Equal(got, in) {
		t.Errorf("members: %v, want %v", got, in)
	}
	if got := inWorkspace(w, s.space); !slices.Equal(got, in) {
		t.Errorf("in the workspace: %v, want %v", got, in)
	}
	wantRoles(t, w, s.own, roles)
	wantRoles(t, w, s.inherited, roles)
	for _, task := range s.tasks {
		wantOpen(t, w, task, in...)
	}
}

// TestLeavingEndsEverything: whoever is deleted from the organization, by any face, has
// nothing when they come again, and undo brings all of it back.
func TestLeavingEndsEverything(t *testing.T) {
	for name, leave := range leavings {
		t.Run(name, func(t *testing.T) {
			onProvider(t, func(t *testing.T, p provider) {
				p.T = t
				user, place := settled(p.World, "AN")
				op, err := leave(p, user)
				must(t, err)
				place.want(t, p.World, user, false)
				undo := undone(t, p.World, op, 1)
				wantResults(t, p.World, undo, map[int64]roster.Result{user: roster.Restored})
				place.want(t, p.World, user, true)
			})
		})
	}
}

// comings are the faces by which somebody who was deleted comes again.
var comings = map[string]func(p provider, email string) error{
	"invited": func(p provider, email string) error {
		_, err := join(p.World, invited(p.World, p.Owner, roster.Invite{Emails: []string{email}, Role: "AN"}))
		return err
	},
	"provisioned": func(p provider, email string) error {
		_, err := p.App.CreateSCIMUser(p.ctx, roster.SCIMUserChange{Email: &email})
		return err
	},
}

// comer is somebody settled who leaves the organization and comes again.
type comer struct {
	provider
	user  int64
	place settledIn
	face  func(p provider, email string) error
}

// eachComing runs a test with somebody of a role for each face by which they may come again.
func eachComing(t *testing.T, role roster.Role, fn func(t *testing.T, p comer)) {
	t.Helper()
	for name, come := range comings {
		t.Run(name, func(t *testing.T) {
			onProvider(t, func(t *testing.T, p provider) {
				p.T = t
				user, place := settled(p.World, role)
				fn(t, comer{p, user, place, come})
			})
		})
	}
}

// leave deletes them, by the operation that it returns.
func (p comer) leave() int64 {
	p.T.Helper()
	left, err := p.App.RemoveFromOrganization(p.As(p.Owner), p.Org, p.user)
	p.must(err)
	return left
}

// come brings them back, as what they then are.
func (p comer) come() roster.OrganizationMembership {
	p.T.Helper()
	p.must(p.face(p.provider, "ana@example.com"))
	m, err := p.DB.Membership(p.T.Context(), p.Org, p.user)
	p.must(err)
	return m
}

// tagged puts a new tag on them.
func (p comer) tagged(label string) {
	p.T.Helper()
	tag := p.Tag(label)
	tagging(p.World, roster.TagAssignment{Selector: roster.Selector{Included: []int64{p.user}}, Tags: []int64{tag}})
}

// TestComingAgainBeginsAnew: by an invitation and by a provider, with the groups that the
// provider put them in before.
func TestComingAgainBeginsAnew(t *testing.T) {
	eachComing(t, "AN", func(t *testing.T, p comer) {
		p.mapped(roster.SCIMMapping{Kind: roster.SCIMProject, Target: p.place.own, Group: "people"})
		p.group("people", p.user)
		p.tagged("night")
		left := p.leave()
		m := p.come()
		if m.Deleted() {
			t.Fatalf("%+v", m)
		}
		if m.Role != "AN" {
			must(t, became(p.World, p.user, "AN"))
		}
		p.place.want(t, p.World, p.user, false)
		if got := taggedAs(p.World, "night"); len(got) > 0 {
			t.Errorf("who comes again has tags of before: %v", got)
		}
		record, _, err := p.App.Operations(p.As(p.Owner), roster.OperationFilter{PersonID: p.user}, roster.Everything)
		must(t, err)
		came := slices.IndexFunc(record, func(o roster.Operation) bool {
			return o.Kind == roster.OpJoin || o.Kind == roster.OpSCIMSync && o.ID > left
		})
		if came < 0 || tagResults(p.World, record[came].ID)[fmt.Sprint(p.user, " night")] != roster.Untagged {
			t.Errorf("no record of it in %+v", record)
		}
	})
}

// TestComingAgainEndsPauses: those of before stand no more, and its record names them; the
// undo of the deletion is the way back to how it was, pauses included.
func TestComingAgainEndsPauses(t *testing.T) {
	eachComing(t, "AN", func(t *testing.T, p comer) {
		paused(p.World, p.place.own, p.user)
		undone(t, p.World, p.leave(), 1)
		if got := pausesNow(p.World, p.user); len(got) != 1 {
			t.Errorf("brought back as they were: paused in %v", got)
		}
		left := p.leave()
		p.come()
		if got := pausesNow(p.World, p.user); len(got) != 0 {
			t.Errorf("who comes again is paused in %v", got)
		}
		ended, err := p.DB.Pauses(t.Context(), p.place.own, p.user, true, "")
		if err != nil || len(ended) != 1 || ended[0].DeletedBy == 0 || !ended[0].DeletedAt.Equal(p.Clock) {
			t.Errorf("the pause says %+v %v", ended, err)
		}
		if got := cameBy(p.World, p.user, left); !slices.Contains(got, roster.Outcome{
			UserID: p.user, ProjectID: p.place.own, Project: "Own", Result: roster.PauseLifted,
		}) {
			t.Errorf("no record of it in %+v", got)
		}
	})
}

// pausesNow is the projects in which a pause stands against somebody.
func pausesNow(w *apptest.World, user int64) map[int64]bool {
	w.T.Helper()
	in, err := w.DB.PausedProjects(w.T.Context(), user)
	must(w.T, err)
	return in
}

// cameBy is what the operation by which somebody came again after another did, without names.
func cameBy(w *apptest.World, user, after int64) (out []roster.Outcome) {
	w.T.Helper()
	record, _, err := w.App.Operations(w.As(w.Owner), roster.OperationFilter{PersonID: user}, roster.Everything)
	must(w.T, err)
	for _, op := range record {
		if op.ID > after && (op.Kind == roster.OpJoin || op.Kind == roster.OpSCIMSync) {
			outcomes, err := w.App.Outcomes(w.As(w.Owner), op.ID, roster.Everything)
			must(w.T, err)
			out = append(out, outcomes...)
		}
	}
	for i := range out {
		out[i].Email, out[i].Name = "", ""
	}
	return out
}

// TestComingAgainTakesNoSeatOfBefore: a provider names none, so that it is a standard one.
func TestComingAgainTakesNoSeatOfBefore(t *testing.T) {
	onProvider(t, func(t *testing.T, p provider) {
		user := p.PersonNamed(roster.NewUser{Email: "ana@example.com", Role: "VO", UserType: roster.SeatViewOnly})
		_, err := p.App.RemoveFromOrganization(p.As(p.Owner), p.Org, user)
		must(t, err)
		must(t, comings["provisioned"](p, "ana@example.com"))
		m, err := p.DB.Membership(t.Context(), p.Org, user)
		if err != nil || m.UserType != roster.SeatStandard {
			t.Errorf("%s on %s: %v", m.Role, m.UserType, err)
		}
	})
}

// TestUndoOfLeavingKeepsDormant brings somebody back as they were: deactivated, with what
// waits for them.
func TestUndoOfLeavingKeepsDormant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		user, place := settled(w, "AN")
		must(t, became(w, user, "DI"))
		op, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, user)
		must(t, err)
		undone(t, w, op, 1)
		wantMembership(t, w, user, "DI", roster.SeatStandard, false)
		must(t, became(w, user, "AN"))
		place.want(t, w, user, true)
	})
}

// became gives somebody a role.
func became(w *apptest.World, user int64, role roster.Role) error {
	_, _, err := w.App.ChangeMembership(w.As(w.Owner), w.Org, user, roster.MembershipChange{Role: role})
	return err
}

// TestRemovalNamesTheDeleted passes over them as over anybody who is no member.
func TestRemovalNamesTheDeleted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		user, place := settled(w, "AN")
		admin := w.Person("AD")
		for _, id := range []int64{user, admin} {
			_, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, id)
			must(t, err)
		}
		both := roster.Selector{Included: []int64{user, admin}}
		taken, err := w.App.UnassignMembers(w.As(w.Owner), place.inherited, both, "")
		must(t, err)
		left, err := w.App.RemoveFromWorkspace(w.As(w.Owner), place.space, both)
		must(t, err)
		for _, done := range []roster.Unassigned{taken, left} {
			if done.Count != 0 {
				t.Errorf("%d were taken", done.Count)
			}
			wantResults(t, w, done.Operation, map[int64]roster.Result{user: roster.NotAMember, admin: roster.NotAMember})
		}
	})
}

// TestTheDeletedAreListedWhileUndoIsPossible: with what they had, by the filters and the
// paths of a list, and no longer than they can come back with it.
func TestTheDeletedAreListedWhileUndoIsPossible(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		user, place := settled(w, "AN")
		_, err := w.App.RemoveFromOrganization(as, w.Org, user)
		must(t, err)
		listed := func(project int64, f roster.MemberFilter) []roster.Member {
			t.Helper()
			f.WithInactive, f.IDs = true, []int64{user}
			members, n, err := w.App.Members(as, project, f, roster.Everything)
			if err != nil || n != len(members) {
				t.Errorf("%d of %d: %v", len(members), n, err)
			}
			return members
		}
		for project, explicit := range map[int64]bool{place.own: true, place.inherited: false} {
			for access, there := range map[roster.Access]bool{
				roster.AnyAccess: true, roster.ExplicitAccess: explicit, roster.ImplicitAccess: !explicit,
			} {
				got := listed(project, roster.MemberFilter{Access: access, Roles: []roster.Role{"RE"}})
				if (len(got) == 1) != there {
					t.Errorf("by %q access: %v", access, got)
				} else if there &&
					(!got[0].Membership.Deleted() || got[0].Explicit != explicit ||
						got[0].InWorkspace == explicit || got[0].ProjectRole != "RE") {
					t.Errorf("by %q access: %+v", access, got[0])
				}
			}
			if got := listed(project, roster.MemberFilter{Roles: []roster.Role{"AN"}}); len(got) != 0 {
				t.Errorf("by a role they had not: %v", got)
			}
		}
		w.Clock = w.Clock.Add(core.DefaultConfig().UndoWindow + time.Second)
		if got := listed(place.own, roster.MemberFilter{}); len(got) != 0 {
			t.Errorf("when it is too late: %v", got)
		}
	})
}

// TestTheDeletedMatchAsTheyWere: by the workspaces they were in until then, and not by those
// that they had left before. Whom somebody sees is asked of those who are there only.
func TestTheDeletedMatchAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		as := w.As(w.Owner)
		user, place := settled(w, "AN")
		former := w.Workspace("Former")
		joined(w, former, user)
		left(w, former, user)
		_, err := w.App.RemoveFromOrganization(as, w.Org, user)
		must(t, err)
		for _, project := range []int64{place.own, place.inherited} {
			for space, want := range map[int64]int{place.space: 1, former: 0} {
				f := roster.MemberFilter{WithInactive: true, InWorkspace: space}
				members, n, err := w.App.Members(as, project, f, roster.Everything)
				if err != nil || n != want || len(members) != want {
					t.Errorf("project %d, workspace %d: %d of %d, want %d: %v", project, space, len(members), n, want, err)
				}
			}
		}
		f := roster.MemberFilter{WithInactive: true, SharedWith: &roster.Actor{UserID: w.Owner}}
		_, _, err = w.App.Members(as, place.own, f, roster.Everything)
		if refused := new(roster.Error); !errors.As(err, &refused) || len(refused.Fields["shared_with"]) == 0 {
			t.Errorf("whom somebody sees: %v", err)
		}
	})
}

// TestNothingBeginsWhileSomebodyLeaves: an addition beside a deletion leaves nobody who was
// deleted with a membership.
func TestNothingBeginsWhileSomebodyLeaves(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		space := w.Workspace("Vision")
		p := w.Project("Street signs", space)
		for range 8 {
			user := w.Person("AN")
			one := roster.Selector{Included: []int64{user}}
			var all sync.WaitGroup
			for _, do := range []func() error{
				func() error { _, err := w.App.AssignMembers(w.As(w.Owner), p, one, nil); return err },
				func() error { _, err := w.App.AssignToWorkspace(w.As(w.Owner), space, one); return err },
				func() error { _, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, user); return err },
			} {
				all.Go(func() {
					if err := do(); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		if got := w.Explicit(p); len(got) != 0 {
			t.Errorf("members: %v", got)
		}
		if got := inWorkspace(w, space); len(got) != 0 {
			t.Errorf("in the workspace: %v", got)
		}
	})
}
