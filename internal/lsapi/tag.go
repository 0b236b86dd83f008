package lsapi

import (
	"net/http"

	"roster"
)

func tagRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/organizations/{id}/member-tags", do: does((*call).listTags),
			summary: "List tags", answer: "A page of tags.",
		},
		{
			method: "POST", path: "/api/organizations/{id}/member-tags", do: does((*call).createTag),
			summary: "Create a tag", status: http.StatusCreated, answer: "The tag.",
		},
		{
			method: "GET", path: "/api/organizations/{id}/member-tags/{tag_pk}", do: does((*call).getTag),
			summary: "Read a tag", answer: "The tag.",
		},
		{
			method: "PATCH", path: "/api/organizations/{id}/member-tags/{tag_pk}", do: does((*call).renameTag),
			summary: "Rename a tag", answer: "The tag as it is now.",
		},
		{
			method: "DELETE", path: "/api/organizations/{id}/member-tags/{tag_pk}", do: does((*call).deleteTag),
			summary: "Delete a tag", text: "An operation, which can be undone.", answer: "It is gone, from everybody.",
		},
		{
			method: "POST", path: "/api/organizations/{id}/member-tags/bulk", do: does((*call).createTags),
			summary: "Create many tags", status: http.StatusCreated, answer: "How many are new.",
		},
		{
			method: "DELETE", path: "/api/organizations/{id}/member-tags/bulk", do: does((*call).deleteTags),
			summary: "Delete many tags", text: "An operation, which can be undone.", answer: "How many there were.",
		},
		{
			method: "POST", path: "/api/organizations/{id}/member-tags/assignments", do: does((*call).assignTags),
			summary: "Tag many people",
			text: "An operation, with an outcome for each person and tag, which can be undone; the header " +
				"Roster-Operation names it. In the query, tags narrows the people; in the body, it is what " +
				"they get.",
			answer: "How many people have them.",
		},
	}
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
	return memberTagJSON{t.ID, t.Label, t.OrganizationID, userSimpleOf(t.CreatedBy), stamp(t.CreatedAt),
		stamp(t.UpdatedAt), t.MemberCount}
}

type inTag struct {
	inOrganization
	Tag int64 `path:"tag_pk"`
}

type listTagsRequest struct {
	inOrganization
	Search string      `query:"search" doc:"Words the label contains."`
	Page   roster.Page `page:"30,100"`
}

func (c *call) listTags(in listTagsRequest) (pageJSON[memberTagJSON], error) {
	tags, total, err := c.app.Tags(c.r.Context(), in.Organization, in.Search, in.Page)
	return pageOf(c, in.Page, total, each(tags, memberTagOf)), err
}

type createTagRequest struct {
	inOrganization
	Label string `body:"label,required" most:"255" doc:"At most 255 characters; unique, ignoring case."`
}

func (c *call) createTag(in createTagRequest) (memberTagJSON, error) {
	tag, err := c.app.CreateTag(c.r.Context(), in.Organization, in.Label)
	return memberTagOf(tag), err
}

func (c *call) getTag(in inTag) (memberTagJSON, error) {
	t, err := c.app.Tag(c.r.Context(), in.Organization, in.Tag)
	return memberTagOf(t), err
}

type renameTagRequest struct {
	inTag
	Label *string `body:"label" most:"255" doc:"At most 255 characters."`
}

func (c *call) renameTag(in renameTagRequest) (memberTagJSON, error) {
	t, err := c.app.RenameTag(c.r.Context(), in.Organization, in.Tag, in.Label)
	return memberTagOf(t), err
}

func (c *call) deleteTag(in inTag) (out nothing, err error) {
	op, err := c.app.DeleteTag(c.r.Context(), in.Organization, in.Tag)
	c.operation(op)
	return out, err
}

type createTagsRequest struct {
	inOrganization
	Labels []string `body:"labels,required" most:"255" doc:"The labels; those that exist are passed over."`
}

type createdJSON struct {
	Created int `json:"created"`
}

func (c *call) createTags(in createTagsRequest) (createdJSON, error) {
	created, err := c.app.CreateTags(c.r.Context(), in.Organization, in.Labels)
	return createdJSON{created}, err
}

type deleteTagsRequest struct {
	inOrganization
	IDs []int64 `query:"ids" body:"ids" doc:"Which."`
}

func (in *deleteTagsRequest) complete(r *request) {
	if !r.query().given("ids") && !r.body().has("ids") {
		r.query().bad("ids", "This field is required. Nothing was changed.")
	}
}

type deletedJSON struct {
	Deleted int `json:"deleted"`
}

func (c *call) deleteTags(in deleteTagsRequest) (deletedJSON, error) {
	deleted, op, err := c.app.DeleteTags(c.r.Context(), in.Organization, in.IDs)
	c.operation(op)
	return deletedJSON{deleted}, err
}

type assignTagsRequest struct {
	inOrganization
	Tags      []int64  `body:"tags" doc:"The tags to give."`
	Off       []int64  `body:"remove_tags" doc:"The tags to take off them; an addition of Roster."`
	Overwrite bool     `body:"overwrite" doc:"Take all other tags away."`
	Who       addition `list:"people"`
}

type taggedJSON struct {
	Assigned int `json:"assigned"`
}

// assignTags is POST …/assignments. The name "tags" stands for two things:
// in the query it narrows the people, in the body it is what they get.
func (c *call) assignTags(in assignTagsRequest) (taggedJSON, error) {
	as := roster.TagAssignment{Selector: in.Who.Selector, Tags: in.Tags, Off: in.Off, Overwrite: in.Overwrite}
	done, err := c.app.AssignTags(c.r.Context(), in.Organization, as)
	c.operation(done.Operation)
	return taggedJSON{done.Count}, err
}
