package web

import (
	"net/http"
	"net/url"
	"strconv"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/membership"
)

var workspaceRoutes = []route{
	{method: "GET", path: "/workspaces", handle: (*visit).workspaces},
	{method: "POST", path: "/workspaces", handle: (*visit).createWorkspace},
	{method: "GET", path: "/workspaces/new", handle: (*visit).newWorkspace},
	{method: "GET", path: "/workspaces/{id}", handle: (*visit).workspace},
	{method: "GET", path: "/workspaces/{id}/projects", handle: (*visit).workspaceProjects},
	{method: "GET", path: "/workspaces/{id}/edit", handle: (*visit).editWorkspace},
	{method: "POST", path: "/workspaces/{id}/edit", handle: (*visit).changeWorkspace},
	{method: "POST", path: "/workspaces/{id}/archive", handle: (*visit).archiveWorkspace},
	{method: "GET", path: "/workspaces/{id}/delete", handle: (*visit).askDeleteWorkspace},
	{method: "POST", path: "/workspaces/{id}/delete", handle: (*visit).deleteWorkspace},
}

// workspacesPage is the list of workspaces.
type workspacesPage struct {
	List     list
	Search   string
	Archived bool
	Rows     []workspaceRow
	Creates  bool
}

// workspaceRow is one of them, at a glance.
type workspaceRow struct{ membership.GlancedWorkspace }

// Share is how much of a bar the inactive members fill, in hundredths.
func (w workspaceRow) Share() int { return share(w.Inactive, w.Members) }

func (v *visit) workspaces() error {
	d := workspacesPage{Search: shortened(v.field("q"), maxSearch), Archived: v.field("archived") == "1",
		Creates: v.may(core.CreateWorkspace)}
	query := url.Values{}
	if d.Search != "" {
		query.Set("q", d.Search)
	}
	if d.Archived {
		query.Set("archived", "1")
	}
	d.List = v.list(query, "title", "-created_at")
	rows, err := v.app.WorkspaceList(v.ctx(), d.Search, d.Archived, d.List.Order)
	if err != nil {
		return err
	}
	if d.List.Total = len(rows); d.List.past() {
		return v.redirect(d.List.URL())
	}
	from := d.List.Offset()
	glanced, err := v.app.GlanceAtWorkspaces(v.ctx(), rows[from:min(from+d.List.Size, len(rows))], v.inactiveSince())
	if err != nil {
		return err
	}
	for _, w := range glanced {
		d.Rows = append(d.Rows, workspaceRow{w})
	}
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "workspaces.html", page{Title: "Workspaces", Wide: true, Data: d})
}

// workspacePage is one workspace, with its projects.
type workspacePage struct {
	membership.WorkspaceRow
	List list
	projectTable
}

// readWorkspace reads the workspace of the path.
func (v *visit) readWorkspace(a *app.App) (membership.WorkspaceRow, error) {
	id, err := v.id("id")
	if err != nil {
		return membership.WorkspaceRow{}, err
	}
	w, err := a.WorkspaceRow(v.ctx(), id)
	return w, missing(err, "There is no such workspace, or you may not see it.")
}

// workspace leads to the first of the workspace's pages.
func (v *visit) workspace() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.redirect(v.link("/workspaces/%d/members", id))
}

func (v *visit) workspaceProjects() error {
	w, err := v.readWorkspace(v.app)
	if err != nil {
		return err
	}
	d := workspacePage{WorkspaceRow: w, List: v.list(nil, "title", "-created_at")}
	rows, total, err := v.app.ProjectsAtAGlance(v.ctx(), roster.ProjectFilter{Workspaces: []int64{w.ID}}, d.List.Page,
		v.inactiveSince())
	if err != nil {
		return err
	}
	if d.List.Total = total; d.List.past() {
		return v.redirect(d.List.URL())
	}
	d.projectTable = v.projectTable(rows)
	v.pushURL(d.List.URL())
	return v.show(http.StatusOK, "workspace.html", page{Title: roster.Verbatim(w.Title), Wide: true, Data: d})
}

// workspaceForm is what a workspace is called, to be said or changed.
type workspaceForm struct {
	membership.WorkspaceRow        // the one that is changed; its ID is 0 for a new one
	Next                    string // the view to come back to
}

func (v *visit) newWorkspace() error {
	if _, err := v.app.May(v.ctx(), core.CreateWorkspace); err != nil {
		return err
	}
	return v.show(http.StatusOK, "workspaceform.html",
		page{Title: "New workspace", Data: workspaceForm{Next: v.link("/workspaces")}})
}

// said is the fields of the form.
func (v *visit) said() roster.WorkspacePatch {
	title, description := v.field("title"), v.field("description")
	return roster.WorkspacePatch{Title: &title, Description: &description}
}

func (v *visit) createWorkspace() error {
	err := v.once(func(tx *app.App) (done, error) {
		w, _, err := tx.CreateWorkspace(v.ctx(), v.said())
		return done{v.link("/workspaces/%d", w.ID), notice{Text: "The workspace was created. You are its first member."}}, err
	})
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	form := workspaceForm{Next: v.link("/workspaces")}
	form.Title, form.Description = v.field("title"), v.field("description")
	status, p := v.failed(page{Title: "New workspace", Data: form}, err)
	return v.show(status, "workspaceform.html", p)
}

// managed is readWorkspace, for those who may change it.
func (v *visit) managed() (membership.WorkspaceRow, error) {
	w, err := v.readWorkspace(v.app)
	if err == nil && !w.Manages {
		_, _, err = v.app.MayInWorkspace(v.ctx(), core.ManageWorkspace, w.ID)
	}
	return w, err
}

func (v *visit) editWorkspace() error {
	w, err := v.managed()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "workspaceform.html",
		page{Title: "Edit the workspace", Data: workspaceForm{w, v.link("/workspaces/%d", w.ID)}})
}

func (v *visit) changeWorkspace() error {
	w, err := v.managed()
	if err != nil {
		return err
	}
	form := workspaceForm{w, v.link("/workspaces/%d", w.ID)}
	err = v.once(func(tx *app.App) (done, error) {
		_, err := tx.UpdateWorkspace(v.ctx(), w.ID, v.said())
		return done{form.Next, notice{Text: "The workspace was changed."}}, err
	})
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	form.Title, form.Description = v.field("title"), v.field("description")
	status, p := v.failed(page{Title: "Edit the workspace", Data: form}, err)
	return v.show(status, "workspaceform.html", p)
}

// archiveWorkspace archives a workspace, or takes it out of the archive.
func (v *visit) archiveWorkspace() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	archived, err := strconv.ParseBool(v.field("archived"))
	if err != nil {
		return roster.Errorf(roster.Invalid, "This form is not from a page of this site. Nothing was changed.")
	}
	return v.once(func(tx *app.App) (done, error) {
		w, err := tx.UpdateWorkspace(v.ctx(), id, roster.WorkspacePatch{Archived: &archived})
		text := roster.Text("The workspace {title} is archived. Its members keep their access to its projects.")
		if !archived {
			text = "The workspace {title} is not archived any more."
		}
		return done{v.link("/workspaces/%d", id), notice{Text: sentence(text, "title", w.Title)}},
			missing(err, "There is no such workspace. It may have been deleted. Nothing was changed.")
	})
}

func (v *visit) askDeleteWorkspace() error {
	w, err := v.managed()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "workspacedelete.html",
		page{Title: sentence("Delete the workspace {title}", "title", w.Title), Data: w})
}

func (v *visit) deleteWorkspace() error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return v.once(func(tx *app.App) (done, error) {
		w, err := v.readWorkspace(tx)
		if err != nil {
			return done{}, err
		}
		if err := tx.DeleteWorkspace(v.ctx(), id); err != nil {
			return done{}, err
		}
		return done{v.link("/workspaces"),
			notice{Text: sentence("The workspace {title} was deleted.", "title", w.Title)}}, nil
	})
}
