package app_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// heldByTasks is what fields of the data hold, nothing and odd numbers among it.
var heldByTasks = []string{
	`{}`, `{"a": null}`, `{"a": "Stop"}`, `{"a": "STOP sign", "b": 2}`, `{"a": "", "b": 2.0}`,
	`{"a": "Ångström", "b": "2"}`, `{"b": "nan"}`,
	`{"b": -1e3}`, `{"b": 9007199254740993}`, `{"a": true, "b": [2]}`, `{"a": {"b": 2}, "b": false}`,
	`{"b": "10", "a": "10"}`,
}

// taskMatches is the reference model of a filter of tasks: condition by condition, in plain
// words, with numbers as float64 and whole ones as int64.
func taskMatches(f roster.TaskFilter, id, number int64, data string, annotators []int64) bool {
	one := func(c roster.TaskCondition) bool {
		switch is, negated := map[roster.Comparison]roster.Comparison{
			"not_equal": "equal", "not_in_list": "in_list", "not_in": "in", "not_contains": "contains", "not_exists": "exists",
		}[c.Is]; {
		case negated:
			c.Is = is
			return !slices.ContainsFunc(columnOf(c, id, number, data, annotators),
				func(held string) bool { return accepted(c, held) })
		}
		return slices.ContainsFunc(columnOf(c, id, number, data, annotators),
			func(held string) bool { return accepted(c, held) })
	}
	if f.Any && len(f.Conditions) > 0 {
		return slices.ContainsFunc(f.Conditions, one)
	}
	return !slices.ContainsFunc(f.Conditions, func(c roster.TaskCondition) bool { return !one(c) })
}

func columnOf(c roster.TaskCondition, id, number int64, data string, annotators []int64) (held []string) {
	switch c.Column {
	case roster.TaskID:
		return []string{fmt.Sprint(id)}
	case roster.TaskNumber:
		return []string{fmt.Sprint(number)}
	case roster.TaskAnnotators:
		for _, a := range annotators {
			held = append(held, fmt.Sprint(a))
		}
	case roster.TaskData:
		var fields map[string]json.RawMessage
		var text string
		if err := json.Unmarshal([]byte(data), &fields); err != nil {
			panic(err)
		}
		if raw := fields[c.Key]; raw != nil && string(raw) != "null" {
			if json.Unmarshal(raw, &text) != nil {
				text = string(raw)
			}
			return []string{text}
		}
	}
	return held
}

func accepted(c roster.TaskCondition, held string) bool {
	order := func(n int) (int, bool) {
		v := c.Values[n]
		if !c.Numbers {
			return strings.Compare(held, v), true
		}
		a, errA := strconv.ParseInt(held, 10, 64)
		b, errB := strconv.ParseInt(v, 10, 64)
		if errA == nil && errB == nil {
			return int(max(-1, min(1, a-b))), true
		}
		x, errX := strconv.ParseFloat(held, 64)
		y, errY := strconv.ParseFloat(v, 64)
		if x < y {
			return -1, errX == nil && errY == nil && held != "nan"
		} else if x > y {
			return 1, errX == nil && errY == nil && held != "nan"
		}
		return 0, errX == nil && errY == nil && held != "nan"
	}
	is := func(n int, want ...int) bool { o, ok := order(n); return ok && slices.Contains(want, o) }
	switch c.Is {
	case "exists":
		return true
	case "equal":
		return is(0, 0)
	case "greater":
		return is(0, 1)
	case "greater_or_equal":
		return is(0, 0, 1)
	case "less":
		return is(0, -1)
	case "less_or_equal":
		return is(0, -1, 0)
	case "in":
		return is(0, 0, 1) && is(1, -1, 0)
	case "in_list":
		return slices.ContainsFunc(c.Values, func(v string) bool { n := slices.Index(c.Values, v); return is(n, 0) })
	}
	text, value := strings.ToLower(held), strings.ToLower(c.Values[0])
	if c.Column == roster.TaskAnnotators {
		return held == c.Values[0]
	}
	return c.Is == "contains" && strings.Contains(text, value) ||
		c.Is == "starts_with" && strings.HasPrefix(text, value) ||
		c.Is == "ends_with" && strings.HasSuffix(text, value)
}

// anyCondition draws a condition that the wire lets through.
func anyCondition(t *rapid.T, ids, people []int64) roster.TaskCondition {
	numeric := []roster.Comparison{
		"equal", "not_equal", "greater", "greater_or_equal", "less", "less_or_equal", "in", "not_in", "in_list",
		"not_in_list",
	}
	words := slices.Concat(numeric, []roster.Comparison{"contains", "not_contains", "starts_with", "ends_with",
		"exists", "not_exists"})
	c := roster.TaskCondition{
		Column: rapid.SampledFrom([]roster.TaskColumn{"id", "inner_id", "annotators", "completed_at", "data", "data"}).
			Draw(t, "column"),
		Numbers: true,
	}
	operators, values := numeric, []string{"-1", "1", "2", "4", "7", fmt.Sprint(ids[1]), fmt.Sprint(ids[3])}
	switch c.Column {
	case roster.TaskAnnotators:
		operators, values = []roster.Comparison{
			"equal", "not_equal", "in_list", "not_in_list", "contains", "not_contains", "exists", "not_exists",
		}, []string{fmt.Sprint(people[0]), fmt.Sprint(people[1]), "99"}
	case roster.TaskCompletedAt:
		c.Numbers, operators, values = false, []roster.Comparison{
			"equal", "not_equal", "less", "not_in", "exists", "not_exists",
		}, []string{"2026-01-01", "2026-02-01"}
	case roster.TaskData:
		c.Key = rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key")
		if c.Numbers = rapid.Bool().Draw(t, "numbers"); c.Numbers {
			operators, values = append(slices.Clone(numeric), "exists", "not_exists"), []string{
				"2", "2.0", "2e0", "-1000", "9007199254740992", "9007199254740993", "1.5", "10",
			}
		} else {
			operators, values = words, []string{"stop", "Stop", "ÅNG", "10", "2", "true", "s", "[2]"}
		}
	}
	c.Is = rapid.SampledFrom(operators).Draw(t, "operator")
	least, most := 1, 1
	switch {
	case strings.HasSuffix(string(c.Is), "in_list"):
		most = 4
	case c.Is == "in" || c.Is == "not_in":
		least, most = 2, 2
	case strings.HasSuffix(string(c.Is), "exists"):
		least, most = 0, 0
	}
	c.Values = rapid.SliceOfN(rapid.SampledFrom(values), least, most).Draw(t, "values")
	return c
}

// TestTaskFilters: the tasks that a filter is about, partly found in SQL and partly by
// reading them, are those of a matcher in plain Go.
func TestTaskFilters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p, other := w.Project("Street signs", 0), w.Project("Crosswalks", 0)
		a, b := w.Person(roster.RoleAnnotator), w.Person(roster.RoleAnnotator)
		w.Assign(p, a, b)
		w.Assign(other, a)
		give(w, other, a, madeTasks(w, other, 2)...)
		ids, err := w.App.CreateTasks(w.As(w.Owner), p, heldByTasks)
		must(t, err)
		give(w, p, a, ids[1:5]...)
		give(w, p, b, ids[4:8]...)
		_, err = w.App.AssignTasks(w.As(w.Owner), p, roster.TaskSelector{Included: ids[:2]}, roster.Review, []int64{b})
		must(t, err)
		given := map[int64][]int64{}
		for _, id := range ids {
			open, err := db.Assignees(t.Context(), id, roster.Annotate)
			must(t, err)
			for _, o := range open {
				given[id] = append(given[id], o.UserID)
			}
		}
		rapid.Check(t, func(rt *rapid.T) {
			s := roster.TaskSelector{All: true, Filter: roster.TaskFilter{Any: rapid.Bool().Draw(rt, "any")}}
			for range rapid.IntRange(1, 4).Draw(rt, "conditions") {
				s.Filter.Conditions = append(s.Filter.Conditions, anyCondition(rt, ids, []int64{a, b}))
			}
			want := []int64{}
			for i, id := range ids {
				if taskMatches(s.Filter, id, int64(i+1), heldByTasks[i], given[id]) {
					want = append(want, id)
				}
			}
			got, err := db.SelectedTasks(t.Context(), p, s, nil)
			if err != nil || !slices.Equal(got, want) {
				rt.Fatalf("%+v: %v %v, want %v", s.Filter, got, err, want)
			}
		})
	})
}

// TestTasksAreReadBeforeAnythingIsLocked: what was read before is used, and a task that
// changed since, in the same microsecond even, that is new or that went is noticed.
func TestTasksAreReadBeforeAnythingIsLocked(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		p := w.Project("Street signs", 0)
		ids, err := w.App.CreateTasks(w.As(w.Owner), p, []string{`{"a": "x"}`, `{"a": "x"}`, `{"a": "y"}`, `{"a": "y"}`})
		must(t, err)
		of := func(text string) roster.TaskSelector {
			return roster.TaskSelector{All: true, Filter: roster.TaskFilter{Conditions: []roster.TaskCondition{
				{Column: roster.TaskData, Key: "a", Is: roster.Equal, Values: []string{text}},
			}}}
		}
		selected := func(s roster.TaskSelector, read store.TaskReading) []int64 {
			t.Helper()
			got, err := db.SelectedTasks(t.Context(), p, s, read)
			must(t, err)
			return got
		}
		read, err := db.ReadTasks(t.Context(), p, of("x"), nil)
		must(t, err)
		if got := selected(of("y"), read); !slices.Equal(got, ids[:2]) {
			t.Errorf("tasks that have not changed were read once more: %v", got)
		}
		for _, data := range []string{`{"a": "z"}`, `{"a": "y"}`} {
			for _, id := range []int64{ids[1], ids[3]} {
				task, err := db.Task(t.Context(), id)
				must(t, err)
				if id == ids[3] {
					data = `{"a": "x"}`
				}
				task.Data = data
				must(t, db.UpdateTask(t.Context(), task)) // at the time of the change before
			}
		}
		must(t, db.DeleteTasks(t.Context(), p, roster.TaskSelector{Included: ids[:1]}))
		more, err := w.App.CreateTasks(w.As(w.Owner), p, []string{`{"a": "x"}`})
		must(t, err)
		if got := selected(of("x"), read); !slices.Equal(got, []int64{ids[3], more[0]}) {
			t.Errorf("selected %v of %v %v", got, ids, more)
		}
		task, err := db.Task(t.Context(), ids[1])
		must(t, err)
		if task.UpdatedAt.Sub(task.CreatedAt) != 2*time.Microsecond {
			t.Errorf("changed at %s and %s", task.CreatedAt, task.UpdatedAt)
		}
	})
}
