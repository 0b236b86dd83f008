package gateway

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
)

// What an action on many tasks writes into each of them stands in the request once, and in
// the tasks as often as there are.
const (
	maxArgument = 4000     // bytes of JSON that one field of an action has
	maxLabel    = 200      // bytes of JSON of a label that takes the place of another
	maxCopied   = 16 << 10 // bytes of labels in an annotation that is copied to other tasks
)

// newLabels are the fields of actions that name a label for another one: an annotation has
// one as often as it likes.
var newLabels = []string{"new_label_name", "new_label"}

// chosen are the fields of an action that say on which tasks. They have bounds of their own
// (search.go).
var chosen = []string{"filters", "ordering", "selectedItems", "data", "project"}

// saysWhich refuses an action that says nothing: the upstream takes that for all tasks of the
// project, and a body that got lost on the way says nothing.
func saysWhich(_ http.ResponseWriter, f *flight) (bool, error) {
	if f.query.get("id") != "" && (f.body == nil || f.body.saysNothing()) {
		return false, roster.InvalidField("selectedItems",
			"Say which tasks, as {\"selectedItems\": {\"all\": false, \"included\": [1, 2]}}. Nothing was changed.")
	}
	return false, nil
}

// boundedAction refuses actions that make much of little, too.
func boundedAction(w http.ResponseWriter, f *flight) (bool, error) {
	if _, err := saysWhich(w, f); err != nil {
		return false, err
	}
	if f.body == nil || f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return false, nil
	}
	for _, o := range f.body.objects {
		if err := inTurn(o.shortArguments, o.doesNotGrow, func() error { return f.copiesLittle(o) }); err != nil {
			return false, err
		}
	}
	return false, nil
}

// saysNothing reports whether there is nothing but the project, which the gate writes itself.
func (c *content) saysNothing() bool {
	return !slices.ContainsFunc(c.objects, func(o object) bool {
		return slices.ContainsFunc(o, func(m member) bool { return m.name != "project" })
	})
}

// shortArguments refuses a long text for every task, or every label.
func (o object) shortArguments() error {
	for _, m := range o {
		most := maxArgument
		if slices.Contains(newLabels, m.name) {
			most = maxLabel
		}
		if len(m.value) > most && !slices.Contains(chosen, m.name) {
			return roster.InvalidField(m.name,
				"Must be at most %d bytes: it would be written as often as there are tasks or labels. Nothing was changed.", most)
		}
	}
	return nil
}

// replacing is the expression with which the upstream replaces one text in a field by
// another, with texts that it reads as they are written.
var replacing = regexp.MustCompile(`^replace\(\s*["']([^"'\\(),;\[\]]+)["']\s*,\s*["']([^"'\\(),;\[\]]*)["']\s*\)$`)

// doesNotGrow refuses an expression that makes the data of tasks larger by as much as it
// likes: twice, and it is the square. What the others make has the size of the request.
func (o object) doesNotGrow() error {
	kind, _ := o.get("value_type")
	value, _ := o.get("value")
	expression := unquoted(value)
	if unquoted(kind) != "Expression" || !strings.HasPrefix(expression, "replace(") {
		return nil
	}
	if texts := replacing.FindStringSubmatch(expression); texts != nil && len(texts[2]) <= len(texts[1]) {
		return nil
	}
	return roster.InvalidField("value",
		"The new text must be no longer than the old one, both in plain characters: only the Owner replaces a text by "+
			"a longer one, "+
			"which could fill all of Label Studio's memory. Change the tasks one by one, or import them anew. "+
			"Nothing was changed.")
}

// copiesLittle refuses to copy a large annotation to all the tasks that are chosen.
func (f *flight) copiesLittle(o object) error {
	if f.query.get("id") != "propagate_annotations" {
		return nil
	}
	raw, _ := o.get("source_annotation_id")
	id, err := number(raw)
	if err != nil || id == 0 {
		return roster.InvalidField("source_annotation_id", "Must be an annotation of the project. Nothing was changed.")
	}
	var source struct{ Result json.RawMessage }
	if err := f.ask("/api/annotations/"+formatID(id)+"/", url.Values{}, &source); err != nil {
		return err
	}
	if len(source.Result) > maxCopied {
		return roster.InvalidField("source_annotation_id",
			"The annotation has more than %d KiB of labels, which only the Owner copies to other tasks. Nothing was changed.",
			maxCopied>>10)
	}
	return nil
}
