package membership

import (
	"context"

	"roster"
	"roster/internal/core"
)

// MaxTagLabel is the longest label of a tag, in characters.
const MaxTagLabel = 255

// Tags is one page of an organization's tags, and how many there are in all.
func (a *Membership) Tags(ctx context.Context, organization int64, search string,
	page roster.Page) (tags []roster.Tag, total int, err error) {
	if _, err = a.InOrganization(ctx, core.ViewTags, organization); err != nil {
		return nil, 0, err
	}
	if total, err = a.db.CountTags(ctx, organization, search); err != nil || page.Offset() >= total {
		return nil, total, err
	}
	tags, err = a.db.Tags(ctx, organization, search, page)
	return tags, total, err
}

// Tag reads one of an organization's tags.
func (a *Membership) Tag(ctx context.Context, organization, id int64) (roster.Tag, error) {
	if _, err := a.InOrganization(ctx, core.ViewTags, organization); err != nil {
		return roster.Tag{}, err
	}
	return a.db.Tag(ctx, organization, id)
}

// CreateTag makes a tag.
func (a *Membership) CreateTag(ctx context.Context, organization int64, label string) (t roster.Tag, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, err := tx.InOrganization(ctx, core.ManageTags, organization)
		if err != nil {
			return err
		}
		if label, err = core.ValidLabel("label", label, MaxTagLabel); err != nil {
			return err
		}
		id, err := tx.db.CreateTag(ctx, organization, who.UserID, label, tx.Now())
		if err != nil {
			return err
		}
		t, err = tx.db.Tag(ctx, organization, id)
		return err
	})
	return t, err
}

// RenameTag gives a tag another label; nil leaves it as it is.
func (a *Membership) RenameTag(ctx context.Context, organization, id int64, label *string) (t roster.Tag, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if _, err := tx.InOrganization(ctx, core.ManageTags, organization); err != nil {
			return err
		}
		if t, err = tx.db.Tag(ctx, organization, id); err != nil || label == nil {
			return err
		}
		text, err := core.ValidLabel("label", *label, MaxTagLabel)
		if err != nil {
			return err
		}
		if err := tx.db.RenameTag(ctx, id, text, tx.Now()); err != nil {
			return err
		}
		t, err = tx.db.Tag(ctx, organization, id)
		return err
	})
	return t, err
}

// CreateTags makes the tags that are not there yet, and returns how many.
func (a *Membership) CreateTags(ctx context.Context, organization int64, labels []string) (created int, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, err := tx.InOrganization(ctx, core.ManageTags, organization)
		if err != nil {
			return err
		}
		clean := make([]string, len(labels))
		for i, label := range labels {
			if clean[i], err = core.ValidLabel("labels", label, MaxTagLabel); err != nil {
				return err
			}
		}
		created, err = tx.db.CreateTags(ctx, organization, who.UserID, clean, tx.Now())
		return err
	})
	return created, err
}
