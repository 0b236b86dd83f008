package lsapi

import (
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// setting is a writable field of the wire's project object that has a meaning
// there and none in Roster, which checks its type, keeps it, and gives it back.
type setting struct {
	name  string
	usual any // what a project answers that nobody set it on
	read  func(b *body, name string) any
}

// reviewPrefix marks the settings that lie in review_settings on the wire.
const reviewPrefix = "review_settings."

// task_data_password is not among them, and is refused: a secret that nothing uses is
// better not kept.
var projectSettings = []setting{
	{"agreement_methodology", "consensus", aChoice("consensus", "pairwise")},
	{"agreement_threshold", nil, aText(64)},
	{"annotation_limit_count", nil, aNumber(1, maxInteger)},
	{"annotation_limit_percent", nil, aText(64)},
	{"annotator_evaluation_continuous_tasks", 0, aNumber(0, maxInteger)},
	{"annotator_evaluation_enabled", false, aFlag},
	{"annotator_evaluation_metric", nil, aChoice("gt_agreement", "acceptance_score", "rejection_rate")},
	{"annotator_evaluation_minimum_score", "95.00", aText(64)},
	{"annotator_evaluation_minimum_tasks", 10, aNumber(0, maxInteger)},
	{"annotator_evaluation_onboarding_tasks", 0, aNumber(0, maxInteger)},
	{"comment_classification_config", "", aText(maxBody)},
	{"control_weights", map[string]any{}, anything},
	{"custom_interface_code", nil, aText(maxBody)},
	{"custom_interface_compiled", nil, aText(maxBody)},
	{"custom_interface_params", nil, anything},
	{"custom_script", "", aText(maxBody)},
	{"custom_task_lock_ttl", nil, aNumber(1, 86400)},
	{"enable_empty_annotation", true, aFlag},
	{"evaluate_predictions_automatically", false, aFlag},
	{"expert_instruction", "", aText(maxBody)},
	{"input_schema", nil, anything},
	{"internal_description", nil, anything},
	{"label_config", "<View></View>", aText(maxBody)},
	{"max_additional_annotators_assignable", nil, aNumber(0, maxInteger)},
	{"maximum_annotations", 1, aNumber(1, maxInteger)},
	{"min_annotations_to_start_training", 0, aNumber(0, maxInteger)},
	{"model_version", "", aText(maxBody)},
	{"output_schema", nil, anything},
	{"overlap_cohort_percentage", 100, aNumber(0, 100)},
	{"pause_on_failed_annotator_evaluation", false, aFlag},
	{"require_comment_on_skip", false, aFlag},
	{"reveal_preannotations_interactively", false, aFlag},
	{"sampling", "Sequential sampling", aChoice("Sequential sampling", "Uniform sampling", "Uncertainty sampling")},
	{"show_annotation_history", false, aFlag},
	{"show_collab_predictions", true, aFlag},
	{"show_ground_truth_first", false, aFlag},
	{"show_instruction", false, aFlag},
	{"show_overlap_first", false, aFlag},
	{"show_skip_button", true, aFlag},
	{"show_unused_data_columns_to_annotators", nil, aFlag},
	{"skip_queue", "REQUEUE_FOR_OTHERS", aChoice("REQUEUE_FOR_ME", "REQUEUE_FOR_OTHERS", "IGNORE_SKIPPED")},
	{"source_interface_id", nil, aNumber(0, maxInteger)},
	{"source_interface_version", nil, aNumber(0, maxInteger)},
	{"strict_task_overlap", true, aFlag},
	{"task_data_login", nil, aText(256)},
	{"use_custom_interface", false, aFlag},
}

// createdSettings are those that a project gets when it is made, and keeps.
var createdSettings = []setting{
	{"collection_mode", nil, aChoice("assigned", "open")},
}

// columnsPrefix marks the settings that lie in dm_column_defaults on the wire: which
// columns the Data Manager shows at first. What an update leaves out stays.
const columnsPrefix = "dm_column_defaults."

var columnSettings = []setting{
	{"explore", nil, anObject},
	{"labeling", nil, anObject},
}

var reviewSettings = []setting{
	{"allowed_reject_actions", []string{"requeue"}, choicesOf("remove", "requeue", "redistribute")},
	{"annotator_batch_percent", "100.00", aText(64)},
	{"anonymize_annotations", false, aFlag},
	{"default_reject_action", "requeue", aChoice("remove", "requeue", "redistribute")},
	{"instruction", "", aText(maxBody)},
	{"only_finished_tasks", false, aFlag},
	{"requeue_rejected_tasks_mode", "requeue", aChoice("requeue", "remove", "flexible")},
	{"require_comment_on_reject", false, aFlag},
	{"review_criteria", "all", aChoice("all", "one")},
	{"review_only_manual_assignments", false, aFlag},
	{"review_task_limit_percent", nil, aText(64)},
	{"sampling", "task_id", aChoice("task_id", "random", "by_annotator")},
	{"show_agreement_to_reviewers", false, aFlag},
	{"show_data_manager_to_reviewers", false, aFlag},
	{"show_instruction", false, aFlag},
	{"show_unused_data_columns_to_reviewers", nil, aFlag},
}

// givenSettings are the settings of a project that a request sends.
type givenSettings map[string]any

func (s *givenSettings) read(r *request, _ field) {
	b := r.body()
	*s = givenSettings{}
	readSettings(b, projectSettings, "", *s)
	b.readInside("review_settings", reviewSettings, reviewPrefix, *s)
	b.readInside("dm_column_defaults", columnSettings, columnsPrefix, *s)
	if b.has("dm_column_defaults") && b.null("dm_column_defaults") {
		for _, column := range columnSettings {
			(*s)[columnsPrefix+column.name] = nil
		}
	}
}

func (s *givenSettings) fields(field) []field {
	text, object := reflect.TypeFor[string](), reflect.TypeFor[map[string]any]()
	return []field{
		{in: "body", name: "review_settings", typ: object, text: "Kept and given back."},
		{
			in: "body", name: "dm_column_defaults", typ: object, null: true,
			text: "explore and labeling: which columns the Data Manager shows at first. Kept and given back; " +
				"null clears both, and what is left out stays.",
		},
		{in: "body", name: "label_config", typ: text, text: "Kept and given back, as other settings of a project are."},
		{in: "body", name: "organization", typ: reflect.TypeFor[int64](), null: true, text: "As it is shown."},
		{in: "body", name: "created_by", typ: object, text: "As it is shown: of a new project, the caller."},
		{
			in: "body", name: "task_data_password", typ: text, null: true,
			text: "Refused: Roster keeps no secret that nothing uses.",
		},
	}
}

// firstSettings are those that only a new project takes.
type firstSettings map[string]any

func (s *firstSettings) read(r *request, _ field) {
	*s = firstSettings{}
	readSettings(r.body(), createdSettings, "", *s)
}

func (s *firstSettings) fields(field) []field {
	return []field{
		{in: "body", name: "use_custom_interface", typ: reflect.TypeFor[bool](), text: "Kept and given back."},
		{
			in: "body", name: "collection_mode", typ: reflect.TypeFor[string](), codes: []string{"assigned", "open"},
			text: "Kept and given back; needs use_custom_interface, and stays as it is said here.",
		},
	}
}

// readInside adds the settings that lie in an object.
func (b *body) readInside(name string, settings []setting, prefix string, changes map[string]any) {
	if inside := b.object(name); inside != nil {
		readSettings(inside, settings, prefix, changes)
		b.adopt(name, inside)
	}
}

// readSettings adds the settings that b sends to changes; null takes one back
// to what is usual.
func readSettings(b *body, settings []setting, prefix string, changes map[string]any) {
	for _, s := range settings {
		if !b.has(s.name) {
			continue
		}
		changes[prefix+s.name] = nil
		if !b.null(s.name) {
			changes[prefix+s.name] = s.read(b, s.name)
		}
	}
}

// writeSettings adds all settings to out, as kept or as usual.
func writeSettings(out map[string]any, settings []setting, prefix string, kept map[string]json.RawMessage) {
	for _, s := range settings {
		out[s.name] = s.usual
		if value, ok := kept[prefix+s.name]; ok {
			out[s.name] = value
		}
	}
}

// maxInteger is the largest integer the wire's database holds.
const maxInteger = 1<<31 - 1

func aFlag(b *body, name string) any {
	if v := b.boolean(name); v != nil {
		return *v
	}
	return nil
}

func aNumber(least, most int64) func(*body, string) any {
	return func(b *body, name string) any {
		text := b.str(name)
		if !b.isForm {
			text = strings.Trim(string(b.fields[name]), `" `)
		}
		n, err := strconv.ParseInt(text, 10, 64)
		switch {
		case err != nil:
			b.bad(name, "A valid integer is required.")
		case n < least:
			b.bad(name, "Ensure this value is greater than or equal to "+strconv.FormatInt(least, 10)+".")
		case n > most:
			b.bad(name, "Ensure this value is less than or equal to "+strconv.FormatInt(most, 10)+".")
		}
		return n
	}
}

func aText(most int) func(*body, string) any {
	return func(b *body, name string) any {
		if v := b.text(name, most); v != nil {
			return *v
		}
		return nil
	}
}

func aChoice(choices ...string) func(*body, string) any {
	return func(b *body, name string) any {
		if v := code(b, name, func(v string) bool { return slices.Contains(choices, v) }); v != "" {
			return v
		}
		return nil
	}
}

// choicesOf is a list of some of the choices.
func choicesOf(choices ...string) func(*body, string) any {
	return func(b *body, name string) any {
		list := b.texts(name, 64)
		for _, item := range list {
			if !slices.Contains(choices, item) {
				b.bad(name, "\""+item+"\" is not a valid choice.")
			}
		}
		return orEmpty(list)
	}
}

// anObject is a JSON object, kept as it came.
func anObject(b *body, name string) any {
	b.object(name)
	return b.fields[name]
}

// anything is JSON of any kind, kept as it came.
func anything(b *body, name string) any {
	if b.isForm {
		return b.str(name)
	}
	return b.fields[name]
}
