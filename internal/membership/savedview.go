package membership

import (
	"context"
	"strconv"
	"time"

	"roster"
	"roster/internal/core"
)

// The bounds of what is kept of views: how many one person keeps, how many an organization
// shares, how long a name is in characters, and a query in bytes.
const (
	MostViews       = 100
	MostSharedViews = 500
	MaxViewName     = 100
	MaxViewQuery    = 32 << 10
)

// ViewRow is a saved view as somebody may use it.
type ViewRow struct {
	roster.SavedView
	Place   string // what the project or the workspace is called; "" for none, or where it is gone
	Opens   bool   // the list is there, and the actor may see it
	Mine    bool
	Unseen  bool // the actor may not know who made it
	Changes bool // the actor may rename, share and delete it
}

// SavedViews is the actor's own views, and those that others shared of lists that the actor
// may see, by name.
func (a *Membership) SavedViews(ctx context.Context) (rows []ViewRow, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.OwnAccount)
		if err != nil {
			return err
		}
		views, err := tx.db.SavedViews(ctx, who.OrganizationID, who.UserID)
		if err != nil {
			return err
		}
		all, err := tx.viewRows(ctx, who, views)
		for _, row := range all {
			if row.Mine || row.Opens {
				rows = append(rows, row)
			}
		}
		return err
	})
	return rows, err
}

// SavedView is one of them.
func (a *Membership) SavedView(ctx context.Context, id int64) (row ViewRow, err error) {
	err = a.View(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.OwnAccount)
		if err != nil {
			return err
		}
		v, err := tx.db.SavedView(ctx, id)
		if err != nil {
			return err
		}
		rows, err := tx.viewRows(ctx, who, []roster.SavedView{v})
		if err != nil {
			return err
		}
		if row = rows[0]; v.OrganizationID != who.OrganizationID || !row.Mine && !(v.Shared && row.Opens) {
			return core.ErrNotFound
		}
		return nil
	})
	return row, err
}

// viewRows asks the policy about the lists of views: a few statements, however many there are.
func (a *Membership) viewRows(ctx context.Context, who roster.Actor, views []roster.SavedView) ([]ViewRow, error) {
	var projects, spaces []int64
	for _, v := range views {
		switch v.List {
		case roster.ViewedMembers:
			projects = append(projects, v.PlaceID)
		case roster.ViewedWorkspace:
			spaces = append(spaces, v.PlaceID)
		}
	}
	named, workspaces, err := a.db.Titles(ctx, who.OrganizationID, core.Sorted(projects), core.Sorted(spaces))
	if err != nil {
		return nil, err
	}
	opens, err := a.opensLists(ctx, who, core.Sorted(projects), len(spaces) > 0)
	if err != nil {
		return nil, err
	}
	var makers []int64
	for _, v := range views {
		makers = append(makers, v.Maker.ID)
	}
	met, err := a.inSight(ctx, who, core.Sorted(makers))
	if err != nil {
		return nil, err
	}
	rows := make([]ViewRow, len(views))
	for i, v := range views {
		row := ViewRow{SavedView: v, Opens: opens(v), Mine: v.Maker.ID == who.UserID}
		row.Changes = row.Mine || v.Shared && core.May(who, core.ManagePeople, nil) == nil
		if row.Opens {
			row.Place = named[v.PlaceID]
			if v.List == roster.ViewedWorkspace {
				row.Place = workspaces[v.PlaceID]
			}
		}
		if row.Maker = core.Addressed(who, v.Maker); !row.Mine && !met[v.Maker.ID] {
			row.Maker, row.Unseen = roster.User{ID: v.Maker.ID}, true
		}
		rows[i] = row
	}
	return rows, nil
}

// opensLists is a function that says of views whether who may see their lists.
func (a *Membership) opensLists(ctx context.Context, who roster.Actor, projects []int64,
	inWorkspaces bool) (func(roster.SavedView) bool, error) {
	places, acting, err := a.PlacesIn(ctx, who, projects)
	if err != nil {
		return nil, err
	}
	seen := map[int64]bool{}
	if inWorkspaces {
		spaces, err := a.db.WorkspaceTitles(ctx, who)
		if err != nil {
			return nil, err
		}
		for _, w := range spaces {
			seen[w.ID] = true
		}
	}
	return func(v roster.SavedView) bool {
		switch v.List {
		case roster.ViewedMembers:
			return core.May(acting(v.PlaceID), core.ViewMembers, places[v.PlaceID]) == nil
		case roster.ViewedWorkspace:
			return seen[v.PlaceID] && core.May(who, core.ViewWorkspace, nil) == nil
		case roster.ViewedHistory:
			return core.May(who, core.ViewOperations, nil) == nil
		}
		return core.May(who, core.ListPeople, nil) == nil
	}, nil
}

// SaveView keeps a view of a list that the actor may see, and returns its id.
func (a *Membership) SaveView(ctx context.Context, v roster.SavedView) (id int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		who, err := tx.May(ctx, core.OwnAccount)
		if err != nil {
			return err
		}
		v.OrganizationID, v.Maker, v.SavedAt = who.OrganizationID, roster.User{ID: who.UserID}, tx.Now()
		if v, err = tx.validView(ctx, v); err != nil {
			return err
		}
		rows, err := tx.viewRows(ctx, who, []roster.SavedView{v})
		if err != nil {
			return err
		}
		if !rows[0].Opens {
			return core.ErrNotFound
		}
		own, _, err := tx.db.CountSavedViews(ctx, who.OrganizationID, who.UserID)
		if err != nil {
			return err
		}
		if own >= MostViews {
			return roster.InvalidField("name",
				"You keep %s views already, which is as many as there can be. Delete one first. Nothing was saved.",
				strconv.Itoa(MostViews))
		}
		id, err = tx.db.AddSavedView(ctx, v)
		return err
	})
	return id, err
}

// validView is v with a name that can be kept. Sharing is for those who may, while the
// organization does not share too many.
func (a *Membership) validView(ctx context.Context, v roster.SavedView) (roster.SavedView, error) {
	var err error
	if v.Name, err = core.ValidLabel("name", v.Name, MaxViewName); err != nil {
		return v, err
	}
	if len(v.Query) > MaxViewQuery {
		return v, roster.InvalidField("name",
			"So many people are named one by one that this cannot be kept. Choose them by filters. Nothing was saved.")
	}
	if !v.Shared {
		return v, nil
	}
	if _, err := a.May(ctx, core.ShareViews); err != nil {
		return v, roster.InvalidField("shared", "You may keep views for yourself, and not share them. Nothing was saved.")
	}
	_, shared, err := a.db.CountSavedViews(ctx, v.OrganizationID, v.Maker.ID)
	if err == nil && shared >= MostSharedViews {
		err = roster.InvalidField("shared",
			"The organization shares %s views already, which is as many as there can be. Nothing was saved.",
			strconv.Itoa(MostSharedViews))
	}
	return v, err
}

// ViewPatch is what to change about a saved view; nil fields stay.
type ViewPatch struct {
	Name   *string
	Shared *bool
	Query  *string // what it shows from now on; who joins is counted from now on, too
}

// ChangeView changes a view of one's own; a shared one, also who manages people.
func (a *Membership) ChangeView(ctx context.Context, id int64, patch ViewPatch) (row ViewRow, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if row, err = tx.changeable(ctx, id); err != nil {
			return err
		}
		v, shared := row.SavedView, row.Shared
		core.Set(&v.Name, patch.Name)
		core.Set(&v.Shared, patch.Shared)
		core.Set(&v.Query, patch.Query)
		if patch.Query != nil {
			v.SavedAt = tx.Now()
		}
		checked := v
		checked.Shared = v.Shared && !shared // what is shared may stay so
		if checked, err = tx.validView(ctx, checked); err != nil {
			return err
		}
		v.Name = checked.Name
		row.SavedView = v
		return tx.db.SetSavedView(ctx, v)
	})
	return row, err
}

// DeleteView forgets a view, and returns what it was.
func (a *Membership) DeleteView(ctx context.Context, id int64) (row ViewRow, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if row, err = tx.changeable(ctx, id); err != nil {
			return err
		}
		return tx.db.DeleteSavedView(ctx, id)
	})
	return row, err
}

func (a *Membership) changeable(ctx context.Context, id int64) (ViewRow, error) {
	row, err := a.SavedView(ctx, id)
	if err == nil && !row.Changes {
		err = core.Permitted(false)
	}
	return row, err
}

// JoinedSince is one page of the people of a view's list who match a filter now and joined
// after the view was saved, and how many there are in all: of a project its own members.
func (a *Membership) JoinedSince(ctx context.Context, v roster.SavedView, f roster.MemberFilter,
	page roster.Page) (members []roster.Member, total int, err error) {
	switch v.List {
	case roster.ViewedMembers:
		after := v.SavedAt.Add(time.Microsecond)
		if f.JoinedAfter == nil || f.JoinedAfter.Before(after) {
			f.JoinedAfter = &after
		}
		return a.Members(ctx, v.PlaceID, f, page)
	case roster.ViewedWorkspace:
		return a.workspaceMembers(ctx, v.PlaceID, f, page, func(w roster.Workspace, f roster.MemberFilter,
			page roster.Page) ([]roster.Member, int, error) {
			return a.db.WorkspaceMembersSince(ctx, w, f, v.SavedAt, page)
		})
	case roster.ViewedPeople:
		people, total, err := a.organizationMembers(ctx, v.OrganizationID, f, page,
			func(organization int64, f roster.MemberFilter, page roster.Page) ([]roster.OrganizationMember, int, error) {
				return a.db.PeopleSince(ctx, organization, f, v.SavedAt, page)
			})
		for _, m := range people {
			members = append(members, roster.Member{User: m.User, Membership: m.Membership, Tags: m.Tags})
		}
		return members, total, err
	}
	return nil, 0, nil
}

// Preferences is what the actor chose about how pages look to them, by name.
func (a *Membership) Preferences(ctx context.Context) (map[string]string, error) {
	who, err := a.May(ctx, core.OwnAccount)
	if err != nil {
		return nil, err
	}
	return a.db.Preferences(ctx, who.UserID)
}

// maxPreference bounds what is kept of a choice, in characters.
const maxPreference = 1000

// Prefer keeps a choice of the actor's; "" is the usual again.
func (a *Membership) Prefer(ctx context.Context, name, value string) error {
	who, err := a.May(ctx, core.OwnAccount)
	if err == nil {
		err = core.ValidText(name, value, maxPreference)
	}
	if err != nil {
		return err
	}
	return a.db.SetPreference(ctx, who.UserID, name, value)
}
