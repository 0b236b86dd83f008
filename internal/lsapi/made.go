package lsapi

import (
	"roster"
)

// What people made in the upstream of a gate, and what became of it: an addition
// of Roster.

func madeRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/roster/projects/{id}/made", do: does((*call).listMade),
			summary: "List what was made in a project",
			text: "For those who could make it. Things that were made before the gate, or past it, have no maker, " +
				"and are never disabled by themselves.",
			answer: "A page of things, the newest first, saved tabs last.",
		},
		{
			method: "POST", path: "/api/roster/projects/{id}/made/{made_pk}/enable",
			do:      does(switchMade(roster.MadeEnable)),
			summary: "Enable a thing",
			text:    "Whoever enables it is its maker from now on. told says how far Label Studio is with it.",
			answer:  "The thing as it is now.",
			others:  []answer{{status: 400, text: "A saved tab does nothing by itself."}},
		},
		{
			method: "POST", path: "/api/roster/projects/{id}/made/{made_pk}/disable",
			do:      does(switchMade(roster.MadeDisable)),
			summary: "Disable a thing", answer: "The thing as it is now.",
			others: []answer{{status: 400, text: "A saved tab does nothing by itself."}},
		},
	}
}

type madeJSON struct {
	ID         int64           `json:"id"`
	Project    int64           `json:"project"`
	Kind       roster.MadeKind `json:"kind"`
	Type       *string         `json:"type"`
	UpstreamID int64           `json:"upstream_id"`
	Title      string          `json:"title"`
	Location   *string         `json:"place"`
	Maker      *actorJSON      `json:"maker"`
	MadeAt     stamp           `json:"made_at"`
	Disabled   bool            `json:"disabled"`
	DisabledBy *int64          `json:"disabled_by"`
	Last       *intentJSON     `json:"told"`
}

type intentJSON struct {
	Action   roster.MadeAction  `json:"action"`
	State    roster.IntentState `json:"state"`
	Attempts int                `json:"attempts"`
	Error    *string            `json:"error"`
}

// madeByJSON is what people made who lose the right to; null where there is none.
type madeByJSON struct {
	Pending int        `json:"pending"`
	Tabs    int        `json:"tabs"`
	Results []madeJSON `json:"results"`
}

func madeOf(m roster.Made) madeJSON {
	out := madeJSON{
		ID: m.ID, Project: m.ProjectID, Kind: m.Kind, Type: nullable(m.Type), UpstreamID: m.UpstreamID, Title: m.Title,
		Location: nullable(m.Location),
		MadeAt:   stamp(m.MadeAt), Disabled: m.Disabled, DisabledBy: nullable(m.DisabledBy),
	}
	if m.MakerID != 0 {
		out.Maker = &actorJSON{m.MakerID, m.MakerEmail}
	}
	if m.Last.ID != 0 {
		out.Last = &intentJSON{m.Last.Action, m.Last.State, m.Last.Attempts, nullable(m.Last.Error)}
	}
	return out
}

func madeByOf(m roster.MadeOutcome) *madeByJSON {
	if !m.Any() {
		return nil
	}
	return &madeByJSON{Pending: m.Pending, Tabs: m.Tabs, Results: each(m.Things, madeOf)}
}

type listMadeRequest struct {
	inProject
	Page roster.Page `page:"100,1000"`
}

// listMade lists what was made in a project of the upstream, and by whom.
func (c *call) listMade(in listMadeRequest) (pageJSON[madeJSON], error) {
	list, total, err := c.app.MadeIn(c.r.Context(), in.Project, in.Page)
	return pageOf(c, in.Page, total, each(list, madeOf)), err
}

type switchMadeRequest struct {
	inProject
	Made int64 `path:"made_pk"`
}

// switchMade has the upstream enable or disable something.
func switchMade(action roster.MadeAction) func(*call, switchMadeRequest) (madeJSON, error) {
	return func(c *call, in switchMadeRequest) (madeJSON, error) {
		m, err := c.app.SwitchMade(c.r.Context(), in.Project, in.Made, action)
		return madeOf(m), err
	}
}
