package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestConsoleExportsCanBeImportedAgain: as they are, and that changes nothing. They begin
// with a byte order mark unless the address says not to.
func TestConsoleExportsCanBeImportedAgain(t *testing.T) {
	storetest.Long(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p := b.Project("Shops", 0)
		b.NastyPeople(p)
		before := b.Everybody(p)
		for _, path := range []string{"/people.csv", "/people.csv?state=deleted", fmt.Sprintf("/projects/%d/members.csv", p),
			fmt.Sprintf("/projects/%d/history/access.csv?day=2026-03-01", p)} {
			between := "?"
			if strings.Contains(path, "?") {
				between = "&"
			}
			plain := b.must(200, "", "GET", path+between+"bom=0", nil).Body.String()
			file := b.must(200, "", "GET", path, nil).Body.String()
			if file != "\ufeff"+plain || plain == "" || file != b.must(200, "", "GET", path+between+"bom=1", nil).Body.String() {
				t.Errorf("%s: %.100q, and without the mark %.100q", path, file, plain)
			}
			b.must(400, "with a byte order mark", "GET", path+between+"bom=perhaps", nil)
			done, err := b.App.Import(b.As(b.Owner), strings.NewReader(file), provision.ImportOptions{})
			if err != nil || done.Created+done.Updated+done.Assigned+done.TagsCreated+done.Tagged != 0 || done.People+
				done.Gone == 0 {
				t.Errorf("%s: %+v %v\n%s", path, done, err, file)
			}
			if after := b.Everybody(p); after != before {
				t.Errorf("%s: was\n%s\nand is\n%s", path, before, after)
			}
		}
	})
}

// A compressed form is refused as that.
func TestCompressedFormsAreRefused(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "OW")
	b.header.Set("Content-Encoding", "gzip")
	b.must(415, "Nothing was changed.", "POST", "/tags", url.Values{"label": {"x"}})
}
