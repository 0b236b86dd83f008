package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
)

func (s *stage) send(method, path, body, kind string) *httptest.ResponseRecorder {
	s.w.Clock = time.Now().UTC()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if strings.HasPrefix(path, "/api/") {
		r.Header.Set("Authorization", "Token "+s.token)
	} else if s.cookie != nil {
		r.AddCookie(s.cookie)
	}
	answer := httptest.NewRecorder()
	s.handler.ServeHTTP(answer, r)
	return answer
}

// wire asks the API.
func (s *stage) wire(method, path string, query url.Values, body string) (answer map[string]any, refused bool) {
	kind := ""
	if body != "" {
		kind = "application/json"
	}
	a := s.send(method, path+"?"+query.Encode(), body, kind)
	if a.Code != http.StatusOK && a.Code != http.StatusBadRequest {
		s.t.Fatalf("%s %s?%s: %d %s", method, path, query.Encode(), a.Code, a.Body)
	}
	s.must(json.Unmarshal(a.Body.Bytes(), &answer))
	return answer, a.Code == http.StatusBadRequest
}

func idsOf(rows any) (ids []int64) {
	list, _ := rows.([]any)
	ids = []int64{}
	for _, row := range list {
		ids = append(ids, int64(row.(map[string]any)["id"].(float64)))
	}
	return ids
}

// rowsOf is the ids of a CSV file.
func rowsOf(file io.Reader) (ids []int64) {
	ids = []int64{}
	lines, _ := csv.NewReader(file).ReadAll()
	for _, line := range lines[min(1, len(lines)):] {
		id, _ := strconv.ParseInt(line[0], 10, 64)
		ids = append(ids, id)
	}
	return ids
}

func (s *stage) lists() []face {
	explicit := func(w wish) url.Values {
		v := w.wire()
		v.Set("implicit", "false")
		v.Set("page_size", "1000")
		return v
	}
	members := fmt.Sprintf("/api/projects/%d/members/", s.project)
	cli := func(place []string, how string) func(w wish) ([]int64, int, bool) {
		return func(w wish) ([]int64, int, bool) {
			args := append([]string{"member", how, "--project", fmt.Sprint(s.project), "--no-implicit"}, w.flags()...)
			if how == "list" {
				args = append(args, "--json")
			}
			a := s.e.roster(s.t, append(args, place...)...)
			if how == "export" {
				ids := rowsOf(strings.NewReader(a.out))
				return ids, len(ids), a.code != 0
			}
			var rows any
			json.Unmarshal([]byte(a.out), &rows)
			return idsOf(rows), len(idsOf(rows)), a.code != 0
		}
	}
	return []face{
		{name: "GET members/paginated", ask: func(w wish) ([]int64, int, bool) {
			answer, refused := s.wire("GET", members+"paginated/", explicit(w), "")
			count, _ := answer["count"].(float64)
			return idsOf(answer["results"]), int(count), refused
		}},
		{name: "GET members/export", ask: func(w wish) ([]int64, int, bool) {
			a := s.send("GET", members+"export/?"+explicit(w).Encode(), "", "")
			ids := rowsOf(a.Body)
			return ids, len(ids), a.Code != http.StatusOK
		}},
		{name: "client Members", ask: func(w wish) (ids []int64, n int, refused bool) {
			if w.nasty() {
				return nil, 0, true // it takes values, and no texts
			}
			f := w.filter()
			f.Access = roster.ExplicitAccess
			ids = []int64{}
			for m, err := range s.api.Members(s.t.Context(), s.project, f, "") {
				s.must(err)
				ids = append(ids, m.ID)
			}
			n, err := s.api.CountMembers(s.t.Context(), s.project, f)
			s.must(err)
			return ids, n, false
		}},
		{name: "cli member list, local", ask: cli(s.local, "list")},
		{name: "cli member list, server", ask: cli(s.remote, "list")},
		{name: "cli member export, local", ask: cli(s.local, "export")},
		{name: "cli member export, server", ask: cli(s.remote, "export")},
		{name: "console /projects/{id}/members", ask: func(w wish) ([]int64, int, bool) {
			v := w.console()
			v.Set("size", "500")
			v.Set("access", "direct")
			a := s.send("GET", fmt.Sprintf("/projects/%d/members?%s", s.project, v.Encode()), "", "")
			ids := []int64{}
			for _, m := range regexp.MustCompile(`name="pick" value="(\d+)"`).FindAllStringSubmatch(a.Body.String(), -1) {
				id, _ := strconv.ParseInt(m[1], 10, 64)
				ids = append(ids, id)
			}
			return ids, len(ids), a.Code != http.StatusOK
		}},
		{name: "console /projects/{id}/members.csv", ask: func(w wish) ([]int64, int, bool) {
			v := w.console()
			v.Set("bom", "0")
			v.Set("access", "direct")
			a := s.send("GET", fmt.Sprintf("/projects/%d/members.csv?%s", s.project, v.Encode()), "", "")
			ids := rowsOf(a.Body)
			return ids, len(ids), a.Code != http.StatusOK
		}},
	}
}

func texts(ids []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]")
}

func (s *stage) command(place []string, what string, w wish, more ...string) answer {
	args := append([]string{"member", what, "--project", fmt.Sprint(s.project), "--all", "--json"}, w.flags()...)
	if len(w.spared) > 0 {
		args = append(args, "--exclude", texts(w.spared))
	}
	return s.e.roster(s.t, append(append(args, more...), place...)...)
}

func number(text, name string) int {
	var v map[string]any
	json.Unmarshal([]byte(text), &v)
	n, _ := v[name].(float64)
	return int(n)
}

func (s *stage) previews() []face {
	path := fmt.Sprintf("/api/roster/projects/%d/members/bulk/preview", s.project)
	shown := func(answer map[string]any, refused bool) ([]int64, int, bool) {
		count, _ := answer["count"].(float64)
		return idsOf(answer["results"]), int(count), refused
	}
	cli := func(place []string) func(w wish) ([]int64, int, bool) {
		return func(w wish) ([]int64, int, bool) {
			a := s.command(place, "unassign", w, "--dry-run")
			return nil, number(a.out, "count"), a.code != 0
		}
	}
	return []face{
		{name: "POST bulk/preview, query", ask: func(w wish) ([]int64, int, bool) {
			v := w.removing()
			v.Set("page_size", "1000")
			return shown(s.wire("POST", path, v, ""))
		}},
		{name: "POST bulk/preview, body", ask: func(w wish) ([]int64, int, bool) {
			body := map[string]any{"all": true, "page_size": 1000, "excluded": append([]int64{}, w.spared...)}
			for _, f := range w.filters {
				body[f.name] = f.wire
				if strings.Contains(f.wire, "\xff") {
					return nil, 0, true // is no JSON
				}
			}
			text, err := json.Marshal(body)
			s.must(err)
			return shown(s.wire("POST", path, nil, string(text)))
		}},
		{name: "client PreviewUnassign", ask: func(w wish) ([]int64, int, bool) {
			if w.nasty() {
				return nil, 0, true
			}
			p, err := s.api.PreviewUnassign(s.t.Context(), s.project, w.selector(), 1000)
			s.must(err)
			ids := []int64{}
			for _, m := range p.People {
				ids = append(ids, m.ID)
			}
			return ids, p.Count, false
		}},
		{name: "cli member unassign --dry-run, local", ask: cli(s.local)},
		{name: "cli member unassign --dry-run, server", ask: cli(s.remote)},
		{name: "console /projects/{id}/members/unassign", ask: func(w wish) ([]int64, int, bool) {
			_, count, refused := s.dialog(w)
			return nil, count, refused
		}},
	}
}

var (
	planField = regexp.MustCompile(`name="plan" value="([^"]+)"`)
	keyField  = regexp.MustCompile(`name="key" value="([A-Z0-9]+)"`)
	howMany   = regexp.MustCompile(`Take (one person|([\d,]+) people) off`)
)

// dialog is the question before a removal, with the fields to answer it.
func (s *stage) dialog(w wish) (fields url.Values, count int, refused bool) {
	fields = w.form()
	fields.Set("key", strings.Repeat("A", 26))
	a := s.send("POST", fmt.Sprintf("/projects/%d/members/unassign", s.project), fields.Encode(), "application/x-www-form-urlencoded")
	if a.Code != http.StatusOK {
		return nil, 0, true
	}
	m := howMany.FindStringSubmatch(a.Body.String())
	if m == nil {
		s.t.Fatalf("no question in\n%s", a.Body)
	}
	count = 1
	if m[2] != "" {
		count, _ = strconv.Atoi(strings.ReplaceAll(m[2], ",", ""))
	}
	fields.Set("plan", planField.FindStringSubmatch(a.Body.String())[1])
	fields.Set("key", keyField.FindStringSubmatch(a.Body.String())[1])
	fields.Set("typed", "Street signs")
	return fields, count, false
}

func (s *stage) removals() []face {
	bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", s.project)
	cli := func(place []string) func(w wish) ([]int64, int, bool) {
		return func(w wish) ([]int64, int, bool) { return nil, 0, s.command(place, "unassign", w).code != 0 }
	}
	return []face{
		{name: "DELETE members/bulk", changes: true, ask: func(w wish) ([]int64, int, bool) {
			_, refused := s.wire("DELETE", bulk, w.removing(), "")
			return nil, 0, refused
		}},
		{name: "client UnassignMembers", changes: true, ask: func(w wish) ([]int64, int, bool) {
			if w.nasty() {
				return nil, 0, true
			}
			s.w.Clock = time.Now().UTC()
			_, err := s.api.UnassignMembers(s.t.Context(), s.project, w.selector(), "")
			s.must(err)
			return nil, 0, false
		}},
		{name: "cli member unassign, local", changes: true, ask: cli(s.local)},
		{name: "cli member unassign, server", changes: true, ask: cli(s.remote)},
		{name: "console /projects/{id}/members/unassign/apply", changes: true, ask: func(w wish) ([]int64, int, bool) {
			fields, _, refused := s.dialog(w)
			if refused {
				fields = w.form()
				fields.Set("plan", "x")
				fields.Set("key", strings.Repeat("B", 26))
			}
			a := s.send("POST", fmt.Sprintf("/projects/%d/members/unassign/apply", s.project), fields.Encode(),
				"application/x-www-form-urlencoded")
			return nil, 0, a.Code != http.StatusSeeOther
		}},
	}
}

func (s *stage) additions() []face {
	bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", s.project)
	preview := fmt.Sprintf("/api/roster/projects/%d/members/bulk/assign/preview", s.project)
	body := func(w wish) string {
		text, _ := json.Marshal(map[string]any{"all": true, "excluded": append([]int64{}, w.spared...)})
		return string(text)
	}
	cli := func(place []string, more ...string) func(w wish) ([]int64, int, bool) {
		return func(w wish) ([]int64, int, bool) {
			a := s.command(place, "assign", w, more...)
			return nil, number(a.out, "assignments"), a.code != 0
		}
	}
	return []face{
		{name: "POST bulk/assign/preview", ask: func(w wish) ([]int64, int, bool) {
			answer, refused := s.wire("POST", preview, w.wire(), body(w))
			n, _ := answer["assignments"].(float64)
			return nil, int(n), refused
		}},
		{name: "client PreviewAssign", ask: func(w wish) ([]int64, int, bool) {
			if slices.ContainsFunc(w.filters, func(x said) bool { return x.set == nil }) {
				return nil, 0, true
			}
			done, err := s.api.PreviewAssign(s.t.Context(), s.project, w.selector())
			return nil, done.Count, err != nil
		}},
		{name: "cli member assign --dry-run, local", ask: cli(s.local, "--dry-run")},
		{name: "cli member assign --dry-run, server", ask: cli(s.remote, "--dry-run")},
		{name: "POST members/bulk", changes: true, ask: func(w wish) ([]int64, int, bool) {
			_, refused := s.wire("POST", bulk, w.wire(), body(w))
			return nil, 0, refused
		}},
		{name: "client AssignMembers", changes: true, ask: func(w wish) ([]int64, int, bool) {
			if slices.ContainsFunc(w.filters, func(x said) bool { return x.set == nil }) {
				return nil, 0, true
			}
			s.w.Clock = time.Now().UTC()
			_, err := s.api.AssignMembers(s.t.Context(), s.project, w.selector())
			return nil, 0, err != nil
		}},
		{name: "cli member assign, local", changes: true, ask: cli(s.local)},
		{name: "cli member assign, server", changes: true, ask: cli(s.remote)},
		{name: "console /projects/{id}/members/add", changes: true, ask: func(w wish) ([]int64, int, bool) {
			v := w.form()
			page := fmt.Sprintf("/projects/%d/members/add", s.project)
			v.Set("key", keyField.FindStringSubmatch(s.send("GET", page, "", "").Body.String())[1])
			a := s.send("POST", page, v.Encode(), "application/x-www-form-urlencoded")
			return nil, 0, a.Code != http.StatusSeeOther
		}},
	}
}
