package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"roster"
)

// peopleLists are the pages that read fields as a list of people, by memberFilter.
var peopleLists = []string{
	"/projects/{id}/members", "/projects/{id}/members.csv", "/projects/{id}/members/unassign.csv",
	"/projects/{id}/members/add", "/people", "/people.csv",
	"/workspaces/{id}/members", "/workspaces/{id}/members/add",
}

// bare are the pages that select and narrow nothing.
var bare = []string{
	"/shown/{token}", "/projects/{id}", "/projects/{id}/members/add/emails", "/projects/{id}/members/{user}/pause",
	"/projects/{id}/history",
	"/people/invite", "/settings", "/settings/scim", "/settings/organization", "/settings/permissions",
	"/settings/addresses", "/static/{file}",
	"/user/login", "/user/session", "/sent/{token}", "/user/signup",
	"/user/oidc", "/user/oidc/callback", "/tags/import", "/tags/new",
	"/tags/{id}/edit", "/tags/{id}/delete", "/imports/{id}",
	"/views/{id}", "/views/{id}/delete",
	"/home", "/help", "/workspaces/new", "/workspaces/{id}", "/workspaces/{id}/edit", "/workspaces/{id}/delete",
}

// TestEveryPageSaysWhatItReads: a new page that reads an address says by which of the two
// readers, so that what it does not understand is not passed over.
func TestEveryPageSaysWhatItReads(t *testing.T) {
	for _, rt := range routes() {
		if rt.method != http.MethodGet {
			continue
		}
		known := 0
		if _, read := pageFields[rt.path]; read {
			known++
		}
		for _, list := range [][]string{peopleLists, bare} {
			if slices.Contains(list, rt.path) {
				known++
			}
		}
		if known != 1 {
			t.Errorf("%s is in %d of pageFields, peopleLists and bare", rt.path, known)
		}
	}
}

// spoken is by which fields of the console each filter is said; nil where it is not
// offered, as somebody decided.
var spoken = map[string][]string{
	"search": {"q"}, "role": {"role"}, "user_type": {"seat"}, "tags": {"tag", "tagfind"}, "tags_operator": {"every"},
	"last_activity__gte": {"from"}, "last_activity__lte": {"to", "active"}, "never_active": {"active"},
	"joined_after": {"joined_after"}, "joined_before": {"joined_before"}, "ability": {"state"}, "is_deleted": {"state"},
	"implicit": {"access"}, "in_workspace": {"access"}, "by_organization_role": {"access"}, "paused_in": {"access"},
	"ids": {"included", "only"}, // of a selection
	// the pages of candidates leave out who is in already by themselves
	"exclude_project_id": nil, "exclude_workspace_id": nil,
	"shared_with": nil, "no_annotators": nil, "no_view_only": nil, "with_deleted": nil,
}

// TestEveryFilterIsSpoken: a filter that is declared is offered by the console, or somebody
// decided that it is not; and no field is read that says none.
func TestEveryFilterIsSpoken(t *testing.T) {
	known := listFields.and(shapes{
		"tag": idList, "every": flag, "tagfind": single, "state": single, "access": single,
		"joined_after": single, "joined_before": single, "active": single, "from": single, "to": single,
	})
	for _, d := range roster.MemberFilterFields {
		fields, decided := spoken[d.Name]
		if !decided && d.Lists != 0 {
			t.Errorf("%s is not offered", d.Name)
		}
		for _, name := range fields {
			if _, read := known[name]; !read {
				t.Errorf("%s is said by %s, which no list reads", d.Name, name)
			}
		}
	}
	selecting := strings.Fields(
		"all included excluded pick shown under was instead asked find sheet group changed names chosen sure into " +
			"place message page size order bom view key next plan seen typed keep_made give deactivate add drop")
	for name := range known {
		says := slices.Contains(selecting, name)
		for _, fields := range spoken {
			says = says || slices.Contains(fields, name)
		}
		if !says {
			t.Errorf("%s is read and says no filter", name)
		}
	}
}
