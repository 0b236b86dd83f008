package main

import (
	"encoding/json"
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
// "" is one that selects no members of a project, as somebody decided.
var askedBy = map[string]string{
	// operations of the API that have a filter of people
	"GET /api/projects/{id}/members/paginated": "GET members/paginated", "GET /api/projects/{id}/members/export": "GET members/export",
	"DELETE /api/projects/{id}/members/bulk": "DELETE members/bulk", "POST /api/projects/{id}/members/bulk": "POST members/bulk",
	"POST /api/roster/projects/{id}/members/bulk/preview":        "POST bulk/preview, query",
	"POST /api/roster/projects/{id}/members/bulk/assign/preview": "POST bulk/assign/preview",
	"GET /api/organizations/{id}/memberships":                    "", "GET /api/organizations/{id}/memberships/search": "",
	"POST /api/organizations/{id}/member-tags/assignments": "",
	// methods of the client that take a filter or a selector
	"Members": "client Members", "CountMembers": "client Members", "ExportMembers": "GET members/export",
	"PreviewUnassign": "client PreviewUnassign",
	"UnassignMembers": "client UnassignMembers", "AssignMembers": "client AssignMembers",
	"PreviewAssign": "client PreviewAssign", "People": "", "AssignTags": "",
	// commands with flags of filters
	"Member.List": "cli member list, local", "Member.Export": "cli member export, local", "Member.Assign": "cli member assign, local",
	"Member.Unassign": "cli member unassign, local", "User.List": "",
	// pages of the console that are about people
	"GET /projects/{id}/members": "console /projects/{id}/members", "GET /projects/{id}/members.csv": "console /projects/{id}/members.csv",
	"POST /projects/{id}/members/unassign":       "console /projects/{id}/members/unassign",
	"POST /projects/{id}/members/unassign/apply": "console /projects/{id}/members/unassign/apply",
	"POST /projects/{id}/members/add":            "console /projects/{id}/members/add",
	"GET /projects/{id}/members/add":             "console /projects/{id}/members/add",
	"GET /projects/{id}/members/add/emails":      "", "POST /projects/{id}/members/add/emails": "",
	"POST /projects/{id}/members/add/emails/apply": "",
	"POST /projects/{id}/members/{user}/role":      "", "GET /projects/{id}/members/{user}/pause": "",
	"POST /projects/{id}/members/{user}/pause":  "",
	"POST /projects/{id}/members/{user}/resume": "", "GET /workspaces/{id}/members": "", "POST /workspaces/{id}/members/remove": "",
	"POST /workspaces/{id}/members/remove/apply": "", "GET /workspaces/{id}/members/add": "", "POST /workspaces/{id}/members/add": "",
	"GET /people": "", "GET /people.csv": "", "POST /people/role": "", "POST /people/role/apply": "",
	"POST /people/seat": "", "POST /people/seat/apply": "",
	"POST /people/delete": "", "POST /people/delete/apply": "", "POST /people/tags": "", "POST /people/tags/apply": "",
	"GET /people/invite": "", "POST /people/invite": "", "POST /people/invite/link": "",
	"GET /people/invitations": "", "POST /people/invitations/revoke": "",
	"GET /people/{id}": "", "GET /people/{id}/history": "", "GET /people/{id}/change": "", "POST /people/{id}/change": "",
}

// everyFaceWasAsked: a face that is added without being asked is red.
func (s *stage) everyFaceWasAsked() {
	for _, name := range slices.Concat(s.operations(), methods(), flagged(reflect.TypeFor[commands](), ""), s.pages()) {
		face, decided := askedBy[name]
		switch {
		case !decided:
			s.t.Errorf("%s selects people and is asked nothing: add it to the faces, or say in askedBy that it selects no members", name)
		case face != "" && !s.evidences[face]:
			s.t.Errorf("%s is held by %q, which was not asked", name, face)
		}
	}
}

// operations are those of the API that are narrowed by role.
func (s *stage) operations() (out []string) {
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string } `json:"parameters"`
		} `json:"paths"`
	}
	s.must(json.Unmarshal(s.send("GET", "/api/schema?format=json", "", "").Body.Bytes(), &document))
	for path, methods := range document.Paths {
		for method, operation := range methods {
			for _, p := range operation.Parameters {
				if p.Name == "tags_operator" {
					out = append(out, strings.ToUpper(method)+" "+strings.TrimSuffix(path, "/"))
				}
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
	route := regexp.MustCompile(`\{"(GET|POST)", "(/people[^"]*|/[^"]*/members[^"]*)"`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		s.must(err)
		for _, m := range route.FindAllStringSubmatch(string(text), -1) {
			out = append(out, m[1]+" "+m[2])
		}
	}
	return out
}
