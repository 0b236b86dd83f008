package web

import (
	"net/http"
	"net/url"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

var tagRoutes = []route{
	{method: "GET", path: "/tags", handle: (*visit).tags},
	{method: "POST", path: "/tags", handle: (*visit).createTag},
	{method: "GET", path: "/tags/new", handle: (*visit).newTag},
	{method: "GET", path: "/tags/{id}/edit", handle: (*visit).editTag},
	{method: "POST", path: "/tags/{id}/edit", handle: (*visit).renameTag},
	{method: "GET", path: "/tags/{id}/delete", handle: (*visit).askDeleteTag},
	{method: "POST", path: "/tags/{id}/delete", handle: (*visit).deleteTag},
}

// tagsPage is the list of tags.
type tagsPage struct {
	List    list
	Search  string
	Tags    []roster.Tag
	Manages bool
}

func (v *visit) tags() error {
	d := tagsPage{Search: shortened(v.field("q"), maxSearch), Manages: v.may(core.ManageTags)}
	query := url.Values{}
	if d.Search != "" {
		query.Set("q", d.Search)
	}
	d.List = v.list(query, "label", "-member_count", "-updated_at")
	var err error
	if d.Tags, d.List.Total, err = v.app.Tags(v.ctx(), v.who.OrganizationID, d.Search, d.List.Page); err != nil {
		return err
	}
	if d.List.past() {
		return v.redirect(d.List.URL())
	}
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "tags.html", page{Title: "Tags", Wide: true, Data: d})
}

// tagForm is the label of a tag, to be said or changed.
type tagForm struct {
	roster.Tag        // the one that is changed; its ID is 0 for a new one
	Next       string // the view to come back to
}

func (v *visit) showTagForm(status int, p page, form tagForm) error {
	p.Title = "New tag"
	if form.ID != 0 {
		p.Title = "Rename the tag"
	}
	form.Next = v.link("/tags")
	p.Data = form
	return v.show(status, "tagform.html", p)
}

func (v *visit) newTag() error {
	if _, err := v.app.May(v.ctx(), core.ManageTags); err != nil {
		return err
	}
	return v.showTagForm(http.StatusOK, page{}, tagForm{})
}

// readTag reads the tag of the path, for those who may change it.
func (v *visit) readTag(a *app.App) (roster.Tag, error) {
	id, err := v.id("id")
	if err != nil {
		return roster.Tag{}, err
	}
	if _, err := a.May(v.ctx(), core.ManageTags); err != nil {
		return roster.Tag{}, err
	}
	t, err := a.Tag(v.ctx(), v.who.OrganizationID, id)
	return t, missing(err, "There is no such tag. It may have been deleted. Nothing was changed.")
}

func (v *visit) createTag() error {
	err := v.once(func(tx *app.App) (done, error) {
		t, err := tx.CreateTag(v.ctx(), v.who.OrganizationID, v.field("label"))
		return done{v.link("/tags"),
			notice{Text: sentence("The tag {label} was created. Nobody has it yet.", "label", t.Label)}}, err
	})
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	status, p := v.failed(page{}, err)
	return v.showTagForm(status, p, tagForm{Tag: roster.Tag{Label: v.field("label")}})
}

func (v *visit) editTag() error {
	t, err := v.readTag(v.app)
	if err != nil {
		return err
	}
	return v.showTagForm(http.StatusOK, page{}, tagForm{Tag: t})
}

func (v *visit) renameTag() error {
	t, err := v.readTag(v.app)
	if err != nil {
		return err
	}
	label := v.field("label")
	err = v.once(func(tx *app.App) (done, error) {
		now, err := tx.RenameTag(v.ctx(), v.who.OrganizationID, t.ID, &label)
		return done{v.link("/tags"),
			notice{Text: sentence("The tag {before} is called {label} now, for everybody who has it.", "before", t.Label,
				"label", now.Label)}}, err
	})
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	status, p := v.failed(page{}, err)
	t.Label = label
	return v.showTagForm(status, p, tagForm{Tag: t})
}

func (v *visit) askDeleteTag() error {
	t, err := v.readTag(v.app)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "tagdelete.html",
		page{Title: sentence("Delete the tag {label}", "label", t.Label), Data: t})
}

func (v *visit) deleteTag() error {
	return v.once(func(tx *app.App) (done, error) {
		t, err := v.readTag(tx)
		if err != nil {
			return done{}, err
		}
		op, err := tx.DeleteTag(v.ctx(), v.who.OrganizationID, t.ID)
		return done{v.link("/tags"), notice{Text: sentence("The tag {label} was deleted.", "label", t.Label),
			Operation: op}}, err
	})
}
