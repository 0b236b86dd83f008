package gate

import (
	"fmt"
	"testing"
)

// TestMaker: who makes a project through the gate is a member of it, stays its
// maker in the upstream whatever they send, and is out when taken off it.
func TestMaker(t *testing.T) {
	g := need(t)
	mia, owner := g.who(t, "mia"), g.who(t, "owner")
	var made struct{ ID int64 }
	mia.must(t, "POST", "/api/projects/",
		map[string]any{"title": t.Name(), "created_by": map[string]any{"id": owner.id}}, &made)
	project := fmt.Sprintf("/api/projects/%d/", made.ID)
	mia.must(t, "PUT", project, map[string]any{"title": t.Name() + " again", "created_by": nil}, nil)
	var there struct {
		CreatedBy struct{ ID int64 } `json:"created_by"`
	}
	behind().must(t, "GET", project, nil, &there)
	if there.CreatedBy.ID != mia.id {
		t.Errorf("made by %d, not %d", there.CreatedBy.ID, mia.id)
	}
	mia.must(t, "GET", project+"members/paginated/", nil, nil)
	owner.must(t, "DELETE", fmt.Sprintf("%smembers/bulk/?included=%d", project, mia.id), nil, nil)
	if got := mia.status(t, "GET", project, nil); got != 404 {
		t.Errorf("taken off their own project: %d", got)
	}
}
