package lsapi_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"roster"
)

// roles adds one person of every role but the Owner, who is there already.
func (w *wire) roles() map[roster.Role]int64 {
	w.T.Helper()
	people := map[roster.Role]int64{roster.RoleOwner: w.Owner}
	for _, role := range roster.Roles[1:] {
		people[role] = w.Person(role)
	}
	return people
}

// listed is the ids of the people on a page of memberships.
func listed(t *testing.T, decoded any) []int64 {
	t.Helper()
	results, _ := at(decoded, "results").([]any)
	ids := []int64{}
	for i := range results {
		ids = append(ids, int64(at(results, i, "user", "id").(float64)))
	}
	if count := at(decoded, "count"); at(decoded, "next") == nil && at(decoded, "previous") == nil &&
		len(ids) > 0 && count != float64(len(ids)) {
		t.Fatalf("count %v for %v", count, ids)
	}
	return ids
}

// statuses checks what one request is answered for every role.
func (w *wire) statuses(people map[roster.Role]int64, want map[roster.Role]int, method, path string, body any) {
	w.T.Helper()
	for role, user := range people {
		if got, decoded := w.do(method, path, user, body); got != want[role] {
			w.T.Errorf("%s %s as %s: %d %v, want %d", method, path, role, got, decoded, want[role])
		}
	}
}

func TestOrganization(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		people := w.roles()
		path := fmt.Sprintf("/api/organizations/%d", w.Org)
		list := w.must(200, "GET", "/api/organizations/", people["AN"], nil)
		if at(list, 0, "id") != float64(w.Org) || at(list, 0, "title") != "Acme" || at(list, 1) != nil {
			t.Errorf("list: %v", list)
		}
		w.statuses(people, map[roster.Role]int{"OW": 200, "AD": 200, "MA": 200, "RE": 200, "AN": 200, "VO": 200,
			"NO": 401, "DI": 401}, "GET", path, nil)
		for role, sees := range map[roster.Role]bool{"OW": true, "AD": true, "MA": true, "RE": false, "AN": false,
			"VO": false} {
			if token := at(w.must(200, "GET", path, people[role], nil), "token"); (token != "") != sees {
				t.Errorf("%s sees the invite token %q", role, token)
			}
		}
		w.statuses(people, map[roster.Role]int{"OW": 200, "AD": 200, "MA": 403, "RE": 403, "AN": 403, "VO": 403,
			"NO": 401, "DI": 401},
			"PATCH", path, map[string]any{"title": "Acme GmbH", "contact_info": "hello@example.com",
				"default_role": "AD", "id": 99})
		got := w.must(200, "GET", path+"/", people["MA"], nil)
		if at(got, "title") != "Acme GmbH" || at(got, "contact_info") != "hello@example.com" ||
			at(got, "default_role") != "AN" || at(got, "billing", "max_parallel_sessions") != 0.0 {
			t.Errorf("after patch: %v", got)
		}
		w.must(404, "GET", fmt.Sprintf("/api/organizations/%d", w.Org+1), w.Owner, nil)
		w.must(404, "PATCH", fmt.Sprintf("/api/organizations/%d", w.Org+1), w.Owner, nil)
		w.refused("title", "PATCH", path, w.Owner, map[string]any{"title": "  "})
		w.refused("title", "PATCH", path, w.Owner, map[string]any{"title": strings.Repeat("x", 1001)})
		w.refused("contact_info", "PATCH", path, w.Owner, map[string]any{"contact_info": "nobody"})
		if got := w.must(200, "PATCH", path, w.Owner, `{"contact_info": null}`); at(got, "contact_info") != nil ||
			at(got, "title") != "Acme GmbH" {
			t.Errorf("no contact: %v", got)
		}
	})
}

func TestMembershipsAreFiltered(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		ada := w.PersonNamed(roster.NewUser{Email: "zz@example.com", FirstName: "Ada", LastName: "Lovelace", Role: "RE"})
		bob := w.PersonNamed(roster.NewUser{Email: "aa@example.com", FirstName: "bob", LastName: "Émile", Role: "AN",
			UserType: roster.SeatFlex})
		cat := w.PersonNamed(roster.NewUser{Email: "bb@example.com", FirstName: "Cat", LastName: "Émile", Role: "DI"})
		gone := w.PersonNamed(roster.NewUser{Email: "cc@example.com", FirstName: "Gone", Role: "AN"})
		space := w.Workspace("Vision")
		street, signs := w.Project("Street", space), w.Project("Signs", 0)
		w.Assign(signs, ada)
		w.must(200, "POST", fmt.Sprintf("/api/workspaces/%d/memberships/", space), w.Owner, map[string]any{"user": bob})
		path := fmt.Sprintf("/api/organizations/%d/memberships", w.Org)
		w.must(204, "DELETE", fmt.Sprintf("%s/%d/", path, gone), w.Owner, nil)
		tag := int64(at(w.must(201, "POST", fmt.Sprintf("/api/organizations/%d/member-tags", w.Org), w.Owner,
			map[string]any{"label": "night"}), "id").(float64))
		w.must(200, "POST", fmt.Sprintf("/api/organizations/%d/member-tags/assignments", w.Org), w.Owner,
			map[string]any{"all": false, "included": []int64{ada, cat}, "tags": []int64{tag}})
		ctx := context.Background()
		for user, at := range map[int64]time.Time{ada: w.Clock, bob: w.Clock.Add(-time.Hour)} {
			if err := w.DB.TouchUser(ctx, user, at); err != nil {
				t.Fatal(err)
			}
		}
		for query, want := range map[string][]int64{
			"":                               {ada, bob, cat, w.Owner}, // by name, whatever the case
			"?ordering=email":                {bob, cat, w.Owner, ada},
			"?ordering=-user__email":         {ada, w.Owner, cat, bob},
			"?ordering=nonsense":             {ada, bob, cat, w.Owner},
			"?is_deleted=true":               {gone},
			"?is_deleted=false":              {ada, bob, cat, w.Owner},
			"?role=RE,DI":                    {ada, cat},
			"?role=RE&role=OW":               {ada, w.Owner},
			"?search=%C3%89MILE":             {bob, cat},
			"?search=ada+love":               {ada},
			"?user_type=flex":                {bob},
			fmt.Sprintf("?tags=%d", tag):     {ada, cat},
			fmt.Sprintf("?tags=%d,999", tag): {ada, cat},
			fmt.Sprintf("?tags=%d,999&tags_operator=and", tag):       {},
			fmt.Sprintf("?tags=%d,0%d&tags_operator=and", tag, tag):  {ada, cat},     // one tag, written in two ways
			"?user__last_activity__gte=2026-03-01T12:00:00Z":         {ada, w.Owner}, // the Owner has just written
			"?user__last_activity__lte=2026-03-01T11:59:59Z":         {bob},
			fmt.Sprintf("?exclude_project_id=%d", signs):             {bob, cat},
			fmt.Sprintf("?exclude_project_id=%d.0", street):          {ada, cat},
			fmt.Sprintf("?exclude_workspace_id=%d&role=AN", space):   {},
			fmt.Sprintf("?exclude_workspace_id=%d&scope=all", space): {ada, cat, w.Owner},
		} {
			if got := listed(t, w.must(200, "GET", path+query, w.Owner, nil)); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		for field, query := range map[string]string{
			"role": "role=XX", "user_type": "user_type=gold", "tags": "tags=x", "tags_operator": "tags_operator=xor",
			"is_deleted":               "is_deleted=maybe",
			"user__last_activity__gte": "user__last_activity__gte=yesterday", "exclude_project_id": "exclude_project_id=0",
			"scope":                "scope=some",
			"exclude_workspace_id": "exclude_workspace_id=999", "contributed_to_projects": "contributed_to_projects=2",
		} {
			w.refused(field, "GET", path+"?"+query, w.Owner, nil)
		}
	})
}

func TestMembershipsArePaged(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		for range 24 {
			w.Person("AN")
		}
		path := fmt.Sprintf("/api/organizations/%d/memberships", w.Org)
		first := w.must(200, "GET", path, w.Owner, nil)
		second := w.must(200, "GET", path+"?page=2", w.Owner, nil)
		if at(first, "count") != 25.0 || len(listed(t, first)) != 20 || len(listed(t, second)) != 5 ||
			at(first, "next") == nil || at(second, "next") != nil {
			t.Errorf("pages: %v %v", first, second)
		}
		if everybody := append(listed(t, first),
			listed(t, second)...); len(slices.Compact(slices.Sorted(slices.Values(everybody)))) != 25 {
			t.Errorf("somebody is on two pages: %v", everybody)
		}
		if past := w.must(200, "GET", path+"?page=9", w.Owner, nil); len(listed(t, past)) != 0 || at(past, "next") != nil {
			t.Errorf("past the end: %v", past)
		}
		w.must(404, "GET", path+"?page=zero", w.Owner, nil)
		if all := w.must(200, "GET", path+"?page_size=5000", w.Owner, nil); len(listed(t, all)) != 25 {
			t.Errorf("page_size: %v", all)
		}
	})
}

func TestMembershipShapes(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		manager := w.Person("MA")
		path := fmt.Sprintf("/api/organizations/%d/memberships", w.Org)
		signs := w.Project("Signs", 0)
		w.Assign(signs, manager)
		hidden := w.Project("Hidden", 0)
		row := func(query string, as int64) any {
			return at(w.must(200, "GET", path+"?search=owner&"+query, as, nil), "results", 0)
		}
		plain := row("", w.Owner)
		for _, name := range []string{"contributed_to_projects", "created_projects"} {
			if v, ok := plain.(map[string]any)[name]; !ok || v != nil {
				t.Errorf("%s is %v without being asked for", name, v)
			}
		}
		if at(plain, "role") != "OW" || at(plain, "organization") != float64(w.Org) ||
			at(plain, "user", "email") != "owner@example.com" {
			t.Errorf("row: %v", plain)
		}
		if got := at(row("contributed_to_projects=true", w.Owner), "created_projects"); len(got.([]any)) != 2 {
			t.Errorf("the Owner made %v", got)
		}
		mine := row("contributed_to_projects=true", manager)
		if got := at(mine, "user", "created_projects"); len(got.([]any)) != 1 || at(got, 0, "id") != float64(signs) {
			t.Errorf("a Manager is told of project %d, which they cannot see: %v", hidden, got)
		}
		detail := w.must(200, "GET", fmt.Sprintf("%s/%d/", path, manager), w.Owner, nil)
		if at(detail, "user") != float64(manager) || at(detail, "annotations_count") != 0.0 ||
			at(detail, "created_at") == nil || at(detail, "created_projects") != nil {
			t.Errorf("detail: %v", detail)
		}
	})
}

// sandbox adds a project in somebody's personal workspace.
func (w *wire) sandbox(user int64) {
	w.T.Helper()
	ctx := context.Background()
	space, err := w.DB.CreateWorkspace(ctx, roster.Workspace{OrganizationID: w.Org, Title: "Mine", Personal: true,
		CreatedBy: user}, w.Clock)
	if err != nil {
		w.T.Fatal(err)
	}
	if _, err := w.DB.CreateProject(ctx, roster.Project{OrganizationID: w.Org, WorkspaceID: space, Title: "Drafts",
		CreatedBy: roster.User{ID: user}}, w.Clock); err != nil {
		w.T.Fatal(err)
	}
}

func TestManagersSeeWhomTheyWorkWith(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		manager, admin := w.Person("MA"), w.Person("AD")
		byProject, byWorkspace, inside, stranger := w.Person("AN"), w.Person("AN"), w.Person("RE"), w.Person("AN")
		space := w.Workspace("Vision")
		project, inSpace, other := w.Project("Signs", 0), w.Project("Cars", space), w.Project("Other", 0)
		path := fmt.Sprintf("/api/organizations/%d/memberships", w.Org)
		sees := func(want ...int64) {
			t.Helper()
			for _, query := range []string{"?ordering=id", "?ordering=id&scope=accessible", "?ordering=id&scope=all"} {
				if got := listed(t, w.must(200, "GET", path+query, manager, nil)); !slices.Equal(got, want) {
					t.Errorf("a Manager sees %v, want %v", got, want)
				}
			}
			users := w.must(200, "GET", "/api/users/", manager, nil).([]any)
			if len(users) != len(want) {
				t.Errorf("a Manager sees %d users, want %d", len(users), len(want))
			}
		}
		w.Assign(other, stranger)
		w.sandbox(manager) // closed to Owner and Administrators too
		sees(manager)
		w.Assign(project, manager, byProject)
		sees(w.Owner, manager, admin, byProject)
		for _, user := range []int64{manager, byWorkspace} {
			w.must(200, "POST", fmt.Sprintf("/api/workspaces/%d/memberships/", space), w.Owner, map[string]any{"user": user})
		}
		w.Assign(inSpace, inside)
		sees(w.Owner, manager, admin, byProject, byWorkspace, inside)
		audio, mate := w.Workspace("Audio"), w.Person("AN")
		w.must(200, "POST", fmt.Sprintf("/api/workspaces/%d/memberships/", audio), w.Owner, map[string]any{"user": mate})
		w.Assign(w.Project("Calls", audio), manager)
		sees(w.Owner, manager, admin, byProject, byWorkspace, inside, mate)
		w.must(404, "GET", fmt.Sprintf("%s/%d/", path, stranger), manager, nil)
		w.must(200, "GET", fmt.Sprintf("%s/%d/", path, inside), manager, nil)
		w.refused("exclude_project_id", "GET", fmt.Sprintf("%s?exclude_project_id=%d", path, other), manager, nil)
		if all := listed(t, w.must(200, "GET", path, admin, nil)); len(all) != 8 {
			t.Errorf("an Administrator sees %v", all)
		}
	})
}

func TestWhoMayListPeople(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		people := w.roles()
		path := fmt.Sprintf("/api/organizations/%d/memberships", w.Org)
		w.statuses(people, map[roster.Role]int{"OW": 200, "AD": 200, "MA": 200, "RE": 403, "AN": 403, "VO": 403,
			"NO": 401, "DI": 401}, "GET", path, nil)
		w.statuses(people, map[roster.Role]int{"OW": 200, "AD": 200, "MA": 404, "RE": 403, "AN": 403, "VO": 403,
			"NO": 401, "DI": 401},
			"GET", fmt.Sprintf("%s/%d/", path, people["VO"]), nil)
		w.must(404, "GET", fmt.Sprintf("/api/organizations/%d/memberships", w.Org+1), w.Owner, nil)
		w.must(401, "GET", path, 0, nil)
	})
}

func TestRoleChange(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		people := w.roles()
		path := fmt.Sprintf("/api/organizations/%d/memberships", w.Org)
		give := func(user int64, role roster.Role) map[string]any {
			return map[string]any{"user_id": user, "role": role, "organization": 7, "role_source": "saml"}
		}
		answer := w.send("PATCH", path, people["AD"], give(people["AN"], "RE"))
		if answer.Code != 200 {
			t.Fatal(answer.Body)
		}
		op := w.must(200, "GET", "/api/roster/operations/"+answer.Header().Get("Roster-Operation"), w.Owner, nil)
		if at(op, "kind") != "organization_role" || at(op, "changed") != 1.0 ||
			at(op, "outcomes", "results", 0, "result") != "role_set" ||
			at(op, "outcomes", "results", 0, "role_before") != "AN" || at(op, "outcomes", "results", 0, "role_after") != "RE" {
			t.Errorf("record: %v", op)
		}
		undo := fmt.Sprintf("/api/roster/operations/%v/undo/", at(op, "id"))
		if undone := w.must(201, "POST", undo, people["AD"], nil); at(undone, "changed") != 1.0 ||
			at(undone, "counts", "role_set") != 1.0 {
			t.Errorf("undone: %v", undone)
		}
		row := w.must(200, "PATCH", path+"/", w.Owner, give(people["RE"], "MA"))
		if at(row, "role") != "MA" || at(row, "role_source") != "api" || at(row, "user", "id") != float64(people["RE"]) {
			t.Errorf("row: %v", row)
		}
		w.statuses(map[roster.Role]int64{"MA": people["MA"], "AN": people["AN"], "VO": people["VO"]},
			map[roster.Role]int{"MA": 403, "AN": 403, "VO": 403}, "PATCH", path, give(people["NO"], "AN"))
		another := w.Person("AD")
		for _, refused := range []struct {
			as, whom int64
			role     roster.Role
		}{
			{people["AD"], w.Owner, "AN"}, {people["AD"], another, "AN"}, {people["AD"], people["AN"], "AD"},
			{w.Owner, w.Owner, "AN"},
		} {
			w.must(403, "PATCH", path, refused.as, give(refused.whom, refused.role))
		}
		w.must(200, "PATCH", path, w.Owner, give(another, "AN"))
		w.must(404, "PATCH", fmt.Sprintf("/api/organizations/%d/memberships", w.Org+1), w.Owner, give(another, "RE"))
		for field, body := range map[string]any{
			"user_id":   map[string]any{"role": "AN"},
			"role":      give(another, "OW"),
			"user_type": map[string]any{"user_id": another, "user_type": "viewonly"},
		} {
			w.refused(field, "PATCH", path, w.Owner, body)
		}
		w.refused("role", "PATCH", path, w.Owner, give(another, "VO"))
		w.refused("role", "PATCH", path, w.Owner, give(another, "XX"))
		w.refused("user_id", "PATCH", path, w.Owner, give(999, "AN"))
		w.refused("user_id", "PATCH", path, w.Owner, `{"user_id": null, "role": "AN"}`)
		if got := at(w.must(200, "GET", fmt.Sprintf("/api/users/%d/", another), w.Owner, nil),
			"organization_membership", "role"); got != "AN" {
			t.Errorf("a refused change went through: %v", got)
		}
	})
}

func TestDeactivationIsAtOnceAndReversible(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		user := w.Person("AN")
		project := w.Project("Signs", 0)
		w.Assign(project, user)
		path := fmt.Sprintf("/api/organizations/%d/memberships", w.Org)
		w.must(200, "GET", "/api/current-user/whoami", user, nil)
		w.must(200, "PATCH", path, w.Owner, map[string]any{"user_id": user, "role": "DI"})
		w.must(401, "GET", "/api/current-user/whoami", user, nil)
		if got := w.Explicit(project); !slices.Equal(got, []int64{user}) {
			t.Errorf("deactivation lost the membership: %v", got)
		}
		if got := listed(t, w.must(200, "GET", path+"?role=DI", w.Owner, nil)); !slices.Equal(got, []int64{user}) {
			t.Errorf("deactivated: %v", got)
		}
		w.must(200, "PATCH", path, w.Owner, map[string]any{"user_id": user, "role": "AN"})
		w.must(200, "GET", "/api/current-user/whoami", user, nil)
	})
}

func TestViewOnlySeat(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		viewer := w.PersonNamed(roster.NewUser{Email: "v@example.com", Role: "VO", UserType: roster.SeatViewOnly})
		flex := w.PersonNamed(roster.NewUser{Email: "f@example.com", Role: "AN", UserType: roster.SeatFlex})
		robot := w.PersonNamed(roster.NewUser{Email: "r@example.com", Role: "AN", UserType: roster.SeatService})
		path := fmt.Sprintf("/api/organizations/%d/memberships", w.Org)
		seat := func(body map[string]any) any { return at(w.must(200, "PATCH", path, w.Owner, body), "user_type") }
		w.refused("role", "PATCH", path, w.Owner, map[string]any{"user_id": viewer, "user_type": "standard"})
		w.refused("role", "PATCH", path, w.Owner, map[string]any{"user_id": viewer, "user_type": "standard", "role": "DI"})
		w.refused("user_type", "PATCH", path, w.Owner, map[string]any{"user_id": robot, "user_type": "standard"})
		if got := seat(map[string]any{"user_id": viewer, "role": "DI"}); got != "viewonly" {
			t.Errorf("deactivation changed the seat to %v", got)
		}
		if got := seat(map[string]any{"user_id": viewer, "role": "RE"}); got != "standard" {
			t.Errorf("a working role left the seat %v", got)
		}
		if got := seat(map[string]any{"user_id": flex, "role": "RE"}); got != "flex" {
			t.Errorf("a role changed a flex seat to %v", got)
		}
		if got := seat(map[string]any{"user_id": flex, "user_type": "standard"}); got != "standard" {
			t.Errorf("seat: %v", got)
		}
	})
}

func TestSoftDelete(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		people := w.roles()
		path := fmt.Sprintf("/api/organizations/%d/memberships", w.Org)
		of := func(user int64) string { return fmt.Sprintf("%s/%d/", path, user) }
		another := w.Person("AD")
		w.must(403, "DELETE", of(another), people["AD"], nil)
		w.statuses(people, map[roster.Role]int{"OW": 403, "AD": 403, "MA": 403, "RE": 403, "AN": 403, "VO": 403,
			"NO": 401, "DI": 401},
			"DELETE", fmt.Sprintf("/api/organizations/%d/memberships/%d/", w.Org+1, people["AN"]), nil)
		w.statuses(map[roster.Role]int64{"MA": people["MA"], "RE": people["RE"]},
			map[roster.Role]int{"MA": 403, "RE": 403}, "DELETE", of(people["AN"]), nil)
		for user, as := range map[int64]int64{w.Owner: people["AD"], people["AD"]: people["AD"]} {
			if got := w.must(405, "DELETE", of(user), as, nil); len(got.(map[string]any)) != 1 || at(got, "detail") == nil {
				t.Errorf("405 for %d: %v", user, got)
			}
		}
		w.must(405, "DELETE", of(w.Owner), w.Owner, nil)
		w.must(404, "DELETE", of(999), w.Owner, nil)

		w.must(200, "GET", "/api/current-user", people["AN"], nil)
		answer := w.send("DELETE", of(people["AN"]), people["AD"], nil)
		if answer.Code != 204 || answer.Body.Len() != 0 {
			t.Fatal(answer.Code, answer.Body)
		}
		op := w.must(200, "GET", "/api/roster/operations/"+answer.Header().Get("Roster-Operation"), w.Owner, nil)
		if at(op, "kind") != "organization_leave" || at(op, "outcomes", "results", 0, "result") != "removed" ||
			at(op, "outcomes", "results", 0, "user") != float64(people["AN"]) {
			t.Errorf("record: %v", op)
		}
		w.must(401, "GET", "/api/current-user", people["AN"], nil)
		for _, absent := range []string{"DELETE", "GET"} {
			w.must(404, absent, of(people["AN"]), w.Owner, nil)
		}
		w.must(404, "GET", fmt.Sprintf("/api/users/%d/", people["AN"]), w.Owner, nil)
		w.refused("user_id", "PATCH", path, w.Owner, map[string]any{"user_id": people["AN"], "role": "RE"})
		if got := listed(t, w.must(200, "GET", path, w.Owner, nil)); slices.Contains(got, people["AN"]) {
			t.Errorf("a deleted person is listed: %v", got)
		}
		if got := w.must(200, "GET", path+"?is_deleted=true", w.Owner, nil); at(got, "count") != 1.0 ||
			at(got, "results", 0, "user", "active_organization") != nil {
			t.Errorf("deleted: %v", got)
		}
	})
}
