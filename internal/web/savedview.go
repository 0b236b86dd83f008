package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/membership"
)

var savedViewRoutes = []route{
	{method: "GET", path: "/views", handle: (*visit).views},
	{method: "POST", path: "/views", handle: (*visit).saveView},
	{method: "GET", path: "/views/{id}", handle: (*visit).openView},
	{method: "GET", path: "/views/{id}/edit", handle: (*visit).editView},
	{method: "POST", path: "/views/{id}/edit", handle: (*visit).changeView},
	{method: "GET", path: "/views/{id}/delete", handle: (*visit).askDeleteView},
	{method: "POST", path: "/views/{id}/delete", handle: (*visit).deleteView},
	{method: "GET", path: "/views/{id}/joined", handle: (*visit).joinedSince},
}

// viewsPage is the saved views: all of them, or those of the list that is looked at, which
// can be kept, too.
type viewsPage struct {
	Address string      // what is looked at; "" is nothing in particular
	Of      roster.Text // the list it is of
	Views   []viewRow
	Name    string // as it was sent, when something is wrong
	Shared  bool
	Shares  bool // may share
	Next    string
}

// viewRow is a saved view in words.
type viewRow struct {
	membership.ViewRow
	Of  roster.Text // the list it is of
	URL string
}

// viewedPaths are the lists that views are kept of, by what is around the id of their place.
var viewedPaths = []struct {
	list         roster.ViewedList
	before, rest string
	text         roster.Text
}{
	{roster.ViewedPeople, "/people", "", "People"},
	{roster.ViewedMembers, "/projects/", "/members", "Members of {place}"},
	{roster.ViewedWorkspace, "/workspaces/", "/members", "People of the workspace {place}"},
	{roster.ViewedHistory, "/history", "", "History"},
}

// viewedAt is which list is at a path, or at what a form of it is sent to.
func (v *visit) viewedAt(path string) (list roster.ViewedList, place int64, ok bool) {
	path, of := strings.CutPrefix(path, v.base)
	for _, p := range viewedPaths {
		rest, here := strings.CutPrefix(path, p.before)
		if !of || !here {
			continue
		}
		if p.rest != "" {
			id, after, _ := strings.Cut(rest, "/")
			if !isID(id) {
				continue
			}
			place, _ = strconv.ParseInt(id, 10, 64)
			if rest, here = strings.CutPrefix("/"+after, p.rest); !here {
				continue
			}
		}
		if rest == "" || rest[0] == '/' || rest == ".csv" {
			return p.list, place, true
		}
	}
	return "", 0, false
}

// viewPath is where a list is.
func (v *visit) viewPath(view roster.SavedView) string {
	for _, p := range viewedPaths {
		switch {
		case p.list != view.List:
		case p.rest == "":
			return v.link("%s", p.before)
		default:
			return v.link("%s%d%s", p.before, view.PlaceID, p.rest)
		}
	}
	return v.link("/")
}

func viewOf(row membership.ViewRow) roster.Text {
	for _, p := range viewedPaths {
		if p.list == row.List && !row.Opens {
			return "The list is gone, or you may not see it now"
		} else if p.list == row.List {
			return sentence(p.text, "place", roster.Name{Text: row.Place})
		}
	}
	return ""
}

// viewURL is the address that a view shows; its list then says which view it is.
func (v *visit) viewURL(view roster.SavedView) string {
	query, _ := url.ParseQuery(view.Query)
	query.Set("view", strconv.FormatInt(view.ID, 10))
	return v.viewPath(view) + "?" + query.Encode()
}

// outsideViews are the fields of an address that are no part of a view.
var outsideViews = []string{
	"page", "size", "view", "bom", "key", "next", "shown", "pick", "tagfind", "was", "instead", "asked", "find",
	"sheet", "group", "changed",
	"names", "chosen", "sure", "into", "place", "message",
}

// viewed reads what is looked at out of the address of a list, as it would be kept. What the
// list would refuse is refused.
func (v *visit) viewed(address string) (view roster.SavedView, err error) {
	u, err := url.Parse(v.local(address))
	if err != nil {
		return view, noSuchPage
	}
	list, place, ok := v.viewedAt(u.Path)
	view = roster.SavedView{List: list, PlaceID: place}
	query, err := url.ParseQuery(u.RawQuery)
	if !ok || err != nil || v.viewPath(view) != u.Path {
		return view, roster.InvalidField("address",
			"Views are kept of lists of people, and of the history. Open one, and save the view there. Nothing was saved.")
	}
	for _, name := range outsideViews {
		query.Del(name)
	}
	view.Query = query.Encode()
	_, err = v.filterOf(view)
	return view, err
}

// filterOf is the filters of a view as its list reads them, now.
func (v *visit) filterOf(view roster.SavedView) (*memberFilter, error) {
	query, err := url.ParseQuery(view.Query)
	if err != nil {
		return nil, err
	}
	there := *v
	there.r = v.r.Clone(v.ctx())
	there.r.URL = &url.URL{Path: v.viewPath(view), RawQuery: view.Query}
	there.r.Form, there.r.PostForm = query, nil
	switch view.List {
	case roster.ViewedHistory:
		if err := there.reads(pageFields["/history"]); err != nil {
			return nil, err
		}
		_, err := there.historyFilter()
		return &memberFilter{}, err
	case roster.ViewedMembers:
		p, err := v.app.ProjectRow(v.ctx(), view.PlaceID)
		if err != nil {
			return nil, missing(err, noSuchProject)
		}
		return there.memberFilter(where{project: p.ID, workspace: p.WorkspaceID})
	case roster.ViewedWorkspace:
		return there.memberFilter(v.byName())
	}
	return there.memberFilter(where{organization: true})
}

func (v *visit) views() error { return v.showViews(http.StatusOK, page{}) }

func (v *visit) showViews(status int, p page) error {
	rows, err := v.app.SavedViews(v.ctx())
	if err != nil {
		return err
	}
	d := viewsPage{Address: v.field("address"), Name: v.field("name"), Shared: v.field("shared") == "1",
		Shares: v.may(core.ShareViews), Next: v.link("/views")}
	p.Title = "Saved views"
	if d.Address != "" {
		looked, err := v.viewed(d.Address)
		if err != nil {
			return err
		}
		rows = slices.DeleteFunc(rows, func(r membership.ViewRow) bool {
			return r.List != looked.List || r.PlaceID != looked.PlaceID
		})
		d.Next = v.local(d.Address)
	}
	for _, r := range rows {
		d.Views = append(d.Views, viewRow{r, viewOf(r), v.viewURL(r.SavedView)})
	}
	p.Data = d
	return v.show(status, "views.html", p)
}

func (v *visit) saveView() error {
	view, err := v.viewed(v.field("address"))
	if err != nil {
		return err
	}
	view.Name, view.Shared = v.field("name"), v.field("shared") == "1"
	err = v.once(func(tx *app.App) (done, error) {
		if view.ID, err = tx.SaveView(v.ctx(), view); err != nil {
			return done{}, err
		}
		text := roster.Text("The view {name} is kept for you.")
		if view.Shared {
			text = "The view {name} is kept, for everybody who may open this list. It shows each what they may see."
		}
		text = sentence(text, "name", roster.Name{Text: strings.TrimSpace(view.Name)})
		return done{v.viewURL(view), notice{Text: text}}, nil
	})
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	status, p := v.failed(page{}, err)
	return v.showViews(status, p)
}

// readView is the view of the path.
func (v *visit) readView(a *app.App) (row membership.ViewRow, err error) {
	id, err := v.id("id")
	if err != nil {
		return row, err
	}
	row, err = a.SavedView(v.ctx(), id)
	return row, missing(err, "There is no such view, or it is not shared with you. Nothing was changed.")
}

func (v *visit) openView() error {
	row, err := v.readView(v.app)
	if err != nil {
		return err
	}
	if !row.Opens {
		return roster.Errorf(roster.NotFound,
			"The list of this view is gone, or you may not see it now. The view is still kept.")
	}
	return v.redirect(v.viewURL(row.SavedView))
}

// viewForm is a view to be changed.
type viewForm struct {
	viewRow
	Address string // what is looked at, where that is other than what the view shows
	Shares  bool
	Next    string
}

func (v *visit) editView() error { return v.showViewForm(http.StatusOK, page{}) }

func (v *visit) showViewForm(status int, p page) error {
	row, err := v.readView(v.app)
	if err != nil {
		return err
	}
	d := viewForm{viewRow: viewRow{row, viewOf(row), v.viewURL(row.SavedView)}, Shares: v.may(core.ShareViews) ||
		row.Shared, Next: v.link("/views")}
	if address := v.field("address"); address != "" {
		now, err := v.viewed(address)
		if err == nil && now.List == row.List && now.PlaceID == row.PlaceID {
			d.Next = v.local(address)
			if now.Query != row.Query {
				d.Address = address
			}
		}
	}
	if name := v.field("name"); name != "" {
		d.Name = name
	}
	p.Title, p.Data = sentence("Change the view {name}", "name", roster.Name{Text: row.Name}), d
	return v.show(status, "viewform.html", p)
}

func (v *visit) changeView() error {
	row, err := v.readView(v.app)
	if err != nil {
		return err
	}
	name, shared := v.field("name"), v.field("shared") == "1"
	patch := membership.ViewPatch{Name: &name, Shared: &shared}
	if v.field("renew") == "1" {
		now, err := v.viewed(v.field("address"))
		if err != nil {
			return err
		}
		patch.Query = &now.Query
	}
	err = v.once(func(tx *app.App) (done, error) {
		now, err := tx.ChangeView(v.ctx(), row.ID, patch)
		return done{v.viewURL(now.SavedView),
			notice{Text: sentence("The view {name} was changed.", "name", roster.Name{Text: now.Name})}}, err
	})
	if roster.KindOf(err) != roster.Invalid {
		return err
	}
	status, p := v.failed(page{}, err)
	return v.showViewForm(status, p)
}

func (v *visit) askDeleteView() error {
	row, err := v.readView(v.app)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "viewdelete.html",
		page{Title: sentence("Delete the view {name}", "name", roster.Name{Text: row.Name}), Data: row})
}

func (v *visit) deleteView() error {
	return v.once(func(tx *app.App) (done, error) {
		if _, err := v.readView(tx); err != nil {
			return done{}, err
		}
		id, _ := v.id("id")
		row, err := tx.DeleteView(v.ctx(), id)
		return done{v.link("/views"),
			notice{Text: sentence("The view {name} was deleted. Nobody's access was changed.", "name", roster.Name{Text: row.Name})}}, err
	})
}

// viewBar says which view is looked at, and who joined since it was saved.
type viewBar struct {
	membership.ViewRow
	Joined   int
	Names    []string // of the first of them
	Selected bool     // everybody who matches is selected, and so are they
	Without  string   // the address of the view with them left out; "" where they are too many to be named
	Close    string   // the address without the view
	Edit     string
}

// mostLeftOut is how many people who joined can be left out by one link, and mostNamed how
// many are named.
const (
	mostLeftOut = 500
	mostNamed   = 3
)

// readSavedView reads which view a list shows. One that is gone leaves its filters, and says so.
func (v *visit) readSavedView(query url.Values) (*membership.ViewRow, error) {
	id := v.id64("view")
	if id == 0 {
		return nil, nil
	}
	list, place, _ := v.viewedAt(v.r.URL.Path)
	row, err := v.app.SavedView(v.ctx(), id)
	if roster.KindOf(err) == roster.NotFound || err == nil && (row.List != list || row.PlaceID != place) {
		return &membership.ViewRow{}, nil
	}
	query.Set("view", strconv.FormatInt(id, 10))
	return &row, err
}

// fillView completes what is said of the view that a list of people shows.
func (v *visit) fillView(f *memberFilter, l list, s selection) error {
	if f.Saved == nil || f.Saved.ID == 0 {
		return nil
	}
	bar := &viewBar{ViewRow: *f.Saved, Selected: s.All, Close: l.without("view"),
		Edit: v.link("/views/%d/edit?%s", f.Saved.ID, url.Values{"address": {l.URL()}}.Encode())}
	f.Viewing = bar
	size := mostNamed
	if s.All {
		size = mostLeftOut
	}
	joined, total, err := v.app.JoinedSince(v.ctx(), f.Saved.SavedView, f.MemberFilter,
		roster.Page{Number: 1, Size: size, Order: "name"})
	if err != nil {
		return err
	}
	bar.Joined = total
	ids := slices.Clone(s.Excluded)
	for i, m := range joined {
		if i < mostNamed {
			bar.Names = append(bar.Names, m.User.Name())
		}
		ids = append(ids, m.User.ID)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if bar.Selected = s.All && len(ids) > len(s.Excluded); bar.Selected && total <= mostLeftOut {
		bar.Without = l.selecting(f, selection{All: true, Excluded: ids})
	}
	return nil
}

// Text says who joined.
func (b viewBar) Text() roster.Text {
	return sentence(counts{
		"Nobody who matches joined since it was saved.", "One person who matches joined since it was saved: {names}.",
		"%s people who match joined since it was saved: {names}.",
	}.text(b.Joined), "names", namesIn(b.Names, b.Joined-len(b.Names)))
}

// joinedPage is who joined since a view was saved.
type joinedPage struct {
	viewRow
	List list
	Rows []memberRow
}

func (v *visit) joinedSince() error {
	row, err := v.readView(v.app)
	if err != nil {
		return err
	}
	f, err := v.filterOf(row.SavedView)
	if err != nil {
		return err
	}
	d := joinedPage{viewRow: viewRow{row, viewOf(row), v.viewURL(row.SavedView)}, List: v.list(url.Values{}, "name")}
	members, total, err := v.app.JoinedSince(v.ctx(), row.SavedView, f.MemberFilter, d.List.Page)
	if err != nil {
		return err
	}
	if d.List.Total = total; d.List.past() {
		return v.redirect(d.List.URL())
	}
	for _, m := range members {
		d.Rows = append(d.Rows, memberRow{Member: m})
	}
	return v.show(http.StatusOK, "viewjoined.html",
		page{Title: sentence("Who joined since {name} was saved", "name", roster.Name{Text: row.Name}), Wide: true, Data: d})
}

// without is the address of a list without a field that is no filter.
func (l list) without(name string) string {
	query := url.Values{}
	for key, values := range l.query {
		if key != name {
			query[key] = values
		}
	}
	l.query = query
	return l.URL()
}

// foundViews is the saved views whose name or list holds a search.
func (v *visit) foundViews(search string) (items []foundItem, err error) {
	rows, err := v.app.SavedViews(v.ctx())
	for _, r := range rows {
		if r.Opens && len(items) < mostFound && says(r.Name+" "+v.say(viewOf(r)), search) {
			items = append(items, foundItem{Text: roster.Verbatim(r.Name), Note: viewOf(r), URL: v.viewURL(r.SavedView)})
		}
	}
	return items, err
}
