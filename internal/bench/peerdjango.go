package main

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
)

// The stand-in of the incumbent's make: Django and Django REST framework under
// gunicorn, as tests/peers/README.md says.

const standInDir = "tests/peers"

// standInPython is the interpreter that has what the stand-in needs.
func standInPython() string {
	command := exec.Command("scripts/python-env", "django")
	command.Stderr = os.Stderr
	return strings.TrimSpace(string(get(command.Output())))
}

// standIn makes the stand-in's tables beside Roster's in a copy of its database,
// and fills them from those.
func standIn(e engine, token string) {
	migrate := exec.Command(standInPython(), standInDir+"/manage.py", "migrate", "--run-syncdb", "--verbosity", "0")
	migrate.Env = standInEnv(e)
	migrate.Stderr = os.Stderr
	must(migrate.Run())
	db := e.bare(standInDatabase)
	db.SetMaxOpenConns(1)
	execute(db, e.loading()...)
	inTransaction(db, standInRows(e.timestamp, token)...)
	execute(db, e.identify([]string{"standin_operation", "standin_projectmember"})...)
	execute(db, e.loaded()...)
	must(db.Close()) // and with it what was for loading
}

func standInEnv(e engine) []string {
	address, _ := e.elsewhere(standInDatabase)
	return append(os.Environ(), "STANDIN_DATABASE="+address)
}

// standInRows copies what Roster has, in whose order the rows lie there.
func standInRows(at func(expr string) string, token string) []string {
	return []string{
		"INSERT INTO standin_organization (id, title) SELECT id, title FROM organizations",
		`INSERT INTO standin_user (id, password, email, username, first_name, last_name, phone, search_text,
 date_joined, last_activity, active_organization_id)
SELECT id, '', email, username, first_name, last_name, phone, search_text,
 ` + at("date_joined") + ", " + at("last_activity") + ", active_organization FROM users ORDER BY id",
		"INSERT INTO standin_tag (id, organization_id, label) SELECT id, organization_id, label FROM tags",
		"INSERT INTO standin_usertag (user_id, tag_id) SELECT user_id, tag_id FROM member_tags ORDER BY user_id, tag_id",
		`INSERT INTO standin_organizationmember (id, organization_id, user_id, role, user_type, created_at, deleted_at)
SELECT id, organization_id, user_id, role, user_type, ` +
			at("created_at") + ", " + at("deleted_at") + " FROM organization_members ORDER BY id",
		"INSERT INTO standin_workspace (id, organization_id, title) SELECT id, organization_id, title FROM workspaces",
		`INSERT INTO standin_workspacemember (id, workspace_id, user_id, removed_by)
SELECT id, workspace_id, user_id, removed_by FROM workspace_members ORDER BY id`,
		`INSERT INTO standin_project (id, organization_id, workspace_id, title, description, color, created_by_id,
 created_at, is_published, deleted_at)
SELECT id, organization_id, workspace_id, title, description, color, created_by,
 ` + at("created_at") + ", is_published, " + at("deleted_at") + " FROM projects ORDER BY id",
		`INSERT INTO standin_task (id, project_id, data, created_at)
SELECT id, project_id, data, ` + at("created_at") + " FROM tasks ORDER BY id",
		`INSERT INTO standin_operation (id, project_id, actor_id, kind, at, selector, changed)
SELECT id, project_id, actor_id, kind, ` + at("at") + ", selector, changed FROM operations ORDER BY id",
		`INSERT INTO standin_projectmember (id, project_id, user_id, explicit, role, added_by_id, removed_by_id)
SELECT id, project_id, user_id, explicit, role, added_by, removed_by FROM project_members ORDER BY id`,
		"INSERT INTO authtoken_token (key, user_id, created) SELECT '" + token + "', min(id), " + at(now) + " FROM users",
	}
}

// startDjango starts it as it is put before the public: a worker a core, each
// with threads that keep their connections to the database and to clients.
func startDjango(e engine, token string) *remote {
	at := freeAddress()
	command := exec.Command(standInPython(), "-m", "gunicorn", "standin.wsgi", "--chdir", standInDir, "--bind", at,
		"--workers", strconv.Itoa(runtime.NumCPU()), "--worker-class", "gthread", "--threads", "4", "--keep-alive", "75",
		"--timeout", "300", "--log-level", "warning")
	command.Env = standInEnv(e)
	command.Stderr = os.Stderr
	return &remote{process: startProgram(at, command), token: token}
}
