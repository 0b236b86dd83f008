package lsapi

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"roster"
)

var historyRoutes = []plainRoute{
	{"GET", "/api/fsm/projects/{id}/membership-history", history(roster.ProjectMembers)},
	{"GET", "/api/fsm/projects/{id}/role-history", history(roster.ProjectRoles)},
	{"GET", "/api/fsm/workspaces/{id}/membership-history", history(roster.WorkspaceMembers)},
	{"GET", "/api/fsm/organizations/{id}/membership-history", history(roster.OrganizationMembers)},
	{"GET", "/api/fsm/organizations/{id}/idp-assignments-history", (*call).idpHistory},
	{"GET", "/api/fsm/organizations/{id}/settings-history", (*call).settingsHistory},
}

const (
	defaultHistory = 30
	maxHistory     = 1000
)

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
		ID: uuid.NewSHA1(transitions, []byte(name)), State: t.State, PreviousState: nullable(t.Previous), CreatedAt: stamp(t.At),
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

// history answers with a page of one history (contract 3.18).
func history(of roster.History) func(c *call) error {
	return func(c *call) error {
		id, err := c.id("id")
		if err != nil {
			return err
		}
		p := c.params()
		f := roster.HistoryFilter{UserID: p.id("user_id"), Since: p.moment("since"), Until: p.until("until")}
		if of == roster.OrganizationMembers {
			f.RoleSource = choice(p, "source", roster.RoleSource.Valid)
			f.UserType = choice(p, "user_type", roster.UserType.Valid)
		}
		page, err := p.page(defaultHistory, maxHistory)
		if err != nil {
			return err
		}
		if err := p.err(); err != nil {
			return err
		}
		steps, total, err := c.app.History(c.r.Context(), of, id, f, page)
		if err != nil {
			return err
		}
		return paged(c, page, total, each(steps, func(t roster.Transition) stateJSON[transitionsJSON] { return stateOf(of, id, t) }))
	}
}

// choice is one of the values that valid accepts; "" when absent.
func choice[T ~string](p *params, name string, valid func(T) bool) T {
	v := T(p.str(name))
	if v != "" && !valid(v) {
		p.bad(name, "\""+string(v)+"\" is not a valid choice.")
	}
	return v
}

// idpHistory has nothing to tell: no identity provider assigns anybody.
func (c *call) idpHistory() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	choice(p, "kind", func(kind string) bool {
		return slices.Contains([]string{"organization", "project", "workspace"}, kind)
	})
	p.search("group_name")
	p.moment("since")
	p.until("until")
	page, err := p.page(defaultHistory, maxHistory)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	if err := c.app.MayReadHistory(c.r.Context(), id); err != nil {
		return err
	}
	return paged[stateJSON[transitionsJSON]](c, page, 0, nil)
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
		ID: uuid.NewSHA1(transitions, fmt.Appendf(nil, "settings/%s/%d", c.Kind, c.ID)), State: c.State, PreviousState: nullable(c.Previous),
		TransitionName: &transition, TriggeredBy: &triggeredJSON{c.ActorID, c.ActorEmail}, ContextData: settingsJSON{c.Changed}, CreatedAt: stamp(c.At),
	}
}

// settingsHistory is how the settings of SAML, or those of SCIM, came about.
func (c *call) settingsHistory() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	p := c.params()
	kind := choice(p, "kind", func(kind roster.MappingSource) bool { return kind == roster.MappingSaml || kind == roster.MappingScim })
	f := roster.HistoryFilter{Since: p.moment("since"), Until: p.until("until")}
	page, err := p.page(defaultHistory, maxHistory)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	changes, total, err := c.app.SettingsHistory(c.r.Context(), id, cmp.Or(kind, roster.MappingSaml), f, page)
	if err != nil {
		return err
	}
	return paged(c, page, total, each(changes, settingsStateOf))
}
