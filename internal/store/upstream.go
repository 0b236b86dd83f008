package store

import (
	"context"
	"strings"
	"time"

	"roster"
	"roster/internal/mailbox"
)

// KnownUsers says which of the people exist.
func (db *DB) KnownUsers(ctx context.Context, users []int64) (map[int64]bool, error) {
	return db.idSet(ctx, db.query("SELECT id FROM users WHERE ").anyOf("id", users))
}

// SetUpstreamLogin keeps what a person is signed in to the upstream with.
func (db *DB) SetUpstreamLogin(ctx context.Context, user int64, sealed []byte, now time.Time) error {
	_, err := db.exec(ctx, db.query(`INSERT INTO upstream_logins (user_id, sealed, updated_at) VALUES (?, ?, ?)
ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, updated_at = excluded.updated_at`, user, sealed,
		micros(now)))
	return err
}

// UpstreamLogin reads it; NotFound when the person never signed in.
func (db *DB) UpstreamLogin(ctx context.Context, user int64) (sealed []byte, err error) {
	err = db.find(ctx, db.query("SELECT sealed FROM upstream_logins WHERE user_id = ?", user), &sealed)
	return sealed, err
}

// ForgetUpstreamLogin forgets it.
func (db *DB) ForgetUpstreamLogin(ctx context.Context, user int64) error {
	_, err := db.exec(ctx, db.query("DELETE FROM upstream_logins WHERE user_id = ?", user))
	return err
}

// AddUpstreamAccess writes down an access token of the upstream's that was got for a personal
// access token, both by their hashes, until it has run out.
func (db *DB) AddUpstreamAccess(ctx context.Context, hash, personal []byte, until time.Time) error {
	_, err := db.exec(ctx, db.query(`INSERT INTO upstream_access (hash, personal, expires_at) VALUES (?, ?, ?)
ON CONFLICT (hash) DO UPDATE SET personal = excluded.personal, expires_at = excluded.expires_at`, hash, personal,
		micros(until)))
	return err
}

// EndUpstreamAccess ends every access token that was got for a personal access token, and
// those that are being got: it is written down at least until then.
func (db *DB) EndUpstreamAccess(ctx context.Context, personal []byte, until time.Time) error {
	_, err := db.exec(ctx, db.query(`INSERT INTO upstream_ended (personal, expires_at) VALUES (?, ?)
ON CONFLICT (personal) DO UPDATE SET expires_at = excluded.expires_at`, personal, micros(until)))
	return err
}

// ActorByUpstreamAccess is the actor that a person is now who comes with an access token of
// the upstream's, by its hash; NotFound where it was not got through a gate, or has ended.
func (db *DB) ActorByUpstreamAccess(ctx context.Context, user int64, hash []byte,
	in ...*roster.Standing) (a roster.Actor, err error) {
	err = db.actor(ctx, actorByUpstreamAccess, []any{user, hash}, in, &a)
	return a, err
}

var actorByUpstreamAccess = newActorText("", "", `u.id = $1 AND EXISTS (SELECT 1 FROM upstream_access t
WHERE t.hash = $2 AND NOT EXISTS (SELECT 1 FROM upstream_ended e WHERE e.personal = t.personal))`, 2)

// sweepUpstreamEnded forgets personal access tokens that were ended, and of which there is
// no access token any more.
func (db *DB) sweepUpstreamEnded(ctx context.Context, now time.Time) error {
	_, err := db.exec(ctx, db.query(`DELETE FROM upstream_ended WHERE expires_at <= ?
 AND NOT EXISTS (SELECT 1 FROM upstream_access t WHERE t.personal = upstream_ended.personal)`, micros(now)))
	return err
}

// MirrorOrganization makes the upstream's organization, under its id there.
func (db *DB) MirrorOrganization(ctx context.Context, o roster.Organization) error {
	_, err := db.exec(ctx,
		db.query("INSERT INTO organizations (id, title, token, default_role, created_by, created_at)"+
			" VALUES (?, ?, ?, ?, ?, ?)",
			o.ID, o.Title, o.Token, o.DefaultRole, o.CreatedBy, micros(o.CreatedAt)))
	return err
}

// MirrorPeople makes people under the ids they have in the upstream, or brings
// their names up to date. An e-mail that somebody else had until now, whom the
// upstream has no more or calls otherwise, moves, and so does one by which a provider
// calls somebody else.
func (db *DB) MirrorPeople(ctx context.Context, people []roster.User, now time.Time) error {
	if len(people) == 0 {
		return nil
	}
	rows, taken, names := make([][]any, len(people)), map[string]bool{}, make([][]any, len(people))
	for i, u := range people {
		key, shared := mailbox.Key(u.Email), ""
		if taken[key] { // the upstream tells Ann@example.com from ann@example.com
			key, shared = spare(u.Email, u.ID), key
		}
		taken[key] = true
		names[i] = []any{u.ID, mailbox.NameKey(u.Email)}
		joined := u.DateJoined
		if joined.IsZero() {
			joined = now
		}
		rows[i] = append([]any{u.ID, u.Email, key, u.Username, u.FirstName, u.LastName, u.Phone, micros(joined),
			shared}, texts(u)...)
	}
	q := db.query("UPDATE users SET email_key = CASE WHEN email_key LIKE ':%' THEN ''" +
		" ELSE ':' END || email_key || ' ' || CAST(id AS TEXT), shared_mailbox = '' WHERE EXISTS (SELECT 1 FROM ").table(rows)
	if _, err := db.exec(ctx,
		q.add(" AS x WHERE x.value->>2 = users.email_key AND CAST(x.value->>0 AS BIGINT) <> users.id)")); err != nil {
		return err
	}
	excluded := func(i int) string { return "excluded." + derivedPeople.into[i] }
	q = db.query("INSERT INTO users (id, email, email_key, username, first_name, last_name, phone, date_joined," +
		" shared_mailbox, " + strings.Join(derivedPeople.into, ", ") + `, text_version)
SELECT CAST(x.value->>0 AS BIGINT), x.value->>1, x.value->>2, x.value->>3, x.value->>4, x.value->>5,
 x.value->>6, CAST(x.value->>7 AS BIGINT), x.value->>8`)
	for i := range derivedPeople.into {
		q.add(", " + cellFrom(9)(i))
	}
	q.add(", ? FROM ", textVersion).table(rows).
		add(` AS x WHERE 1 = 1 ON CONFLICT (id) DO UPDATE SET email = excluded.email, email_key = excluded.email_key,
 shared_mailbox = excluded.shared_mailbox,
 username = excluded.username, first_name = excluded.first_name, last_name = excluded.last_name,
 phone = excluded.phone, ` + derivedPeople.settings(excluded))
	if _, err := db.exec(ctx, q); err != nil {
		return err
	}
	return db.freeNames(ctx, names)
}

// freeNames takes names from whom a provider calls by them, where they are the e-mails of
// others who were not deleted: rows of an id and a key.
func (db *DB) freeNames(ctx context.Context, names [][]any) error {
	q := db.query("UPDATE scim_users SET user_name = '', user_name_key = '', user_name_clean = ''" +
		" WHERE user_name_key <> '' AND EXISTS (SELECT 1 FROM ").table(names)
	_, err := db.exec(ctx,
		q.add(` AS x WHERE x.value->>1 = scim_users.user_name_key
 AND CAST(x.value->>0 AS BIGINT) <> scim_users.user_id AND NOT EXISTS
 (SELECT 1 FROM organization_members om WHERE om.organization_id = scim_users.organization_id
 AND om.user_id = CAST(x.value->>0 AS BIGINT) AND om.deleted_at IS NOT NULL))`))
	return err
}

// MirrorMemberships lets those of the people who were never in the
// organization into it, with a role. Whoever left it stays out.
func (db *DB) MirrorMemberships(ctx context.Context, organization int64, people []int64, role roster.Role,
	now time.Time) error {
	q := db.query(beginInOrganization+"?, x.id, ?, '', 'standard', ? FROM ",
		organization, role, micros(now)).idTable(people)
	if _, err := db.exec(ctx, q.add(" AS x WHERE 1 = 1 ON CONFLICT (organization_id, user_id) DO NOTHING")); err != nil {
		return err
	}
	q = db.query(`UPDATE users SET active_organization = ? WHERE active_organization IS NULL AND EXISTS (SELECT 1
 FROM organization_members om
WHERE om.organization_id = ? AND om.user_id = users.id AND om.deleted_at IS NULL) AND `, organization, organization)
	_, err := db.exec(ctx, q.anyOf("id", people))
	return err
}

// MirrorProjects makes projects under the ids they have in the upstream, or
// brings what it knows of them up to date: title, description, colour,
// publication and pin. One that was gone and is there is back.
func (db *DB) MirrorProjects(ctx context.Context, organization int64, projects []roster.Project) error {
	rows := make([][]any, len(projects))
	for i, p := range projects {
		rows[i] = []any{p.ID, p.Title, Searchable(p.Title), p.Description, p.Color, p.CreatedBy.ID, micros(p.CreatedAt),
			p.Published, nullMicros(p.PinnedAt)}
	}
	if len(rows) == 0 {
		return nil
	}
	q := db.query(`INSERT INTO projects (id, organization_id, title, title_key, description, color, created_by,
 created_at, is_published, pinned_at, text_version, mirrored)
SELECT CAST(x.value->>0 AS BIGINT), ?, x.value->>1, x.value->>2, x.value->>3, x.value->>4,
 CAST(x.value->>5 AS BIGINT), CAST(x.value->>6 AS BIGINT),
 CAST(x.value->>7 AS BOOLEAN), CAST(x.value->>8 AS BIGINT), ?, TRUE FROM `, organization, textVersion).table(rows)
	_, err := db.exec(ctx,
		q.add(` AS x WHERE 1 = 1 ON CONFLICT (id) DO UPDATE
 SET title = excluded.title, title_key = excluded.title_key, text_version = excluded.text_version,
 description = excluded.description, color = excluded.color, is_published = excluded.is_published,
 pinned_at = excluded.pinned_at, deleted_at = NULL`))
	return err
}

// MirrorTasks makes tasks of a project under the ids they have in the
// upstream, as far as assigning them needs: without their data.
func (db *DB) MirrorTasks(ctx context.Context, project int64, tasks []int64, now time.Time) error {
	q := db.query("INSERT INTO tasks (id, project_id, data, created_at, updated_at) SELECT x.id, ?, '{}', ?, ? FROM ",
		project, micros(now), micros(now)).idTable(tasks)
	_, err := db.exec(ctx, q.add(" AS x WHERE 1 = 1 ON CONFLICT (id) DO UPDATE SET project_id = excluded.project_id"))
	return err
}

// AssignedTasks is the tasks of a project that are assigned to a person now,
// ascending.
func (db *DB) AssignedTasks(ctx context.Context, project, user int64) ([]int64, error) {
	return collect(ctx, db, db.query(`SELECT DISTINCT a.task_id FROM project_members pm JOIN assignments a
 ON a.project_id = pm.project_id AND a.user_id = pm.user_id AND a.tenure = COALESCE(pm.tenure, pm.id)
WHERE pm.project_id = ? AND pm.user_id = ? AND {{active pm}} ORDER BY a.task_id`, project, user),
		func(s scanner) (id int64, err error) {
			err = s.Scan(&id)
			return id, err
		})
}
