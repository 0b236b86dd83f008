package store

import (
	"regexp"
	"slices"
	"strings"

	"roster"
)

// What gives access is said here, and composed everywhere else: SQL names it in double
// braces, with the alias of the row it is about, as in "… WHERE {{active pm}}". Row is
// that alias and a dot, or "" where there is none.
var access = map[string]func(row string) string{
	// of project_members and workspace_members: the row has not ended
	"active": func(row string) string { return row + "removed_by IS NULL" },
	// and is a membership of one's own
	"explicit": func(row string) string { return row + "removed_by IS NULL AND " + row + "explicit" },
	// and holds a project role or assignments of somebody who inherits access
	"implicit": func(row string) string { return row + "removed_by IS NULL AND NOT " + row + "explicit" },
	// what a row of project_members hands on to the one that continues its stay
	"goes on": func(row string) string {
		return row + "role, " + row + "role_source, COALESCE(" + row + "tenure, " + row + "id), COALESCE(" + row +
			"began_by, " + row + "added_by)"
	},
	// of organization_members: the role opens every project
	"sees all": func(row string) string { return row + "role IN (" + seeAll + ")" },
	// and the person was not deleted
	"by role": func(row string) string { return row + "role IN (" + seeAll + ") AND " + row + "deleted_at IS NULL" },
	// the person is in no list: deactivated, or deleted; and otherwise
	"inactive": func(row string) string { return "(" + row + "role = 'DI' OR " + row + "deleted_at IS NOT NULL)" },
	"present":  func(row string) string { return row + "role <> 'DI' AND " + row + "deleted_at IS NULL" },
	// and has a role, so that a membership gives access
	"able": func(row string) string { return row + "role NOT IN ('DI', 'NO') AND " + row + "deleted_at IS NULL" },
	// the organization is theirs
	"owner": func(row string) string { return row + "role = 'OW' AND " + row + "deleted_at IS NULL" },
}

// Every row that gives access begins with one of these, as a SELECT of what it holds. In a
// project that is what {{goes on}} of another row, or for a new stay its role and who gave
// it, and newStay.
const (
	beginInProject = `INSERT INTO project_members (project_id, user_id, explicit, role, role_source, tenure,
 began_by, added_by)
SELECT `
	beginInWorkspace = `INSERT INTO workspace_members (workspace_id, user_id, added_by)
SELECT `
	beginInOrganization = `INSERT INTO organization_members (organization_id, user_id, role, role_source,
 user_type, created_at)
SELECT `
	newStay = "NULL, NULL" // its tenure is its own id, and it began when it was added
	noRole  = "NULL, NULL"
)

// seeAll is the roles that open every project, as a list in SQL.
var seeAll = func() string {
	roles := slices.DeleteFunc(slices.Clone(roster.Roles), func(r roster.Role) bool { return !r.SeesEveryProject() })
	quoted := make([]string, len(roles))
	for i, role := range roles {
		quoted[i] = "'" + string(role) + "'"
	}
	return strings.Join(quoted, ", ")
}()

var accessWord = regexp.MustCompile(`\{\{([a-z ]+?)(?: ([a-z]+))?\}\}`)

// said is text with what it names of access written out.
func said(text string) string {
	if !strings.Contains(text, "{{") {
		return text
	}
	return accessWord.ReplaceAllStringFunc(text, func(word string) string {
		word = strings.Trim(word, "{}")
		if say := access[word]; say != nil {
			return say("")
		}
		i := max(0, strings.LastIndexByte(word, ' '))
		say := access[word[:i]]
		if say == nil {
			panic("store: nothing is called " + word + " in " + text)
		}
		return say(word[i+1:] + ".")
	})
}
