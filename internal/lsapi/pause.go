package lsapi

import (
	"net/http"

	"roster"
)

func pauseRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/projects/{id}/members/{user_pk}/pauses", do: does((*call).listPauses),
			summary: "List a member's pauses", answer: "The pauses.",
		},
		{
			method: "POST", path: "/api/projects/{id}/members/{user_pk}/pauses", once: true,
			do:      does((*call).createPause),
			summary: "Pause a member",
			text:    "A paused person stays a member and sees the project, and cannot work on its tasks.",
			status:  http.StatusCreated, answer: "The pause.",
		},
		{
			method: "GET", path: "/api/projects/{id}/members/{user_pk}/pauses/{pause_pk}", do: does((*call).getPause),
			summary: "Read a pause", answer: "The pause.",
		},
		{
			method: "PATCH", path: "/api/projects/{id}/members/{user_pk}/pauses/{pause_pk}", once: true,
			do:      does((*call).patchPause),
			summary: "Change a pause", answer: "The pause as it is now.",
		},
		{
			method: "PUT", path: "/api/projects/{id}/members/{user_pk}/pauses/{pause_pk}", once: true,
			do:      does((*call).putPause),
			summary: "Replace a pause", answer: "The pause as it is now.",
		},
		{
			method: "DELETE", path: "/api/projects/{id}/members/{user_pk}/pauses/{pause_pk}", once: true,
			do:      does((*call).deletePause),
			summary: "Lift a pause", answer: "It is lifted.",
		},
	}
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

type inPause struct {
	inMember
	Pause int64 `path:"pause_pk"`
}

type listPausesRequest struct {
	inMember
	Lifted bool `query:"include_deleted" doc:"With those that were lifted."`
	Order  ordering
}

// listPauses is GET …/pauses/ (contract 3.7): a bare list.
func (c *call) listPauses(in listPausesRequest) ([]pauseJSON, error) {
	pauses, err := c.app.Pauses(c.r.Context(), in.Project, in.Member, in.Lifted, string(in.Order))
	return each(pauses, pauseOf), err
}

func (c *call) getPause(in inPause) (pauseJSON, error) {
	pause, err := c.app.Pause(c.r.Context(), in.Project, in.Member, in.Pause)
	return pauseOf(pause), err
}

type createPauseRequest struct {
	inMember
	Reason  roster.PauseReason `body:"reason,required,some" doc:"Why."`
	Message string             `body:"verbose_reason,null" doc:"Why, in words that the person can read."`
}

func (c *call) createPause(in createPauseRequest) (pauseJSON, error) {
	pause, err := c.app.PauseMember(c.r.Context(), in.Project, in.Member, in.Reason, in.Message)
	return pauseOf(pause), err
}

type patchPauseRequest struct {
	inPause
	Reason  roster.PauseReason `body:"reason,some" doc:"Why."`
	Message *string            `body:"verbose_reason,null" doc:"Why, in words that the person can read."`
}

func (c *call) patchPause(in patchPauseRequest) (pauseJSON, error) {
	patch := roster.PausePatch{Reason: nullable(in.Reason), Message: in.Message}
	pause, err := c.app.UpdatePause(c.r.Context(), in.Project, in.Member, in.Pause, patch)
	return pauseOf(pause), err
}

type putPauseRequest struct {
	inPause
	ProjectToo unheeded[int64]    `body:"project" doc:"Passed over: the path says it."`
	UserToo    unheeded[int64]    `body:"user" doc:"Passed over: the path says it."`
	Reason     roster.PauseReason `body:"reason,required,some" doc:"Why."`
	Message    *string            `body:"verbose_reason,null" doc:"Why, in words that the person can read."`
}

// putPause replaces a pause, the whole of which has a reason.
func (c *call) putPause(in putPauseRequest) (pauseJSON, error) {
	return c.patchPause(patchPauseRequest{in.inPause, in.Reason, in.Message})
}

func (c *call) deletePause(in inPause) (out nothing, err error) {
	return out, c.app.LiftPause(c.r.Context(), in.Project, in.Member, in.Pause)
}
