package app_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/provision"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// carried is who has which tag now, as "person tag".
func carried(w *apptest.World) map[string]bool {
	w.T.Helper()
	members, _, err := w.App.OrganizationMembers(w.As(w.Owner), w.Org, roster.MemberFilter{},
		roster.Page{Number: 1, Size: 1000})
	must(w.T, err)
	out := map[string]bool{}
	for _, m := range members {
		for _, tag := range m.Tags {
			out[fmt.Sprint(m.User.ID, " ", tag.Label)] = true
		}
	}
	return out
}

// tagResults is what an operation did, as "person tag" to result.
func tagResults(w *apptest.World, op int64) map[string]roster.Result {
	w.T.Helper()
	outcomes, err := w.App.Outcomes(w.As(w.Owner), op, roster.Page{Number: 1, Size: 10_000})
	must(w.T, err)
	out := map[string]roster.Result{}
	for _, o := range outcomes {
		if out[fmt.Sprint(o.UserID, " ", o.Tag)] != "" {
			w.T.Errorf("two outcomes for %d and %q", o.UserID, o.Tag)
		}
		out[fmt.Sprint(o.UserID, " ", o.Tag)] = o.Result
	}
	return out
}

func wantTagResults(t *testing.T, w *apptest.World, op int64, want map[string]roster.Result) {
	t.Helper()
	if got := tagResults(w, op); !maps.Equal(got, want) {
		t.Errorf("results %v, want %v", got, want)
	}
}

func tagging(w *apptest.World, as roster.TagAssignment) roster.TagsChanged {
	w.T.Helper()
	done, err := w.App.AssignTags(w.As(w.Owner), w.Org, as)
	must(w.T, err)
	return done
}

// TestTaggingIsAnOperation: of 85 people who are given a tag, 14 had it: 71 are changed,
// the record says who, and the undo takes it off those and no others.
func TestTaggingIsAnOperation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		var people []int64
		for range 85 {
			people = append(people, w.Person("AN"))
		}
		night := w.Tag("night")
		tagging(w, roster.TagAssignment{Selector: roster.Selector{Included: people[:14]}, Tags: []int64{night}})
		before := carried(w)
		done := tagging(w, roster.TagAssignment{Selector: roster.Selector{Included: people}, Tags: []int64{night, night}})
		if done.Count != 85 || done.Changed != 71 {
			t.Errorf("%+v", done)
		}
		op, counts, err := w.App.Operation(w.As(w.Owner), done.Operation)
		must(t, err)
		if op.Kind != roster.OpTag || op.Changed != 71 || counts[roster.Tagged] != 71 ||
			counts[roster.AlreadyTagged] != 14 || len(counts) != 2 {
			t.Errorf("%+v %v", op, counts)
		}
		undone(t, w, done.Operation, 71)
		if got := carried(w); !maps.Equal(got, before) {
			t.Errorf("after the undo: %v, want %v", got, before)
		}
	})
}

// TestUntaggingIsAnOperation: taking off, and putting on in place of all others.
func TestUntaggingIsAnOperation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		one, two := w.Person("AN"), w.Person("AN")
		night, remote, fast := w.Tag("night"), w.Tag("remote"), w.Tag("fast")
		both := roster.Selector{Included: []int64{one, two}}
		tagging(w, roster.TagAssignment{Selector: both, Tags: []int64{night}})
		tagging(w, roster.TagAssignment{Selector: roster.Selector{Included: []int64{one}}, Tags: []int64{remote}})
		key := func(user int64, tag string) string { return fmt.Sprint(user, " ", tag) }
		before := carried(w)

		off := tagging(w, roster.TagAssignment{Selector: both, Tags: []int64{fast}, Off: []int64{remote}})
		wantTagResults(t, w, off.Operation, map[string]roster.Result{key(one, "fast"): roster.Tagged,
			key(two, "fast"):   roster.Tagged,
			key(one, "remote"): roster.Untagged, key(two, "remote"): roster.NotTagged})
		wantTagResults(t, w, undone(t, w, off.Operation, 2), map[string]roster.Result{
			key(one, "fast"): roster.Untagged, key(two, "fast"): roster.Untagged,
			key(one, "remote"): roster.Tagged})

		over := tagging(w, roster.TagAssignment{Selector: both, Tags: []int64{night}, Overwrite: true})
		if over.Count != 2 || over.Changed != 1 {
			t.Errorf("in place of all: %+v", over)
		}
		wantTagResults(t, w, over.Operation, map[string]roster.Result{key(one, "night"): roster.AlreadyTagged,
			key(two, "night"):  roster.AlreadyTagged,
			key(one, "remote"): roster.Untagged})
		undone(t, w, over.Operation, 1)
		if got := carried(w); !maps.Equal(got, before) {
			t.Errorf("after the undos: %v, want %v", got, before)
		}
		if _, err := w.App.AssignTags(w.As(w.Owner), w.Org,
			roster.TagAssignment{Selector: both, Off: []int64{999}}); roster.KindOf(err) != roster.Invalid {
			t.Errorf("a tag that is not there: %v", err)
		}
		if _, err := w.App.AssignTags(w.As(one), w.Org,
			roster.TagAssignment{Selector: both, Off: []int64{remote}}); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("an Annotator: %v", err)
		}
		if nothing := tagging(w, roster.TagAssignment{Selector: both}); nothing != (roster.TagsChanged{}) {
			t.Errorf("no change at all: %+v", nothing)
		}
	})
}

// TestUndoOfTagsLeavesAlone whom somebody changed since, and who is gone; an operation
// that was itself undone changed nobody.
func TestUndoOfTagsLeavesAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		same, off, again, back, gone := w.Person("AN"), w.Person("AN"), w.Person("AN"), w.Person("AN"), w.Person("AN")
		night := w.Tag("night")
		of := func(users ...int64) roster.Selector { return roster.Selector{Included: users} }
		done := tagging(w, roster.TagAssignment{Selector: of(same, off, again, back, gone), Tags: []int64{night}})
		tagging(w, roster.TagAssignment{Selector: of(off, again), Off: []int64{night}})
		tagging(w, roster.TagAssignment{Selector: of(again), Tags: []int64{night}})
		undone(t, w, tagging(w, roster.TagAssignment{Selector: of(back), Off: []int64{night}}).Operation, 1)
		_, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone)
		must(t, err)
		undo := undone(t, w, done.Operation, 2)
		wantResults(t, w, undo, map[int64]roster.Result{same: roster.Untagged, off: roster.ChangedMeanwhile,
			again: roster.ChangedMeanwhile,
			back:  roster.Untagged, gone: roster.GoneMeanwhile})
		if got := taggedAs(w, "night"); len(got) != 1 {
			t.Errorf("left with it: %v", got)
		}
	})
}

// TestUndoOfADeletedTag brings it back under its id and name, with everybody who had it;
// people who were deleted before have it when they come back.
func TestUndoOfADeletedTag(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		one, two, gone := w.Person("AN"), w.Person("AN"), w.Person("AN")
		night, lone := w.Tag("Night"), w.Tag("lone")
		tagging(w, roster.TagAssignment{Selector: roster.Selector{Included: []int64{one, two, gone}}, Tags: []int64{night}})
		leave, err := w.App.RemoveFromOrganization(w.As(w.Owner), w.Org, gone)
		must(t, err)
		before, err := w.App.Tag(w.As(w.Owner), w.Org, night)
		must(t, err)

		n, op, err := w.App.DeleteTags(w.As(w.Owner), w.Org, []int64{night, lone, 999})
		if err != nil || n != 2 {
			t.Fatalf("%d %v", n, err)
		}
		wantTagResults(t, w, op, map[string]roster.Result{fmt.Sprint(one, " Night"): roster.Untagged,
			fmt.Sprint(two, " Night"):  roster.Untagged,
			fmt.Sprint(gone, " Night"): roster.SkippedDeleted})
		view, err := w.App.OperationView(w.As(w.Owner), op, roster.OutcomeFilter{}, roster.Everything)
		if err != nil || view.Changed != 2 || !view.MayUndo || !slices.Equal(view.Deleted, []string{"lone", "Night"}) {
			t.Errorf("%+v %v", view, err)
		}
		undone(t, w, op, 2)
		after, err := w.App.Tag(w.As(w.Owner), w.Org, night)
		if err != nil || after != before {
			t.Errorf("%+v %v, want %+v", after, err, before)
		}
		if _, err := w.App.Tag(w.As(w.Owner), w.Org, lone); err != nil {
			t.Errorf("the one that nobody had: %v", err)
		}
		undone(t, w, leave, 1)
		if got := taggedAs(w, "night"); len(got) != 3 {
			t.Errorf("they have it: %v", got)
		}

		op, err = w.App.DeleteTag(w.As(w.Owner), w.Org, night)
		must(t, err)
		w.Tag("NIGHT")
		undo := undone(t, w, op, 0)
		wantResults(t, w, undo, map[int64]roster.Result{one: roster.ChangedMeanwhile, two: roster.ChangedMeanwhile,
			gone: roster.ChangedMeanwhile})
	})
}

// TestTagImportIsAnOperation of whoever sent the file, with an outcome for everybody in it.
func TestTagImportIsAnOperation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ada := w.PersonNamed(roster.NewUser{Email: "ada@example.com", Role: "AN"})
		bo := w.PersonNamed(roster.NewUser{Email: "bo@example.com", Role: "AN"})
		tagging(w, roster.TagAssignment{Selector: roster.Selector{Included: []int64{bo}}, Tags: []int64{w.Tag("night")}})
		id := importing(w, "email,tags\nada@example.com,night\nbo@example.com,NIGHT\nADA@example.com,night\nnobody@example.com,night\n", "")
		must(t, w.App.RunJobs(t.Context()))
		done := job(w, id)
		op, _, err := w.App.Operation(w.As(w.Owner), done.Operation)
		if err != nil || op.Kind != roster.OpTagImport || op.ActorID != w.Owner ||
			op.Credential != roster.CredentialToken || op.Changed != 1 || done.Assigned != 1 {
			t.Errorf("%+v %+v %v", done, op, err)
		}
		wantResults(t, w, op.ID, map[int64]roster.Result{ada: roster.Tagged, bo: roster.AlreadyTagged})
		steps, _, err := w.App.PersonHistory(w.As(w.Owner), ada, roster.Page{Number: 1, Size: 1})
		if err != nil || steps[0].ID != op.ID || steps[0].Outcomes[0].Tag != "night" ||
			steps[0].Outcomes[0].Result != roster.Tagged {
			t.Errorf("the history of a person: %+v %v", steps, err)
		}
		undone(t, w, op.ID, 1)
		if got := taggedAs(w, "night"); !slices.Equal(got, []string{"bo@example.com"}) {
			t.Errorf("after the undo: %v", got)
		}
	})
}

// TestUndoOfAnImportTakesItsTags off whom it gave them to.
func TestUndoOfAnImportTakesItsTags(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ada := w.PersonNamed(roster.NewUser{Email: "ada@example.com", Role: "AN"})
		tagging(w, roster.TagAssignment{Selector: roster.Selector{Included: []int64{ada}}, Tags: []int64{w.Tag("night")}})
		before := carried(w)
		done, err := importFile(w, "email,tags\nada@example.com,night;fast\nnew@example.com,fast\n",
			provision.ImportOptions{})
		if err != nil || done.Tagged != 2 {
			t.Fatalf("%+v %v", done, err)
		}
		undone(t, w, done.Operation, 2)
		if got := carried(w); !maps.Equal(got, before) {
			t.Errorf("after the undo: %v, want %v", got, before)
		}
	})
}

// TestRandomTagging holds what operations on tags record to what they did, and their
// undo to how it was.
func TestRandomTagging(t *testing.T) {
	storetest.Long(t)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		dice := rand.New(rand.NewPCG(13, 9))
		var people, tags []int64
		for i := range 5 {
			people, tags = append(people, w.Person("AN")), append(tags, w.Tag(fmt.Sprint("tag ", i)))
		}
		some := func(of []int64) (out []int64) {
			for _, id := range of {
				if dice.IntN(2) == 0 {
					out = append(out, id)
				}
			}
			return out
		}
		for range 60 {
			before := carried(w)
			start := maps.Clone(before)
			var op int64
			deleting := dice.IntN(4) == 0
			if deleting {
				var err error
				_, op, err = w.App.DeleteTags(w.As(w.Owner), w.Org, some(tags))
				must(t, err)
			} else {
				as := roster.TagAssignment{Selector: roster.Selector{Included: some(people)}, Tags: some(tags),
					Overwrite: dice.IntN(3) == 0}
				if !as.Overwrite {
					as.Off = slices.DeleteFunc(some(tags), func(id int64) bool { return slices.Contains(as.Tags, id) })
				}
				op = tagging(w, as).Operation
			}
			if op == 0 {
				continue
			}
			after, changed := carried(w), map[string]bool{}
			for pair, result := range tagResults(w, op) {
				had, has := result == roster.Untagged || result == roster.AlreadyTagged, result == roster.Tagged ||
					result == roster.AlreadyTagged
				if before[pair] != had || after[pair] != has {
					t.Fatalf("%s: %s, had it %v, has it %v", pair, result, before[pair], after[pair])
				}
				if had != has {
					changed[pair[:len(fmt.Sprint(people[0]))]] = true
				}
				delete(before, pair)
				delete(after, pair)
			}
			if !maps.Equal(before, after) {
				t.Fatalf("changed without a record: %v, then %v", before, after)
			}
			if record, _, err := w.App.Operation(w.As(w.Owner), op); err != nil || record.Changed != len(changed) {
				t.Fatalf("%d changed, want %d: %v", record.Changed, len(changed), err)
			}
			if deleting || dice.IntN(2) == 0 {
				undone(t, w, op, len(changed))
				if got := carried(w); !maps.Equal(got, start) {
					t.Fatalf("after the undo: %v, want %v", got, start)
				}
			}
		}
	})
}

// TestUndoOfManyDeletedTags: they come back to be found, all of them, however many.
func TestUndoOfManyDeletedTags(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		labels := make([]string, 2001)
		for i := range labels {
			labels[i] = fmt.Sprint("shift ", i)
		}
		_, err := w.App.CreateTags(w.As(w.Owner), w.Org, labels)
		must(t, err)
		tags, _, err := w.App.Tags(w.As(w.Owner), w.Org, "", roster.Everything)
		must(t, err)
		ids := make([]int64, len(tags))
		for i, tag := range tags {
			ids[i] = tag.ID
		}
		_, op, err := w.App.DeleteTags(w.As(w.Owner), w.Org, ids)
		must(t, err)
		undone(t, w, op, 0)
		if _, total, err := w.App.Tags(w.As(w.Owner), w.Org, "shift", roster.Everything); total != len(labels) || err != nil {
			t.Errorf("%d of %d are found: %v", total, len(labels), err)
		}
	})
}
