package lsapi

import (
	"net/http"

	"roster"
)

var pauseRoutes = []plainRoute{
	{"GET", "/api/projects/{id}/members/{user_pk}/pauses", (*call).listPauses},
	{"POST", "/api/projects/{id}/members/{user_pk}/pauses", (*call).createPause},
	{"GET", "/api/projects/{id}/members/{user_pk}/pauses/{pause_pk}", (*call).getPause},
	{"PATCH", "/api/projects/{id}/members/{user_pk}/pauses/{pause_pk}", (*call).patchPause},
	{"PUT", "/api/projects/{id}/members/{user_pk}/pauses/{pause_pk}", (*call).putPause},
	{"DELETE", "/api/projects/{id}/members/{user_pk}/pauses/{pause_pk}", (*call).deletePause},
}

// pauseJSON is the wire's Pause.
type pauseJSON struct {
	ID            int64              `json:"id"`
	Project       int64              `json:"project"`
	User          int64              `json:"user"`
	Reason        roster.PauseReason `json:"reason"`
	VerboseReason *string            `json:"verbose_reason"`
	PausedBy      userSimpleJSON     `json:"paused_by"`
	CreatedAt     stamp              `json:"created_at"`
	UpdatedAt     stamp              `json:"updated_at"`
	DeletedAt     stamp              `json:"deleted_at"`
	DeletedBy     *int64             `json:"deleted_by"`
}

func pauseOf(p roster.Pause) pauseJSON {
	return pauseJSON{
		p.ID, p.ProjectID, p.UserID, p.Reason, nullable(p.Message), userSimpleOf(p.PausedBy),
		stamp(p.CreatedAt), stamp(p.UpdatedAt), stamp(p.DeletedAt), nullable(p.DeletedBy),
	}
}

// currentPause is the pause in a member's shape: null when none stands.
func currentPause(p *roster.Pause) *pauseJSON {
	if p == nil {
		return nil
	}
	out := pauseOf(*p)
	return &out
}

// pauseIDs reads the path; the pause is 0 where the path ends before it.
func (c *call) pauseIDs() (project, user, pause int64, err error) {
	if project, err = c.id("id"); err != nil {
		return 0, 0, 0, err
	}
	if user, err = c.id("user_pk"); err != nil || c.r.PathValue("pause_pk") == "" {
		return project, user, 0, err
	}
	pause, err = c.id("pause_pk")
	return project, user, pause, err
}

// listPauses is GET …/pauses/ (contract 3.7): a bare list.
func (c *call) listPauses() error {
	project, user, _, err := c.pauseIDs()
	if err != nil {
		return err
	}
	p := c.params()
	lifted, order := p.flag("include_deleted"), p.str("ordering")
	if err := p.err(); err != nil {
		return err
	}
	pauses, err := c.app.Pauses(c.r.Context(), project, user, lifted, order)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(pauses, pauseOf))
}

func (c *call) getPause() error {
	project, user, id, err := c.pauseIDs()
	if err != nil {
		return err
	}
	pause, err := c.app.Pause(c.r.Context(), project, user, id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, pauseOf(pause))
}

func (c *call) createPause() error {
	project, user, _, err := c.pauseIDs()
	if err != nil {
		return err
	}
	patch, err := c.pausePatch(true)
	if err != nil {
		return err
	}
	message := ""
	if patch.Message != nil {
		message = *patch.Message
	}
	pause, err := c.app.PauseMember(c.r.Context(), project, user, *patch.Reason, message)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, pauseOf(pause))
}

func (c *call) patchPause() error { return c.updatePause(false) }

func (c *call) putPause() error { return c.updatePause(true) }

func (c *call) updatePause(whole bool) error {
	project, user, id, err := c.pauseIDs()
	if err != nil {
		return err
	}
	patch, err := c.pausePatch(whole)
	if err != nil {
		return err
	}
	pause, err := c.app.UpdatePause(c.r.Context(), project, user, id, patch)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, pauseOf(pause))
}

// pausePatch reads the body; the whole of a pause has a reason.
func (c *call) pausePatch(whole bool) (roster.PausePatch, error) {
	b, err := c.body()
	if err != nil {
		return roster.PausePatch{}, err
	}
	patch := roster.PausePatch{Reason: nullable(code(b, "reason", roster.PauseReason.Valid)), Message: b.clearable("verbose_reason")}
	switch {
	case whole && !b.require("reason"):
	case b.has("reason") && patch.Reason == nil && b.errs["reason"] == nil:
		b.bad("reason", "This field may not be null.")
	}
	return patch, b.err()
}

func (c *call) deletePause() error {
	project, user, id, err := c.pauseIDs()
	if err != nil {
		return err
	}
	if err := c.app.LiftPause(c.r.Context(), project, user, id); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}
