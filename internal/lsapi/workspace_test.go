package lsapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"roster"
)

// number is an id out of decoded JSON.
func number(v any) int64 {
	n, _ := v.(float64)
	return int64(n)
}

// idsIn is the ids in a decoded list.
func idsIn(list any) []int64 {
	ids := []int64{}
	for i := 0; at(list, i) != nil; i++ {
		ids = append(ids, number(at(list, i, "id")))
	}
	return ids
}

// membersOf is who is in a workspace, by id.
func (w *wire) membersOf(path string) []int64 {
	w.T.Helper()
	list, _ := w.must(http.StatusOK, "GET", path+"/memberships/", w.Owner, nil).([]any)
	ids := []int64{}
	for i := range list {
		ids = append(ids, number(at(list, i, "user", "id")))
	}
	return ids
}

func TestWorkspaces(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		manager, annotator := w.Person(roster.RoleManager), w.Person(roster.RoleAnnotator)
		made := w.must(http.StatusCreated, "POST", "/api/workspaces/", manager,
			map[string]any{"title": " Vision ", "color": "#FF0000", "description": nil})
		id := number(at(made, "id"))
		path := fmt.Sprintf("/api/workspaces/%d", id)
		if at(made, "title") != "Vision" || at(made, "color") != "#FF0000" || at(made, "description") != nil ||
			at(made, "projects_count") != 0.0 ||
			number(at(made, "created_by")) != manager || number(at(made, "membership", "user")) != manager ||
			at(made, "is_personal") != false {
			t.Fatalf("made %v", made)
		}
		if got := w.membersOf(path); !slices.Equal(got, []int64{manager}) {
			t.Errorf("members of a new workspace: %v", got)
		}
		changed := w.must(http.StatusOK, "PATCH", path+"/", manager,
			map[string]any{"description": "Eyes", "color": nil, "is_archived": true})
		if at(changed, "title") != "Vision" || at(changed, "description") != "Eyes" || at(changed, "color") != nil ||
			at(changed, "is_archived") != true {
			t.Errorf("changed %v", changed)
		}
		w.refused("title", "POST", "/api/workspaces", manager, map[string]any{"color": "red"})
		w.refused("title", "POST", "/api/workspaces", manager, map[string]any{"title": " "})
		w.refused("color", "PATCH", path, manager, map[string]any{"color": "a colour that is too long"})
		w.refused("is_archived", "PATCH", path, manager, map[string]any{"is_archived": "maybe"})
		w.refused("is_personal", "PATCH", path, manager, map[string]any{"is_personal": true})
		w.must(http.StatusForbidden, "POST", "/api/workspaces/", annotator, map[string]any{"title": "Mine"})
		w.must(http.StatusNotFound, "GET", path+"/", annotator, nil)
		w.must(http.StatusNotFound, "GET", "/api/workspaces/0/", w.Owner, nil)

		project := w.Project("Street signs", id)
		w.refused("non_field_errors", "DELETE", path+"/", manager, nil)
		w.must(http.StatusNoContent, "DELETE", fmt.Sprintf("/api/projects/%d/", project), manager, nil)
		w.must(http.StatusNoContent, "DELETE", path+"/", manager, nil)
		w.must(http.StatusNotFound, "GET", path+"/", manager, nil)
	})
}

func TestWorkspaceList(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		manager, reader, admin := w.Person(roster.RoleManager), w.Person(roster.RoleReviewer),
			w.Person(roster.RoleAdministrator)
		shared := w.Workspace("Vision")
		box := number(at(w.must(http.StatusCreated, "POST", "/api/workspaces/", manager,
			map[string]any{"title": "Mine", "is_personal": true}), "id"))
		w.must(http.StatusOK, "POST", fmt.Sprintf("/api/workspaces/%d/memberships/", shared), w.Owner,
			map[string]any{"user": reader})
		for _, c := range []struct {
			who   int64
			query string
			want  []int64
		}{
			{w.Owner, "", []int64{shared}}, {admin, "", []int64{shared}}, {manager, "", []int64{box}},
			{reader, "", []int64{shared}},
			{w.Owner, "?include_all_workspaces=true", []int64{shared, box}},
			{reader, "?include_all_workspaces=true", []int64{shared}},
			{admin, "?include_all_workspaces=true&is_personal=true", []int64{box}}, {admin, "?is_archived=True", []int64{}},
			{admin, "?include_all_workspaces=1&ordering=-id", []int64{box, shared}},
		} {
			got := idsIn(w.must(http.StatusOK, "GET", "/api/workspaces/"+c.query, c.who, nil))
			if !slices.Equal(got, c.want) {
				t.Errorf("person %d%s: %v, want %v", c.who, c.query, got, c.want)
			}
		}
		all := w.must(http.StatusOK, "GET", "/api/workspaces/?include_all_workspaces=true", w.Owner, nil)
		if number(at(all, 1, "created_by_user", "id")) != manager || at(all, 0, "created_by_user") != nil ||
			at(all, 1, "membership") != nil {
			t.Errorf("whose they are: %v", all)
		}
		w.must(http.StatusNotFound, "GET", fmt.Sprintf("/api/workspaces/%d/", box), w.Owner, nil)
		w.refused("is_personal", "GET", "/api/workspaces/?is_personal=perhaps", w.Owner, nil)
	})
}

func TestWorkspaceMemberships(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		a, b, off := w.Person(roster.RoleAnnotator), w.Person(roster.RoleReviewer), w.Person(roster.RoleDeactivated)
		path := fmt.Sprintf("/api/workspaces/%d", w.Workspace("Vision"))
		for range 2 { // being a member already is fine
			added := w.must(http.StatusOK, "POST", path+"/memberships/", w.Owner, map[string]any{"user": a})
			if number(at(added, "user")) != a ||
				number(at(added, "workspace")) != number(at(w.must(http.StatusOK, "GET", path, w.Owner, nil), "id")) {
				t.Errorf("added %v", added)
			}
		}
		w.must(http.StatusOK, "POST", path+"/memberships/", w.Owner, map[string]any{"user": b})
		for _, body := range []any{map[string]any{}, map[string]any{"user": nil}, map[string]any{"user": "x"},
			map[string]any{"user": 9999}, map[string]any{"user": off}} {
			w.refused("user", "POST", path+"/memberships/", w.Owner, body)
		}
		w.refused("workspace", "POST", path+"/memberships/", w.Owner, map[string]any{"user": a, "workspace": 77})
		if got := w.membersOf(path); !slices.Equal(got, []int64{a, b}) {
			t.Fatalf("members: %v", got)
		}
		w.must(http.StatusForbidden, "POST", path+"/memberships/", a, map[string]any{"user": b})
		w.must(http.StatusOK, "GET", path+"/memberships/", a, nil)
		for _, c := range []struct {
			query string
			body  any
			left  []int64
		}{
			{"?user_id=9999", nil, []int64{a, b}}, {fmt.Sprintf("?user_id=%d", a), nil, []int64{b}},
			{fmt.Sprintf("?user_id=%d", a), nil, []int64{b}}, {"", map[string]any{"user": b}, []int64{}},
		} {
			w.must(http.StatusNoContent, "DELETE", path+"/memberships/"+c.query, w.Owner, c.body)
			if got := w.membersOf(path); !slices.Equal(got, c.left) {
				t.Errorf("after %s %v: %v, want %v", c.query, c.body, got, c.left)
			}
		}
		w.refused("user_id", "DELETE", path+"/memberships/", w.Owner, nil)
		w.refused("user_id", "DELETE", path+"/memberships/", w.Owner, map[string]any{"user_id": nil})
	})
}

// TestWorkspaceBulkRemoval is the table of contract 3.1, for a workspace.
func TestWorkspaceBulkRemoval(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		ann := w.PersonNamed(roster.NewUser{Email: "ann@example.com", FirstName: "Ann", LastName: "Lee",
			Role: roster.RoleAnnotator})
		bob, cyd := w.Person(roster.RoleAnnotator), w.Person(roster.RoleReviewer)
		path := fmt.Sprintf("/api/workspaces/%d/memberships/bulk/", w.Workspace("Vision"))
		fill := func() {
			w.must(http.StatusOK, "POST", path, w.Owner, map[string]any{"all": false, "included": []int64{ann, bob, cyd}})
		}
		fill()
		for _, c := range []struct {
			query string
			body  any
			want  int
		}{
			{"?all=true", nil, 3},
			{fmt.Sprintf("?all=true&excluded=%d,%d", ann, bob), nil, 1},
			{"?all=true&search=LEE", nil, 1},
			{"?all=true&search=ann@example.com", nil, 1},
			{fmt.Sprintf("?all=true&ids=%d&ids=%d", ann, bob), nil, 2},
			{fmt.Sprintf("?all=true&ids=%d&search=lee", bob), nil, 0},
			{fmt.Sprintf("?all=false&included=%d,%d,9999", ann, bob), nil, 2},
			{fmt.Sprintf("?included=%d", ann), nil, 1},
			{fmt.Sprintf("?all=false&included=%d,%d&excluded=%d", ann, bob, ann), nil, 1},
			{"?all=false", nil, 0},
			{"", map[string]any{"all": false, "included": []int64{cyd}}, 1},
			{"", map[string]any{"all": true, "excluded": []int64{cyd}}, 2},
		} {
			got := w.must(http.StatusOK, "DELETE", path+c.query, w.Owner, c.body)
			want := map[string]any{"unassignments": float64(c.want)}
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s %v: %v, want %v", c.query, c.body, got, want)
			}
			fill()
		}
		for query, field := range map[string]string{
			"": "all", fmt.Sprintf("?excluded=%d", ann): "all", fmt.Sprintf("?all=true&included=%d", ann): "included",
			"?all=maybe": "all", "?all=false&included=x": "included", "?all=true&role=AN": "role", "?all=true&ids=0": "ids",
		} {
			w.refused(field, "DELETE", path+query, w.Owner, nil)
		}
		w.refused("all", "DELETE", path+fmt.Sprintf("?all=false&included=%d", ann), w.Owner,
			map[string]any{"all": false, "included": []int64{bob}})
		w.refused("all", "DELETE", path, w.Owner, map[string]any{"included": []int64{bob}})
		w.refused("all", "POST", path, w.Owner, map[string]any{"included": []int64{bob}})
		w.must(http.StatusForbidden, "DELETE", path+"?all=true", ann, nil)
		w.must(http.StatusNotFound, "DELETE", path+"?all=true", w.Person(roster.RoleManager), nil)

		answer := w.send("DELETE", path+fmt.Sprintf("?all=false&included=%d&search=bob", ann), w.Owner, nil)
		if answer.Header().Get("Roster-Ignored") != "search" || answer.Header().Get("Roster-Operation") == "" {
			t.Errorf("headers: %v", answer.Header())
		}
		undo := w.must(http.StatusCreated, "POST", "/api/roster/operations/"+answer.Header().Get("Roster-Operation")+
			"/undo/", w.Owner, nil)
		if at(undo, "changed") != 1.0 || at(undo, "counts", "restored") != 1.0 {
			t.Errorf("undo: %v", undo)
		}
	})
}

func TestWorkspaceBulkAddition(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		a, b := w.Person(roster.RoleAnnotator), w.Person(roster.RoleManager)
		w.Person(roster.RoleNotActivated)
		path := fmt.Sprintf("/api/workspaces/%d", w.Workspace("Vision"))
		bulk := path + "/memberships/bulk/"
		if got := w.must(http.StatusOK, "POST", bulk, w.Owner,
			map[string]any{"all": false, "included": []int64{a, 9999}}); at(got, "assignments") != 1.0 {
			t.Errorf("listed: %v", got)
		}
		if got := w.must(http.StatusOK, "POST", bulk, w.Owner,
			map[string]any{"all": true, "excluded": []int64{w.Owner}}); at(got, "assignments") != 1.0 {
			t.Errorf("all: %v", got)
		}
		if got := w.membersOf(path); !slices.Equal(got, []int64{a, b}) {
			t.Errorf("members: %v", got)
		}
		page := w.must(http.StatusOK, "GET", path+"/memberships/paginated/?page_size=1&page=2", w.Owner, nil)
		if at(page, "count") != 2.0 || number(at(page, "results", 0, "id")) != b || at(page, "next") != nil ||
			at(page, "previous") == nil ||
			at(page, "results", 0, "organization_membership", "role") != "MA" {
			t.Errorf("page: %v", page)
		}
		for query, want := range map[string]float64{"?ids=" + fmt.Sprint(a): 1, "?search=first1": 1, "?search=nobody": 0} {
			if got := at(w.must(http.StatusOK, "GET", path+"/memberships/paginated/"+query, w.Owner, nil),
				"count"); got != want {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		if past := w.must(http.StatusOK, "GET", path+"/memberships/paginated/?page=9", w.Owner,
			nil); len(at(past, "results").([]any)) != 0 {
			t.Errorf("past the end: %v", past)
		}
	})
}

func TestWorkspaceProjects(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		space, p := w.Workspace("Vision"), w.Project("Street signs", 0)
		member, stranger := w.Person(roster.RoleAnnotator), w.Person(roster.RoleManager)
		path := fmt.Sprintf("/api/workspaces/%d/projects", space)
		w.must(http.StatusOK, "POST", fmt.Sprintf("/api/workspaces/%d/memberships/", space), w.Owner,
			map[string]any{"user": member})
		w.must(http.StatusNotFound, "GET", fmt.Sprintf("/api/projects/%d/", p), member, nil)
		first := w.send("POST", path+"/", w.Owner, map[string]any{"project": p})
		again := w.send("POST", path, w.Owner, map[string]any{"project": p})
		if first.Code != http.StatusCreated || first.Header().Get("Roster-Operation") == "" ||
			again.Code != http.StatusCreated || again.Header().Get("Roster-Operation") != "" {
			t.Fatalf("%d %v, %d %v", first.Code, first.Header(), again.Code, again.Header())
		}
		w.must(http.StatusOK, "GET", fmt.Sprintf("/api/projects/%d/", p), member, nil)
		if got := idsIn(w.must(http.StatusOK, "GET", path+"/", member, nil)); !slices.Equal(got, []int64{p}) {
			t.Errorf("projects: %v", got)
		}
		w.refused("project", "POST", path+"/", w.Owner, map[string]any{"project": 9999})
		w.refused("project", "POST", path+"/", w.Owner, map[string]any{})
		w.refused("project", "DELETE", path+"/", w.Owner, nil)
		w.must(http.StatusForbidden, "POST", path+"/", member, map[string]any{"project": p})
		w.must(http.StatusNotFound, "GET", path+"/", stranger, nil)
		w.must(http.StatusNotFound, "DELETE", path+"/?project=9999", w.Owner, nil)
		for range 2 {
			w.must(http.StatusNoContent, "DELETE", fmt.Sprintf("%s/?project=%d", path, p), w.Owner, nil)
		}
		if got := w.must(http.StatusOK, "GET", fmt.Sprintf("/api/projects/%d/", p), w.Owner, nil); at(got,
			"workspace") != nil {
			t.Errorf("still in %v", at(got, "workspace"))
		}
		w.must(http.StatusNotFound, "GET", fmt.Sprintf("/api/projects/%d/", p), member, nil)
	})
}

// TestAnAnnotatorNarrowsByNothingHidden: what the members of a workspace do not show to
// who may not list people, no order and no search tells either.
func TestAnAnnotatorNarrowsByNothingHidden(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		space, annotator, manager, other := w.Workspace("Vision"), w.Person("AN"), w.Person("MA"), w.Person("AN")
		if _, err := w.App.AssignToWorkspace(w.As(w.Owner), space,
			roster.Selector{Included: []int64{annotator, manager, other}}); err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("/api/workspaces/%d/memberships/paginated/?", space)
		for _, order := range []string{"last_activity", "-last_activity", "email", "username"} {
			w.refused("ordering", "GET", path+"ordering="+order, annotator, nil)
			w.must(http.StatusOK, "GET", path+"ordering="+order, manager, nil)
		}
		for query, want := range map[string][2]float64{
			"search=person3": {0, 1}, "search=First3": {1, 1}, "search=example.com": {0, 3},
			"ordering=-name": {3, 3},
		} {
			for i, user := range []int64{annotator, manager} {
				if got := at(w.must(http.StatusOK, "GET", path+query, user, nil), "count"); got != want[i] {
					t.Errorf("%d finds %v by %s, want %v", user, got, query, want[i])
				}
			}
		}
	})
}
