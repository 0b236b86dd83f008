package gateway

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"

	"roster"
)

// hidden are the columns of a list of tasks that tell what others answered, and
// the fields that the upstream takes for columns too.
var hidden = []string{
	"annotations_results", "annotations_ids", "annotators", "updated_by",
	"annotations", "comment_authors", "drafts", "locks", "precomputed_agreement", "updated_by_id",
}

// choices are the fields by which a question chooses and orders tasks: its own
// filters and order, a tab's, and the data of a tab, which holds them too.
var choices = []string{"filters", "ordering", "filter_group"}

// searches refuses to choose or order tasks by what others answered, to people
// who do not review: which tasks come, and when, would tell it.
func (f *flight) searches() error {
	if f.reviews || f.project == 0 {
		return nil
	}
	questions := []object{}
	if text := f.query.get("query"); f.rule.assign && text != "" { // no other rule reads it
		unescaped, err := url.PathUnescape(text) // the upstream decodes it once more
		if err != nil {
			return unreadable("query")
		}
		c, err := parse([]byte(unescaped))
		if err != nil {
			return roster.InvalidField("query", "Must be a JSON object. Nothing was done.")
		}
		questions = c.objects
	}
	if f.body != nil {
		questions = append(questions, f.body.objects...)
	}
	for _, q := range questions {
		if q.byHidden() {
			return roster.Errorf(roster.Forbidden, "Only reviewers choose or order tasks by what others answered. Nothing was done.")
		}
	}
	return nil
}

func (o object) byHidden() bool {
	for _, m := range o {
		var value any
		if (slices.Contains(choices, m.name) || m.name == "data") && json.Unmarshal(m.value, &value) == nil && byHidden(value, m.name != "data") {
			return true
		}
	}
	return false
}

// byHidden reports whether a hidden column is named in a choice; choosing says
// that v is within one. What a column is compared with names none.
func byHidden(v any, choosing bool) bool {
	switch v := v.(type) {
	case string: // as in -tasks:annotators, filter:tasks:annotators
		return choosing && slices.Contains(hidden, v[strings.LastIndexAny(v, ":-+")+1:])
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return byHidden(item, choosing) })
	case map[string]any:
		for name, item := range v {
			compared := choosing && name == "value"
			if !compared && byHidden(item, choosing || slices.Contains(choices, name)) {
				return true
			}
		}
	}
	return false
}
