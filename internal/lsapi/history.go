package lsapi

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"roster"
)

func historyRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/fsm/projects/{id}/membership-history", do: does(history(roster.ProjectMembers)),
			summary: "History of a project's members", answer: "A page of states, newest first.",
		},
		{
			method: "GET", path: "/api/fsm/projects/{id}/role-history", do: does(history(roster.ProjectRoles)),
			summary: "History of a project's roles", answer: "A page of states, newest first.",
		},
		{
			method: "GET", path: "/api/fsm/workspaces/{id}/membership-history",
			do:      does(history(roster.WorkspaceMembers)),
			summary: "History of a workspace's members", answer: "A page of states, newest first.",
		},
		{
			method: "GET", path: "/api/fsm/organizations/{id}/membership-history", do: does((*call).peopleHistory),
			summary: "History of an organization's people", answer: "A page of states, newest first.",
		},
		{
			method: "GET", path: "/api/fsm/organizations/{id}/idp-assignments-history", do: does((*call).idpHistory),
			summary: "History of what identity providers assigned",
			answer:  "Empty: no identity provider assigns anybody.",
		},
		{
			method: "GET", path: "/api/fsm/organizations/{id}/settings-history", do: does((*call).settingsHistory),
			summary: "History of the SAML and SCIM settings",
			answer:  "A page of changes, newest first: which fields, by whom.",
		},
	}
}

// stateJSON is the wire's StateModel, with what Roster has to say besides.
type stateJSON[T any] struct {
	ID             uuid.UUID      `json:"id"`
	State          string         `json:"state"`
	PreviousState  *string        `json:"previous_state"`
	TransitionName *string        `json:"transition_name"`
	TriggeredBy    *triggeredJSON `json:"triggered_by"`
	Reason         *string        `json:"reason"`
	ContextData    T              `json:"context_data"`
	CreatedAt      stamp          `json:"created_at"`
}

type triggeredJSON struct {
	ID    int64  `json:"id"`
	Email string `json:"email"`
}

// transitionsJSON is what Roster has to say about a transition: whom it was
// about, and the operation that tells the rest.
type transitionsJSON struct {
	Operation  *int64            `json:"operation"`
	UserID     int64             `json:"user_id"`
	Email      string            `json:"email"`
	RoleSource roster.RoleSource `json:"source,omitempty"`
	UserType   roster.UserType   `json:"user_type,omitempty"`
}

// transitions are named in this space of UUIDs.
var transitions = uuid.MustParse("8b0c5f5e-5a0f-5f2b-9d8e-2f1d4a7c3e60")

// stateOf writes a transition. Its id is made of what it was, so that it is
// the same whenever it is asked for, although no row has it.
func stateOf(of roster.History, place int64, t roster.Transition) stateJSON[transitionsJSON] {
	name := fmt.Sprintf("%s/%d/%d/%d/%s", of, place, t.UserID, t.Operation, t.State)
	out := stateJSON[transitionsJSON]{
		ID: uuid.NewSHA1(transitions, []byte(name)), State: t.State, PreviousState: nullable(t.Previous),
		CreatedAt:   stamp(t.At),
		ContextData: transitionsJSON{Operation: nullable(t.Operation), UserID: t.UserID, Email: t.Email},
	}
	if t.Operation != 0 {
		out.TransitionName = nullable(string(t.Kind))
		out.TriggeredBy = &triggeredJSON{t.ActorID, t.ActorEmail}
	}
	if of == roster.OrganizationMembers {
		out.ContextData.RoleSource, out.ContextData.UserType = t.RoleSource, t.UserType
	}
	return out
}

type historyRequest struct {
	ID    int64       `path:"id"`
	User  int64       `query:"user_id" doc:"Only about this person."`
	Since time.Time   `query:"since" doc:"Only from this time on; a date alone is that whole day, in UTC."`
	Until time.Time   `query:"until" day:"end" doc:"Only up to this time; a date alone is all of that day, in UTC."`
	Page  roster.Page `page:"30,1000"`
}

type statePage = pageJSON[stateJSON[transitionsJSON]]

// history answers with a page of one history (contract 3.18).
func history(of roster.History) func(*call, historyRequest) (statePage, error) {
	return func(c *call, in historyRequest) (statePage, error) {
		return c.history(of, in, roster.HistoryFilter{})
	}
}

func (c *call) history(of roster.History, in historyRequest, f roster.HistoryFilter) (statePage, error) {
	f.UserID, f.Since, f.Until = in.User, in.Since, in.Until
	steps, total, err := c.app.History(c.r.Context(), of, in.ID, f, in.Page)
	shown := func(t roster.Transition) stateJSON[transitionsJSON] { return stateOf(of, in.ID, t) }
	return pageOf(c, in.Page, total, each(steps, shown)), err
}

type peopleHistoryRequest struct {
	historyRequest
	Source   roster.RoleSource `query:"source" doc:"Only people whose role was given this way."`
	UserType roster.UserType   `query:"user_type" doc:"Only people with this seat."`
}

func (c *call) peopleHistory(in peopleHistoryRequest) (statePage, error) {
	f := roster.HistoryFilter{RoleSource: in.Source, UserType: in.UserType}
	return c.history(roster.OrganizationMembers, in.historyRequest, f)
}

// givenKind is what an identity provider could assign.
type givenKind string

// Valid reports whether it is one.
func (k givenKind) Valid() bool { return k == "organization" || k == "project" || k == "workspace" }

type idpHistoryRequest struct {
	inOrganization
	User  unheeded[int64] `query:"user_id" doc:"Only about this person."`
	Kind  givenKind       `query:"kind" doc:"Has no effect."`
	Group string          `query:"group_name" doc:"Only by this group."`
	Since time.Time       `query:"since" doc:"Only from this time on; a date alone is that whole day, in UTC."`
	Until time.Time       `query:"until" day:"end" doc:"Only up to this time; a date alone is all of that day, in UTC."`
	Page  roster.Page     `page:"30,1000"`
}

// idpHistory has nothing to tell: no identity provider assigns anybody.
func (c *call) idpHistory(in idpHistoryRequest) (pageJSON[any], error) {
	return pageOf[any](c, in.Page, 0, nil), c.app.MayReadHistory(c.r.Context(), in.Organization)
}

// settingsJSON is what Roster has to say about a change of settings.
type settingsJSON struct {
	Changed []string `json:"changed"`
}

func settingsStateOf(c roster.SettingsChange) stateJSON[settingsJSON] {
	transition := "settings_saved"
	if c.State == roster.StateRemoved {
		transition = "settings_removed"
	}
	return stateJSON[settingsJSON]{
		ID: uuid.NewSHA1(transitions, fmt.Appendf(nil, "settings/%s/%d", c.Kind, c.ID)), State: c.State,
		PreviousState:  nullable(c.Previous),
		TransitionName: &transition, TriggeredBy: &triggeredJSON{c.ActorID, c.ActorEmail}, ContextData: settingsJSON{
			c.Changed}, CreatedAt: stamp(c.At),
	}
}

// settingsKind is which settings a history is of.
type settingsKind roster.MappingSource

var settingsKinds = []settingsKind{settingsKind(roster.MappingSAML), settingsKind(roster.MappingSCIM)}

// Valid reports whether there are such settings.
func (k settingsKind) Valid() bool { return slices.Contains(settingsKinds, k) }

type settingsHistoryRequest struct {
	inOrganization
	Kind  settingsKind `query:"kind" doc:"Which settings; saml when it is not said."`
	Since time.Time    `query:"since" doc:"Only from this time on."`
	Until time.Time    `query:"until" day:"end" doc:"Only up to this time."`
	Page  roster.Page  `page:"30,1000"`
}

// settingsHistory is how the settings of SAML, or those of SCIM, came about.
func (c *call) settingsHistory(in settingsHistoryRequest) (pageJSON[stateJSON[settingsJSON]], error) {
	kind := cmp.Or(roster.MappingSource(in.Kind), roster.MappingSAML)
	f := roster.HistoryFilter{Since: in.Since, Until: in.Until}
	changes, total, err := c.app.SettingsHistory(c.r.Context(), in.Organization, kind, f, in.Page)
	return pageOf(c, in.Page, total, each(changes, settingsStateOf)), err
}
