package web_test

import (
	"fmt"
	"strings"
	"testing"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestLeavingAWorkspaceSaysWhatGoes: "Remove…" stood at each project of a workspace and took
// the person out of all of them.
func TestLeavingAWorkspaceSaysWhatGoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		space, ann := b.Workspace("Vision"), b.Person("AN")
		b.Project("Signs", space)
		own := b.Project("A project", 0)
		b.Project("Lights", space)
		b.Assign(own, ann)
		if _, err := b.App.AddToWorkspace(b.As(b.Owner), space, ann); err != nil {
			t.Fatal(err)
		}
		page := b.page("2 projects by it", fmt.Sprintf("/people/%d", ann))
		b.without(page, "Remove…")
		if n := strings.Count(page, "Leave workspace…"); n != 2 { // of the person, and of the group of rows
			t.Errorf("offered %d times", n)
		}
		order := []int{strings.Index(page, "Lights"), strings.Index(page, "Signs"),
			strings.Index(page, "Not through a workspace"), strings.LastIndex(page, "A project")}
		for i := range order {
			if order[i] < 0 || i > 0 && order[i] < order[i-1] {
				t.Errorf("the rows are not grouped: %v", order)
			}
		}
		b.page("Loses access to 2 projects", fmt.Sprintf("/people/%d/change?workspace=%d", ann, space))
	})
}
