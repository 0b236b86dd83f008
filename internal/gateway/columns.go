package gateway

import (
	"encoding/json"
	"slices"
	"strings"
)

// The columns of the upstream's list of tasks. People choose and order tasks by
// nothing else: the upstream would take every field of its store for a column,
// and some ways from there into other tables.
var (
	openColumns = []string{
		"id", "inner_id", "completed_at", "total_annotations", "cancelled_annotations", "total_predictions",
		"predictions_score",
		"predictions_model_versions", "predictions_results", "file_upload", "storage_filename", "created_at", "updated_at",
	}
	// reviewColumns tell what others did, and are for those who review.
	reviewColumns = []string{"annotations_results", "annotations_ids", "updated_by", "avg_lead_time", "draft_exists"}
)

// annotatorsColumn is for everybody where it is about themselves.
const annotatorsColumn = "annotators"

// dataColumn reports whether a column is a field of what is labeled, which
// everybody sees who sees the task.
func dataColumn(name string) bool {
	field, ok := strings.CutPrefix(name, "data.")
	return ok && field != "" && len(field) <= maxText && !lookup(name)
}

// lookup reports whether the upstream may take part of a column for a regular
// expression to look for, as in data.regex.
func lookup(name string) bool {
	parts := strings.Split(strings.ReplaceAll(name, "data.", "data__"), "__") // as it does
	return slices.Contains(parts, "regex") || slices.Contains(parts, "iregex")
}

// chooses reports whether the person may choose tasks by a filter's column.
func (f *flight) chooses(by filter) bool {
	switch {
	case f.reviews && slices.Contains(reviewColumns, by.column), dataColumn(by.column):
		return true
	case by.column == annotatorsColumn:
		return f.reviews || by.about(f.actor().UserID)
	case by.column == "predictions_results" && by.operator == "empty": // of annotations, whatever it says
		return f.reviews
	}
	return slices.Contains(openColumns, by.column)
}

// orders reports whether the person may order tasks by a column.
func (f *flight) orders(column string) bool {
	return dataColumn(column) || slices.Contains(openColumns, column) ||
		f.reviews && (column == annotatorsColumn || slices.Contains(reviewColumns, column))
}

// about reports whether a filter asks who annotated, and means one person.
func (by filter) about(person int64) bool {
	raw, err := json.Marshal(by.value)
	if err != nil {
		return false
	}
	id, err := number(raw)
	return err == nil && id == person && (by.operator == "contains" || by.operator == "not_contains")
}

// columnsFor lets people who do not review use the columns by which they may
// choose. The others stay, so that tabs that show them open, and are switched off.
func columnsFor(f *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok {
		return nil, unexpected("the list of columns")
	}
	columns, err := each(o["columns"], "the list of columns", func(c map[string]any) (bool, error) {
		name, _ := c["id"].(string)
		if f.reviews || c["parent"] == "data" || name == "data" || name == annotatorsColumn ||
			slices.Contains(openColumns, name) {
			return true, nil
		}
		c["disabled"], c["orderable"] = true, false
		c["visibility_defaults"] = map[string]any{"explore": false, "labeling": false}
		return true, nil
	})
	o["columns"] = columns
	return o, err
}

// ownTotals takes everybody's answers out of a project's summary, for people who
// do not review, and what stands in drafts for everybody: a draft is not said yet.
// The names of the data stay, which the screens read.
func ownTotals(f *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok {
		return nil, unexpected("the summary")
	}
	emptied := []string{"created_labels_drafts"}
	if !f.reviews {
		emptied = append(emptied, "created_annotations", "created_labels")
	}
	for _, name := range emptied {
		o[name] = map[string]any{}
	}
	return o, nil
}
