package lsapi_test

import (
	"fmt"
	"strings"
	"testing"

	"roster"
	"roster/internal/provision"
)

// TestExportsCanBeImportedAgain: as they are, and that changes nothing, whatever people
// and tags are called.
func TestExportsCanBeImportedAgain(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		p := w.Project("Shops", 0)
		w.NastyPeople(p)
		before := w.Everybody(p)
		for query, mark := range map[string]bool{"": false, "?bom=true": true, "?bom=false&with_deleted=true": false,
			"?with_deleted=true&bom=1": true, "?role=AN": false} {
			answer := w.send("GET", fmt.Sprintf("/api/projects/%d/members/export/%s", p, query), w.Owner, nil)
			file := answer.Body.String()
			if answer.Code != 200 || strings.HasPrefix(file, "\ufeff") != mark {
				t.Fatalf("%s: %d %.100q", query, answer.Code, file)
			}
			done, err := w.App.Import(w.As(w.Owner), strings.NewReader(file), provision.ImportOptions{})
			if err != nil || done.Created+done.Updated+done.Assigned+done.TagsCreated+done.Tagged != 0 || done.People == 0 {
				t.Errorf("%s: %+v %v\n%s", query, done, err, file)
			}
			if after := w.Everybody(p); after != before {
				t.Errorf("%s: was\n%s\nand is\n%s", query, before, after)
			}
			if op, _, err := w.App.Operation(w.As(w.Owner), done.Operation); err != nil || op.Kind != roster.OpImport ||
				op.Changed != 0 {
				t.Errorf("%s: %+v %v", query, op, err)
			}
		}
	})
}

// TestCompressedBodiesAreRefused as that, and not for what their bytes look like.
func TestCompressedBodiesAreRefused(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		token, err := w.App.Token(t.Context(), w.Owner)
		if err != nil {
			t.Fatal(err)
		}
		const body = `{"label": "night"}`
		for coding, want := range map[string]int{"gzip": 415, "GZIP": 415, "br": 415, "identity, gzip": 415,
			"identity": 201} {
			answer, decoded := w.with("POST", w.tags(), body, "Authorization", "Token "+token, "Content-Encoding", coding)
			if answer.Code != want || (want == 415 && !strings.Contains(fmt.Sprint(decoded["detail"]), "Nothing was changed.")) {
				t.Errorf("%s: %d %v", coding, answer.Code, decoded)
			}
		}
	})
}
