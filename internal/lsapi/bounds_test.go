package lsapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/server"
	"roster/internal/store/storetest"
)

// small is a world on SQLite, for what does not depend on the store.
func small(t *testing.T) *wire {
	world := apptest.New(t, storetest.SQLite(t))
	return &wire{world, server.Handler(world.App, "test")}
}

// idText is ids from first on, with commas between them.
func idText(first, n int) string {
	var out strings.Builder
	for i := range n {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(strconv.Itoa(first + i))
	}
	return out.String()
}

// Every list of ids that a request brings has the same bound, above which it is
// refused by name, and every list that is shorter is taken.
func TestListsOfIDsHaveABound(t *testing.T) {
	storetest.Long(t)
	w := small(t)
	project, space := w.Project("Street signs", 0), w.Workspace("Maps")
	long := idText(100_000, roster.MostIDs+1)
	list := "[" + long + "]"
	for path, body := range map[string]string{
		"DELETE /api/projects/%d/members/bulk/":    `{"all":false,"included":` + list + `}`,
		"POST /api/projects/%d/members/bulk/":      `{"all":true,"excluded":` + list + `}`,
		"POST /api/projects/%d/tasks/assignees":    `{"type":"AN","selectedItems":{"all":true},"users":` + list + `}`,
		"POST /api/workspaces/%d/memberships/bulk": `{"all":false,"included":` + list + `}`,
	} {
		method, path, _ := strings.Cut(path, " ")
		id := project
		if strings.Contains(path, "workspaces") {
			id = space
		}
		answer := w.send(method, fmt.Sprintf(path, id), w.Owner, body)
		if answer.Code != http.StatusBadRequest || !strings.Contains(answer.Body.String(), "more than 500,000 ids") {
			t.Errorf("%s %s: %d %.200s", method, path, answer.Code, answer.Body)
		}
	}
	for field, path := range map[string]string{
		"included": fmt.Sprintf("DELETE /api/projects/%d/members/bulk/?all=false&included=", project),
		"ids":      fmt.Sprintf("GET /api/projects/%d/members/paginated/?ids=", project),
		"excluded": fmt.Sprintf("DELETE /api/workspaces/%d/memberships/bulk/?all=true&excluded=", space),
	} {
		method, path, _ := strings.Cut(path, " ")
		w.refused(field, method, path+long, w.Owner, nil)
	}
	w.refused("selectedItems", "POST", fmt.Sprintf("/api/projects/%d/tasks/assignees", project), w.Owner,
		`{"type":"AN","users":[1],"selectedItems":{"all":false,"included":`+list+`}}`)
}

// 200,000 ids that name nobody: counted, a hundred of them named, and the answer
// of an addition names all of them, because it says that it does.
func TestManyUnknownIDs(t *testing.T) {
	storetest.Long(t)
	onWire(t, func(t *testing.T, w *wire) {
		const many = 200_000
		project := w.Project("Street signs", 0)
		a := w.Person("AN")
		w.Assign(project, a)
		bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", project)
		body := fmt.Sprintf(`{"all":false,"included":[%d,%s]}`, a, idText(1_000_000, many))
		added := w.must(http.StatusOK, "POST", bulk, w.Owner, body)
		if got, _ := at(added, "skipped_user_ids").([]any); len(got) != many {
			t.Errorf("%d skipped", len(got))
		}
		answer := w.send("DELETE", bulk, w.Owner, body)
		if answer.Code != http.StatusOK || strings.TrimSpace(answer.Body.String()) != `{"unassignments":1}` {
			t.Fatalf("%d %.200s", answer.Code, answer.Body)
		}
		detail := w.must(http.StatusOK, "GET", "/api/roster/operations/"+answer.Header().Get("Roster-Operation")+
			"/?page_size=1000", w.Owner, nil)
		shown, _ := at(detail, "outcomes", "results").([]any)
		if at(detail, "counts", "unknown") != float64(many) || at(detail, "unnamed") != float64(many-100) ||
			at(detail, "outcomes", "count") != 101.0 || len(shown) != 101 || at(detail, "outcomes", "next") != nil {
			t.Errorf("%v, unnamed %v, %v outcomes, %d shown", at(detail, "counts"), at(detail, "unnamed"),
				at(detail, "outcomes", "count"), len(shown))
		}
	})
}

func nested(deep int) string { return strings.Repeat(`{"a":`, deep) + "1" + strings.Repeat("}", deep) }

// What is nested deeper than others can read is refused wherever it could be kept.
func TestDeepJSONIsRefused(t *testing.T) {
	w := small(t)
	project := w.Project("Street signs", 0)
	person := w.Person("AN")
	for _, deep := range []int{roster.MostNested, 9_990} {
		w.refused("non_field_errors", "PATCH", "/api/current-user", person, `{"custom_hotkeys":`+nested(deep)+`}`)
		w.refused("non_field_errors", "POST", fmt.Sprintf("/api/projects/%d/import", project), w.Owner, `[{"data":`+
			nested(deep)+`}]`)
		w.refused("non_field_errors", "PATCH", fmt.Sprintf("/api/projects/%d", project), w.Owner,
			`{"control_weights":`+nested(deep)+`}`)
		w.refused("filters", "GET", fmt.Sprintf("/api/organizations/%d/memberships?filters=", w.Org)+
			url.QueryEscape(nested(deep+1)), w.Owner, nil)
	}
	w.refused("custom_hotkeys", "PATCH", "/api/current-user/hotkeys", person, `{"custom_hotkeys":`+nested(6)+`}`)
	w.must(http.StatusOK, "PATCH", "/api/current-user/hotkeys", person,
		`{"custom_hotkeys":{"annotation:submit":{"key":"ctrl+{[","active":true}}}`)
}

// Hotkeys that were kept before are not shown where they are too deep, so that
// lists with their person in can be read.
func TestDeepHotkeysDoNotBreakLists(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		person := w.Person("AN")
		u, err := w.DB.User(context.Background(), person)
		if err != nil {
			t.Fatal(err)
		}
		u.CustomHotkeys = nested(9_998)
		if err := w.DB.UpdateUser(context.Background(), u, ""); err != nil {
			t.Fatal(err)
		}
		if body := w.send("GET", "/api/users/", w.Owner, nil).Body.String(); roster.Nesting(body) > 10 {
			t.Errorf("the list is nested %d levels deep", roster.Nesting(body))
		}
	})
}

// What is kept has a bound in size: an answer for its key, and all that a project
// keeps of its settings together.
func TestWhatIsKeptHasABound(t *testing.T) {
	storetest.Long(t)
	w := small(t)
	project := w.Project("Street signs", 0)
	keyed := func(first, n int) *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", fmt.Sprintf("/api/projects/%d/members/bulk/", project),
			strings.NewReader(`{"all":false,"included":[`+idText(first, n)+`]}`))
		token, err := w.App.Token(context.Background(), w.Owner)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = http.Header{"Authorization": {"Token " + token}, "Content-Type": {"application/json"},
			"Idempotency-Key": {strconv.Itoa(n)}}
		answer := httptest.NewRecorder()
		w.server.ServeHTTP(answer, r)
		return answer
	}
	if got := keyed(1_000_000_000_000, 310_000); got.Code != http.StatusRequestEntityTooLarge ||
		!strings.Contains(got.Body.String(), "Nothing was changed.") {
		t.Errorf("%d %.200s", got.Code, got.Body)
	}
	for range 2 {
		if got := keyed(1_000_000, 200_000); got.Code != http.StatusOK || strings.Count(got.Body.String(), ",") != 200_000 {
			t.Errorf("%d %.200s", got.Code, got.Body)
		}
	}
	path := fmt.Sprintf("/api/projects/%d/", project)
	w.must(http.StatusOK, "PATCH", path, w.Owner, map[string]any{"label_config": strings.Repeat("x", 3<<20)})
	w.refused("non_field_errors", "PATCH", path, w.Owner, map[string]any{"expert_instruction": strings.Repeat("x", 2<<20)})
}

// A link to another page begins with where an operator said that people reach
// Roster, or is a path; with what a client says, never.
func TestLinksNameNoHost(t *testing.T) {
	world := apptest.New(t, storetest.SQLite(t))
	project := world.Project("Street signs", 0)
	world.Assign(project, world.Person("AN"), world.Person("AN"), world.Person("AN"))
	token, err := world.App.Token(context.Background(), world.Owner)
	if err != nil {
		t.Fatal(err)
	}
	for _, base := range []string{"", "https://roster.example.com/labels"} {
		w := &wire{world, server.Handler(world.Configured(func(c *core.Config) { c.Links = base }), "test")}
		for target, path := range map[string]string{
			fmt.Sprintf("/api/projects/%d/members/paginated/?page_size=1&page=2",
				project): fmt.Sprintf("/api/projects/%d/members/paginated/?page", project),
			"//evil.example/api/projects/?page_size=1&page=2": "",
			"/scim/v2/Users": "/scim/v2/Users/",
			"/scim/v2/Users/" + strconv.FormatInt(world.Owner, 10): "/scim/v2/Users/",
		} {
			r := httptest.NewRequest("GET", "/", nil)
			asked := strings.TrimPrefix(base, "https://roster.example.com") + target
			r.URL, err = url.ParseRequestURI(asked)
			if err != nil {
				t.Fatal(err)
			}
			r.RequestURI, r.Host = asked, "evil.example"
			r.Header.Set("X-Forwarded-Host", "evil.example")
			r.Header.Set("Authorization",
				map[bool]string{true: "Bearer ", false: "Token "}[strings.HasPrefix(target, "/scim")]+token)
			answer := httptest.NewRecorder()
			w.server.ServeHTTP(answer, r)
			text := answer.Body.String() + answer.Header().Get("Location")
			if strings.Contains(text, "evil") || (path != "" && !strings.Contains(text, `"`+base+path)) {
				t.Errorf("%q, %s: %d %s", base, target, answer.Code, text)
			}
		}
	}
}

// SAML metadata has a bound in depth, as in size.
func TestMetadataHasABound(t *testing.T) {
	w := small(t)
	deep := `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">` + strings.Repeat("<a>", 60) +
		strings.Repeat("</a>", 60) + `</EntityDescriptor>`
	w.refused("metadata_xml", "POST", "/api/saml/settings", w.Owner,
		map[string]any{"domain": "example.com", "metadata_xml": deep})
}

// TestComplaintsHaveABound: however often a request is wrong, the answer stays small.
func TestComplaintsHaveABound(t *testing.T) {
	storetest.Long(t)
	onWire(t, func(t *testing.T, w *wire) {
		w.Project("Street signs", 0)
		many := strings.Repeat("{},", 20_000) + "{}"
		fields := ""
		for i := range 20_000 {
			fields += fmt.Sprintf("\"f%d\":1,", i)
		}
		for target, body := range map[string]string{
			"POST /api/projects/1/tasks/assignees": `{"type":"AN","users":[1],"selectedItems":{"all":true,"excluded":[]},"filters":{"conjunction":"and","items":[` + many + `]}}`,
			"POST /api/projects/1/members/bulk":    `{"all":true,"roles":[` + many + `]}`,
			"DELETE /api/projects/1/members/bulk":  "{" + fields + `"all":true}`,
			fmt.Sprintf("POST /api/organizations/%d/permissions", w.Org): `{"permission":"projects.delete","roles":[` +
				strings.Repeat(`"x",`, 20_000) + `"x"]}`,
			"POST /api/projects/1/import": "[" + strings.Repeat("{},", roster.MostTasks) + "{}]",
		} {
			method, path, _ := strings.Cut(target, " ")
			answer := w.send(method, path, w.Owner, body)
			if answer.Code != http.StatusBadRequest || answer.Body.Len() > 40_000 {
				t.Errorf("%s: %d, %d bytes: %.200s", target, answer.Code, answer.Body.Len(), answer.Body)
			}
		}
	})
}

// TestAThingHasOneAddress: an id is written one way, and a body says each thing once.
func TestAThingHasOneAddress(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		w.Project("Street signs", 0)
		w.Assign(1, w.Person("AN"))
		for _, path := range []string{"/api/projects/+1", "/api/projects/01", "/api/users/+1",
			"/api/projects/1/members/+2/pauses", "/api/roster/operations/01"} {
			if answer := w.send("GET", path, w.Owner, nil); answer.Code != http.StatusNotFound {
				t.Errorf("%s: %d %s", path, answer.Code, answer.Body)
			}
		}
		const preview = "/api/roster/projects/1/members/bulk/preview"
		for _, c := range []struct {
			path, body string
			status     int
		}{
			{"/api/projects/1/members/bulk", `{"all":false,"all":true}`, 400},
			{"/api/projects/1/members/bulk", `{"all":true,"roles":[{"user_id":1,"role":"AN","role":"RE"}]}`, 400},
			{preview + "?role=AN", `{"all":true,"role":"RE"}`, 400},
			{preview + "?role=AN", `{"all":true,"role":"AN"}`, 200},
			{preview, `{"all":true,"role":null}`, 400},
			{preview, `{"all":true,"role":""}`, 400},
			{preview, `{"all":true,"role":"AN"}`, 200},
		} {
			if answer := w.send("POST", c.path, w.Owner, c.body); answer.Code != c.status {
				t.Errorf("%s %s: %d %s", c.path, c.body, answer.Code, answer.Body)
			}
		}
	})
}
