package main

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"roster"
	"roster/client"
)

// askedBy is which face of TestEveryFaceMeansTheSame holds something that selects people;
// "" is one that selects nobody by a filter or from a list, as somebody decided.
var askedBy = map[string]string{
	// operations of the API that have a filter of people, or a selector
	"GET /api/projects/{id}/members/paginated":                   "GET members/paginated",
	"GET /api/projects/{id}/members/export":                      "GET members/export",
	"DELETE /api/projects/{id}/members/bulk":                     "DELETE members/bulk",
	"POST /api/projects/{id}/members/bulk":                       "POST members/bulk",
	"POST /api/roster/projects/{id}/members/bulk/preview":        "POST bulk/preview, query",
	"POST /api/roster/projects/{id}/members/bulk/assign/preview": "POST bulk/assign/preview",
	"GET /api/organizations/{id}/memberships":                    "GET memberships",
	"GET /api/organizations/{id}/memberships/search":             "GET memberships/search, query",
	"POST /api/organizations/{id}/memberships/search":            "POST memberships/search",
	"POST /api/organizations/{id}/member-tags/assignments":       "POST member-tags/assignments",
	"GET /api/workspaces/{id}/memberships/paginated":             "GET memberships/paginated",
	"DELETE /api/workspaces/{id}/memberships/bulk":               "DELETE memberships/bulk",
	"POST /api/workspaces/{id}/memberships/bulk":                 "POST memberships/bulk",
	// of projects, tags and tasks
	"GET /api/projects": "", "GET /api/projects/roles": "", "GET /api/projects/counts": "",
	"DELETE /api/organizations/{id}/member-tags/bulk": "", "POST /api/projects/{id}/tasks/assignees": "",
	// methods of the client that take a filter or a selector
	"Members": "client Members", "CountMembers": "client Members", "ExportMembers": "cli member export, server",
	"PreviewUnassign": "client PreviewUnassign",
	"UnassignMembers": "client UnassignMembers", "AssignMembers": "client AssignMembers",
	"PreviewAssign": "client PreviewAssign", "People": "client People", "AssignTags": "client AssignTags",
	// commands with flags of filters
	"Member.List": "cli member list, local", "Member.Export": "cli member export, local",
	"Member.Assign":   "cli member assign, local",
	"Member.Unassign": "cli member unassign, local", "User.List": "cli user list",
	// pages of the console that are about people
	"GET /projects/{id}/members":                 "console /projects/{id}/members",
	"GET /projects/{id}/members.csv":             "console /projects/{id}/members.csv",
	"POST /projects/{id}/members/unassign":       "console /projects/{id}/members/unassign",
	"POST /projects/{id}/members/unassign/apply": "console /projects/{id}/members/unassign/apply",
	"POST /projects/{id}/members/add":            "console POST /projects/{id}/members/add",
	"GET /projects/{id}/members/add":             "console /projects/{id}/members/add",
	"GET /workspaces/{id}/members":               "console /workspaces/{id}/members",
	"POST /workspaces/{id}/members/remove":       "console /workspaces/{id}/members/remove",
	"POST /workspaces/{id}/members/remove/apply": "console /workspaces/{id}/members/remove/apply",
	"GET /workspaces/{id}/members/add":           "console /workspaces/{id}/members/add",
	"POST /workspaces/{id}/members/add":          "console POST /workspaces/{id}/members/add",
	"GET /people":                                "console /people", "GET /people.csv": "console /people.csv",
	"POST /people/role": "console /people/role", "POST /people/role/apply": "console /people/role/apply",
	"POST /people/seat": "console /people/seat", "POST /people/seat/apply": "console /people/seat/apply",
	"POST /people/delete": "console /people/delete", "POST /people/delete/apply": "console /people/delete/apply",
	"POST /people/tags": "console /people/tags", "POST /people/tags/apply": "console /people/tags/apply",
	// of one person, or of those whose e-mails are written
	"GET /projects/{id}/members/add/emails": "", "POST /projects/{id}/members/add/emails": "",
	"POST /projects/{id}/members/add/emails/apply": "",
	"POST /projects/{id}/members/{user}/role":      "", "GET /projects/{id}/members/{user}/pause": "",
	"POST /projects/{id}/members/{user}/pause": "", "POST /projects/{id}/members/{user}/resume": "",
	"GET /people/invite": "", "POST /people/invite": "", "POST /people/invite/link": "",
	"GET /people/invitations": "", "POST /people/invitations/revoke": "",
	"POST /projects/{id}/members/add/emails/role": "", "POST /people/invite/check": "",
	"POST /people/invitations/{id}/link": "", "POST /people/invitations/{id}/resend": "",
	"GET /people/invitations/{id}/revoke": "", "POST /people/invitations/{id}/revoke": "",
	"GET /people/{id}/name": "", "POST /people/{id}/name": "", "GET /people/{id}/projects": "",
	"POST /people/{id}/projects": "",
	// read by the reader of the question beside them: the chooser of that list
	"GET /projects/{id}/members/unassign.csv":    "console /projects/{id}/members/unassign",
	"POST /projects/{id}/members/emails":         "console /projects/{id}/members/unassign",
	"POST /projects/{id}/members/selected.csv":   "console /projects/{id}/members/unassign",
	"POST /projects/{id}/members/except":         "console /projects/{id}/members/unassign",
	"POST /projects/{id}/members/except/apply":   "console /projects/{id}/members/unassign",
	"POST /people/emails":                        "console /people/role",
	"POST /people/selected.csv":                  "console /people/role",
	"POST /people/invite-again":                  "console /people/role",
	"POST /people/except":                        "console /people/role",
	"POST /people/except/apply":                  "console /people/role",
	"POST /workspaces/{id}/members/except":       "console /workspaces/{id}/members/remove",
	"POST /workspaces/{id}/members/except/apply": "console /workspaces/{id}/members/remove",
	"GET /people/{id}":                           "", "GET /people/{id}/history": "", "GET /people/{id}/change": "",
	"POST /people/{id}/change": "",
}

// everyFaceWasAsked: a face that is added, or declared, and is not asked is red.
func (s *stage) everyFaceWasAsked() {
	for _, name := range slices.Concat(s.operations(), methods(), flagged(reflect.TypeFor[commands](), ""), s.pages()) {
		face, decided := askedBy[name]
		switch {
		case !decided:
			s.t.Errorf("%s selects people and is asked nothing: add it to the faces, or say in askedBy that it does not", name)
		case face != "" && !s.evidences[face]:
			s.t.Errorf("%s is held by %q, which was not asked", name, face)
		}
	}
	for _, r := range s.realms() {
		for _, sub := range r.subjects {
			for _, f := range sub.faces {
				if !s.evidences[f.name] {
					s.t.Errorf("%s, %s: was not asked", sub.name, f.name)
				}
			}
		}
	}
}

// everyFieldWasSaid: a filter that a face can say and that no selector here says is red.
func (s *stage) everyFieldWasSaid(rnd *rand.Rand) {
	known := map[string]bool{"implicit": true} // every list of a project here says it
	for range 10 {
		for name := range s.sayings(rnd) {
			known[name] = true
		}
	}
	for _, d := range roster.MemberFilterFields {
		if d.Lists != 0 && !known[d.Name] {
			s.t.Errorf("no selector is narrowed by %s: say in sayings what it keeps", d.Name)
		}
	}
}

// operations are those of the API that are narrowed by a filter that lists of people alone
// have, or that take a selector.
func (s *stage) operations() (out []string) {
	var document struct {
		Paths map[string]map[string]struct {
			Parameters  []struct{ Name, In string } `json:"parameters"`
			RequestBody any                         `json:"requestBody"`
		} `json:"paths"`
	}
	s.must(json.Unmarshal(s.send("GET", "/api/schema?format=json", "", "").Body.Bytes(), &document))
	for path, methods := range document.Paths {
		for method, operation := range methods {
			body, _ := json.Marshal(operation.RequestBody)
			selects := strings.Contains(string(body), `"excluded":`) || strings.Contains(string(body), `"filters":`)
			for _, p := range operation.Parameters {
				selects = selects || slices.Contains([]string{"tags_operator", "ids", "excluded"}, p.Name)
			}
			if selects {
				out = append(out, strings.ToUpper(method)+" "+strings.TrimSuffix(path, "/"))
			}
		}
	}
	if len(out) == 0 {
		s.t.Error("the description names no filter")
	}
	return out
}

// methods are those of the client that take a filter or a selector.
func methods() (out []string) {
	wanted := []reflect.Type{
		reflect.TypeFor[roster.MemberFilter](), reflect.TypeFor[roster.Selector](),
		reflect.TypeFor[roster.TagAssignment](),
	}
	c := reflect.TypeFor[*client.Client]()
	for i := range c.NumMethod() {
		m := c.Method(i)
		for at := range m.Type.NumIn() {
			if slices.Contains(wanted, m.Type.In(at)) {
				out = append(out, m.Name)
			}
		}
	}
	return out
}

// flagged are the commands with filters.
func flagged(t reflect.Type, name string) (out []string) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		switch {
		case f.Type == reflect.TypeFor[filterFlags]():
			return []string{name}
		case f.Anonymous:
			if len(flagged(f.Type, name)) > 0 {
				return []string{name}
			}
		default:
			out = append(out, flagged(f.Type, strings.TrimPrefix(name+"."+f.Name, "."))...)
		}
	}
	return out
}

// pages are the console's about people, as its routes say.
func (s *stage) pages() (out []string) {
	files, err := filepath.Glob("../../internal/web/*.go")
	s.must(err)
	route := regexp.MustCompile(`method: "(GET|POST)", path: "(/people[^"]*|/[^"]*/members[^"]*)"`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		s.must(err)
		for _, m := range route.FindAllStringSubmatch(string(text), -1) {
			out = append(out, m[1]+" "+m[2])
		}
	}
	return out
}
