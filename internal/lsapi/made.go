package lsapi

import (
	"net/http"

	"roster"
)

// What people made in the upstream of a gate, and what became of it: an addition
// of Roster.

var madeRoutes = []plainRoute{
	{"GET", "/api/roster/projects/{id}/made", (*call).listMade},
	{"POST", "/api/roster/projects/{id}/made/{made_pk}/enable", (*call).enableMade},
	{"POST", "/api/roster/projects/{id}/made/{made_pk}/disable", (*call).disableMade},
}

type madeJSON struct {
	ID         int64           `json:"id"`
	Project    int64           `json:"project"`
	Kind       roster.MadeKind `json:"kind"`
	Type       *string         `json:"type"`
	UpstreamID int64           `json:"upstream_id"`
	Title      string          `json:"title"`
	Place      *string         `json:"place"`
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
		ID: m.ID, Project: m.ProjectID, Kind: m.Kind, Type: nullable(m.Type), UpstreamID: m.UpstreamID, Title: m.Title, Place: nullable(m.Place),
		MadeAt: stamp(m.MadeAt), Disabled: m.Disabled, DisabledBy: nullable(m.DisabledBy),
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

// listMade lists what was made in a project of the upstream, and by whom.
func (c *call) listMade() error {
	project, err := c.id("id")
	if err != nil {
		return err
	}
	page, err := c.params().page(100, 1000)
	if err != nil {
		return err
	}
	list, total, err := c.app.MadeIn(c.r.Context(), project, page)
	if err != nil {
		return err
	}
	return paged(c, page, total, each(list, madeOf))
}

func (c *call) enableMade() error  { return c.switchMade(roster.MadeEnable) }
func (c *call) disableMade() error { return c.switchMade(roster.MadeDisable) }

func (c *call) switchMade(action roster.MadeAction) error {
	project, err := c.id("id")
	if err != nil {
		return err
	}
	id, err := c.id("made_pk")
	if err != nil {
		return err
	}
	m, err := c.app.SwitchMade(c.r.Context(), project, id, action)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, madeOf(m))
}
