package store_test

import (
	"slices"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestPagesAreOfOneList: the pages of a list are the whole of it, in its order, and each
// says how many there are, also the one behind the last; however pages are found.
func TestPagesAreOfOneList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		crowd(t, db)
		for _, statement := range []string{
			"DELETE FROM project_members WHERE project_id = 8 AND user_id % 4 <> 0",
			"UPDATE project_members SET explicit = FALSE WHERE project_id = 8 AND user_id % 3 = 0",
			"UPDATE users SET search_text = CAST(id AS TEXT), name_sort = CAST(id % 7 AS TEXT), last_activity = CASE" +
				" WHEN id % 5 = 0 THEN id % 11 END",
			"INSERT INTO tags (id, organization_id, label, label_key, created_by, created_at, updated_at)" +
				" VALUES (1, 1, 'A', 'a', 1, 0, 0)",
			"INSERT INTO member_tags (tag_id, user_id) SELECT 1, id FROM users WHERE id % 3 = 0",
		} {
			if err := db.Spoil(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
		}
		p := roster.Project{ID: 8, OrganizationID: 1}
		for _, f := range []roster.MemberFilter{
			{}, {Access: roster.ExplicitAccess}, {WithInactive: true}, {Search: "1"}, {Search: "nobody"},
			{Roles: []roster.Role{roster.RoleReviewer}}, {Search: "2", Access: roster.ImplicitAccess}, {Tags: []int64{1}},
		} {
			for _, order := range []string{"", "id", "-id", "name", "-last_activity", "role", "email"} {
				pagesOf(t, db, p, f, order)
			}
		}
	})
}

func pagesOf(t *testing.T, db *store.DB, p roster.Project, f roster.MemberFilter, order string) {
	t.Helper()
	all, _, err := db.ProjectMembers(t.Context(), p, f, time.Time{},
		roster.Page{Number: 1, Size: roster.Everything.Size, Order: order})
	if err != nil {
		t.Fatal(err)
	}
	const size = 7
	var paged []roster.Member
	for number := 1; number <= len(all)/size+2; number++ {
		page, total, err := db.ProjectMembers(t.Context(), p, f, time.Time{},
			roster.Page{Number: number, Size: size, Order: order})
		if err != nil || total != len(all) {
			t.Fatalf("%+v by %q: page %d says there are %d of %d: %v", f, order, number, total, len(all), err)
		}
		paged = append(paged, page...)
	}
	if !slices.Equal(idsOf(all), idsOf(paged)) {
		t.Errorf("%+v by %q: the pages are\n%v, the whole is\n%v", f, order, idsOf(paged), idsOf(all))
	}
}

func idsOf(members []roster.Member) (ids []int64) {
	for _, m := range members {
		ids = append(ids, m.User.ID)
	}
	return ids
}
