package main

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/store"
)

// The workload is made by SQL alone, one text for both engines, from the
// numbers of the people: everything about a person follows from their number,
// so that every run measures the same people.

// sizes is how much there is of everything, for a number of people.
type sizes struct {
	people      int   // all active, all members of the large project
	inactive    int   // deactivated besides, members of the large project too
	projects    int   // the large one and the others
	members     int   // of each of the others
	tasks       int   // of the large project
	assignments int   // per member of the large project
	growth      []int // members of three more projects
}

const (
	largeProject = 1
	workspaces   = 4
	tags         = 20
	loadOp       = 1 // the operation that all memberships began by
	now          = "1772366400000000"
)

// workload is the organization of the section 6.
func workload(people int) sizes {
	return sizes{
		people: people, inactive: people / 200, projects: 200, members: people / 20, tasks: people, assignments: 10,
		growth: []int{people / 100, people / 10},
	}
}

// wideWorkload is an organization ten times as large, with one project of
// everybody and three as large as the smaller organization's.
func wideWorkload(people int) sizes {
	return sizes{
		people: people, inactive: people / 200, projects: 1, tasks: people / 10,
		growth: []int{people / 1000, people / 100, people / 10},
	}
}

// growthProject is the id of the project with s.growth[i] members.
func (s sizes) growthProject(i int) int { return s.projects + 1 + i }

// draw is an SQL expression: a number below n that follows from the number i,
// and not from any other draw.
func draw(salt, n int, i string) string {
	return fmt.Sprintf("((%s + %d) * 2654435761 / 65536 %% %d)", i, 7919*salt, n)
}

// numbers begins a statement that reads the numbers from 1 to n as g(i).
func numbers(n int, rest string) string {
	return "WITH RECURSIVE g(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM g WHERE i < " +
		strconv.Itoa(n) + ")\n" + rest
}

// role is the organization role of person i: 0.1 % Administrators, 8 %
// Managers, 2 % view-only, 18 % Reviewers, the rest Annotators.
func (s sizes) role(i string) string {
	d := draw(1, 1000, i)
	return fmt.Sprintf("CASE WHEN %s > %d THEN 'DI' WHEN %s < 1 THEN 'AD' WHEN %s < 81 THEN 'MA' WHEN %s < 100 THEN "+
		"'VO' WHEN %s < 280 THEN 'RE' ELSE 'AN' END",
		i, s.people, d, d, d, d)
}

// override is the project role of person i in a project: one in five has one.
func (s sizes) override(i, project string) string {
	return fmt.Sprintf("CASE WHEN %s < 22 THEN CASE %s WHEN 'AN' THEN 'RE' WHEN 'RE' THEN 'AN' END END",
		draw(2, 100, "("+i+" * 17 + "+project+")"), s.role(i))
}

var firstNames = strings.Fields(
	"Ada Björn Chidi Dalia Émile Fatima Giovanni Haruka Ingrid João Kwame Łukasz Mei Nadia Óscar Priya Quentin " +
		"Rosa Søren Tomoko Ulrich Verónica Wei Xiomara Yusuf Zeynep Andrei Beatriz Carmen Dmitri Elif Farah")
var lastNames = strings.Fields(
	"Abebe Brandão Chen Dvořák Eriksen Fernández García Hansen Ivanov Jiménez Kowalski Lindqvist Müller " +
		"Nakamura Okafor Petrov Quispe Rossi Sato Takahashi Ünal Vargas Wang Xu Yılmaz Zhang Ali Banerjee Costa " +
		"Diallo Engström Fischer")

// namesTable holds names, of every first with every last one, with what the store
// makes of them for searching and sorting.
func namesTable() []string {
	var rows []string
	for f, first := range firstNames {
		for l, last := range lastNames {
			name, family := store.SortKeys(roster.User{FirstName: first, LastName: last})
			rows = append(rows, fmt.Sprintf("(%d, '%s', '%s', '%s', '%s', '%s', '%s')", f*len(lastNames)+l,
				first, store.Searchable(first), last, store.Searchable(last), name, family))
		}
	}
	return []string{
		"CREATE TABLE bench_names (k INTEGER PRIMARY KEY, first TEXT, first_key TEXT, last TEXT, last_key TEXT, " +
			"name_sort TEXT, family_sort TEXT)",
		"INSERT INTO bench_names VALUES " + strings.Join(rows, ", "),
	}
}

// statements make the workload in an organization that has nobody but its
// owner, whose id is base: person i has the id base + i.
func (s sizes) statements(organization, base int64) []string {
	return slices.Concat(s.everybody(organization, base), s.projectsAndMembers(organization, base), s.work())
}

// person is the id of the i-th, an expression over i.
func person(base int64, i string) string { return fmt.Sprintf("%d + %s", base, i) }

// everybody makes the people and their tags.
func (s sizes) everybody(organization, base int64) []string {
	all := s.people + s.inactive
	return append(namesTable(),
		numbers(all, fmt.Sprintf(`INSERT INTO users (id, email, email_key, username, first_name, last_name,
 search_text, first_name_key, last_name_key,
 name_sort, family_sort, text_version, date_joined, last_activity, active_organization)
SELECT %s, e, e, e, first, last, first_key || '
' || last_key || '
' || e || '
', first_key, last_key, name_sort, family_sort, (SELECT max(text_version) FROM users),
 %s - i * 1000000, CASE WHEN %s > 0 THEN %s - %s * 86400000000 END, %d
FROM (SELECT i, 'person' || CAST(10000000 + i AS TEXT) || CASE WHEN %s < 7 THEN '@example.com'
 ELSE '@example.org' END AS e,
 %s * %d + %s AS k FROM g) AS p CROSS JOIN bench_names n WHERE n.k = p.k`,
			person(base, "i"), now, draw(3, 10, "i"), now, draw(4, 730, "i"), organization, draw(5, 10, "i"),
			draw(6, len(firstNames), "i"), len(lastNames), draw(7, len(lastNames), "i"))),
		numbers(all, fmt.Sprintf(
			"INSERT INTO organization_members (organization_id, user_id, role, user_type, created_at)"+
				" SELECT %d, %s, %s, 'standard', %s FROM g",
			organization, person(base, "i"), s.role("i"), now)),
		numbers(tags, fmt.Sprintf(
			"INSERT INTO tags (id, organization_id, label, label_key, created_by, created_at, updated_at)"+
				" SELECT i, %d, 'tag ' || CAST(i AS TEXT), 'tag ' || CAST(i AS TEXT), %d, %s, %s FROM g", organization,
			base, now, now)),
		// one of three large tags, and one of seventeen small ones
		numbers(all, fmt.Sprintf(
			"INSERT INTO member_tags (user_id, tag_id) SELECT %s, t FROM (SELECT i, 1 + %s AS t FROM g"+
				" UNION ALL SELECT i, 4 + %s FROM g) AS x ORDER BY i, t",
			person(base, "i"), draw(8, 3, "i"), draw(9, 17, "i"))),
		"DROP TABLE bench_names")
}

// projectsAndMembers makes the workspaces and projects, and who is in them.
func (s sizes) projectsAndMembers(organization, base int64) []string {
	out := []string{
		fmt.Sprintf("INSERT INTO operations (id, organization_id, kind, actor_id, credential, at)"+
			" VALUES (%d, %d, '%s', %d, '%s', %s)",
			loadOp, organization, roster.OpAssign, base, roster.CredentialOperator, now),
		numbers(workspaces, fmt.Sprintf(
			"INSERT INTO workspaces (id, organization_id, title, created_by, created_at)"+
				" SELECT i, %d, 'Workspace', %d, %s FROM g", organization, base, now)),
		numbers(workspaces*s.people/100,
			fmt.Sprintf("INSERT INTO workspace_members (workspace_id, user_id, added_by) SELECT 1 + i %% %d, %s, %d FROM g",
				workspaces, person(base, fmt.Sprintf("1 + (i * 25 + i %% %d) %% %d", workspaces, s.people)), loadOp)),
		numbers(s.projects+len(s.growth),
			fmt.Sprintf("INSERT INTO projects (id, organization_id, workspace_id, title, title_key, created_by,"+
				" created_at) SELECT i, %d, 1 + i %% %d, 'Project', 'project', %d, %s FROM g",
				organization, workspaces, base, now)),
		s.memberships(s.people+s.inactive, fmt.Sprint(largeProject), "i", base),
	}
	if s.projects > 1 {
		// each person is in every twentieth place of a project, or thereabouts
		out = append(out, s.memberships((s.projects-1)*s.members, fmt.Sprintf("2 + (i - 1) / %d", s.members),
			fmt.Sprintf("1 + ((i - 1) %% %d * 20 + (i - 1) / %d * 7) %% %d", s.members, s.members, s.people), base))
	}
	for i, n := range s.growth {
		out = append(out, s.memberships(n, strconv.Itoa(s.growthProject(i)), fmt.Sprintf("i * %d", s.people/n), base))
	}
	return out
}

// work makes the tasks and who has them.
func (s sizes) work() []string {
	out := []string{
		numbers(s.tasks, fmt.Sprintf(
			"INSERT INTO tasks (id, project_id, data, created_at, updated_at)"+
				" SELECT i, %d, '{\"text\":\"Which street sign is this?\"}', %s, %s FROM g", largeProject, now, now)),
	}
	if s.assignments > 0 {
		out = append(out, numbers(s.assignments,
			fmt.Sprintf(`INSERT INTO assignments (project_id, task_id, user_id, type, tenure, created_at)
SELECT pm.project_id, 1 + (pm.user_id * %d + g.i) %% %d, pm.user_id, 'AN', pm.id, %s
FROM project_members pm CROSS JOIN g WHERE pm.project_id = %d ORDER BY pm.id, g.i`, s.assignments, s.tasks, now,
				largeProject)))
	}
	return out
}

// memberships makes n members: the i-th is person in project, both
// expressions over i.
func (s sizes) memberships(n int, project, person string, base int64) string {
	return numbers(n, fmt.Sprintf(`INSERT INTO project_members (project_id, user_id, explicit, role, role_source, added_by)
SELECT project, %d + person, TRUE, role, CASE WHEN role IS NOT NULL THEN '%s' END, %d
FROM (SELECT i, project, person, %s AS role FROM (SELECT i, %s AS project, %s AS person FROM g) AS a) AS b ORDER BY i`,
		base, roster.SourceManual, loadOp, s.override("person", "project"), project, person))
}

// identities are the tables whose ids were given and not drawn.
var identities = []string{"users", "tags", "operations", "workspaces", "projects", "tasks"}

// build makes the workload in an empty organization.
func build(e engine, db *sql.DB, s sizes, organization, owner int64) {
	db.SetMaxOpenConns(1) // loading speaks of one connection
	execute(db, e.loading()...)
	inTransaction(db, s.statements(organization, owner)...)
	execute(db, e.identify(identities)...)
	execute(db, e.loaded()...)
}
