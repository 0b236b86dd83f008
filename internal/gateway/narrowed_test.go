package gateway_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestListsAreOfTheProject: the upstream knows fewer names to choose by than the gate,
// and answers with everything where it knows none of them. So it is asked for the
// project, whatever the request named.
func TestListsAreOfTheProject(t *testing.T) {
	w := newWorld(t)
	for _, target := range []string{
		"/api/webhooks/?project_id=1", "/api/webhooks/?task=11", "/api/webhooks/?annotation=101",
		"/api/webhooks/?view=401", "/api/webhooks/?project=1",
		"/api/dm/views/?project_id=1", "/api/dm/views/?task=11", "/api/label_links/?task=11",
		"/api/label_links/?project_id=1",
		"/api/predictions/?annotation=101", "/api/predictions/?task__project=1", "/api/storages/?project_id=1",
		"/api/storages/s3/?task=11",
		"/api/ml/?view=401", "/api/tasks/?view=401", "/api/dm/columns/?project_id=1", "/api/dm/project/?view=401",
	} {
		w.fake.taken()
		got := w.get("mia", target)
		reached := w.fake.taken()
		if got.status/100 == 4 || len(reached) != 1 || reached[0].query["project"] != "1" ||
			reached[0].query["project_id"] != "" {
			t.Errorf("%s: %d %s, and arrived as %v", target, got.status, got.body, reached)
		}
	}
	got := w.send("mia", "POST", "/api/dm/actions/?id=retrieve_tasks_predictions&view=401",
		`{"selectedItems":{"all":false,"included":[11]}}`)
	if reached := w.fake.taken(); len(reached) != 1 || reached[0].query["project"] != "1" {
		t.Errorf("an action: %d %s, and arrived as %v", got.status, got.body, reached)
	}
}

// TestNothingOfAllForOne: who names a project where everything is meant is told.
func TestNothingOfAllForOne(t *testing.T) {
	w := newWorld(t)
	w.try(map[string]attempt{
		"a new project in a project":  {"mia", "POST", "/api/projects/?project=1", `{"title":"x"}`, 400},
		"the organization, by a task": {"owner", "PATCH", "/api/organizations/1?task=11", `{"title":"x"}`, 400},
		"a new project":               {"mia", "POST", "/api/projects/", `{"title":"x"}`, 200},
	})
}

// TestHooksLeadAway: nobody has the upstream ask itself, but the Owner.
func TestHooksLeadAway(t *testing.T) {
	w := newWorld(t)
	itself := w.fake.srv.URL + "/api/projects/2/"
	local := strings.Replace(itself, "127.0.0.1", "localhost", 1)
	short := strings.Replace(itself, "127.0.0.1", "127.1", 1)
	w.try(map[string]attempt{
		"a new one":    {"mia", "POST", "/api/webhooks/", `{"project":1,"url":"` + itself + `"}`, 403},
		"by name":      {"adm", "POST", "/api/webhooks/", `{"project":1,"url":"` + local + `"}`, 403},
		"of the whole": {"adm", "POST", "/api/webhooks/", `{"url":"` + short + `"}`, 403},
		"changed":      {"mia", "PATCH", "/api/webhooks/901/", `{"url":"` + local + `"}`, 403},
		"put":          {"mia", "PUT", "/api/webhooks/901/", `{"url":"` + local + `"}`, 403},
		"not an address": {"mia", "POST", "/api/webhooks/",
			`{"project":1,"url":"http://127.0.0.1:8081\\@x.example/"}`, 400},
		"the Owner's":        {"owner", "POST", "/api/webhooks/", `{"project":1,"url":"` + itself + `"}`, 200},
		"elsewhere":          {"mia", "POST", "/api/webhooks/", `{"project":1,"url":"https://hooks.example/x"}`, 200},
		"changed, elsewhere": {"mia", "PATCH", "/api/webhooks/901/", `{"url":"https://hooks.example/x"}`, 200},
		"switched off":       {"mia", "PATCH", "/api/webhooks/901/", `{"is_active":false}`, 200},
	})
}

// TestOwnersHook: one of the Owner's that leads to the upstream itself is completed
// by nobody else.
func TestOwnersHook(t *testing.T) {
	w := newWorld(t)
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		if strings.Trim(r.URL.Path, "/") != "api/webhooks/901" {
			return false
		}
		writeJSON(rw, map[string]any{"id": 901, "project": 1, "url": w.fake.srv.URL + "/api/projects/2/"})
		return true
	})
	w.try(map[string]attempt{
		"what it says":        {"mia", "PATCH", "/api/webhooks/901/", `{"headers":{"Authorization":"Token x"}}`, 403},
		"switched on":         {"adm", "PATCH", "/api/webhooks/901/", `{"is_active":true}`, 403},
		"put elsewhere":       {"mia", "PUT", "/api/webhooks/901/", `{"url":"https://hooks.example/x"}`, 403},
		"by the Owner":        {"owner", "PATCH", "/api/webhooks/901/", `{"is_active":true}`, 200},
		"deleted, by whoever": {"mia", "DELETE", "/api/webhooks/901/", "", 200},
	})
}

// TestPatternsEnd: the upstream looks for a pattern in every name of a bucket, with a
// search that goes back over each repetition.
func TestPatternsEnd(t *testing.T) {
	w := newWorld(t)
	const keys = `"aws_access_key_id":"a","aws_secret_access_key":"b"`
	w.try(map[string]attempt{
		"forever": {"mia", "POST", "/api/storages/s3/", `{"project":1,` + keys + `,"regex_filter":"(a+)+$"}`, 400},
		"forever, to check": {"mia", "POST", "/api/storages/s3/validate", `{"project":1,` + keys +
			`,"regex_filter":"(a|a)*$"}`, 400},
		"forever, later":   {"mia", "PATCH", "/api/storages/s3/601", `{"regex_filter":".*.*.*.*x"}`, 400},
		"by the Owner too": {"owner", "POST", "/api/storages/s3/", `{"project":1,` + keys + `,"regex_filter":"(a+)+$"}`, 400},
		"pictures": {"mia", "POST", "/api/storages/s3/", `{"project":1,` + keys +
			`,"regex_filter":".*\\.(jpe?g|png)"}`, 200},
	})
}

// TestOnesOwnPicture: the upstream changes the caller's, whoever is in the address.
func TestOnesOwnPicture(t *testing.T) {
	w := newWorld(t)
	w.try(map[string]attempt{
		"somebody else's": {"adm", "DELETE", "/api/users/2/avatar/", "", 403},
		"one's own":       {"ann", "DELETE", "/api/users/2/avatar/", "", 200},
	})
}

// TestAskedInBounds: what the upstream makes of a question has a bound.
func TestAskedInBounds(t *testing.T) {
	w := newWorld(t)
	large := `{"label_config":"` + strings.Repeat("a", 1<<20) + `"}`
	w.try(map[string]attempt{
		"a sample of anybody's": {"", "GET", "/samples/time-series.csv?values=a", "", 401},
		"a sample":              {"ann", "GET", "/samples/time-series.csv?values=a,b&time=t", "", 200},
		"a numbered sample":     {"ann", "GET", "/samples/time-series.csv?values=1,999&time=0", "", 200},
		"a sample of thousands": {"ann", "GET", "/samples/time-series.csv?values=1,1500000&time=0", "", 400},
		"of Arabic thousands": {"ann", "GET", "/samples/time-series.csv?values=1&values=" +
			url.QueryEscape("١٥٠٠٠٠٠") + "&time=0", "", 400},
		"a wide sample":         {"ann", "GET", "/samples/time-series.csv?values=" + strings.Repeat("a,", 1000), "", 400},
		"a large configuration": {"mia", "PATCH", "/api/projects/1/", large, 400},
		"checked":               {"mia", "POST", "/api/projects/validate/", large, 400},
		"by who makes none":     {"ann", "POST", "/api/projects/validate/", `{"label_config":"<View/>"}`, 403},
	})
}

// TestStrangersAreNumbers: an import may say of anybody that they did a piece of
// work, and the upstream tells with it who they are. Who does not know them is told
// their number.
func TestStrangersAreNumbers(t *testing.T) {
	w := newWorld(t)
	const who = `{"id":5,"email":"out@example.com","first_name":"Oluwaseun","last_name":"Out","avatar":"/a.png","initials":"OO"}`
	const work = `{"id":103,"task":11,"project":1,"completed_by":` + who +
		`,"created_username":" out@example.com, 5","result":[{"email":"kept@example.com","id":5}]}`
	const task = `{"id":11,"project":1,"data":{"email":"data@example.com","id":5},"annotations":[` + work +
		`],"drafts":[],"annotators":[` + who + `],"updated_by":[{"user_id":5}]}`
	answers := map[string]string{
		"/api/tasks/11/":                      task,
		"/api/tasks/":                         `{"total":1,"tasks":[` + task + `]}`,
		"/api/projects/1/next/":               task,
		"/api/tasks/11/annotations/":          `[` + work + `]`,
		"/api/annotations/101/":               work,
		"/api/projects/1/annotators/":         `[` + who + `]`,
		"/api/projects/1/tasks/":              `[` + task + `]`,
		"/api/projects/1/exports/":            `[{"id":1101,"created_by":` + who + `}]`,
		"/api/projects/1/exports/1101":        `{"id":1101,"created_by":` + who + `}`,
		"/api/tasks/11/agreement/":            `{"by":[` + who + `]}`,
		"/api/fsm/entities/task/11/history":   `{"next":null,"previous":null,"results":[{"triggered_by":` + who + `}]}`,
		"/api/fsm/entities/project/1/history": `{"next":null,"previous":null,"results":[{"triggered_by":` + who + `}]}`,
		"/api/dm/actions/delete_tasks/form/":  `[{"fields":[{"options":[{"value":"5","label":"Oluwaseun Out"}]}]}]`,
	}
	w.fake.special = func(rw http.ResponseWriter, r *http.Request) bool {
		answer, there := answers[r.URL.Path]
		if !there && !strings.HasSuffix(r.URL.Path, "/") {
			answer, there = answers[r.URL.Path+"/"]
		}
		if there {
			rw.Header().Set("Content-Type", "application/json")
			_, err := rw.Write([]byte(answer))
			ok(t, err)
		}
		return there
	}
	hears := func(whom string, named bool) {
		t.Helper()
		for path := range answers {
			q := ""
			if !strings.Contains(path, "projects/1") && !strings.Contains(path, "/11") {
				q = "?project=1"
			}
			got := w.get(whom, path+q)
			if got.status != 200 || strings.Contains(got.body, "out@example.com") && !named ||
				strings.Contains(got.body, "Oluwaseun") != named || !strings.Contains(got.body, `5`) {
				t.Errorf("%s, as %s: %d %s", path, whom, got.status, got.body)
			}
			if strings.Contains(answers[path], "kept@") && !strings.Contains(got.body, "kept@example.com") {
				t.Errorf("%s: what was written is changed: %s", path, got.body)
			}
		}
	}
	hears("mia", false)
	hears("adm", true)
	w.assign(1, "out")
	hears("mia", true)
}

// TestSnapshotsTellNumbers: a file is passed on, to whomever.
func TestSnapshotsTellNumbers(t *testing.T) {
	w := newWorld(t)
	snapshot := func(options string) string {
		return `{"title":"x","serialization_options":{"annotations__completed_by":` + options + `}}`
	}
	w.try(map[string]attempt{
		"people":             {"mia", "POST", "/api/projects/1/exports/", snapshot(`{"only_id":false}`), 403},
		"people, by silence": {"mia", "POST", "/api/projects/1/exports/", snapshot(`{}`), 403},
		"in capitals besides": {"mia", "POST", "/api/projects/1/exports/",
			`{"serialization_options":{"annotations__completed_by":{"only_id":false},"ANNOTATIONS__COMPLETED_BY":null}}`, 403},
		"a fraction":        {"mia", "POST", "/api/projects/1/exports/", snapshot(`{"only_id":0.0}`), 403},
		"less than nothing": {"mia", "POST", "/api/projects/1/exports/", snapshot(`{"only_id":-0}`), 403},
		"a word":            {"mia", "POST", "/api/projects/1/exports/", snapshot(`{"only_id":"\u0066alse"}`), 403},
		"drafts in capitals": {"owner", "POST", "/api/projects/1/exports/",
			`{"serialization_options":{"drafts":{"only_id":false},"Drafts":null}}`, 403},
		"an administrator": {"adm", "POST", "/api/projects/1/exports/", snapshot(`{"only_id":false}`), 200},
		"numbers":          {"mia", "POST", "/api/projects/1/exports/", snapshot(`{"only_id":true}`), 200},
		"nothing said":     {"mia", "POST", "/api/projects/1/exports/", snapshot(`null`), 200},
	})
}
