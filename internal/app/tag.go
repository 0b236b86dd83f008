package app

import (
	"context"

	"roster"
)

// maxTagLabel is the longest label of a tag, in characters.
const maxTagLabel = 255

// Tags is one page of an organization's tags, and how many there are in all.
func (a *App) Tags(ctx context.Context, organization int64, search string, page roster.Page) (tags []roster.Tag, total int, err error) {
	if _, err = a.inOrganization(ctx, ViewTags, organization); err != nil {
		return nil, 0, err
	}
	if total, err = a.db.CountTags(ctx, organization, search); err != nil || page.Offset() >= total {
		return nil, total, err
	}
	tags, err = a.db.Tags(ctx, organization, search, page)
	return tags, total, err
}

// Tag reads one of an organization's tags.
func (a *App) Tag(ctx context.Context, organization, id int64) (roster.Tag, error) {
	if _, err := a.inOrganization(ctx, ViewTags, organization); err != nil {
		return roster.Tag{}, err
	}
	return a.db.Tag(ctx, organization, id)
}

// CreateTag makes a tag.
func (a *App) CreateTag(ctx context.Context, organization int64, label string) (t roster.Tag, err error) {
	err = a.Update(ctx, func(tx *App) error {
		who, err := tx.inOrganization(ctx, ManageTags, organization)
		if err != nil {
			return err
		}
		if label, err = validLabel("label", label, maxTagLabel); err != nil {
			return err
		}
		id, err := tx.db.CreateTag(ctx, organization, who.UserID, label, tx.now())
		if err != nil {
			return err
		}
		t, err = tx.db.Tag(ctx, organization, id)
		return err
	})
	return t, err
}

// RenameTag gives a tag another label; nil leaves it as it is.
func (a *App) RenameTag(ctx context.Context, organization, id int64, label *string) (t roster.Tag, err error) {
	err = a.Update(ctx, func(tx *App) error {
		if _, err := tx.inOrganization(ctx, ManageTags, organization); err != nil {
			return err
		}
		if t, err = tx.db.Tag(ctx, organization, id); err != nil || label == nil {
			return err
		}
		text, err := validLabel("label", *label, maxTagLabel)
		if err != nil {
			return err
		}
		if err := tx.db.RenameTag(ctx, id, text, tx.now()); err != nil {
			return err
		}
		t, err = tx.db.Tag(ctx, organization, id)
		return err
	})
	return t, err
}

// DeleteTag takes a tag from the organization and from everybody who has it.
func (a *App) DeleteTag(ctx context.Context, organization, id int64) error {
	n, err := a.DeleteTags(ctx, organization, []int64{id})
	if err == nil && n == 0 {
		return notFound
	}
	return err
}

// CreateTags makes the tags that are not there yet, and returns how many.
func (a *App) CreateTags(ctx context.Context, organization int64, labels []string) (created int, err error) {
	err = a.Update(ctx, func(tx *App) error {
		who, err := tx.inOrganization(ctx, ManageTags, organization)
		if err != nil {
			return err
		}
		clean := make([]string, len(labels))
		for i, label := range labels {
			if clean[i], err = validLabel("labels", label, maxTagLabel); err != nil {
				return err
			}
		}
		created, err = tx.db.CreateTags(ctx, organization, who.UserID, clean, tx.now())
		return err
	})
	return created, err
}

// DeleteTags takes the tags that are there from the organization and from
// everybody who has them, and returns how many.
func (a *App) DeleteTags(ctx context.Context, organization int64, ids []int64) (deleted int, err error) {
	err = a.Update(ctx, func(tx *App) error {
		if _, err := tx.inOrganization(ctx, ManageTags, organization); err != nil {
			return err
		}
		deleted, err = tx.db.DeleteTags(ctx, organization, ids)
		return err
	})
	return deleted, err
}

// AssignTags puts tags on the people that an assignment selects, and returns
// how many people those are; 0 when it asks for no change at all.
func (a *App) AssignTags(ctx context.Context, organization int64, as roster.TagAssignment) (assigned int, err error) {
	if err := as.Selector.Validate(); err != nil {
		return 0, err
	}
	err = a.Update(ctx, func(tx *App) error {
		people, err := tx.tagging(ctx, organization, as)
		if err != nil || len(people) == 0 || (len(as.Tags) == 0 && !as.Overwrite) {
			return err
		}
		if len(people)*len(as.Tags) > roster.MostPairs {
			return roster.InvalidField("tags", "These are %d tags for %d people, more than 1,000,000 at once. Name fewer tags. Nothing was changed.",
				len(as.Tags), len(people))
		}
		assigned = len(people)
		if err := tx.db.AddTags(ctx, people, as.Tags); err != nil || !as.Overwrite {
			return err
		}
		return tx.db.KeepTags(ctx, organization, people, as.Tags)
	})
	return assigned, err
}

// tagging authorizes an assignment and finds whom it is about.
func (a *App) tagging(ctx context.Context, organization int64, as roster.TagAssignment) ([]int64, error) {
	if _, err := a.inOrganization(ctx, ManageTags, organization); err != nil {
		return nil, err
	}
	id, err := a.db.UnknownTag(ctx, organization, as.Tags)
	if err != nil {
		return nil, err
	}
	if id != 0 {
		return nil, unknown("tags", id)
	}
	if err := a.mayExclude(ctx, as.Selector.Filter); err != nil {
		return nil, err
	}
	return a.db.SelectedPeople(ctx, organization, as.Selector)
}
