package gate

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// where is a question for tasks with one filter.
func where(column, operator, kind string, value any) map[string]any {
	return map[string]any{"filters": map[string]any{"conjunction": "and", "items": []any{
		map[string]any{"filter": "filter:tasks:" + column, "operator": operator, "type": kind, "value": value},
	}}}
}

// found is how many tasks somebody is told that a question has; refused is the
// status and why, where there is none.
func (s *scene) found(p *person, question map[string]any) (total int, refused string) {
	s.t.Helper()
	raw, err := json.Marshal(question)
	if err != nil {
		s.t.Fatal(err)
	}
	a, err := p.ask("GET", s.path("/api/tasks/?project=%d&query=")+url.QueryEscape(string(raw)), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	var page struct {
		Total  int
		Detail string
	}
	if err := json.Unmarshal(a.body, &page); err != nil {
		s.t.Fatal(err, a)
	}
	if a.status != 200 {
		return 0, fmt.Sprintf("%d %s", a.status, page.Detail)
	}
	return page.Total, ""
}

// answered makes a scene with three tasks, of which Ann and Bob did one each.
func answered(t *testing.T, g *gate) *scene {
	s := g.newScene(t, "mia", "rea", "ann", "bob")
	for i, name := range []string{"ann", "bob", ""} {
		task := s.task()
		if name != "" {
			s.past(g.who(t, name)).must(t, "POST", fmt.Sprintf("/api/tasks/%d/annotations/", task),
				map[string]any{"result": chosen([]string{"Good", "Bad"}[i]), "lead_time": 1}, nil)
		}
	}
	return s
}

// TestQuestions: what the screens offer is answered as the upstream answers it,
// and what would tell or cost too much is refused, though the upstream takes it.
func TestQuestions(t *testing.T) {
	g := need(t)
	s := answered(t, g)
	bob := g.who(t, "bob").id
	annotators := func(value any) map[string]any { return where("annotators", "contains", "List", value) }
	for _, c := range []struct {
		question map[string]any
		upstream int               // what it finds by itself
		who      map[string]string // "": the same; else how the refusal begins
	}{
		{where("data.text", "contains", "String", "bird"), 3, map[string]string{"ann": "", "rea": "", "mia": "",
			"owner": ""}},
		{where("data.text", "regex", "String", "^A [a-c]ird$|cat"), 3, map[string]string{"ann": "", "mia": ""}},
		{where("data.text", "regex", "String", "(A |x)+bird"), 3, map[string]string{"ann": "400 A regex can hold up",
			"rea": "400 A regex", "mia": "400 A regex", "owner": "400 A regex"}},
		{where("data.regex", "equal", "String", "(A |x)+bird"), 3,
			map[string]string{"ann": "400 Tasks are not chosen", "mia": "400 Tasks are not chosen"}},
		{where("annotations__completed_by", "equal", "Number", bob), 1, map[string]string{"ann": "403 Only reviewers",
			"rea": "400 Tasks are not", "owner": "400 Tasks are not"}},
		{annotators(bob), 1, map[string]string{"ann": "403 Only reviewers", "bob": "", "rea": "", "mia": ""}},
		{where("annotations_results", "contains", "String", "Good"), 1, map[string]string{"ann": "403 Only reviewers",
			"rea": "", "mia": ""}},
		{where("annotations_results", "regex", "String", "Good"), 1, map[string]string{"ann": "403 Only reviewers",
			"rea": "", "mia": ""}},
		{where("predictions_results", "empty", "String", false), 2,
			map[string]string{"ann": "403 Only reviewers", "rea": ""}},
		{where("total_annotations", "greater_or_equal", "Number", 1), 2, map[string]string{"ann": "", "rea": ""}},
		{where("completed_at", "empty", "Datetime", true), 1, map[string]string{"ann": "", "mia": ""}},
		{map[string]any{"ordering": []string{"-tasks:annotations__completed_by"}}, 3,
			map[string]string{"ann": "403 Only reviewers", "mia": "400 Tasks are not"}},
		{map[string]any{"ordering": []string{"-tasks:data.text"}}, 3, map[string]string{"ann": ""}},
	} {
		if total, refused := s.found(behind(), c.question); total != c.upstream || refused != "" {
			t.Errorf("past the gate, %v: %d %s", c.question, total, refused)
		}
		for name, want := range c.who {
			total, refused := s.found(g.who(t, name), c.question)
			if (want == "") != (refused == "") || !strings.HasPrefix(refused, want) || want == "" && total != c.upstream {
				t.Errorf("%s, %v: %d %s, not %s", name, c.question, total, refused, want)
			}
		}
	}
}

// TestTotals: an annotator's project tells everybody's progress, and nobody's
// answers.
func TestTotals(t *testing.T) {
	g := need(t)
	s := answered(t, g)
	s.id("draft", g.who(t, "ann"))
	for name, whole := range map[string]bool{"ann": false, "rea": true, "mia": true} {
		var got map[string]any
		g.who(t, name).must(t, "GET", s.path("/api/projects/%d/summary/"), nil, &got)
		labels, _ := got["created_labels"].(map[string]any)
		made, _ := got["created_annotations"].(map[string]any)
		if columns, _ := got["common_data_columns"].([]any); len(columns) == 0 || labels == nil ||
			(len(labels) > 0) != whole || (len(made) > 0) != whole {
			t.Errorf("%s is told %v", name, got)
		}
		if drafts, ok := got["created_labels_drafts"].(map[string]any); !ok || len(drafts) > 0 {
			t.Errorf("%s is told what stands in drafts: %v", name, got)
		}
		var columns struct {
			Columns []struct {
				ID       string
				Disabled bool
			}
		}
		g.who(t, name).must(t, "GET", s.path("/api/dm/columns/?project=%d"), nil, &columns)
		for _, c := range columns.Columns {
			tells := slices.Contains([]string{"annotations_results", "annotations_ids", "updated_by", "avg_lead_time",
				"draft_exists"}, c.ID)
			if c.Disabled != (tells && !whole) {
				t.Errorf("%s has column %+v", name, c)
			}
		}
		if got := g.who(t, name).status(t, "GET", "/api/projects/?ordering=task_data_password", nil); got != 400 {
			t.Errorf("%s orders by passwords: %d", name, got)
		}
	}
}

// TestTabOfManagers: a tab that asks what an annotator may not know says so on
// her screen, which goes on working.
func TestTabOfManagers(t *testing.T) {
	g := need(t)
	s := answered(t, g)
	var tab, plain struct{ ID int64 }
	data := where("annotators", "contains", "List", g.who(t, "bob").id)
	data["title"] = "By Bob"
	g.who(t, "mia").must(t, "POST", "/api/dm/views/", map[string]any{"project": s.project, "data": data}, &tab)
	g.who(t, "mia").must(t, "POST", "/api/dm/views/",
		map[string]any{"project": s.project, "data": map[string]any{"title": "Everything"}}, &plain)
	b := g.look(t)
	b.signIn("ann")
	b.do(chromedp.Navigate(g.url + s.path("/projects/%d/data?tab=") + fmt.Sprint(tab.ID)))
	b.says("It is this tab that asks so")
	b.do(chromedp.Navigate(g.url + s.path("/projects/%d/data?tab=") + fmt.Sprint(plain.ID)))
	b.says("A bird")
}
