package app_test

import (
	"testing"
	"time"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestReviewRules: a rule keeps its id and when it was made; when it was changed says
// whether it, or its place, is another. An id is never another rule's.
func TestReviewRules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, owner := w.Project("Street signs", 0), w.As(w.Owner)
		set := func(rules ...roster.ReviewRule) []roster.ReviewRule {
			t.Helper()
			w.Clock = w.Clock.Add(time.Hour)
			_, err := w.App.SetReviewRules(owner, p, rules)
			must(t, err)
			kept, err := w.App.ReviewRules(owner, p)
			must(t, err)
			return kept
		}
		low := roster.ReviewRule{Operator: "lt", Threshold: 5000, Rate: roster.WholeShare}
		rest := roster.ReviewRule{Rate: 2500}
		first := set(low, rest)
		if len(first) != 2 || first[0].ID != 1 || first[1].ID != 2 || !first[0].Same(low) || !first[1].Same(rest) {
			t.Fatalf("%+v", first)
		}
		changed := first[1]
		changed.Rate = 5000
		second := set(first[0], changed, low)
		if second[0] != first[0] {
			t.Errorf("what stayed is %+v", second[0])
		}
		if second[1].CreatedAt != first[1].CreatedAt || second[1].UpdatedAt != w.Clock || second[1].Rate != 5000 {
			t.Errorf("what changed is %+v", second[1])
		}
		third := set(second[1], rest)
		if third[0].ID != 2 || third[0].UpdatedAt != w.Clock || third[1].ID != 4 {
			t.Errorf("moved up, with a new one: %+v", third)
		}
		_, err := w.App.SetReviewRules(owner, p, []roster.ReviewRule{first[0]})
		wantKind(t, "a rule that is gone", err, roster.Invalid)
		title := "Road signs"
		_, _, err = w.App.UpdateProject(owner, p,
			roster.ProjectPatch{Title: &title, Settings: map[string]any{"color": nil, "sampling": "Uniform sampling"}}, 0)
		must(t, err)
		if kept, err := w.App.ReviewRules(owner, p); err != nil || len(kept) != 2 {
			t.Errorf("after another change of the project: %+v %v", kept, err)
		}
	})
}
