package lsapi

import (
	"encoding/json"
	"net/http"
	"time"

	"roster"
)

// Operations are Roster's own addition to the wire: the record of every change
// of membership, and the way back.

func operationRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/roster/operations", do: does((*call).listOperations),
			summary: "List operations", answer: "A page of operations, newest first.",
		},
		{
			method: "GET", path: "/api/roster/operations/{id}", do: does((*call).getOperation),
			summary: "Read an operation",
			text: "Somebody is named to who may list them, or where the outcome says that they really were in the " +
				"place. Others are a number with the result unknown, like an id that nobody has.",
			answer: "The record, a count of each result, and a page of what became of whom.",
		},
		{
			method: "POST", path: "/api/roster/operations/{id}/undo", once: true, do: does((*call).undoOperation),
			summary: "Undo an operation",
			text: "As it was before. People who are gone or were changed since are named and left alone. For 30 " +
				"days.",
			status: http.StatusCreated, answer: "The record of the undoing.",
			others: []answer{{status: 400, text: "It was undone already, or cannot be undone."}},
		},
	}
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
	// of the unknown, those that are counted and in no outcome
	Unnamed  int    `json:"unnamed,omitempty"`
	Undoes   *int64 `json:"undoes"`
	UndoneBy *int64 `json:"undone_by"`
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
		ID: o.ID, Kind: o.Kind, Organization: o.OrganizationID, Project: nullable(o.ProjectID),
		Workspace: nullable(o.WorkspaceID),
		Actor:     actorJSON{o.ActorID, o.ActorEmail}, Credential: o.Credential, Request: o.RequestID, At: stamp(o.At),
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
	NameBefore *string          `json:"name_before,omitempty"`
	NameAfter  *string          `json:"name_after,omitempty"`
}

func outcomeOf(o roster.Outcome) outcomeJSON {
	var tag *tagJSON
	if o.TagID != 0 {
		tag = &tagJSON{o.TagID, o.Tag}
	}
	return outcomeJSON{
		Tag: tag, User: o.UserID, Email: o.Email, Name: o.Name, Project: nullable(o.ProjectID), Result: o.Result,
		KeepsBy: nullable(o.KeepsBy), RoleBefore: nullable(o.RoleBefore), RoleAfter: nullable(o.RoleAfter),
		SeatBefore: nullable(o.SeatBefore), NameBefore: nullable(o.NameBefore), NameAfter: nullable(o.NameAfter),
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

type listOperationsRequest struct {
	Project   int64                `query:"project" doc:"Only of this project."`
	Workspace int64                `query:"workspace" doc:"Only of this workspace."`
	Actor     int64                `query:"actor" doc:"Only by this person."`
	Person    int64                `query:"person" doc:"Only those that say something about this person."`
	Kind      roster.OperationKind `query:"kind" doc:"Only of this kind."`
	Since     time.Time            `query:"since" doc:"Only from this time on; a date alone is that whole day, in UTC."`
	Until     time.Time            `query:"until" day:"end" doc:"Only up to this time; a date alone is all of that day, in UTC."`
	Page      roster.Page          `page:"30,1000"`
}

func (c *call) listOperations(in listOperationsRequest) (pageJSON[operationJSON], error) {
	f := roster.OperationFilter{
		ProjectID: in.Project, WorkspaceID: in.Workspace, ActorID: in.Actor, PersonID: in.Person,
		Kind: in.Kind, Since: in.Since, Until: in.Until,
	}
	ops, total, err := c.app.Operations(c.r.Context(), f, in.Page)
	return pageOf(c, in.Page, total, each(ops, operationOf)), err
}

type inOperation struct {
	Operation int64 `path:"id"`
}

type getOperationRequest struct {
	inOperation
	Page roster.Page `page:"100,1000"`
}

// getOperation answers with the record, the count of each result, and a page
// of outcomes by person.
func (c *call) getOperation(in getOperationRequest) (out operationDetailJSON, err error) {
	op, counts, err := c.app.Operation(c.r.Context(), in.Operation)
	if err != nil {
		return out, err
	}
	outcomes, err := c.app.Outcomes(c.r.Context(), in.Operation, in.Page)
	if err != nil {
		return out, err
	}
	total := -op.Unnamed
	for _, n := range counts {
		total += n
	}
	made, err := c.app.MadeOutcome(c.r.Context(), in.Operation)
	list := pageOf(c, in.Page, total, each(outcomes, outcomeOf))
	return operationDetailJSON{operationCountsJSON{operationOf(op), counts}, madeByOf(made), list}, err
}

func (c *call) undoOperation(in inOperation) (operationCountsJSON, error) {
	undo, counts, err := c.app.UndoCounted(c.r.Context(), in.Operation)
	c.operation(undo.ID)
	return operationCountsJSON{operationOf(undo), counts}, err
}
