package lsapi

import (
	"net/http"

	"roster"
)

var tagRoutes = []route{
	{"GET", "/api/organizations/{id}/member-tags", (*call).listTags},
	{"POST", "/api/organizations/{id}/member-tags", (*call).createTag},
	{"GET", "/api/organizations/{id}/member-tags/{tag_pk}", (*call).getTag},
	{"PATCH", "/api/organizations/{id}/member-tags/{tag_pk}", (*call).renameTag},
	{"DELETE", "/api/organizations/{id}/member-tags/{tag_pk}", (*call).deleteTag},
	{"POST", "/api/organizations/{id}/member-tags/bulk", (*call).createTags},
	{"DELETE", "/api/organizations/{id}/member-tags/bulk", (*call).deleteTags},
	{"POST", "/api/organizations/{id}/member-tags/assignments", (*call).assignTags},
}

// memberTagJSON is the wire's OrganizationMemberTag.
type memberTagJSON struct {
	ID           int64          `json:"id"`
	Label        string         `json:"label"`
	Organization int64          `json:"organization"`
	CreatedBy    userSimpleJSON `json:"created_by"`
	CreatedAt    stamp          `json:"created_at"`
	UpdatedAt    stamp          `json:"updated_at"`
	MemberCount  int            `json:"member_count"`
}

func memberTagOf(t roster.Tag) memberTagJSON {
	return memberTagJSON{t.ID, t.Label, t.OrganizationID, userSimpleOf(t.CreatedBy), stamp(t.CreatedAt), stamp(t.UpdatedAt), t.MemberCount}
}

const (
	defaultTags = 30
	maxTags     = 100
	maxLabel    = 255
)

func (c *call) listTags() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	search := p.search("search")
	page, err := p.page(defaultTags, maxTags)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	tags, total, err := c.app.Tags(c.r.Context(), id, search, page)
	if err != nil {
		return err
	}
	return paged(c, page, total, each(tags, memberTagOf))
}

func (c *call) createTag() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	label := b.text("label", maxLabel)
	b.require("label")
	if err := b.err(); err != nil {
		return err
	}
	tag, err := c.app.CreateTag(c.r.Context(), id, *label)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, memberTagOf(tag))
}

func (c *call) tagIDs() (organization, tag int64, err error) {
	if organization, err = c.id("id"); err != nil {
		return 0, 0, err
	}
	tag, err = c.id("tag_pk")
	return organization, tag, err
}

func (c *call) getTag() error {
	id, tag, err := c.tagIDs()
	if err != nil {
		return err
	}
	t, err := c.app.Tag(c.r.Context(), id, tag)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, memberTagOf(t))
}

func (c *call) renameTag() error {
	id, tag, err := c.tagIDs()
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	label := b.text("label", maxLabel)
	if err := b.err(); err != nil {
		return err
	}
	t, err := c.app.RenameTag(c.r.Context(), id, tag, label)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, memberTagOf(t))
}

func (c *call) deleteTag() error {
	id, tag, err := c.tagIDs()
	if err != nil {
		return err
	}
	op, err := c.app.DeleteTag(c.r.Context(), id, tag)
	if err != nil {
		return err
	}
	c.operation(op)
	return c.empty(http.StatusNoContent)
}

func (c *call) createTags() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	labels := b.texts("labels", maxLabel)
	b.require("labels")
	if err := b.err(); err != nil {
		return err
	}
	created, err := c.app.CreateTags(c.r.Context(), id, labels)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, map[string]int{"created": created})
}

// deleteTags takes the ids from the query, or from the legacy body.
func (c *call) deleteTags() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	p := c.params()
	if !p.given("ids") && !b.has("ids") {
		p.bad("ids", "This field is required. Nothing was changed.")
	}
	p.take(b, "ids")
	ids := p.ids("ids")
	if err := p.err(); err != nil {
		return err
	}
	deleted, op, err := c.app.DeleteTags(c.r.Context(), id, ids)
	if err != nil {
		return err
	}
	if op != 0 {
		c.operation(op)
	}
	return c.json(http.StatusOK, map[string]int{"deleted": deleted})
}

// assignTags is POST …/assignments. The name "tags" stands for two things:
// in the query it narrows the people, in the body it is what they get.
func (c *call) assignTags() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	as := roster.TagAssignment{Tags: b.ids("tags"), Off: b.ids("remove_tags"), Overwrite: b.flag("overwrite")}
	sel, ignored, err := addition(c.params(), b, roster.ListPeople)
	if err != nil {
		return err
	}
	as.Selector = sel
	done, err := c.app.AssignTags(c.r.Context(), id, as)
	if err != nil {
		return err
	}
	if done.Operation != 0 {
		c.operation(done.Operation)
	}
	c.ignored(ignored)
	return c.json(http.StatusOK, map[string]int{"assigned": done.Count})
}
