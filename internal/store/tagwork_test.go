package store_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roster"
)

// worn is a tag that a person has.
type worn struct{ user, tag int64 }

// tags makes tags of an organization.
func (h *house) tags(o organization, labels ...string) (ids []int64) {
	h.Helper()
	for _, label := range labels {
		id, err := h.db.CreateTag(h.Context(), o.id, o.owner, label, now)
		h.ok(err)
		ids = append(ids, id)
	}
	return ids
}

// wears is the tags of an organization's people.
func (h *house) wears(o organization) map[worn]bool {
	h.Helper()
	people, _, err := h.db.OrganizationMembers(h.Context(), o.id, roster.MemberFilter{}, roster.Everything)
	h.ok(err)
	out := map[worn]bool{}
	for _, p := range people {
		for _, tag := range p.Tags {
			out[worn{p.User.ID, tag.ID}] = true
		}
	}
	return out
}

// tagging puts tags on people, or takes them off, and returns the operation.
func (h *house) tagging(o organization, on bool, people, tags []int64) int64 {
	h.Helper()
	op, record := h.operation(o, roster.OpTag, 0, 0), h.db.RecordUntags
	if on {
		record = h.db.RecordTags
	}
	h.ok(record(h.Context(), op, people, tags))
	_, _, err := h.db.ApplyTags(h.Context(), op)
	h.ok(err)
	return op
}

// TestTagsAreWhatIsWrittenDown: whatever is put on people and taken off them, they have what
// a set in plain Go has, and each operation counts whom it changed.
func TestTagsAreWhatIsWrittenDown(t *testing.T) {
	eachHouse(t, func(h *house) {
		o := h.acme
		tags := h.tags(o, "a", "b", "c")
		h.tries(func(h *house, t *rapid.T) {
			wears := map[worn]bool{}
			for range rapid.IntRange(1, 6).Draw(t, "steps") {
				people := []int64{evenly(t, o.annotators), evenly(t, o.annotators)}
				some := []int64{evenly(t, tags), evenly(t, tags)}
				on := rapid.Bool().Draw(t, "on")
				changed, put := map[int64]bool{}, 0
				for _, user := range distinct(people...) {
					for _, tag := range distinct(some...) {
						if at := (worn{user, tag}); wears[at] != on {
							changed[user] = true
							if delete(wears, at); on {
								wears[at] = true
								put++
							}
						}
					}
				}
				op, record := h.operation(o, roster.OpTag, 0, 0), h.db.RecordUntags
				if on {
					record = h.db.RecordTags
				}
				h.ok(record(h.Context(), op, people, some))
				n, newly, err := h.db.ApplyTags(h.Context(), op)
				if h.ok(err); n != len(changed) || newly != put {
					h.Errorf("%d changed and %d put on, not %d and %d", n, newly, len(changed), put)
				}
				if got := h.wears(o); !equal(got, wears) {
					h.Errorf("they have %v, not %v", got, wears)
				}
			}
		})
	})
}

func equal[K comparable](a, b map[K]bool) bool {
	for k := range a {
		if !b[k] {
			return false
		}
	}
	return len(a) == len(b)
}

// TestTagsGoBackWhereNobodyChangedThem: an undo takes off what was put on and gives back
// what was taken, but where a later operation that stands changed the same, the tag is no
// more, or the person left since.
func TestTagsGoBackWhereNobodyChangedThem(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		one, two, gone, taken := o.annotators[0], o.annotators[1], o.annotators[2], o.annotators[3]
		tags := h.tags(o, "kept", "deleted")
		h.tagging(o, true, []int64{taken}, tags[:1])
		op := h.operation(o, roster.OpTag, 0, 0)
		h.ok(h.db.RecordTags(ctx, op, []int64{one, two, gone}, tags))
		h.ok(h.db.RecordUntags(ctx, op, []int64{taken}, tags[:1]))
		_, _, err := h.db.ApplyTags(ctx, op)
		h.ok(err)
		h.tagging(o, false, []int64{two}, tags[:1])
		h.tagging(o, true, []int64{two}, tags[:1]) // as it was, but said anew
		n, err := h.db.DeleteTags(ctx, o.id, h.operation(o, roster.OpTagDelete, 0, 0), tags[1:])
		if h.ok(err); n != 1 {
			h.Errorf("%d tags were deleted", n)
		}
		h.leave(o, gone)
		undo, undone := h.undoing(o, op)
		h.ok(h.db.RevertTags(ctx, undone, undo))
		changed, _, err := h.db.ApplyTags(ctx, undo)
		if h.ok(err); changed != 2 {
			h.Errorf("%d were changed", changed)
		}
		if got := h.wears(o); !equal(got, map[worn]bool{{two, tags[0]}: true, {taken, tags[0]}: true}) {
			h.Errorf("they have %v", got)
		}
		told := map[roster.Result][]int64{}
		list, err := h.db.Outcomes(ctx, h.read(undo), roster.OutcomeFilter{}, roster.Everything)
		h.ok(err)
		for _, r := range list {
			told[r.Result] = append(told[r.Result], r.UserID)
		}
		same(h, "lost it", told[roster.Untagged], one)
		same(h, "have it back", told[roster.Tagged], taken)
		same(h, "gone", told[roster.GoneMeanwhile], gone, gone)
		same(h, "changed since", told[roster.ChangedMeanwhile], one, two, two)
	})
}

// TestADeletedTagComesBack: under its id, on whoever had it, the deleted people too; and not
// where another one has its label by now.
func TestADeletedTagComesBack(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, other, ctx := h.acme, h.umbrella, t.Context()
		one, gone := o.annotators[0], o.annotators[1]
		tags := h.tags(o, "Night shift", "Day shift")
		theirs := h.tags(other, "night shift")
		h.tagging(o, true, []int64{one, gone}, tags)
		h.leave(o, gone)
		op := h.operation(o, roster.OpTagDelete, 0, 0)
		if n, err := h.db.DeleteTags(ctx, o.id, op, append(theirs, tags...)); err != nil || n != 2 {
			h.Errorf("%d were deleted: %v", n, err)
		}
		if n, err := h.db.CountTags(ctx, other.id, ""); err != nil || n != 1 {
			h.Errorf("another organization has %d: %v", n, err)
		}
		labels, err := h.db.DeletedTags(ctx, op)
		h.ok(err)
		same(h, "deleted", labels, "Day shift", "Night shift")
		again := h.tags(o, "DAY SHIFT")
		undo, undone := h.undoing(o, op)
		h.ok(h.db.RestoreTags(ctx, o.id, op))
		h.ok(h.db.RevertTags(ctx, undone, undo))
		_, _, err = h.db.ApplyTags(ctx, undo)
		h.ok(err)
		if tag, err := h.db.Tag(ctx, o.id, tags[0]); err != nil || tag.Label != "Night shift" || tag.MemberCount != 1 {
			h.Errorf("%+v %v", tag, err)
		}
		_, err = h.db.Tag(ctx, o.id, tags[1])
		h.is(roster.NotFound, "one whose label another has", err)
		if tag, err := h.db.Tag(ctx, o.id, again[0]); err != nil || tag.MemberCount != 0 {
			h.Errorf("%+v %v", tag, err)
		}
		h.ok(h.db.RestorePeople(ctx, o.id, []int64{gone}))
		if got := h.wears(o); !equal(got, map[worn]bool{{one, tags[0]}: true, {gone, tags[0]}: true}) {
			h.Errorf("they have %v", got)
		}
	})
}

// TestOverwritingLeavesTheGivenTags: all others of the organization go, and of no other one.
func TestOverwritingLeavesTheGivenTags(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, other, ctx := h.acme, h.umbrella, t.Context()
		one, two := o.annotators[0], o.annotators[1]
		h.joins(other.id, roster.RoleAnnotator, one)
		tags, theirs := h.tags(o, "a", "b", "c"), h.tags(other, "a")
		h.tagging(o, true, []int64{one, two}, tags)
		h.tagging(other, true, []int64{one}, theirs)
		op := h.operation(o, roster.OpTag, 0, 0)
		h.ok(h.db.RecordOtherTags(ctx, o.id, op, []int64{one}, tags[1:2]))
		if n, _, err := h.db.ApplyTags(ctx, op); err != nil || n != 1 {
			h.Errorf("%d changed: %v", n, err)
		}
		if got := h.wears(o); !equal(got, map[worn]bool{{one, tags[1]}: true, {two, tags[0]}: true, {two, tags[1]}: true,
			{two, tags[2]}: true}) {
			h.Errorf("they have %v", got)
		}
		if got := h.wears(other); !got[worn{one, theirs[0]}] {
			h.Errorf("there they have %v", got)
		}
		if id, err := h.db.UnknownTag(ctx, o.id, append([]int64{999_999}, tags...)); err != nil || id != 999_999 {
			h.Errorf("no tag: %d %v", id, err)
		}
		if id, err := h.db.UnknownTag(ctx, o.id, append(slices.Clone(tags), theirs...)); err != nil || id != theirs[0] {
			h.Errorf("another organization's: %d %v", id, err)
		}
		if id, err := h.db.UnknownTag(ctx, o.id, tags); err != nil || id != 0 {
			h.Errorf("all known: %d %v", id, err)
		}
	})
}

// TestAJobIsDoneOnce: the oldest that waits is taken once, its end is written once, and what
// died over its work is told from what is done.
func TestAJobIsDoneOnce(t *testing.T) {
	eachHouse(t, func(h *house) {
		o, ctx := h.acme, t.Context()
		_, _, err := h.db.TakeTagImport(ctx)
		h.is(roster.NotFound, "when none waits", err)
		make := func(email string) int64 {
			id, err := h.db.CreateTagImport(ctx, roster.TagImport{OrganizationID: o.id, CreatedBy: o.owner, CreatedAt: now,
				Everybody: []string{"all"}}, []roster.TagRow{{Email: email, Labels: []string{"night"}}})
			h.ok(err)
			return id
		}
		first, second := make("a@example.com"), make("b@example.com")
		job, rows, err := h.db.TakeTagImport(ctx)
		if h.ok(err); job.ID != first || len(rows) != 1 || rows[0].Email != "a@example.com" || len(job.Everybody) != 1 {
			h.Errorf("%+v %+v", job, rows)
		}
		job.TagsCreated, job.Assigned, job.Skipped, job.Operation = 1, 2, []string{"c@example.com"}, 7
		if done, err := h.db.CompleteTagImport(ctx, job, now.Add(time.Minute)); err != nil || !done {
			h.Errorf("completed: %v %v", done, err)
		}
		if done, err := h.db.CompleteTagImport(ctx, job, now.Add(time.Hour)); err != nil || done {
			h.Errorf("completed again: %v %v", done, err)
		}
		if n, err := h.db.FailTagImport(ctx, first, now); err != nil || n != 0 {
			h.Errorf("%d that were done have failed: %v", n, err)
		}
		got, err := h.db.TagImport(ctx, o.id, first)
		if h.ok(err); got.Status != roster.JobCompleted || got.Assigned != 2 || got.Operation != 7 ||
			len(got.Skipped) != 1 || !got.FinishedAt.Equal(now.Add(time.Minute)) {
			h.Errorf("%+v", got)
		}
		_, err = h.db.TagImport(ctx, h.umbrella.id, first)
		h.is(roster.NotFound, "another organization's", err)
		if job, _, err = h.db.TakeTagImport(ctx); err != nil || job.ID != second {
			h.Errorf("the next: %+v %v", job, err)
		}
		if n, err := h.db.FailTagImport(ctx, 0, now); err != nil || n != 1 {
			h.Errorf("%d died: %v", n, err)
		}
		if got, err := h.db.TagImport(ctx, o.id, second); err != nil || got.Status != roster.JobFailed {
			h.Errorf("%+v %v", got, err)
		}
		unknown, err := h.db.UnknownEmails(ctx, o.id, []string{"nobody@example.com", "ACME.owner@example.com",
			"umbrella.owner@example.com"})
		h.ok(err)
		same(h, "unknown", unknown, "nobody@example.com", "umbrella.owner@example.com")
	})
}
