package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"roster"
)

// Label Studio keeps each label that annotations and drafts of a project ever had, and writes
// all of them anew with each that is saved. What it takes for labels is found here.

const (
	maxSaid      = 4 << 20   // bytes of different labels in one request
	maxSaidCount = 50_000    // of those
	maxSaidAt    = 256 << 10 // bytes of JSON of the labels of one result
	maxLists     = 50        // lists in the value of one result
)

// label is one, and the control that it is of. A list that stands for one label is said as
// Label Studio writes it.
type label struct{ from, text string }

// weighs is about how much longer a label makes what has all of them, in bytes.
func (l label) weighs() int { return len(l.text) + 10 }

// labelsSaid is the labels of a request that its configuration does not have, if that is known.
type labelsSaid struct {
	all   map[label]struct{}
	bytes int
}

var (
	tooManyLabels = roster.InvalidField("result",
		"The results of one request have at most %d different labels, of %d MiB in all; in an import, besides those of "+
			"the labeling configuration. Send them in parts. Nothing was changed.", maxSaidCount, maxSaid>>20)
	tooLongLabels = roster.InvalidField("result",
		"The labels of one result have at most %d KiB, and its value at most %d lists. Nothing was changed.",
		maxSaidAt>>10, maxLists)
)

// add takes a label in.
func (s *labelsSaid) add(l label) error {
	if _, there := s.all[l]; there {
		return nil
	}
	if s.all == nil {
		s.all = map[label]struct{}{}
	}
	s.all[l] = struct{}{}
	if s.bytes += l.weighs(); s.bytes > maxSaid || len(s.all) > maxSaidCount {
		return tooManyLabels
	}
	return nil
}

// lists holds the lists in the value of one result, as long as it is not known which of them
// has its labels.
type lists struct {
	within  bool // the value
	reading bool
	all     []namedList
}

// namedList is a list, and the field that it is the value of.
type namedList struct {
	name string
	raw  []byte // nil: longer than labels are
}

// opened is the beginning of a list or an object, so deep in a result.
func (l *lists) opened(depth int, name string, c byte) {
	switch {
	case depth == 2:
		l.within = name == "value" && c == '{'
	case depth == 3 && c == '[' && l.within && len(l.all) <= maxLists:
		l.reading, l.all = true, append(l.all, namedList{name, []byte{}})
	}
}

// keep is a byte that may be of a list: its first is read before it is one.
func (l *lists) keep(c byte) {
	if !l.reading {
		return
	}
	last := &l.all[len(l.all)-1]
	if last.raw = append(last.raw, c); len(last.raw) > maxSaidAt {
		last.raw, l.reading = nil, false
	}
}

// labels are those of a result of a type.
func (l *lists) labels(k kind) (all []label, err error) {
	name := k.what
	switch {
	case len(l.all) > maxLists:
		return nil, tooLongLabels
	case name == "text": // which are texts, and no labels
		return nil, nil
	case name == "videorectangle":
		name = "labels"
	}
	for _, list := range l.all {
		if list.name != name {
			continue
		}
		if list.raw == nil {
			return nil, tooLongLabels
		}
		for _, text := range labelsIn(list.raw, name == "taxonomy") {
			all = append(all, label{k.from, text})
		}
	}
	return all, nil
}

// labelsIn are the labels of a list that lacks its first byte. What is no JSON has none: the
// upstream refuses it.
func labelsIn(rest []byte, paths bool) (all []string) {
	var items []any
	r := json.NewDecoder(strings.NewReader("[" + string(rest)))
	r.UseNumber()
	if r.Decode(&items) != nil {
		return nil
	}
	for _, item := range items {
		path, isPath := item.([]any)
		if !isPath || !paths {
			path = []any{item}
		}
		for _, step := range path {
			all = append(all, asPython(step))
		}
	}
	return all
}

// asPython is a value as Label Studio makes a label of it: a text as it is, and else about what
// Python writes.
func asPython(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			if items[i] = asPython(item); isWords(item) {
				items[i] = quotedAsPython(items[i])
			}
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	return fmt.Sprint(v)
}

func quotedAsPython(text string) string {
	text = strings.ReplaceAll(text, `\`, `\\`)
	if strings.Contains(text, "'") && !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return "'" + strings.ReplaceAll(text, "'", `\'`) + "'"
}

// says takes in the labels of a result that has ended.
func (s *jsonScale) says(k kind) error {
	all, err := s.lists.labels(k)
	if err != nil {
		return err
	}
	said := s.saidLabels()
	for _, l := range all {
		if s.likely != nil && s.likely.by.knows(l) {
			continue
		}
		if err := said.add(l); err != nil {
			return err
		}
	}
	return nil
}

// saidLabels is where they are: of an import, one for all of its files.
func (s *jsonScale) saidLabels() *labelsSaid {
	if s.likely != nil {
		return &s.likely.said
	}
	return &s.said
}

// labelsOf are the labels of what was weighed whole.
func (s *jsonScale) labelsOf() []label { return slices.Collect(maps.Keys(s.said.all)) }

// knows reports whether the configuration has a label.
func (l labeling) knows(said label) bool {
	return l.some(said.from, func(c *control) bool {
		_, there := c.labels[said.text]
		_, path := c.paths[said.text]
		return there || path
	})
}

// fromData are the fields of a task from which a control's labels come.
func (l labeling) fromData(name string) (fields []string) {
	l.some(name, func(c *control) bool {
		fields = append(fields, c.fields...)
		return false
	})
	return fields
}

// some reports whether something holds of a control of a name, with the index of a Repeater or
// without.
func (l labeling) some(name string, holds func(*control) bool) bool {
	if c := l.controls[name]; c != nil && holds(c) {
		return true
	}
	if len(l.flags) == 0 {
		return false
	}
	for called, c := range l.controls {
		if l.stands(called, name) && holds(c) {
			return true
		}
	}
	return false
}

// fieldIn is the field of a task that a value such as $labels or $pages[0].labels begins at; ""
// for none.
func fieldIn(value string) string {
	name, refers := strings.CutPrefix(value, "$")
	if i := strings.IndexAny(name, ".[{"); i >= 0 {
		name = name[:i]
	}
	if !refers {
		return ""
	}
	return name
}

// textsIn are the texts and numbers in fields of a task's data, however deep.
func textsIn(data json.RawMessage, fields []string) map[string]bool {
	var all map[string]any
	r := json.NewDecoder(strings.NewReader(string(data)))
	r.UseNumber()
	if r.Decode(&all) != nil {
		return nil
	}
	texts := map[string]bool{}
	for _, name := range fields {
		gather(all[name], texts)
	}
	return texts
}

func gather(v any, texts map[string]bool) {
	switch v := v.(type) {
	case string, json.Number:
		texts[fmt.Sprint(v)] = true
	case []any:
		for _, item := range v {
			gather(item, texts)
		}
	case map[string]any:
		for _, item := range v {
			gather(item, texts)
		}
	}
}

// besides are the labels that are not the configuration's, and not of the task's data where the
// configuration takes them from there.
func (f *flight) besides(labels []label, by labeling) ([]label, error) {
	labels = slices.DeleteFunc(slices.Clone(labels), by.knows)
	dynamic := slices.ContainsFunc(labels, func(l label) bool { return len(by.fromData(l.from)) > 0 })
	if !dynamic || f.task == 0 {
		return labels, nil
	}
	f.inquired = true
	task, err := f.gate.upstream.task(f.r.Context(), f.project, f.task, ",data")
	if err != nil || task == nil {
		return labels, err
	}
	there := map[string]map[string]bool{}
	return slices.DeleteFunc(labels, func(l label) bool {
		if there[l.from] == nil {
			there[l.from] = textsIn(task.Data, by.fromData(l.from))
		}
		return there[l.from][l.text]
	}), nil
}
