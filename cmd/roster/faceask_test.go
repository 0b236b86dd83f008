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

// Ways to ask, for the faces of every list.

// asking asks one face: who it says, or how many, and whether it refused.
type asking = func(w wish) (ids []int64, count int, refused bool)

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
	if to := answer.Header().Get("Location"); method == "POST" &&
		(strings.Contains(to, "/shown/") || strings.Contains(to, "?asked=")) {
		return s.send("GET", to, "", "") // the page that answers a form of the console
	}
	return answer
}

func (s *stage) post(path string, fields url.Values) *httptest.ResponseRecorder {
	return s.send("POST", path, fields.Encode(), "application/x-www-form-urlencoded")
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

// paged asks the API for a list.
func (s *stage) paged(method, path string, query url.Values, body string) (ids []int64, count int, refused bool) {
	query.Set("page_size", "1000")
	answer, refused := s.wire(method, path, query, body)
	n, _ := answer["count"].(float64)
	return idsOf(answer["results"]), int(n), refused
}

// idOf is the id of a person in an answer, be it theirs or a membership's.
func idOf(row any) int64 {
	fields := row.(map[string]any)
	if user, of := fields["user"].(map[string]any); of {
		fields = user
	}
	return int64(fields["id"].(float64))
}

func idsOf(rows any) (ids []int64) {
	list, _ := rows.([]any)
	ids = []int64{}
	for _, row := range list {
		ids = append(ids, idOf(row))
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

func texts(ids []int64) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(ids), " ", ","), "[]")
}

// file asks for a CSV file.
func (s *stage) file(path string, v url.Values) (ids []int64, count int, refused bool) {
	a := s.send("GET", path+"?"+v.Encode(), "", "")
	ids = rowsOf(a.Body)
	return ids, len(ids), a.Code != http.StatusOK
}

var (
	pickBox   = regexp.MustCompile(`name="pick" value="(\d+)"`)
	planField = regexp.MustCompile(`name="plan" value="([^"]+)"`)
	heading   = regexp.MustCompile(`<h1[^>]*>[^<]*?(?:([Oo]ne) person|([\d,]+) people)`)
)

// picks asks for a page of the console, and reads whom it offers to tick.
func (s *stage) picks(path string, v url.Values) (ids []int64, count int, refused bool) {
	v.Set("size", "500")
	a := s.send("GET", path+"?"+v.Encode(), "", "")
	ids = []int64{}
	for _, m := range pickBox.FindAllStringSubmatch(a.Body.String(), -1) {
		id, _ := strconv.ParseInt(m[1], 10, 64)
		ids = append(ids, id)
	}
	return ids, len(ids), a.Code != http.StatusOK
}

// question asks what the console would do, with the fields to answer it.
func (s *stage) question(path string, w wish, more url.Values) (fields url.Values, count int, refused bool) {
	fields = w.form()
	fields.Set("key", s.key())
	for name, values := range more {
		fields[name] = values
	}
	a := s.post(path, fields)
	if a.Code != http.StatusOK {
		return fields, 0, true
	}
	page := a.Body.String()
	switch m := heading.FindStringSubmatch(page); {
	case m == nil && !strings.Contains(page, "dormant") && !strings.Contains(page, "<h1 tabindex=\"-1\" autofocus>Nobody"):
		s.t.Fatalf("no question in\n%s", page)
	case m == nil:
	case m[1] != "":
		count = 1
	default:
		count, _ = strconv.Atoi(strings.ReplaceAll(m[2], ",", ""))
	}
	if m := planField.FindStringSubmatch(page); m != nil {
		fields.Set("plan", m[1])
	}
	return fields, count, false
}

// key is what a form is done once by, as the page would have made it.
func (s *stage) key() string {
	s.keys++
	return fmt.Sprintf("%026d", s.keys)
}

// dialog are the two faces of what the console does after a question.
func (s *stage) dialog(path string, more url.Values) (asks, does face) {
	asks = face{name: "console " + bare(path), ask: func(w wish) ([]int64, int, bool) {
		_, count, refused := s.question(path, w, more)
		return nil, count, refused
	}}
	does = face{name: "console " + bare(path) + "/apply", changes: true, ask: func(w wish) ([]int64, int, bool) {
		fields, count, refused := s.question(path, w, more)
		if !refused && count == 0 && !strings.Contains(path, "tags") && fields.Get("plan") == "" {
			return nil, 0, false // there is nothing to do, it says
		}
		if refused {
			fields.Set("plan", "x")
		}
		fields.Set("typed", "Street signs")
		a := s.post(path+"/apply", fields)
		return nil, 0, a.Code != http.StatusSeeOther
	}}
	return asks, does
}

// bare is a path as the console's routes have it.
func bare(path string) string { return regexp.MustCompile(`/\d+`).ReplaceAllString(path, "/{id}") }

// form is the face of what the console does without a question, from the page of a list.
func (s *stage) form(path string) face {
	return face{name: "console POST " + bare(path), changes: true, ask: func(w wish) ([]int64, int, bool) {
		v := w.form()
		v.Set("key", s.key())
		a := s.post(path, v)
		return nil, 0, a.Code != http.StatusSeeOther
	}}
}

func number(text, name string) int {
	var v map[string]any
	json.Unmarshal([]byte(text), &v)
	n, _ := v[name].(float64)
	return int(n)
}

// values is asking the client, which takes values and no texts.
func values(ask asking) asking {
	return func(w wish) ([]int64, int, bool) {
		if slices.ContainsFunc(w.filters, func(f said) bool { return f.name != "" && f.set == nil }) {
			return nil, 0, true
		}
		return ask(w)
	}
}

// realms is every list of people there is, with what is done to them.
func (s *stage) realms() []realm {
	out := []realm{s.ofProject(), s.ofPeople()}
	return append(out, s.ofWorkspace()...)
}

// command runs one of the commands about the members of the project.
func (s *stage) command(place []string, what string, list roster.Lists, more ...string) func(w wish) answer {
	return func(w wish) answer {
		args := slices.Concat([]string{"member", what, "--project", fmt.Sprint(s.project)}, w.flags(list), more, place)
		return s.e.roster(s.t, args...)
	}
}

// both are the faces of a command, on the store and on a server.
func (s *stage) both(name string, changes bool, ask func(place []string) asking) []face {
	return []face{
		{name: "cli " + name + ", local", changes: changes, ask: ask(s.local)},
		{name: "cli " + name + ", server", changes: changes, ask: ask(s.remote)},
	}
}

func (s *stage) ofProject() realm {
	explicit := func(p soul) bool { return p.explicit }
	joins := func(p soul) bool { return !p.access() && p.org.Works() }
	enters := func(p soul) bool { return !p.explicit && p.org.Works() }
	added := subject{list: roster.ListAddition, has: joins, named: enters}
	counted, done := added, added
	counted.name, counted.faces = "preview of an addition", s.previewsOfAddition()
	done.name, done.faces = "addition", s.additions()
	return realm{"a project", roster.ListProject | roster.ListRemoval | roster.ListAddition, []subject{
		{name: "project list", list: roster.ListProject, has: explicit, hides: true, faces: s.lists()},
		{name: "preview of a removal", list: roster.ListRemoval, has: explicit, hides: true, faces: s.previews()},
		{name: "removal", list: roster.ListRemoval, has: explicit, hides: true, ends: true, faces: s.removals()},
		{name: "candidates list", list: roster.ListAddition, has: joins, faces: []face{
			{name: "console /projects/{id}/members/add", ask: func(w wish) ([]int64, int, bool) {
				return s.picks(fmt.Sprintf("/projects/%d/members/add", s.project), w.console())
			}},
		}},
		counted, done,
	}}
}

func (s *stage) lists() []face {
	explicit := func(w wish) url.Values {
		v := w.wire(roster.ListProject)
		v.Set("implicit", "false")
		return v
	}
	direct := func(w wish) url.Values {
		v := w.console()
		v.Set("access", "direct")
		return v
	}
	members := fmt.Sprintf("/api/projects/%d/members/", s.project)
	pages := fmt.Sprintf("/projects/%d/members", s.project)
	faces := []face{
		{name: "GET members/paginated", ask: func(w wish) ([]int64, int, bool) {
			return s.paged("GET", members+"paginated/", explicit(w), "")
		}},
		{name: "GET members/export", ask: func(w wish) ([]int64, int, bool) {
			return s.file(members+"export/", explicit(w))
		}},
		{name: "client Members", ask: values(s.clientMembers)},
		{name: "console /projects/{id}/members", ask: func(w wish) ([]int64, int, bool) {
			return s.picks(pages, direct(w))
		}},
		{name: "console /projects/{id}/members.csv", ask: func(w wish) ([]int64, int, bool) {
			v := direct(w)
			v.Set("bom", "0")
			return s.file(pages+".csv", v)
		}},
	}
	faces = append(faces, s.both("member list", false, func(place []string) asking {
		return func(w wish) ([]int64, int, bool) {
			a := s.command(place, "list", roster.ListProject, "--no-implicit", "--json")(w)
			var rows any
			json.Unmarshal([]byte(a.out), &rows)
			return idsOf(rows), len(idsOf(rows)), a.code != 0
		}
	})...)
	return append(faces, s.both("member export", false, func(place []string) asking {
		return func(w wish) ([]int64, int, bool) {
			a := s.command(place, "export", roster.ListProject, "--no-implicit")(w)
			ids := rowsOf(strings.NewReader(a.out))
			return ids, len(ids), a.code != 0
		}
	})...)
}

func (s *stage) clientMembers(w wish) (ids []int64, n int, refused bool) {
	f := w.filter()
	f.Access = roster.ExplicitAccess
	ids = []int64{}
	for m, err := range s.api.Members(s.t.Context(), s.project, f, "") {
		if err != nil {
			return nil, 0, true
		}
		ids = append(ids, m.ID)
	}
	n, err := s.api.CountMembers(s.t.Context(), s.project, f)
	return ids, n, err != nil
}

func (s *stage) previews() []face {
	path := fmt.Sprintf("/api/roster/projects/%d/members/bulk/preview", s.project)
	question, _ := s.dialog(fmt.Sprintf("/projects/%d/members/unassign", s.project), nil)
	return append([]face{
		question,
		{name: "POST bulk/preview, query", ask: func(w wish) ([]int64, int, bool) {
			return s.paged("POST", path, w.query(roster.ListRemoval), "")
		}},
		{name: "POST bulk/preview, body", ask: func(w wish) ([]int64, int, bool) {
			filters := map[string]any{"page_size": 1000}
			for name, values := range w.wire(roster.ListRemoval) {
				if filters[name] = values[0]; strings.Contains(values[0], "\xff") {
					return nil, 0, true // is no JSON
				}
			}
			answer, refused := s.wire("POST", path, nil, w.body(filters))
			n, _ := answer["count"].(float64)
			return idsOf(answer["results"]), int(n), refused
		}},
		{name: "client PreviewUnassign", ask: values(func(w wish) ([]int64, int, bool) {
			p, err := s.api.PreviewUnassign(s.t.Context(), s.project, w.selector(), 1000)
			ids := []int64{}
			for _, m := range p.People {
				ids = append(ids, m.ID)
			}
			return ids, p.Count, err != nil
		})},
	}, s.both("member unassign --dry-run", false, func(place []string) asking {
		return func(w wish) ([]int64, int, bool) {
			a := s.command(place, "unassign", roster.ListRemoval, "--json", "--dry-run")(w)
			return nil, number(a.out, "count"), a.code != 0
		}
	})...)
}

func (s *stage) removals() []face {
	bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", s.project)
	_, done := s.dialog(fmt.Sprintf("/projects/%d/members/unassign", s.project), nil)
	return append([]face{
		done,
		{name: "DELETE members/bulk", changes: true, ask: func(w wish) ([]int64, int, bool) {
			_, refused := s.wire("DELETE", bulk, w.query(roster.ListRemoval), "")
			return nil, 0, refused
		}},
		{name: "client UnassignMembers", changes: true, ask: values(func(w wish) ([]int64, int, bool) {
			s.w.Clock = time.Now().UTC()
			_, err := s.api.UnassignMembers(s.t.Context(), s.project, w.selector(), "")
			return nil, 0, err != nil
		})},
	}, s.both("member unassign", true, func(place []string) asking {
		return func(w wish) ([]int64, int, bool) {
			return nil, 0, s.command(place, "unassign", roster.ListRemoval, "--json")(w).code != 0
		}
	})...)
}

func (s *stage) previewsOfAddition() []face {
	preview := fmt.Sprintf("/api/roster/projects/%d/members/bulk/assign/preview", s.project)
	return append([]face{
		{name: "POST bulk/assign/preview", ask: func(w wish) ([]int64, int, bool) {
			answer, refused := s.wire("POST", preview, w.wire(roster.ListAddition), w.body(nil))
			n, _ := answer["assignments"].(float64)
			return nil, int(n), refused
		}},
		{name: "client PreviewAssign", ask: values(func(w wish) ([]int64, int, bool) {
			done, err := s.api.PreviewAssign(s.t.Context(), s.project, w.selector())
			return nil, done.Count, err != nil
		})},
	}, s.both("member assign --dry-run", false, func(place []string) asking {
		return func(w wish) ([]int64, int, bool) {
			a := s.command(place, "assign", roster.ListAddition, "--json", "--dry-run")(w)
			return nil, number(a.out, "assignments"), a.code != 0
		}
	})...)
}

func (s *stage) additions() []face {
	bulk := fmt.Sprintf("/api/projects/%d/members/bulk/", s.project)
	return append([]face{
		s.form(fmt.Sprintf("/projects/%d/members/add", s.project)),
		{name: "POST members/bulk", changes: true, ask: func(w wish) ([]int64, int, bool) {
			_, refused := s.wire("POST", bulk, w.wire(roster.ListAddition), w.body(nil))
			return nil, 0, refused
		}},
		{name: "client AssignMembers", changes: true, ask: values(func(w wish) ([]int64, int, bool) {
			s.w.Clock = time.Now().UTC()
			_, err := s.api.AssignMembers(s.t.Context(), s.project, w.selector())
			return nil, 0, err != nil
		})},
	}, s.both("member assign", true, func(place []string) asking {
		return func(w wish) ([]int64, int, bool) {
			return nil, 0, s.command(place, "assign", roster.ListAddition, "--json")(w).code != 0
		}
	})...)
}
