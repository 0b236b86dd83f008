package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// found are searches that find a name, each way: as people type it, and as it is.
var found = []struct{ search, first, last string }{
	{"muller", "Jan", "Müller"}, {"müller", "Jan", "Muller"},
	{"nguyen", "Thị", "Nguyễn"}, {"nguyễn", "Thi", "Nguyen"},
	{"lukasz", "Łukasz", "Nowak"}, {"łukasz", "Lukasz", "Nowak"},
	{"wozniak", "Ewa", "Bąk-Woźniak"}, {"woźniak", "Ewa", "Bak-Wozniak"},
	{"çelik", "Elif", "ÇELİK"}, {"ÇELİK", "Elif", "çelik"}, {"celik", "Elif", "Çelik"},
	{"ibrahim", "İbrahim", "Kaya"}, {"İbrahim", "ibrahim", "Kaya"},
	{"ışıl", "IŞIL", "Kaya"}, {"IŞIL", "ışıl", "Kaya"}, {"isil", "Işıl", "Kaya"},
	{"федорова", "Анна", "Фёдорова"}, {"ФЁДОРОВА", "Анна", "Федорова"},
	{"παπαδοπουλος", "Νίκος", "Παπαδόπουλος"},
	{"ΠΑΠΑΔΌΠΟΥΛΟΣ", "Νικος", "Παπαδοπουλος"},
	{"احمد", "أحمد", "علي"}, {"أحمد", "احمد", "علي"}, {"احمد", "أَحْمَد", "علي"},
	{"yamada", "Tarō", "Ｙａｍａｄａ"}, {"Ｙａｍａｄａ", "Taro", "Yamada"}, {"taro", "Tarō", "Yamada"},
	{"obrien", "Sean", "O’Brien"}, {"o'brien", "Sean", "O’Brien"}, {"O’Brien", "Sean", "OBrien"},
	{"o’brien", "Sean", "O'Brien"},
	{"胡志强", "志强", "胡"}, {"志强", "志强", "胡"}, {"胡", "志强", "胡"},
	{"山田太郎", "太郎", "山田"}, {"김민준", "민준", "김"},
	{"ｶﾞﾘﾚｵ", "ガリレオ", "X"}, {"דוד", "דָּוִד", "X"}, {"strasse", "X", "Straße"},
	{"soren", "Søren", "X"}, {"aesir", "Æsir", "X"}, {"dang", "X", "Đặng"},
	{"anna\u200bmaria", "Annamaria", "X"},
}

// TestSearchIsForPeople: lists and removals find by the same, without case and accents.
func TestSearchIsForPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, op := someProject(t, db)
		for i, c := range found {
			id, err := db.CreateUser(ctx, roster.NewUser{Email: "x" + string(rune('a'+i)) + "@example.com", Username: "x",
				FirstName: c.first, LastName: c.last}, "", now)
			if err == nil {
				err = db.AddOrganizationMember(ctx, roster.OrganizationMembership{OrganizationID: p.OrganizationID,
					UserID: id, Role: "AN", CreatedAt: now})
			}
			if err == nil {
				err = db.LoadProjectMembers(ctx, p.ID, []int64{id}, true, "", "", op)
			}
			if err != nil {
				t.Fatal(err)
			}
			f := roster.MemberFilter{Search: c.search}
			listed, _, err := db.ProjectMembers(ctx, p, f, time.Time{}, roster.Everything)
			if err != nil || !slices.ContainsFunc(listed, func(m roster.Member) bool { return m.User.ID == id }) {
				t.Errorf("%q does not find %s %s: %v", c.search, c.first, c.last, err)
			}
			if n, err := db.CountSelected(ctx, p, roster.Selector{All: true, Filter: f}); err != nil || n != len(listed) {
				t.Errorf("%q lists %d people, and would remove %d: %v", c.search, len(listed), n, err)
			}
		}
	})
}

// TestSearchTellsApart: what is another letter, and not the same one with a mark.
func TestSearchTellsApart(t *testing.T) {
	for _, c := range [][2]string{{"カ", "ガ"}, {"ハ", "パ"}, {"क", "कि"}, {"ก", "กี"}, {"a", "b"}} {
		if store.Searchable(c[0]) == store.Searchable(c[1]) {
			t.Errorf("%q is %q", c[0], c[1])
		}
	}
}

// A search of nothing but what searches pass over finds nobody, and never everybody.
func TestSearchOfNothingFindsNobody(t *testing.T) {
	for _, search := range []string{"'", "’’", "\u0301", "\u200b", "\u00a8", "' \u0301", `"'"`} {
		for _, term := range store.Terms(search) {
			if text := store.Searchable("O’Brien é " + search); strings.Contains(text, term) {
				t.Errorf("%q looks for %q, which is in %q", search, term, text)
			}
		}
		if len(store.Terms(search)) == 0 {
			t.Errorf("%q looks for nothing", search)
		}
	}
}

// FuzzSearchable: what was made searchable once is so.
func FuzzSearchable(f *testing.F) {
	f.Add("o‴")
	for _, c := range found {
		f.Add(c.search)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return
		}
		once := store.Searchable(text)
		if again := store.Searchable(once); again != once {
			t.Fatalf("%q is %q, and again %q", text, once, again)
		}
	})
}

func someProject(t *testing.T, db *store.DB) (roster.Project, int64) {
	t.Helper()
	ctx := context.Background()
	org, err := db.CreateOrganization(ctx, roster.Organization{Title: "Acme", Token: "t", CreatedAt: now})
	if err != nil {
		t.Fatal(err)
	}
	maker, err := db.CreateUser(ctx, roster.NewUser{Email: "maker@example.com", Username: "maker"}, "", now)
	if err != nil {
		t.Fatal(err)
	}
	p := roster.Project{OrganizationID: org, Title: "Street signs", CreatedBy: roster.User{ID: maker}}
	if p.ID, err = db.CreateProject(ctx, p, now); err != nil {
		t.Fatal(err)
	}
	op, err := db.BeginOperation(ctx, roster.Operation{OrganizationID: org, ProjectID: p.ID, Kind: roster.OpAssign,
		ActorID: maker, At: now})
	if err != nil {
		t.Fatal(err)
	}
	return p, op
}

// TestOrderIsForPeople: names by letters, then accents, and e-mails among them where
// there is no name; addresses and usernames by bytes.
func TestOrderIsForPeople(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, _ := someProject(t, db)
		for _, n := range []roster.NewUser{
			{Email: "z1@example.com", Username: "b", FirstName: "Álvaro", LastName: "Ruiz"},
			{Email: "z2@example.com", Username: "B", FirstName: "Zoë", LastName: "Ålund"},
			{Email: "z3@example.com", Username: "a", FirstName: "alvaro", LastName: "Ruiz"},
			{Email: "bea@example.com", Username: "ä"},
			{Email: "z5@example.com", Username: "A", FirstName: "Ana", LastName: "Zorn"},
			{Email: "Z6@example.com", Username: "z", FirstName: "Björn"},
			{Email: "z7@example.com", Username: "y", LastName: "Łapka"},
			{Email: "z8@example.com", Username: "x", FirstName: "Alvaro", LastName: "Santos"},
		} {
			id, err := db.CreateUser(ctx, n, "", now)
			if err == nil {
				err = db.AddOrganizationMember(ctx, roster.OrganizationMembership{OrganizationID: p.OrganizationID,
					UserID: id, Role: "AN", CreatedAt: now})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for order, want := range map[string]string{
			"name":       "alvaro Ruiz, Álvaro Ruiz, Alvaro Santos, Ana Zorn, bea@example.com, Björn, Łapka, Zoë Ålund",
			"-name":      "Zoë Ålund, Łapka, Björn, bea@example.com, Ana Zorn, Alvaro Santos, Álvaro Ruiz, alvaro Ruiz",
			"first_name": "bea@example.com, Łapka, alvaro Ruiz, Álvaro Ruiz, Alvaro Santos, Ana Zorn, Björn, Zoë Ålund",
			"last_name":  "bea@example.com, Björn, Zoë Ålund, Łapka, alvaro Ruiz, Álvaro Ruiz, Alvaro Santos, Ana Zorn",
			"email":      "Björn, bea@example.com, Álvaro Ruiz, Zoë Ålund, alvaro Ruiz, Ana Zorn, Łapka, Alvaro Santos",
			"username":   "Ana Zorn, Zoë Ålund, alvaro Ruiz, Álvaro Ruiz, Alvaro Santos, Łapka, Björn, bea@example.com",
		} {
			page := roster.Everything
			page.Order = order
			people, _, err := db.OrganizationMembers(ctx, p.OrganizationID, roster.MemberFilter{}, page)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, m := range people {
				names = append(names, m.User.Name())
			}
			if got := strings.Join(names, ", "); got != want {
				t.Errorf("by %s: %s\nwant %s", order, got, want)
			}
		}
	})
}

// TestTextVersion: what is made of names changed, so store.textVersion must be raised,
// by which the stores that are there are made anew; then this sum is the new one's.
func TestTextVersion(t *testing.T) {
	const version, want = 3, "cd59388c4547396b"
	sum := sha256.New()
	for _, c := range found {
		name, family := store.SortKeys(roster.User{FirstName: c.first, LastName: c.last})
		sum.Write([]byte(strings.Join([]string{
			name, family, store.PersonText(roster.User{Email: "a@müller.example", FirstName: c.first, LastName: c.last})},
			"\n")))
	}
	if got := hex.EncodeToString(sum.Sum(nil))[:16]; got != want || store.TextVersion != version {
		t.Errorf("version %d makes %s; this test knows version %d, %s", store.TextVersion, got, version, want)
	}
}

// TestRefresh: rows of an older version are made anew, in batches, and no others.
func TestRefresh(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		p, _ := someProject(t, db)
		many := make([]roster.OrganizationMember, 4500)
		for i := range many {
			many[i].User = roster.User{Email: "p" + strings.Repeat("x", i%7) +
				hex.EncodeToString([]byte{byte(i >> 8), byte(i)}) + "@example.com", FirstName: "Zoë", DateJoined: now}
			many[i].Membership = roster.OrganizationMembership{Role: "AN", CreatedAt: now}
		}
		if _, err := db.LoadPeople(ctx, p.OrganizationID, many); err != nil {
			t.Fatal(err)
		}
		if n, err := db.Refresh(ctx); n != 0 || err != nil {
			t.Fatalf("%d rows were made anew: %v", n, err)
		}
		if err := db.Outdate(ctx); err != nil {
			t.Fatal(err)
		}
		count := func() int {
			n, err := db.CountOrganizationMembers(ctx, p.OrganizationID, roster.MemberFilter{Search: "zoe"})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := count(); n != 0 {
			t.Fatalf("%d people are found by texts that are gone", n)
		}
		if n, err := db.Refresh(ctx); n != 4502 || err != nil || count() != 4500 { // with the maker and the project
			t.Fatalf("%d rows were made anew, %d people are found: %v", n, count(), err)
		}
	})
}

// TestRefreshOfDeletedTags: what a deleted tag is searched by is made anew while it is
// away, under each of its deletions, and comes back with it.
func TestRefreshOfDeletedTags(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		p, _ := someProject(t, db)
		id, err := db.CreateTag(ctx, p.OrganizationID, p.CreatedBy.ID, "Éclair", now)
		fine(t, err)
		var last int64
		for range 2 {
			if last != 0 {
				fine(t, db.RestoreTags(ctx, p.OrganizationID, last))
			}
			last, err = db.BeginOperation(ctx, roster.Operation{OrganizationID: p.OrganizationID,
				Kind: roster.OpTagDelete, At: now})
			fine(t, err)
			_, err = db.DeleteTags(ctx, p.OrganizationID, last, []int64{id})
			fine(t, err)
		}
		fine(t, db.Outdate(ctx))
		if n, err := db.Refresh(ctx); n != 4 || err != nil { // with the maker and the project
			t.Fatalf("%d rows were made anew: %v", n, err)
		}
		fine(t, db.RestoreTags(ctx, p.OrganizationID, last))
		if n, err := db.CountTags(ctx, p.OrganizationID, "eclair"); n != 1 || err != nil {
			t.Errorf("%d tags are found: %v", n, err)
		}
	})
}
