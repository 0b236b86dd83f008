package lsapi_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// What quietly turned "some" into "everybody" is refused: filters that came out
// empty, filters in the body, the time that stands for none, one of two values.
func TestNobodyIsRemovedByAccident(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		a, b := w.Person("AN"), w.Person("RE")
		w.Assign(project, a, b)
		bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", project)
		preview := fmt.Sprintf("/api/roster/projects/%d/members/bulk/preview/", project)
		for query, field := range map[string]string{
			"role=": "role", "tags=": "tags", "user_type=": "user_type", "search=": "search", "role=%20,": "role",
			"tags=,&role=AN": "tags",
			"search=%22%22":  "search", "search=%20,%C2%A0": "search", "last_activity__lte=": "last_activity__lte",
			"tags_operator=&tags=1":                                       "tags_operator",
			"last_activity__lte=0001-01-01T00:00:00Z":                     "last_activity__lte",
			"last_activity__lte=0001-01-01":                               "last_activity__lte",
			"last_activity__gte=0001-01-01T00:00:00":                      "last_activity__gte",
			"last_activity__lte=0001-01-01T01:00:00%2B01:00":              "last_activity__lte",
			"search=first1&search=first2":                                 "search",
			"tags=1,2&tags_operator=and&tags_operator=or":                 "tags_operator",
			"last_activity__lte=2020-01-01&last_activity__lte=2027-01-01": "last_activity__lte", "all=false": "all",
		} {
			w.refused(field, "DELETE", bulk+"?all=true&"+query, w.Owner, nil)
			w.refused(field, "POST", preview+"?all=true&"+query, w.Owner, nil)
		}
		for _, body := range []string{`{"all": true, "tags": [1]}`, `{"all": true, "role": "AN", "tags": []}`,
			`{"tags": null}`} {
			w.refused("tags", "DELETE", bulk+"?all=true", w.Owner, body)
			w.refused("tags", "POST", bulk, w.Owner, body)
		}
		w.refused("search", "POST", preview, w.Owner, `{"all": true, "search": ["first1", "first2"]}`)
		w.refused("tags", "POST", preview, w.Owner, `{"all": true, "tags": []}`)
		w.refused("search", "POST", preview, w.Owner, `{"all": true, "search": null, "role": "AN"}`)
		if got := w.Explicit(project); len(got) != 2 {
			t.Fatalf("after all that: %v", got)
		}
	})
}

// What says the same twice, and lists that are empty, mean what they did.
func TestSelectionsThatMayBeEmpty(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		w.Assign(project, w.Person("AN"), w.Person("RE"))
		bulk := fmt.Sprintf("/api/projects/%d/members/bulk/?", project)
		for _, query := range []string{"all=false&included=", "all=false&included=,&role=",
			"included=&excluded=&all=false&all=false"} {
			if got := at(w.must(http.StatusOK, "DELETE", bulk+query, w.Owner, nil), "unassignments"); got != 0.0 {
				t.Errorf("%s: %v", query, got)
			}
		}
		shown := w.must(http.StatusOK, "POST", fmt.Sprintf("/api/roster/projects/%d/members/bulk/preview/", project),
			w.Owner, `{"all": true, "role": "AN"}`)
		if got := at(shown, "count"); got != 1.0 {
			t.Errorf("preview: %v", shown)
		}
		if got := at(w.must(http.StatusOK, "DELETE", bulk+"all=true&all=true&excluded=&included=&search="+
			url.QueryEscape("first1 "), w.Owner, nil), "unassignments"); got != 1.0 {
			t.Errorf("unassigned %v", got)
		}
	})
}

// A plan or a key that got lost on the way is not a wish to go without.
func TestEmptyPlanAndKey(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		w.Assign(project, w.Person("AN"))
		path := fmt.Sprintf("/api/projects/%d/members/bulk/?all=true", project)
		for _, header := range []http.Header{
			{"If-Match": {""}}, {"If-Match": {" "}}, {"If-Match": {`""`}}, {"If-Match": {"*"}}, {"If-Match": {`W/"a"`}},
			{"If-Match": {`"a", "b"`}}, {"If-Match": {`"a"`, `"b"`}},
			{"Idempotency-Key": {""}}, {"Idempotency-Key": {"a", "b"}}, {"Idempotency-Key": {"a\nb"}},
			{"Idempotency-Key": {"\xff"}}, // was a 500 on PostgreSQL
		} {
			if answer := w.exchange("DELETE", path, w.Owner, header, ""); answer.Code != http.StatusBadRequest {
				t.Errorf("%v: %d %s", header, answer.Code, answer.Body)
			}
		}
		if got := w.Explicit(project); len(got) != 1 {
			t.Fatalf("after all that: %v", got)
		}
	})
}

// An undo that is sent again with its key is answered again, not refused as
// already done.
func TestUndoWithKey(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		person := w.Person("AN")
		added := w.Assign(project, person)
		path, key := fmt.Sprintf("/api/roster/operations/%d/undo/", added), http.Header{"Idempotency-Key": {"take it back"}}
		first := w.exchange("POST", path, w.Owner, key, "")
		again := w.exchange("POST", path, w.Owner, key, "")
		if first.Code != http.StatusCreated || again.Code != http.StatusCreated ||
			again.Body.String() != first.Body.String() || again.Header().Get("Idempotency-Replayed") != "true" {
			t.Errorf("%d %s, then %d %s", first.Code, first.Body, again.Code, again.Body)
		}
		if got := w.Explicit(project); len(got) != 0 {
			t.Errorf("still in: %v", got)
		}
	})
}

// Whoever ends their own access by an undo is told what it did, not that there is no
// such thing.
func TestUndoOfOnesOwnAccess(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		project := w.Project("Street signs", 0)
		manager, other := w.Person("MA"), w.Person("AN")
		added := w.Assign(project, manager, other)
		answer := w.exchange("POST", fmt.Sprintf("/api/roster/operations/%d/undo/", added), manager, http.Header{}, "")
		if answer.Code != http.StatusCreated || !strings.Contains(answer.Body.String(), `"changed":2`) {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
		if got := w.Explicit(project); len(got) != 0 {
			t.Errorf("still in: %v", got)
		}
	})
}

// A removal of one person that names two is refused: the last one went.
func TestOnePersonIsNamedOnce(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		space := w.Workspace("Vision")
		project := w.Project("Street signs", space)
		a, b := w.Person("AN"), w.Person("AN")
		w.Assign(project, a, b)
		members, memberships := fmt.Sprintf("/api/projects/%d/members/", project),
			fmt.Sprintf("/api/workspaces/%d/memberships/", space)
		w.must(http.StatusOK, "POST", memberships+"bulk/", w.Owner, map[string]any{"all": false, "included": []int64{a, b}})
		one := fmt.Sprintf(`{"user": %d}`, a)
		w.refused("user", "DELETE", fmt.Sprintf("%s?user=%d&user=%d", members, a, b), w.Owner, nil)
		w.refused("user", "DELETE", fmt.Sprintf("%s?user=%d", members, b), w.Owner, one)
		w.refused("user", "DELETE", members, w.Owner, `{"user": null}`)
		w.refused("user_id", "DELETE", fmt.Sprintf("%s?user_id=%d&user=%d", memberships, a, b), w.Owner, nil)
		w.refused("user_id", "DELETE", fmt.Sprintf("%s?user_id=%d", memberships, b), w.Owner, one)
		if got := w.Explicit(project); len(got) != 2 {
			t.Fatalf("after all that: %v", got)
		}
		w.must(http.StatusNoContent, "DELETE", fmt.Sprintf("%s?user_id=%d&user=%d", memberships, a, a), w.Owner, one)
		w.must(http.StatusNoContent, "DELETE", fmt.Sprintf("%s?user=%d&user=%d", members, a, a), w.Owner, one)
		if got := w.Explicit(project); len(got) != 1 || got[0] != b {
			t.Errorf("left: %v", got)
		}
	})
}
