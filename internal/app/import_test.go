package app_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// people is everybody in the organization as "email role seat first last tags".
func people(w *apptest.World) []string {
	w.T.Helper()
	members, _, err := w.App.OrganizationMembers(w.As(w.Owner), w.Org, roster.MemberFilter{},
		roster.Page{Number: 1, Size: 100_000, Order: "email"})
	if err != nil {
		w.T.Fatal(err)
	}
	out := []string{}
	for _, m := range members {
		text := fmt.Sprint(m.User.Email, " ", m.Membership.Role, " ", m.Membership.UserType, " ", m.User.FirstName,
			" ", m.User.LastName)
		for _, t := range m.Tags {
			text += " #" + t.Label
		}
		out = append(out, text)
	}
	return out
}

func importFile(w *apptest.World, text string, o provision.ImportOptions) (provision.Imported, error) {
	return w.App.Import(w.As(w.Owner), strings.NewReader(text), o)
}

func TestImportCreatesAndUpdates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		signs, shops := w.Project("Street signs", 0), w.Project("Shops", 0)
		bo := w.PersonNamed(roster.NewUser{Email: "bo@example.com", FirstName: "Bo", LastName: "Li", Role: "AN"})
		w.Assign(signs, bo)
		done, err := importFile(w, "\ufeffprojects,Email,role,first_name,last_name,user_type,tags\r\n"+
			"Street signs;"+fmt.Sprint(shops)+",Ana@Example.com,Reviewer,Ana,\"Sousa, Silva\",flex,night; fast\r\n"+
			"\"Shops, Street signs\",bo@example.com,re,,,,\"NIGHT,fast\"\r\n"+
			",view@example.com,,,,viewonly,\r\n"+
			",,,,,,\r\n", provision.ImportOptions{})
		want := provision.Imported{Operation: done.Operation, Created: 2, Updated: 1, Assigned: 3, TagsCreated: 2,
			Tagged: 4, People: 3}
		if err != nil || done != want {
			t.Fatalf("%+v %v, want %+v", done, err, want)
		}
		if got, want := people(w), []string{
			"ana@example.com RE flex Ana Sousa, Silva #fast #night", "bo@example.com RE standard Bo Li #fast #night",
			"owner@example.com OW standard Olga Owner", "view@example.com VO viewonly  ",
		}; !slices.Equal(got, want) {
			t.Errorf("people %q, want %q", got, want)
		}
		if got := w.Explicit(shops); len(got) != 2 {
			t.Errorf("members of shops: %v", got)
		}
		op, counts, err := w.App.Operation(w.As(w.Owner), done.Operation)
		if err != nil || op.Kind != roster.OpImport || op.Changed != 3 {
			t.Errorf("operation %+v %v", op, err)
		}
		if counts[roster.Created] != 2 || counts[roster.Updated] != 1 || counts[roster.Added] != 3 ||
			counts[roster.AlreadyMember] != 1 {
			t.Errorf("counts %v", counts)
		}
	})
}

// TestImportRecordsWhomItCreates: the record of an import names whom it created, and counts
// each of them.
func TestImportRecordsWhomItCreates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		done, err := importFile(w, "email,role\na@example.com,AN\nb@example.com,RE\n", provision.ImportOptions{})
		if err != nil {
			t.Fatal(err)
		}
		op, counts, err := w.App.Operation(w.As(w.Owner), done.Operation)
		if err != nil || op.Changed != 2 || counts[roster.Created] != 2 {
			t.Errorf("%+v %v %v", op, counts, err)
		}
		_, err = db.Verify(t.Context(), func(b store.Broken) {
			if b.Count > 0 {
				t.Errorf("%s: %v", b.Rule, b.Where)
			}
		})
		must(t, err)
	})
}

func TestImportOfTheSameFileChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		w.Project("Shops", 0)
		const file = "email,role,tags,projects\na@example.com,AN,x,Shops\nb@example.com,VO,,\nowner@example.com,OW,,\n"
		if _, err := importFile(w,
			"email,role,user_type,tags,projects\na@example.com,AN,,x,Shops\nb@example.com,,viewonly,,\n",
			provision.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		before := people(w)
		done, err := importFile(w, file, provision.ImportOptions{})
		if want := (provision.Imported{Operation: done.Operation, People: 3}); err != nil || done != want {
			t.Errorf("%+v %v, want %+v", done, err, want)
		}
		if got := people(w); !slices.Equal(got, before) {
			t.Errorf("people %q, want %q", got, before)
		}
	})
}

// TestImportNamesEveryBadLine: one file with everything wrong that can be, and
// with lines that are right, of which nothing happens either.
func TestImportNamesEveryBadLine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		w.Project("Twin", 0)
		w.Project("Twin", 0)
		w.PersonNamed(roster.NewUser{Email: "seat@example.com", Role: "VO", UserType: "viewonly"})
		gone := w.PersonNamed(roster.NewUser{Email: "gone@example.com", Role: "AN"})
		if _, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone); err != nil {
			t.Fatal(err)
		}
		before := people(w)
		lines := []struct{ text, wrong string }{
			{"email,first_name,role,user_type,tags,projects", ""},
			{"fine@example.com,Fine,AN,,new tag,", ""},
			{"not an address,,,,,", "email"},
			{"role@example.com,,XX,,,", "role"},
			{"owner2@example.com,,OW,,,", "role"},
			{"seat2@example.com,,,service,,", "user_type"},
			{"vo@example.com,,VO,,,", "role"},
			{"both@example.com,,AN,viewonly,,", "role"},
			{"seat@example.com,,,standard,,", "role"},
			{"seat@EXAMPLE.com,,,,,", "email"},
			{"gone@example.com,,,,,", "email"},
			{"owner@example.com,,AN,,,", "role"},
			{"many@example.com,,,,,,x", ""},
			{"where@example.com,,,,,Nowhere", "projects"},
			{"twin@example.com,,,,,Twin", "projects"},
			{"off@example.com,,DI,,,1", "projects"},
			{"tag@example.com,,,," + strings.Repeat("t", 256) + ",", "tags"},
			{"name@example.com," + strings.Repeat("n", 257) + ",,,,", "first_name"},
			{"bell@example.com,\a,,,,", "first_name"},
			{"utf8@example.com,\xff,,,,", "first_name"},
			{`quote@example.com,a"b,,,,`, ""},
		}
		var file strings.Builder
		want := []string{}
		for i, l := range lines {
			file.WriteString(l.text + "\n")
			if i >= 2 {
				want = append(want, fmt.Sprint(i+1, " ", l.wrong))
			}
		}
		_, err := importFile(w, file.String(), provision.ImportOptions{})
		bad, _ := errors.AsType[provision.BadLines](err)
		got := []string{}
		for _, b := range bad {
			got = append(got, fmt.Sprint(b.Line, " ", b.Column))
		}
		if !slices.Equal(got, want) {
			t.Errorf("bad lines\n%v, want\n%q", err, want)
			for _, b := range bad {
				t.Log(b)
			}
		}
		if after := people(w); !slices.Equal(after, before) {
			t.Errorf("people %q, want %q", after, before)
		}
		if _, total, err := w.App.Tags(w.As(w.Owner), w.Org, "", roster.Everything); err != nil || total != 0 {
			t.Errorf("%d tags, %v", total, err)
		}
	})
}

func TestImportHeader(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	for _, test := range []struct{ file, want string }{
		{"", "line 1: The file is empty."},
		{"first_name\nAna\n", "line 1: email: The column is missing."},
		{"email,e-mail\n", "line 1: email: The column is there twice."},
		{"email,name\n", "line 1: There is no column \"name\""},
		{"email,Email\n", "line 1: email: The column is there twice."},
		{"\"email\nx", "line 1: This is not CSV"},
	} {
		_, err := importFile(w, test.file, provision.ImportOptions{})
		if _, ok := errors.AsType[provision.BadLines](err); !ok || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%q: %v, want %q", test.file, err, test.want)
		}
	}
}

func TestImportDryRun(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Shops", 0)
		before := people(w)
		done, err := importFile(w, "email,tags,projects\na@example.com,x,Shops\n", provision.ImportOptions{DryRun: true})
		if want := (provision.Imported{Created: 1, Assigned: 1, TagsCreated: 1, Tagged: 1, People: 1,
			Reading: done.Reading}); err != nil || done != want || done.Reading == nil {
			t.Errorf("%+v %v, want %+v", done, err, want)
		}
		if after := people(w); !slices.Equal(after, before) || len(w.Explicit(p)) != 0 {
			t.Errorf("people %q, want %q", after, before)
		}
	})
}

// TestImportAsksThePolicy: an Administrator may not make or change another,
// and a Manager may not import at all.
func TestImportAsksThePolicy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		admin, manager := w.Person("AD"), w.Person("MA")
		w.PersonNamed(roster.NewUser{Email: "peer@example.com", Role: "AD"})
		_, err := w.App.Import(w.As(admin),
			strings.NewReader("email,role\nnew@example.com,AD\npeer@example.com,AN\nok@example.com,MA\n"),
			provision.ImportOptions{})
		bad, _ := errors.AsType[provision.BadLines](err)
		if len(bad) != 2 || bad[0].Line != 2 || bad[1].Line != 3 {
			t.Errorf("administrator: %v", err)
		}
		_, err = w.App.Import(w.As(manager), strings.NewReader("email\nok@example.com\n"), provision.ImportOptions{})
		if roster.KindOf(err) != roster.Forbidden {
			t.Errorf("manager: %v", err)
		}
	})
}

// TestImportEndsInheritedStanding: a role that loses access to every project
// takes what was held there by it along, as any change of role does.
func TestImportEndsInheritedStanding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Shops", 0)
		admin := w.PersonNamed(roster.NewUser{Email: "admin@example.com", Role: "AD"})
		if err := db.LoadProjectMembers(w.As(w.Owner), p, []int64{admin}, false, roster.RoleAnnotator,
			roster.SourceAPI, 1); err != nil {
			t.Fatal(err)
		}
		if _, err := importFile(w, "email,role\nadmin@example.com,AN\n", provision.ImportOptions{}); err != nil {
			t.Fatal(err)
		}
		members, _, err := w.App.Members(w.As(w.Owner), p, roster.MemberFilter{IDs: []int64{admin}}, roster.Everything)
		if err != nil || len(members) != 0 {
			t.Errorf("still there: %+v %v", members, err)
		}
	})
}

// TestImportManyLines: ten thousand lines are a matter of a second or two, and
// the progress comes to its end.
func TestImportManyLines(t *testing.T) {
	storetest.Long(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Shops", 0)
		var file strings.Builder
		file.WriteString("email,first_name,last_name,role,tags,projects\n")
		for i := range 10_000 {
			fmt.Fprintf(&file, "p%d@example.com,First,Last%d,AN,tag%d,Shops\n", i, i, i%20)
		}
		steps := 0
		done, err := importFile(w, file.String(), provision.ImportOptions{Progress: func(n, total int) {
			if steps++; n != steps || n > total {
				t.Errorf("progress %d of %d at step %d", n, total, steps)
			}
		}})
		if err != nil || done.Created != 10_000 || done.Assigned != 10_000 || done.TagsCreated != 20 || steps != 23 {
			t.Fatalf("%+v %v, %d steps", done, err, steps)
		}
		_, total, err := w.App.Members(w.As(w.Owner), p, roster.MemberFilter{Access: roster.ExplicitAccess},
			roster.Page{Number: 1, Size: 1})
		if err != nil || total != 10_000 {
			t.Errorf("%d members, %v", total, err)
		}
	})
}

// TestANameIsANameInAFile: a project is named by its exact title or by digits that are an
// id, and refused where that could be two; a tag is named by its label alone.
func TestANameIsANameInAFile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		shops := w.Project("Shops", 0)
		digits := fmt.Sprint(shops)
		twin := w.Project(digits, 0)
		padded := w.Project("00"+digits, 0)
		w.Tag("night")
		for cell, want := range map[string]string{
			digits: fmt.Sprintf("line 2: projects: %q could be 2 projects. Say which: id:%d, title:%s.",
				digits, shops, digits),
			"shops":          `There is no project "shops".`,
			"0" + digits:     fmt.Sprintf("There is no project %q.", "0"+digits),
			"id:00" + digits: "There is no project",
		} {
			if _, err := importFile(w, "email,projects\na@example.com,"+cell+"\n", provision.ImportOptions{}); err == nil ||
				!strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", cell, err, want)
			}
		}
		file := fmt.Sprintf("email,tags,projects\na@example.com,1,id:%d;title:%s;00%s\n", shops, digits, digits)
		if done, err := importFile(w, file, provision.ImportOptions{}); err != nil || done.Assigned != 3 ||
			done.TagsCreated != 1 {
			t.Errorf("%+v %v", done, err)
		}
		for _, p := range []int64{shops, twin, padded} {
			if got := w.Explicit(p); len(got) != 1 {
				t.Errorf("project %d: %v", p, got)
			}
		}
		if got := taggedAs(w, "1"); len(got) != 1 {
			t.Errorf("the tag labelled 1: %v", got)
		}
	})
}
