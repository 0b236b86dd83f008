package store

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"roster"
)

// Which tasks a filter is about is decided in two places. What the store knows of a task
// is one condition in SQL. What is in its data is compared here, because the engines do
// not agree on what that is, and whether it is the same in another case: each task is
// read once, before anything is locked, and read again only where it has changed since.

// opposites are the comparisons that hold where another does not.
var opposites = map[roster.Comparison]roster.Comparison{
	roster.NotEqual: roster.Equal, roster.NotInList: roster.InList, roster.NotInRange: roster.InRange,
	roster.NotContains: roster.Contains, roster.NotHeld: roster.Held,
}

// positive is c without its negation, if it has one.
func positive(c roster.TaskCondition) (_ roster.TaskCondition, negated bool) {
	is, negated := opposites[c.Is]
	if negated {
		c.Is = is
	}
	return c, negated
}

// appendTaskFilter appends the condition that f matches task t, where dataHolds are the tasks
// for which its conditions about data hold.
func appendTaskFilter(q *query, f roster.TaskFilter, dataHolds []int64) {
	if len(f.Conditions) == 0 {
		return
	}
	glue, between := " AND ", " AND ("
	if f.Any {
		glue = " OR "
	}
	for _, c := range f.Conditions {
		if c.Column == roster.TaskData {
			continue
		}
		appendTaskCondition(q.add(between), c)
		between = glue
	}
	if f.Uses(roster.TaskData) {
		q.add(between).anyOf("t.id", dataHolds)
	}
	q.add(")")
}

// appendTaskCondition appends one condition that is not about data.
func appendTaskCondition(q *query, c roster.TaskCondition) {
	c, negated := positive(c)
	if negated {
		q.add("NOT (")
	}
	switch c.Column {
	case roster.TaskID:
		appendIDComparison(q, "t.id", c)
	case roster.TaskNumber:
		appendIDComparison(q, "t.inner_id", c)
	case roster.TaskAnnotators:
		appendAnnotatedBy(q, c)
	default: // nobody completes a task
		q.add("FALSE")
	}
	if negated {
		q.add(")")
	}
}

// signs are the comparisons that SQL has a sign for.
var signs = map[roster.Comparison]string{
	roster.Equal: " = ?", roster.Greater: " > ?", roster.GreaterOrEqual: " >= ?", roster.Less: " < ?",
	roster.LessOrEqual: " <= ?",
}

// appendIDComparison appends that expr is as the values of c say.
func appendIDComparison(q *query, expr string, c roster.TaskCondition) {
	ids := wholes(c.Values)
	switch c.Is {
	case roster.InList:
		q.anyOf(expr, ids)
	case roster.InRange:
		q.add(expr+" BETWEEN ? AND ?", ids[0], ids[1])
	default:
		q.add(expr+signs[c.Is], ids[0])
	}
}

// appendAnnotatedBy appends that t is given to somebody to annotate: to one of those whom c
// names, unless it names nobody.
func appendAnnotatedBy(q *query, c roster.TaskCondition) {
	q.add(`t.id IN (SELECT a.task_id FROM assignments a
JOIN project_members pm ON pm.project_id = a.project_id AND pm.user_id = a.user_id AND {{active pm}}
 AND COALESCE(pm.tenure, pm.id) = a.tenure
WHERE a.project_id = t.project_id AND a.type = ?`, roster.Annotate)
	if c.Is != roster.Held {
		q.add(" AND ").anyOf("a.user_id", wholes(c.Values))
	}
	q.add(")")
}

// wholes reads the numbers of a condition about ids, which whoever made it has checked.
func wholes(values []string) []int64 {
	out := make([]int64, len(values))
	for i, v := range values {
		out[i], _ = strconv.ParseInt(v, 10, 64)
	}
	return out
}

// TaskReading is what was found out about the data of tasks, by id.
type TaskReading []taskRead

// taskRead is whether a filter's conditions about data hold for a task, as it is since
// it was changed last: no two changes of a task have the same time.
type taskRead struct {
	id, changed int64
	holds       bool
}

// of finds a task.
func (r TaskReading) of(id int64) (int, bool) {
	return slices.BinarySearchFunc(r, id, func(t taskRead, id int64) int { return int(max(-1, min(1, t.id-id))) })
}

// holding is the tasks for which the conditions hold.
func (r TaskReading) holding() (ids []int64) {
	for _, t := range r {
		if t.holds {
			ids = append(ids, t.id)
		}
	}
	return ids
}

// ReadTasks finds out for which of the tasks that s lists the conditions about data
// hold. What was read before and has not changed is not read again.
func (db *DB) ReadTasks(ctx context.Context, project int64, s roster.TaskSelector,
	before TaskReading) (now TaskReading, err error) {
	if !s.Filter.Uses(roster.TaskData) {
		return nil, nil
	}
	q := db.query("SELECT t.id, t.updated_at FROM tasks t WHERE ")
	appendTaskMatch(q, project, s)
	var stale []int64
	err = db.each(ctx, q.add(" ORDER BY t.id"), func(row scanner) error {
		var t taskRead
		err := row.Scan(&t.id, &t.changed)
		if at, known := before.of(t.id); known && before[at].changed == t.changed {
			t = before[at]
		} else {
			stale = append(stale, t.id)
		}
		now = append(now, t)
		return err
	})
	if err != nil {
		return nil, err
	}
	return now, db.readData(ctx, stale, newDataFilter(s.Filter), now)
}

// readData reads tasks, and writes what it finds into their places in a reading.
func (db *DB) readData(ctx context.Context, ids []int64, f dataFilter, into TaskReading) error {
	if len(ids) == 0 {
		return nil
	}
	q := db.query("SELECT t.id, t.updated_at, t.data FROM tasks t WHERE ").anyOf("t.id", ids)
	return db.each(ctx, q, func(row scanner) error {
		var t taskRead
		var data []byte
		if err := row.Scan(&t.id, &t.changed, &data); err != nil {
			return err
		}
		t.holds = f.holds(data)
		if at, ok := into.of(t.id); ok {
			into[at] = t
		}
		return nil
	})
}

// dataFilter is the conditions of a filter about data, made ready for many tasks.
type dataFilter struct {
	any        bool
	keys       []string
	conditions []dataCondition
}

type dataCondition struct {
	key     int // of the keys
	negated bool
	accepts func(held string) bool
}

func newDataFilter(f roster.TaskFilter) dataFilter {
	out := dataFilter{any: f.Any}
	for _, c := range f.Conditions {
		if c.Column != roster.TaskData {
			continue
		}
		key := slices.Index(out.keys, c.Key)
		if key < 0 {
			key, out.keys = len(out.keys), append(out.keys, c.Key)
		}
		c, negated := positive(c)
		out.conditions = append(out.conditions, dataCondition{key, negated, accepting(c)})
	}
	return out
}

// holds reports whether the conditions hold for the data of a task.
func (f dataFilter) holds(data []byte) bool {
	held := f.read(data)
	for _, c := range f.conditions {
		text := held[c.key]
		if is := (text != nil && c.accepts(*text)) != c.negated; is == f.any {
			return f.any // one that holds is enough, or one that does not
		}
	}
	return !f.any
}

// read is what the data holds under each key, as text; nil where that is nothing.
func (f dataFilter) read(data []byte) []*string {
	held := make([]*string, len(f.keys))
	var fields map[string]json.RawMessage
	if json.Unmarshal(data, &fields) != nil {
		return held
	}
	for i, key := range f.keys {
		raw := fields[key]
		text := string(raw)
		if len(raw) == 0 || text == "null" {
			continue
		}
		if raw[0] == '"' {
			json.Unmarshal(raw, &text) // it is valid: it was just read
		}
		held[i] = &text
	}
	return held
}

// accepting is whether a condition holds for a text.
func accepting(c roster.TaskCondition) func(held string) bool {
	switch {
	case c.Is == roster.Held:
		return func(string) bool { return true }
	case c.Numbers && c.Is == roster.InList:
		return amongNumbers(c.Values)
	case c.Is == roster.InList:
		return amongTexts(c.Values)
	case c.Is == roster.Contains || c.Is == roster.StartsWith || c.Is == roster.EndsWith:
		return alike(c.Is, strings.ToLower(c.Values[0]))
	case c.Numbers:
		return numbered(c)
	}
	return comparing(c.Is, func(held string, n int) int { return strings.Compare(held, c.Values[n]) })
}

func amongTexts(values []string) func(string) bool {
	set := make(map[string]bool, len(values))
	for _, v := range values {
		set[v] = true
	}
	return func(held string) bool { return set[held] }
}

// amongNumbers sorts the numbers, so that those that are the same, however they are
// written, are found as one.
func amongNumbers(values []string) func(string) bool {
	sorted := numbers(values)
	slices.SortFunc(sorted, roster.Number.Compare)
	return func(held string) bool {
		n, ok := roster.ParseNumber(held)
		if !ok {
			return false
		}
		_, found := slices.BinarySearchFunc(sorted, n, roster.Number.Compare)
		return found
	}
}

func numbers(values []string) []roster.Number {
	out := make([]roster.Number, len(values))
	for i, v := range values {
		out[i], _ = roster.ParseNumber(v)
	}
	return out
}

// alike compares text, ignoring case.
func alike(is roster.Comparison, value string) func(string) bool {
	compare := map[roster.Comparison]func(string, string) bool{
		roster.Contains: strings.Contains, roster.StartsWith: strings.HasPrefix, roster.EndsWith: strings.HasSuffix,
	}[is]
	return func(held string) bool { return compare(strings.ToLower(held), value) }
}

// numbered compares numbers: what is none is neither more nor less than one.
func numbered(c roster.TaskCondition) func(string) bool {
	values := numbers(c.Values)
	is := comparing(c.Is, func(held roster.Number, value int) int { return held.Compare(values[value]) })
	return func(held string) bool {
		n, ok := roster.ParseNumber(held)
		return ok && is(n)
	}
}

// comparing is a comparison by where what is held stands to the values.
func comparing[T any](is roster.Comparison, order func(held T, value int) int) func(held T) bool {
	return map[roster.Comparison]func(T) bool{
		roster.Equal:          func(held T) bool { return order(held, 0) == 0 },
		roster.Greater:        func(held T) bool { return order(held, 0) > 0 },
		roster.GreaterOrEqual: func(held T) bool { return order(held, 0) >= 0 },
		roster.Less:           func(held T) bool { return order(held, 0) < 0 },
		roster.LessOrEqual:    func(held T) bool { return order(held, 0) <= 0 },
		roster.InRange:        func(held T) bool { return order(held, 0) >= 0 && order(held, 1) <= 0 },
	}[is]
}
