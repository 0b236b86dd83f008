package membership

import (
	"context"
	"slices"

	"roster"
	"roster/internal/core"
)

// Every change of who has which tag is an operation, with an outcome for each person
// and tag, and can be taken back.

// DeleteTag takes a tag from the organization and from everybody who has it, and
// returns the operation.
func (a *Membership) DeleteTag(ctx context.Context, organization, id int64) (op int64, err error) {
	n, op, err := a.DeleteTags(ctx, organization, []int64{id})
	if err == nil && n == 0 {
		return 0, core.ErrNotFound
	}
	return op, err
}

// DeleteTags takes the tags that are there from the organization and from everybody who
// has them, and returns how many; the operation is 0 when there were none.
func (a *Membership) DeleteTags(ctx context.Context, organization int64, ids []int64) (deleted int,
	op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		deleted, op = 0, 0
		if _, err := tx.InOrganization(ctx, core.ManageTags, organization); err != nil {
			return err
		}
		if _, err := tx.db.LockTags(ctx, organization); err != nil { // of two deletions, one finds nothing
			return err
		}
		if n, err := tx.db.CountTagsOf(ctx, organization, ids); err != nil || n == 0 {
			return err
		}
		op, err = tx.recordTags(ctx, roster.Operation{Kind: roster.OpTagDelete}, func(op int64) error {
			deleted, err = tx.db.DeleteTags(ctx, organization, op, ids)
			return err
		})
		return err
	})
	return deleted, op, err
}

// recordTags makes one change of tags, which are locked, an operation of its own.
func (a *Membership) recordTags(ctx context.Context, record roster.Operation,
	write func(op int64) error) (int64, error) {
	op, err := a.Begin(ctx, record)
	if err != nil {
		return 0, err
	}
	if err := write(op); err != nil {
		return 0, err
	}
	changed, _, err := a.db.ApplyTags(ctx, op)
	if err != nil {
		return 0, err
	}
	return op, a.Finish(ctx, op, changed)
}

// AssignTags puts tags on the people that an assignment selects, and takes others off
// them. Where it asks for no change at all it is about nobody.
func (a *Membership) AssignTags(ctx context.Context, organization int64,
	as roster.TagAssignment) (done roster.TagsChanged, err error) {
	if err := validTagging(as); err != nil {
		return done, err
	}
	err = a.Update(ctx, func(tx *Membership) error {
		done = roster.TagsChanged{}
		people, err := tx.tagging(ctx, organization, as)
		if err != nil || len(people) == 0 || (len(as.Tags)+len(as.Off) == 0 && !as.Overwrite) {
			return err
		}
		if n := len(as.Tags) + len(as.Off); len(people)*n > roster.MostPairs {
			return roster.InvalidField("tags",
				"These are %d tags for %d people, more than 1,000,000 at once. Name fewer tags. Nothing was changed.",
				n, len(people))
		}
		record := roster.Operation{Kind: roster.OpTag, Selector: Describe(as.Selector)}
		done.Count = len(people)
		if done.Operation, err = tx.recordTags(ctx, record, func(op int64) error {
			return tx.writeTagging(ctx, organization, op, people, as)
		}); err != nil {
			return err
		}
		record, err = tx.db.Operation(ctx, done.Operation)
		done.Changed = record.Changed
		return err
	})
	return done, err
}

// validTagging refuses what contradicts itself.
func validTagging(as roster.TagAssignment) error {
	if slices.ContainsFunc(as.Tags, func(id int64) bool { return slices.Contains(as.Off, id) }) {
		return roster.InvalidField("tags", "The same tag cannot be put on and taken off. Nothing was changed.")
	}
	if as.Overwrite && len(as.Off) > 0 {
		return roster.InvalidField("remove_tags",
			"All other tags are taken off already, with overwrite. Nothing was changed.")
	}
	return as.Selector.Validate()
}

// writeTagging writes down what an assignment does to people.
func (a *Membership) writeTagging(ctx context.Context, organization, op int64, people []int64,
	as roster.TagAssignment) error {
	if err := a.db.RecordTags(ctx, op, people, as.Tags); err != nil {
		return err
	}
	if as.Overwrite {
		return a.db.RecordOtherTags(ctx, organization, op, people, as.Tags)
	}
	return a.db.RecordUntags(ctx, op, people, as.Off)
}

// tagging authorizes an assignment, locks the tags and finds whom it is about.
func (a *Membership) tagging(ctx context.Context, organization int64, as roster.TagAssignment) ([]int64, error) {
	if _, err := a.InOrganization(ctx, core.ManageTags, organization); err != nil {
		return nil, err
	}
	if _, err := a.db.LockTags(ctx, organization); err != nil {
		return nil, err
	}
	for _, ids := range [][]int64{as.Tags, as.Off} {
		id, err := a.db.UnknownTag(ctx, organization, ids)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			return nil, core.Unknown("tags", id)
		}
	}
	f, err := a.Meant(ctx, as.Selector.Filter, 0)
	if err != nil {
		return nil, err
	}
	as.Selector.Filter = f
	return a.db.SelectedPeople(ctx, organization, as.Selector)
}

// isTagging reports whether operations of a kind change nothing but tags.
func isTagging(kind roster.OperationKind) bool {
	return kind == roster.OpTag || kind == roster.OpTagImport || kind == roster.OpTagDelete
}

// mayUndoTags asks the policy about an operation on tags.
func (a *Membership) mayUndoTags(ctx context.Context) error {
	_, err := a.May(ctx, core.ManageTags)
	return err
}

// takeBackTags takes back what op did to people's tags, and returns how many people's
// it changed.
func (a *Membership) takeBackTags(ctx context.Context, op roster.Operation, undo int64) (int, error) {
	if _, err := a.db.LockTags(ctx, op.OrganizationID); err != nil {
		return 0, err
	}
	if err := a.db.RestoreTags(ctx, op.OrganizationID, op.ID); err != nil {
		return 0, err
	}
	if err := a.db.RevertTags(ctx, op, undo); err != nil {
		return 0, err
	}
	changed, _, err := a.db.ApplyTags(ctx, undo)
	return changed, err
}
