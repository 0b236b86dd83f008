package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestLostAnswersOnThePage: the console says of a removal whose answer the store lost that it was
// done, that nothing was changed, or that it may have happened; and a form that is sent again does
// it once.
func TestLostAnswersOnThePage(t *testing.T) {
	store.LookUpFor(300 * time.Millisecond)
	defer store.LookUpFor(0)
	for name, c := range map[string]struct {
		fate   storetest.Fate
		status int
		says   string
	}{
		"kept":    {storetest.Severed, http.StatusSeeOther, ""},
		"lost":    {storetest.Lost, http.StatusServiceUnavailable, "Nothing was changed"},
		"unknown": {storetest.Gone, http.StatusServiceUnavailable, "This may have happened"},
	} {
		t.Run(name, func(t *testing.T) {
			wire := storetest.NewWire(t, storetest.MigratedURL(t))
			db, err := store.OpenURL(wire.URL)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { db.Close() })
			b := signedIn(t, db, "OW")
			p, ana := b.Project("Signs", 0), b.PersonNamed(roster.NewUser{Email: "ana@example.com", Role: "AN"})
			b.Assign(p, ana)
			list := fmt.Sprintf("/projects/%d/members", p)
			form := fields(b.must(200, "", "POST", list+"/unassign", url.Values{"all": {"1"}}).Body.String())
			wire.Next(c.fate)
			a := b.must(c.status, c.says, "POST", list+"/unassign/apply", form)
			if said, _, _ := strings.Cut(a.Body.String(), "</main>"); c.fate == storetest.Gone &&
				strings.Contains(said, "othing was changed") {
				t.Error(a.Body)
			}
			if c.fate != storetest.Severed { // it can be sent again as it is: nothing is done twice
				form = b.form(strings.Replace(a.Body.String(), `answers start"`, `answers start" action="again"`, 1), "again")
			}
			wire.Back()
			b.must(http.StatusSeeOther, "", "POST", list+"/unassign/apply", form)
			ops, _, err := b.App.Operations(b.As(b.Owner), roster.OperationFilter{Kind: roster.OpUnassign}, roster.Everything)
			if err != nil || len(ops) != 1 || ops[0].Changed != 1 {
				t.Error(ops, err)
			}
		})
	}
}
