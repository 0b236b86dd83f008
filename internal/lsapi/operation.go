package lsapi

import (
	"encoding/json"
	"net/http"

	"roster"
)

// Operations are Roster's own addition to the wire: the record of every change
// of membership, and the way back.

var operationRoutes = []plainRoute{
	{"GET", "/api/roster/operations", (*call).listOperations},
	{"GET", "/api/roster/operations/{id}", (*call).getOperation},
	{"POST", "/api/roster/operations/{id}/undo", (*call).undoOperation},
}

type operationJSON struct {
	ID           int64                 `json:"id"`
	Kind         roster.OperationKind  `json:"kind"`
	Organization int64                 `json:"organization"`
	Project      *int64                `json:"project"`
	Workspace    *int64                `json:"workspace"`
	Actor        actorJSON             `json:"actor"`
	Credential   roster.CredentialKind `json:"credential"`
	Request      string                `json:"request"`
	At           stamp                 `json:"at"`
	Selector     json.RawMessage       `json:"selector"`
	Changed      int                   `json:"changed"`
	Dormant      int                   `json:"dormant,omitempty"` // memberships of deactivated people, besides
	Unnamed      int                   `json:"unnamed,omitempty"` // of the unknown, those that are counted and in no outcome
	Undoes       *int64                `json:"undoes"`
	UndoneBy     *int64                `json:"undone_by"`
}

type actorJSON struct {
	ID    int64  `json:"id"`
	Email string `json:"email"`
}

func operationOf(o roster.Operation) operationJSON {
	selector := json.RawMessage("null")
	if o.Selector != "" {
		selector = json.RawMessage(o.Selector)
	}
	return operationJSON{
		ID: o.ID, Kind: o.Kind, Organization: o.OrganizationID, Project: nullable(o.ProjectID), Workspace: nullable(o.WorkspaceID),
		Actor: actorJSON{o.ActorID, o.ActorEmail}, Credential: o.Credential, Request: o.RequestID, At: stamp(o.At),
		Selector: selector, Changed: o.Changed, Dormant: o.Dormant, Unnamed: o.Unnamed, Undoes: nullable(o.Undoes),
		UndoneBy: nullable(o.UndoneBy),
	}
}

type outcomeJSON struct {
	User       int64            `json:"user"`
	Email      string           `json:"email"`
	Name       string           `json:"name"`
	Project    *int64           `json:"project,omitempty"`
	Tag        *tagJSON         `json:"tag,omitempty"`
	Result     roster.Result    `json:"result"`
	KeepsBy    *roster.Path     `json:"keeps_access_by"`
	RoleBefore *roster.Role     `json:"role_before,omitempty"`
	RoleAfter  *roster.Role     `json:"role_after,omitempty"`
	SeatBefore *roster.UserType `json:"user_type_before,omitempty"`
}

func outcomeOf(o roster.Outcome) outcomeJSON {
	var tag *tagJSON
	if o.TagID != 0 {
		tag = &tagJSON{o.TagID, o.Tag}
	}
	return outcomeJSON{
		Tag: tag, User: o.UserID, Email: o.Email, Name: o.Name, Project: nullable(o.ProjectID), Result: o.Result,
		KeepsBy: nullable(o.KeepsBy), RoleBefore: nullable(o.RoleBefore), RoleAfter: nullable(o.RoleAfter),
		SeatBefore: nullable(o.SeatBefore),
	}
}

// operationCountsJSON is an operation with how often each result came out.
type operationCountsJSON struct {
	operationJSON
	Counts map[roster.Result]int `json:"counts"`
}

// operationDetailJSON adds a page of the outcomes.
type operationDetailJSON struct {
	operationCountsJSON
	Made     *madeByJSON           `json:"made,omitempty"`
	Outcomes pageJSON[outcomeJSON] `json:"outcomes"`
}

func (c *call) listOperations() error {
	p := c.params()
	f := roster.OperationFilter{
		ProjectID: p.id("project"), WorkspaceID: p.id("workspace"), ActorID: p.id("actor"), PersonID: p.id("person"),
		Kind: roster.OperationKind(p.str("kind")), Since: p.moment("since"), Until: p.until("until"),
	}
	page, err := p.page(30, 1000)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	ops, total, err := c.app.Operations(c.r.Context(), f, page)
	if err != nil {
		return err
	}
	return paged(c, page, total, each(ops, operationOf))
}

// getOperation answers with the record, the count of each result, and a page
// of outcomes by person.
func (c *call) getOperation() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	page, err := c.params().page(100, 1000)
	if err != nil {
		return err
	}
	op, counts, err := c.app.Operation(c.r.Context(), id)
	if err != nil {
		return err
	}
	outcomes, err := c.app.Outcomes(c.r.Context(), id, page)
	if err != nil {
		return err
	}
	total := -op.Unnamed
	for _, n := range counts {
		total += n
	}
	list := pageJSON[outcomeJSON]{Count: total, Results: each(outcomes, outcomeOf)}
	if page.Offset()+page.Size < total {
		list.Next = c.pageLink(page.Number + 1)
	}
	if page.Number > 1 {
		list.Previous = c.pageLink(page.Number - 1)
	}
	made, err := c.app.MadeOutcome(c.r.Context(), id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, operationDetailJSON{operationCountsJSON{operationOf(op), counts}, madeByOf(made), list})
}

func (c *call) undoOperation() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	undo, counts, err := c.app.UndoCounted(c.r.Context(), id)
	if err != nil {
		return err
	}
	c.operation(undo.ID)
	return c.json(http.StatusCreated, operationCountsJSON{operationOf(undo), counts})
}
