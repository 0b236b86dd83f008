package store

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"roster"
)

// opposites are the comparisons that hold where another does not.
var opposites = map[roster.Comparison]roster.Comparison{
	roster.NotEqual: roster.Equal, roster.NotInList: roster.InList, roster.NotInRange: roster.InRange, roster.NotContains: roster.Contains, roster.NotHeld: roster.Held,
}

// matchesTask reports whether t is one of the tasks that f is about.
func matchesTask(f roster.TaskFilter, t roster.Task) bool {
	if len(f.Conditions) == 0 {
		return true
	}
	holds := func(c roster.TaskCondition) bool { return taskCondition{c}.holds(t) }
	if f.Any {
		return slices.ContainsFunc(f.Conditions, holds)
	}
	return !slices.ContainsFunc(f.Conditions, func(c roster.TaskCondition) bool { return !holds(c) })
}

// taskCondition decides about one task after another.
type taskCondition struct{ roster.TaskCondition }

func (c taskCondition) holds(t roster.Task) bool {
	if is, ok := opposites[c.Is]; ok {
		c.Is = is
		return !c.holds(t)
	}
	return slices.ContainsFunc(c.held(t), c.accepts)
}

// held is what the column of a task holds, as text: nothing, one thing, or several.
func (c taskCondition) held(t roster.Task) (out []string) {
	switch c.Column {
	case roster.TaskID:
		return []string{strconv.FormatInt(t.ID, 10)}
	case roster.TaskNumber:
		return []string{strconv.FormatInt(t.Number, 10)}
	case roster.TaskAnnotators:
		if t.Given == nil {
			return nil
		}
		for _, id := range t.Given.Annotators {
			out = append(out, strconv.FormatInt(id, 10))
		}
	case roster.TaskData:
		return dataField(t.Data, c.Key)
	}
	return out
}

// dataField is a field of a task's data as text; nothing where it is absent or null.
func dataField(data, key string) []string {
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(data), &fields) != nil {
		return nil
	}
	raw := fields[key]
	var text string
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil
	case json.Unmarshal(raw, &text) == nil:
		return []string{text}
	}
	return []string{string(raw)}
}

// accepts reports whether one thing that a column holds is as the condition says.
func (c taskCondition) accepts(held string) bool {
	one := func(is func(order int) bool) bool {
		return slices.ContainsFunc(c.Values, func(v string) bool {
			order, ok := c.compare(held, v)
			return ok && is(order)
		})
	}
	switch c.Is {
	case roster.Held:
		return true
	case roster.Equal, roster.InList:
		return one(func(order int) bool { return order == 0 })
	case roster.Greater:
		return one(func(order int) bool { return order > 0 })
	case roster.GreaterOrEqual:
		return one(func(order int) bool { return order >= 0 })
	case roster.Less:
		return one(func(order int) bool { return order < 0 })
	case roster.LessOrEqual:
		return one(func(order int) bool { return order <= 0 })
	case roster.InRange:
		low, okLow := c.compare(held, c.Values[0])
		high, okHigh := c.compare(held, c.Values[1])
		return okLow && okHigh && low >= 0 && high <= 0
	}
	return c.looksLike(held)
}

// looksLike compares text, ignoring case. What holds several things contains a value
// where it is one of them.
func (c taskCondition) looksLike(held string) bool {
	held, value := strings.ToLower(held), strings.ToLower(c.Values[0])
	switch {
	case c.Column == roster.TaskAnnotators:
		return held == value
	case c.Is == roster.Contains:
		return strings.Contains(held, value)
	case c.Is == roster.StartsWith:
		return strings.HasPrefix(held, value)
	}
	return c.Is == roster.EndsWith && strings.HasSuffix(held, value)
}

// compare orders what is held and a value; not ok where they are to be numbers and are
// none.
func (c taskCondition) compare(held, value string) (order int, ok bool) {
	if !c.Numbers {
		return cmp.Compare(held, value), true
	}
	a, errA := strconv.ParseInt(held, 10, 64)
	b, errB := strconv.ParseInt(value, 10, 64)
	if errA == nil && errB == nil {
		return cmp.Compare(a, b), true
	}
	x, errX := strconv.ParseFloat(held, 64)
	y, errY := strconv.ParseFloat(value, 64)
	return cmp.Compare(x, y), errX == nil && errY == nil
}
