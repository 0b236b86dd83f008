package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"roster"
)

// The faces of the organization's people, of their tags and of a workspace.

func anybody(soul) bool { return true }

func (s *stage) ofPeople() realm {
	below := func(p soul) bool { return p.org != "OW" }
	deed := func(name, path string, more url.Values, has func(p soul) bool) subject {
		asks, does := s.dialog(path, more)
		return subject{name: name, list: roster.ListPeople, has: has, faces: []face{asks, does}}
	}
	taggingAsks, taggingDoes := s.dialog("/people/tags", url.Values{"add": {fmt.Sprint(s.spare)}})
	return realm{"people", roster.ListPeople, []subject{
		{name: "people list", list: roster.ListPeople, has: anybody, faces: s.peopleLists()},
		deed("change of roles", "/people/role", url.Values{"give": {"RE"}},
			func(p soul) bool { return below(p) && p.org != "RE" }),
		deed("change of seats", "/people/seat", nil, func(p soul) bool { return below(p) && p.seat != roster.SeatStandard }),
		deed("deletion", "/people/delete", nil, below),
		{name: "tagging", list: roster.ListPeople, has: anybody, faces: append(s.taggings(), taggingAsks, taggingDoes)},
	}}
}

func (s *stage) peopleLists() []face {
	people := fmt.Sprintf("/api/organizations/%d/memberships", s.w.Org)
	filters := func(w wish) string {
		fields := map[string]any{}
		for name, values := range w.wire(roster.ListPeople) {
			fields[name] = values[0]
		}
		text, _ := json.Marshal(fields)
		return string(text)
	}
	nonsense := func(w wish) bool { return strings.Contains(w.wire(roster.ListPeople).Encode(), "%FF") } // is no JSON
	return []face{
		{name: "GET memberships", ask: func(w wish) ([]int64, int, bool) {
			return s.paged("GET", people+"/", w.wire(roster.ListPeople), "")
		}},
		{name: "GET memberships/search, query", ask: func(w wish) ([]int64, int, bool) {
			return s.paged("GET", people+"/search/", w.wire(roster.ListPeople), "")
		}},
		{name: "POST memberships/search", ask: func(w wish) ([]int64, int, bool) {
			if nonsense(w) {
				return nil, 0, true
			}
			return s.paged("POST", people+"/search/", url.Values{}, `{"filters":`+filters(w)+`}`)
		}},
		{name: "memberships, filters as JSON", ask: func(w wish) ([]int64, int, bool) {
			if nonsense(w) || w.blank() {
				return nil, 0, w.nasty()
			}
			return s.paged("GET", people+"/", url.Values{"filters": {filters(w)}}, "")
		}},
		{name: "client People", ask: values(func(w wish) ([]int64, int, bool) {
			ids := []int64{}
			for p, err := range s.api.People(s.t.Context(), s.w.Org, w.filter()) {
				if err != nil {
					return nil, 0, true
				}
				ids = append(ids, p.User.ID)
			}
			return ids, len(ids), false
		})},
		{name: "cli user list", ask: func(w wish) ([]int64, int, bool) {
			a := s.e.roster(s.t, slices.Concat([]string{"user", "list", "--json"}, w.flags(roster.ListPeople), s.local)...)
			var rows any
			json.Unmarshal([]byte(a.out), &rows)
			return idsOf(rows), len(idsOf(rows)), a.code != 0
		}},
		{name: "console /people", ask: func(w wish) ([]int64, int, bool) { return s.picks("/people", w.console()) }},
		{name: "console /people.csv", ask: func(w wish) ([]int64, int, bool) {
			v := w.console()
			v.Set("bom", "0")
			return s.file("/people.csv", v)
		}},
	}
}

func (s *stage) taggings() []face {
	path := fmt.Sprintf("/api/organizations/%d/member-tags/assignments/", s.w.Org)
	return []face{
		{name: "POST member-tags/assignments", changes: true, ask: func(w wish) ([]int64, int, bool) {
			_, refused := s.wire("POST", path, w.wire(roster.ListPeople), w.body(map[string]any{"tags": []int64{s.spare}}))
			return nil, 0, refused
		}},
		{name: "client AssignTags", changes: true, ask: values(func(w wish) ([]int64, int, bool) {
			s.w.Clock = time.Now().UTC()
			as := roster.TagAssignment{Selector: w.selector(), Tags: []int64{s.spare}}
			_, err := s.api.AssignTags(s.t.Context(), s.w.Org, as)
			return nil, 0, err != nil
		})},
	}
}

// ofWorkspace is the faces of a workspace: those of the wire are narrowed by little, and
// the console's by what people are anywhere.
func (s *stage) ofWorkspace() []realm {
	inside := func(p soul) bool { return p.workspace }
	outside := func(p soul) bool { return !p.workspace && p.org.Works() }
	api, pages := fmt.Sprintf("/api/workspaces/%d/memberships/", s.space), fmt.Sprintf("/workspaces/%d/members", s.space)
	bulk := func(method string, ask func(w wish) (url.Values, string)) face {
		return face{name: method + " memberships/bulk", changes: true, ask: func(w wish) ([]int64, int, bool) {
			query, body := ask(w)
			_, refused := s.wire(method, api+"bulk/", query, body)
			return nil, 0, refused
		}}
	}
	leaving, left := s.dialog(pages+"/remove", nil)
	list := subject{name: "workspace list", list: roster.ListWorkspace, has: inside, hides: true}
	question := subject{name: "preview of leaving a workspace", list: roster.ListWorkspace, has: inside, hides: true}
	removal := subject{name: "leaving a workspace", list: roster.ListWorkspace, has: inside, hides: true, ends: true}
	candidates := subject{name: "workspace candidates list", list: roster.ListWorkspace, has: outside}
	addition := subject{name: "joining a workspace", list: roster.ListWorkspace, has: outside}
	with := func(sub subject, f face) subject { sub.faces = []face{f}; return sub }
	wire := realm{"a workspace, on the wire", roster.ListWorkspace, []subject{
		with(list, face{name: "GET memberships/paginated", ask: func(w wish) ([]int64, int, bool) {
			return s.paged("GET", api+"paginated/", w.wire(roster.ListWorkspace), "")
		}}),
		with(removal, bulk("DELETE", func(w wish) (url.Values, string) { return w.query(roster.ListWorkspace), "" })),
		with(addition, bulk("POST", func(w wish) (url.Values, string) { return w.wire(roster.ListWorkspace), w.body(nil) })),
	}}
	listed := func(path string) asking {
		return func(w wish) ([]int64, int, bool) { return s.picks(path, w.console()) }
	}
	console := realm{"a workspace, in the console", roster.ListPeople, []subject{
		with(list, face{name: "console /workspaces/{id}/members", ask: listed(pages)}), with(question, leaving),
		with(removal, left),
		with(candidates, face{name: "console /workspaces/{id}/members/add", ask: listed(pages + "/add")}),
		with(addition, s.form(pages+"/add")),
	}}
	return []realm{wire, console}
}
