package roster_test

import (
	"strings"
	"testing"

	"roster"
)

// TestANameIsAName: what has digits for a name is never taken for something else.
func TestANameIsAName(t *testing.T) {
	titles := map[string][]int64{"001": {5}, "3": {9}, "Twice": {6, 7}, "4": {4}, "id:3": {8}}
	ids := map[int64]bool{1: true, 3: true, 4: true, 5: true, 6: true, 7: true, 8: true, 9: true}
	for text, want := range map[string]struct {
		id   int64
		says string
	}{
		"001": {5, ""}, "title:001": {5, ""}, "id:1": {1, ""}, "1": {1, ""}, "4": {4, ""}, "title:3": {9, ""},
		"id:3": {3, ""}, "title:id:3": {8, ""},
		"3":     {0, `"3" could be 2 projects. Say which: id:3, title:3.`},
		"Twice": {0, "id:6, id:7"},
		"id:01": {0, "There is no project"}, "id:2": {0, "There is no project"}, "twice": {0, "There is no project"},
		"title:1": {0, "There is no project"}, "-1": {0, "There is no"},
	} {
		n := roster.ParseNaming(text, "title")
		id, err := n.Choose("project", ids[n.ID], titles[n.Name])
		if id != want.id || want.says == "" && err != nil || want.says != "" &&
			(err == nil || !strings.Contains(err.Error(), want.says)) {
			t.Errorf("%s: %d, %v; want %d, %q", text, id, err, want.id, want.says)
		}
	}
}
