package gateway

import "regexp"

// What a field may name besides the kinds of things that lookups has.
const (
	person    = "person"    // whose work something is, or who agreed to it: oneself, and nobody else
	household = "household" // the one that everybody is in
	nobodys   = "nobody's"  // what is not for a request to say
)

// inQuery and inBody say which parameters and fields name what, wherever they
// stand: no rule has to ask for them. With harmless and freeform they decide about every
// field that the upstream takes; a test holds them against its own lists.
var (
	inQuery = map[string]string{
		"project": "project", "project_id": "project", "task__project": "project", "view": "view", "task": "task",
		"annotation": "annotation",
	}
	inBody = map[string]string{
		"project": "project", "project_id": "project", "task": "task", "view": "view",
		"annotation": "annotation", "source_annotation_id": "annotation", "parent_annotation": "annotation",
		"prediction": "prediction", "parent_prediction": "prediction", "draft_id": "draft",
		"file_upload_ids": "file", "file_upload": "file", "model": "ml", "label": "label",
		"completed_by": person, "created_by": person, "last_created_by": person, "updated_by": person, "approved_by": person,
		"user": person, "comment_authors": person,
		"organization": household, "active_organization": household,
		"file_upload_id": nobodys, "filter_group_id": nobodys, "model_run": nobodys, "parent": nobodys,
	}
)

// harmless are the fields and parameters that look as if they named something, and
// why they name nothing of anybody's.
var harmless = map[string]string{
	"id": "the path says which; a body is asked only about storages, where the rule says so; " +
		"in a query it is an action",
	"ids": "of projects: those that the person sees; of tabs and files: the upstream looks " +
		"among the project's",
	"ids[]":                     "tasks to export: the upstream looks among the project's",
	"included":                  "tasks: the upstream looks among the project's",
	"excluded":                  "likewise",
	"selectedItems":             "likewise",
	"selected_items":            "likewise",
	"pk":                        "the upstream's own code says it to itself",
	"return_task_ids":           "a switch",
	"annotations__completed_by": "how much of it an export shows",
	"annotator":                 "whose work in the project an action is about",
	"triggered_by":              "who did it, to choose from the history of one thing",
	"label__created_by":         "who made it, to choose among the project's labels",
	"inner_id":                  "a number within the project",
	"import_id":                 "what the id was where something came from",
	"unique_id":                 "a text that the client makes up",
	"cluster":                   "a number that a model makes up",
	"aws_access_key_id":         "a credential",
	"aws_sse_kms_key_id":        "the name of a key at a cloud",
	"google_project_id":         "a project of Google's",
	"only_id":                   "a switch",
}

// freeform are the fields in which people write what they like: nothing in them is
// looked up by its id.
var freeform = map[string]string{
	"data":                "of a task, what is labeled; of a tab, how it looks, with filters and their values",
	"meta":                "what a client adds to a task",
	"result":              "labels",
	"value":               "what a filter compares with; of a label, its text",
	"old_label":           "the text of a label",
	"new_label":           "the text of a label",
	"ordering":            "columns",
	"context":             "labels for a model",
	"neighbors":           "what a model makes up",
	"extra_params":        "for a model",
	"headers":             "for a hook's address",
	"transition_data":     "the words of a change of state",
	"interaction_data":    "how far a tour came",
	"custom_hotkeys":      "keys",
	"control_weights":     "numbers by the names of labels",
	"parsed_label_config": "the labeling configuration again, which the upstream does not take",
	"counters":            "numbers of an export, which the upstream makes itself",
	"converted_formats":   "files of an export, which the upstream makes itself",
}

// idLike is how fields that name something are called, mostly.
var idLike = regexp.MustCompile(`(^|_)(id|ids|pk|pks)(\[\])?$|_by$`)

// undecided reports whether a field looks as if it named something of which
// nobody has said what it is: a newer upstream may look it up.
func undecided(name string) bool {
	return idLike.MatchString(name) && inBody[name] == "" && harmless[name] == "" && freeform[name] == ""
}
