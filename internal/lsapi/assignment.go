package lsapi

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster"
)

var assignmentRoutes = []route{
	{"POST", "/api/projects/{id}/tasks/assignees", (*call).assignTasks},
	{"GET", "/api/projects/{id}/tasks/{task}/assignees", (*call).listAssignees},
	{"POST", "/api/projects/{id}/tasks/{task}/assignees", (*call).addAssignees},
	{"PATCH", "/api/projects/{id}/tasks/{task}/assignees", (*call).setAssignees},
	{"DELETE", "/api/projects/{id}/tasks/{task}/assignees", (*call).removeAssignees},
}

// assignmentJSON is the wire's TaskAssignment.
type assignmentJSON struct {
	ID        int64                 `json:"id"`
	Task      int64                 `json:"task"`
	Assignee  int64                 `json:"assignee"`
	Type      roster.AssignmentType `json:"type"`
	CreatedAt stamp                 `json:"created_at"`
	State     string                `json:"state"`
}

func assignmentOf(a roster.Assignment) assignmentJSON {
	return assignmentJSON{a.ID, a.TaskID, a.UserID, a.Type, stamp(a.CreatedAt), "CREATED"}
}

// assignees reads the two fields that every assignment of tasks has.
func (b *body) assignees() (roster.AssignmentType, []int64) {
	b.require("type")
	b.require("users")
	kind, users := code(b, "type", roster.AssignmentType.Valid), b.ids("users")
	if kind == "" && len(b.errs["type"]) == 0 {
		b.bad("type", "This field may not be null.")
	}
	return kind, users
}

// assignTasks is POST …/tasks/assignees (contract 3.8).
func (c *call) assignTasks() error {
	id, err := c.id("id")
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	kind, users := b.assignees()
	sel := b.taskSelector()
	if err := b.err(); err != nil {
		return err
	}
	done, err := c.app.AssignTasks(c.r.Context(), id, sel, kind, users)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, map[string]any{"assignments": done.Count, "async": false, "task_ids": orEmpty(done.TaskIDs)})
}

// taskSelector reads selectedItems and filters.
func (b *body) taskSelector() roster.TaskSelector {
	var s roster.TaskSelector
	if b.require("selectedItems") {
		if items := b.object("selectedItems"); items != nil {
			items.require("all")
			s = roster.TaskSelector{All: items.flag("all"), Included: items.ids("included"), Excluded: items.ids("excluded")}
			b.adopt("selectedItems", items)
		}
	}
	if filters := b.object("filters"); filters != nil {
		s.Filter = filters.taskFilter()
		b.adopt("filters", filters)
	}
	return s
}

// taskFilter reads as much of the Data Manager's grammar as concerns what Roster knows
// of tasks, and refuses the rest by name: a condition that is not understood must not
// turn "some tasks" into "all".
func (b *body) taskFilter() roster.TaskFilter {
	conjunction := code(b, "conjunction", func(v string) bool { return v == "and" || v == "or" })
	b.require("conjunction")
	b.require("items")
	f := roster.TaskFilter{Any: conjunction == "or"}
	for item := range b.objects("items") {
		f.Conditions = append(f.Conditions, item.taskCondition())
		b.adopt("items", item)
	}
	return f
}

func (b *body) taskCondition() (c roster.TaskCondition) {
	c.Column, c.Key = b.taskColumn()
	if b.has("child_filters") && !b.null("child_filters") {
		b.bad("child_filters", "Roster has no nested filters.")
	}
	kind := b.string("type", 64)
	c.Numbers = c.Column == roster.TaskData && kind == "Number" || c.Column != roster.TaskData && c.Column != roster.TaskCompletedAt
	operator := b.string("operator", 64)
	if c.Is = roster.Comparison(operator); operator == "empty" { // as the Data Manager itself asks
		c.Is = map[bool]roster.Comparison{true: roster.NotHeld, false: roster.Held}[b.flag("value")]
	}
	if b.require("operator") && !slices.Contains(comparisons[c.Column], c.Is) {
		b.bad("operator", "\""+operator+"\" is not a valid choice.")
	}
	if operator != "empty" && c.Is != roster.Held && c.Is != roster.NotHeld {
		c.Values = b.conditionValues(c)
	}
	return c
}

// taskColumn is what a condition looks at: one of the columns, or a field of the data.
func (b *body) taskColumn() (column roster.TaskColumn, key string) {
	name, ok := strings.CutPrefix(b.string("filter", 1000), "filter:tasks:")
	column = roster.TaskColumn(name)
	if field, inData := strings.CutPrefix(name, "data."); inData && field != "" {
		return roster.TaskData, field
	}
	if _, known := comparisons[column]; !ok || !known || column == roster.TaskData {
		b.bad("filter", fmt.Sprintf("Roster filters tasks by filter:tasks: with id, inner_id, data.…, annotators or completed_at, not by %s.", b.fields["filter"]))
	}
	return column, ""
}

var (
	ordered   = []roster.Comparison{roster.Equal, roster.NotEqual, roster.Greater, roster.GreaterOrEqual, roster.Less, roster.LessOrEqual, roster.InRange, roster.NotInRange}
	listed    = []roster.Comparison{roster.InList, roster.NotInList}
	contained = []roster.Comparison{roster.Contains, roster.NotContains}
	held      = []roster.Comparison{roster.Held, roster.NotHeld}
	// comparisons are what each column can be compared by.
	comparisons = map[roster.TaskColumn][]roster.Comparison{
		roster.TaskID:          slices.Concat(ordered, listed),
		roster.TaskNumber:      slices.Concat(ordered, listed),
		roster.TaskCompletedAt: slices.Concat(ordered, held),
		roster.TaskAnnotators:  slices.Concat([]roster.Comparison{roster.Equal, roster.NotEqual}, listed, contained, held),
		roster.TaskData:        slices.Concat(ordered, listed, contained, held, []roster.Comparison{roster.StartsWith, roster.EndsWith}),
	}
)

// conditionValues reads the values of a condition: a range, a list, or one.
func (b *body) conditionValues(c roster.TaskCondition) []string {
	if !b.require("value") {
		return nil
	}
	var values []string
	one := true
	switch c.Is {
	case roster.InRange, roster.NotInRange:
		values, one = b.bounds("value"), false
	case roster.InList, roster.NotInList:
		values, one = b.listed("value", c.Numbers), false
	default:
		values = flatten(b.fields["value"])
	}
	if one && len(values) != 1 {
		b.bad("value", "Takes one value.")
		return []string{""}
	}
	for i := range values {
		values[i] = b.conditionValue(c, values[i])
	}
	return values
}

// listed is the values of a list; those of numbers may be a text with commas between.
func (b *body) listed(name string, numbers bool) (out []string) {
	if bytes.Count(b.fields[name], []byte(",")) >= roster.MostIDs {
		b.bad(name, roster.TooManyIDs)
		return nil
	}
	for _, value := range flatten(b.fields[name]) {
		if !numbers {
			out = append(out, value)
			continue
		}
		out = append(out, strings.Split(value, ",")...)
	}
	return out
}

// bounds is both ends of a range.
func (b *body) bounds(name string) []string {
	ends := b.object(name)
	if ends == nil {
		return []string{"", ""}
	}
	ends.require("min")
	ends.require("max")
	b.adopt(name, ends)
	return []string{flatten(ends.fields["min"])[0], flatten(ends.fields["max"])[0]}
}

// conditionValue holds one value to what its column is made of.
func (b *body) conditionValue(c roster.TaskCondition, text string) string {
	if c.Column == roster.TaskCompletedAt {
		p := params{values: url.Values{"value": {text}}, errs: b.errs, read: map[string]bool{}}
		p.moment("value")
	}
	if !c.Numbers {
		return text
	}
	text = strings.TrimSpace(text)
	whole := c.Column != roster.TaskData
	if _, err := strconv.ParseInt(text, 10, 64); err != nil && whole {
		b.bad("value", "A valid integer is required.")
	}
	if n, err := strconv.ParseFloat(text, 64); !whole && (err != nil || math.IsNaN(n) || math.IsInf(n, 0)) {
		b.bad("value", "A valid number is required.")
	}
	return text
}

// assigneePath reads the project and the task that a path names.
func (c *call) assigneePath() (project, task int64, err error) {
	if project, err = c.id("id"); err != nil {
		return 0, 0, err
	}
	task, err = c.id("task")
	return project, task, err
}

func (c *call) listAssignees() error {
	project, task, err := c.assigneePath()
	if err != nil {
		return err
	}
	open, err := c.app.Assignees(c.r.Context(), project, task)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, each(open, assignmentOf))
}

// addAssignees is POST …/tasks/{task}/assignees; the answer is one object.
func (c *call) addAssignees() error {
	return c.changeAssignees(c.app.AddAssignees)
}

// setAssignees is PATCH …/tasks/{task}/assignees.
func (c *call) setAssignees() error {
	return c.changeAssignees(c.app.SetAssignees)
}

type assigneeChange func(ctx context.Context, project, task int64, kind roster.AssignmentType, users []int64) (roster.Assignment, error)

func (c *call) changeAssignees(change assigneeChange) error {
	project, task, err := c.assigneePath()
	if err != nil {
		return err
	}
	b, err := c.body()
	if err != nil {
		return err
	}
	kind, users := b.assignees()
	if err := b.err(); err != nil {
		return err
	}
	first, err := change(c.r.Context(), project, task, kind, users)
	if err != nil {
		return err
	}
	if first.ID == 0 { // nobody had it and nobody has: still an object, or the client breaks
		return c.json(http.StatusOK, struct{}{})
	}
	return c.json(http.StatusOK, assignmentOf(first))
}

func (c *call) removeAssignees() error {
	project, task, err := c.assigneePath()
	if err != nil {
		return err
	}
	p := c.params()
	kind := roster.AssignmentType(p.str("type"))
	if kind != "" && !kind.Valid() {
		p.bad("type", "\""+string(kind)+"\" is not a valid choice.")
	}
	var users []int64 // nil is everybody, which an empty list is not
	if p.values.Has("users") {
		users = orEmpty(p.ids("users"))
	}
	for _, name := range p.unread() {
		p.bad(name, "Unknown parameter. Nothing was changed.")
	}
	if err := p.err(); err != nil {
		return err
	}
	if err := c.app.RemoveAssignees(c.r.Context(), project, task, kind, users); err != nil {
		return err
	}
	return c.empty(http.StatusNoContent)
}
