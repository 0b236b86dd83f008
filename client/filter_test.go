package client_test

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"testing"

	"roster"
	"roster/client"
)

// TestSixFieldsNarrowARemoval: six fields were not sent, so that who asked for the paused
// of three members removed all three.
func TestSixFieldsNarrowARemoval(t *testing.T) {
	w := newWorld(t)
	able, waits := w.Person("AN"), w.Person("NO")
	w.Assign(w.project, able)
	space, other := w.Workspace("Team"), w.World.Project("Crosswalks", 0)
	members := w.Explicit(w.project)
	for name, f := range map[string]roster.MemberFilter{
		"paused_in": {PausedIn: w.project}, "paused elsewhere": {PausedIn: other},
		"in_workspace": {InWorkspace: space}, "by_organization_role": {ByRole: true},
		"ability": {Ability: roster.Waiting}, "shared_with": {SharedWith: &roster.Actor{UserID: waits}},
		"joined_before": {JoinedBefore: new(w.Clock.AddDate(0, 0, -1))},
	} {
		done, err := w.UnassignMembers(t.Context(), w.project, roster.Selector{All: true, Filter: f}, "")
		if err != nil || done.Count != 0 {
			t.Errorf("%s: %d went, %v", name, done.Count, err)
		}
		preview, err := w.PreviewUnassign(t.Context(), w.project, roster.Selector{All: true, Filter: f}, 10)
		if err != nil || preview.Count != 0 {
			t.Errorf("%s: %d would go, %v", name, preview.Count, err)
		}
	}
	if got := w.Explicit(w.project); !slices.Equal(got, members) {
		t.Errorf("members %v of %v", got, members)
	}
	never := roster.MemberFilter{NeverActive: true, SharedWith: &roster.Actor{UserID: w.Owner}}
	if done, err := w.UnassignMembers(t.Context(), w.project, roster.Selector{All: true, Filter: never}, ""); err != nil ||
		done.Count != len(members) {
		t.Errorf("never active: %d went, %v", done.Count, err)
	}
}

// TestEveryFilterIsSentOrRefused: in every list.
func TestEveryFilterIsSentOrRefused(t *testing.T) {
	w := newWorld(t)
	calls := map[roster.Lists]func(f roster.MemberFilter) error{
		roster.ListProject: func(f roster.MemberFilter) error {
			_, err := w.CountMembers(t.Context(), 1, f)
			return err
		},
		roster.ListRemoval: func(f roster.MemberFilter) error {
			_, err := w.UnassignMembers(t.Context(), 1, roster.Selector{All: true, Filter: f}, "")
			return err
		},
		roster.ListAddition: func(f roster.MemberFilter) error {
			_, err := w.PreviewAssign(t.Context(), 1, roster.Selector{All: true, Filter: f})
			return err
		},
		roster.ListPeople: func(f roster.MemberFilter) error {
			for _, err := range w.People(t.Context(), 1, f) {
				return err
			}
			return nil
		},
	}
	for list, call := range calls {
		for _, d := range roster.MemberFilterFields {
			if d.Codes != nil { // nothing by itself: TestFiltersReachTheServer
				continue
			}
			var sent *http.Request
			w.through(func(r *http.Request) (*http.Response, error) {
				sent = r
				return nil, context.Canceled
			})
			var f roster.MemberFilter
			give(reflect.ValueOf(d.Of(&f)).Elem())
			err := call(f)
			refused, _ := errors.AsType[*client.Error](err)
			switch name := d.Parameter(list); {
			case !d.Read(list) && (sent != nil || refused == nil || refused.Fields[name] == nil):
				t.Errorf("%d has no %s, but: %v %v", list, name, sent, err)
			case d.Read(list) && (sent == nil || sent.URL.Query().Get(name) == ""):
				t.Errorf("%d: %s is not sent: %v", list, name, err)
			}
		}
	}
	if _, err := w.CountMembers(t.Context(), 1, roster.MemberFilter{IDs: []int64{}}); err == nil {
		t.Error("a list of nobody is everybody")
	}
}

// give sets a field of a filter to some value.
func give(field reflect.Value) {
	switch field.Kind() {
	case reflect.String:
		field.SetString("x")
	case reflect.Bool:
		field.SetBool(true)
	case reflect.Int64:
		field.SetInt(1)
	case reflect.Slice:
		field.Set(reflect.MakeSlice(field.Type(), 1, 1))
		give(field.Index(0))
	case reflect.Pointer:
		field.Set(reflect.New(field.Type().Elem()))
	}
}
