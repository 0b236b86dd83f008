package lsapi_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"roster"
)

// responseFields are those of the wire's LseProjectResponse that are always
// there, and of its lists.
const responseFields = `agreement_methodology agreement_threshold allow_stream annotation_limit_count annotation_limit_percent
 annotator_evaluation_continuous_tasks annotator_evaluation_enabled annotator_evaluation_metric annotator_evaluation_minimum_score
 annotator_evaluation_minimum_tasks annotator_evaluation_onboarding_tasks assignment_settings blueprints color
 comment_classification_config config_has_control_tags config_suitable_for_bulk_annotation control_weights created_at created_by
 custom_interface_code custom_interface_compiled custom_interface_params custom_script custom_task_lock_ttl data_types description
 description_short duplication_done duplication_status enable_empty_annotation evaluate_predictions_automatically expert_instruction
 finished_task_number ground_truth_number id input_schema internal_description internal_description_short is_dimensions_enabled is_draft
 is_published label_config max_additional_annotators_assignable maximum_annotations members members_count
 min_annotations_to_start_training model_version num_tasks_with_annotations organization output_schema overlap_cohort_percentage
 parsed_label_config pause_on_failed_annotator_evaluation permissions pinned_at prompts queue_done queue_left queue_total ready rejected
 require_comment_on_skip reveal_preannotations_interactively review_settings review_total_tasks reviewed_number reviewer_queue_total
 sampling show_annotation_history show_collab_predictions show_ground_truth_first show_instruction show_overlap_first show_skip_button
 show_unused_data_columns_to_annotators skip_queue skipped_annotations_number source_interface_id source_interface_version
 start_training_on_annotation_update state strict_task_overlap task_data_login task_data_password task_number title
 total_annotations_number total_predictions_number use_custom_interface useful_annotation_number workspace workspace_title`

func TestProjectShape(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		made := w.must(http.StatusCreated, "POST", "/api/projects/", w.Owner, nil)
		path := fmt.Sprintf("/api/projects/%d/", number(at(made, "id")))
		got, _ := w.must(http.StatusOK, "GET", path, w.Owner, nil).(map[string]any)
		for _, field := range strings.Fields(responseFields) {
			if _, ok := got[field]; !ok {
				t.Errorf("%s is missing", field)
			}
		}
		for field, want := range map[string]any{
			"title": "New project", "workspace": nil, "members_count": 0.0, "maximum_annotations": 1.0,
			"show_skip_button": true, "is_draft": false,
		} {
			if got[field] != want {
				t.Errorf("%s: %v, want %v", field, got[field], want)
			}
		}
		if number(at(got, "created_by", "id")) != w.Owner || number(at(got, "organization")) != w.Org ||
			at(got, "assignment_settings", "label_stream_task_distribution") != "auto_distribution" ||
			at(got, "review_settings", "review_criteria") != "all" {
			t.Errorf("%v", got)
		}
	})
}

// TestProjectSettings: what Roster gives no meaning to comes back as it was.
func TestProjectSettings(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		manager := w.Person(roster.RoleManager)
		made := w.must(http.StatusCreated, "POST", "/api/projects/", manager, map[string]any{
			"title": "Street signs", "label_config": "<View><Text name=\"t\"/></View>", "maximum_annotations": 3,
			"task_data_password": nil,
		})
		path := fmt.Sprintf("/api/projects/%d/", number(at(made, "id")))
		changed := w.must(http.StatusOK, "PATCH", path, manager, map[string]any{
			"expert_instruction": "Look twice", "show_instruction": true, "custom_interface_params": map[string]any{
				"deep": []int{1, 2}},
			"assignment_settings": map[string]any{"label_stream_task_distribution": "assigned_only"},
			"pinned_at":           "2026-03-01T10:00:00Z",
			"review_settings":     map[string]any{"instruction": "Be kind", "review_criteria": "one"}, "is_published": true,
		})
		for path, want := range map[string]any{
			"label_config": "<View><Text name=\"t\"/></View>", "maximum_annotations": 3.0,
			"expert_instruction": "Look twice", "show_instruction": true,
			"is_published": true, "pinned_at": "2026-03-01T10:00:00.000000Z", "task_data_password": nil,
			"custom_interface_params.deep":                       []any{1.0, 2.0},
			"assignment_settings.label_stream_task_distribution": "assigned_only", "review_settings.instruction": "Be kind",
			"review_settings.review_criteria": "one", "review_settings.sampling": "task_id",
		} {
			var steps []any
			for step := range strings.SplitSeq(path, ".") {
				steps = append(steps, step)
			}
			if got := at(changed, steps...); fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: %v, want %v", path, got, want)
			}
		}
		reset := w.must(http.StatusOK, "PATCH", path, manager, map[string]any{"maximum_annotations": nil, "pinned_at": nil})
		if at(reset, "maximum_annotations") != 1.0 || at(reset, "pinned_at") != nil ||
			at(reset, "expert_instruction") != "Look twice" {
			t.Errorf("after null: %v", reset)
		}
		for field, value := range map[string]any{
			"title": "ab", "color": strings.Repeat("x", 17), "workspace": 9999, "maximum_annotations": "many",
			"custom_task_lock_ttl": 0,
			"sampling":             "by lot", "show_instruction": "perhaps", "assignment_settings": map[string]any{
				"label_stream_task_distribution": "nobody"},
			"review_settings": []int{1}, "pinned_at": "yesterday", "task_data_login": strings.Repeat("x", 257),
			"task_data_password": "secret",
		} {
			w.refused(field, "PATCH", path, manager, map[string]any{field: value})
		}
		w.must(http.StatusNotFound, "PATCH", path, w.Person(roster.RoleManager), map[string]any{"title": "Mine"})
	})
}

// TestProjectSettingsOfTheNewestSDK are those that the description does not have yet.
func TestProjectSettingsOfTheNewestSDK(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		w.refused("collection_mode", "POST", "/api/projects/", w.Owner,
			map[string]any{"title": "Street signs", "collection_mode": "open"})
		made := w.must(http.StatusCreated, "POST", "/api/projects/", w.Owner, map[string]any{
			"title": "Street signs", "use_custom_interface": true, "collection_mode": "open",
			"dm_column_defaults": map[string]any{"labeling": map[string]any{"order": []any{"id"}}},
		})
		path := fmt.Sprintf("/api/projects/%d/", number(at(made, "id")))
		got := w.must(http.StatusOK, "PATCH", path, w.Owner, map[string]any{
			"collection_mode": "assigned", "dm_column_defaults": map[string]any{
				"explore": map[string]any{"order": []any{"data.text"}}},
			"review_settings": map[string]any{"allowed_reject_actions": []string{"remove", "redistribute"},
				"default_reject_action": "remove"},
		})
		for _, c := range []struct {
			way  []any
			want any
		}{
			{[]any{"collection_mode"}, "open"}, // which is said when a project is made, and stays
			{[]any{"dm_column_defaults", "explore", "order", 0}, "data.text"},
			{[]any{"dm_column_defaults", "labeling", "order", 0}, "id"},
			{[]any{"review_settings", "allowed_reject_actions", 1}, "redistribute"},
			{[]any{"review_settings", "default_reject_action"}, "remove"},
		} {
			if at(got, c.way...) != c.want {
				t.Errorf("%v: %v, want %v", c.way, at(got, c.way...), c.want)
			}
		}
		if got := w.must(http.StatusOK, "PATCH", path, w.Owner, map[string]any{"dm_column_defaults": nil}); at(got,
			"dm_column_defaults") != nil {
			t.Errorf("after null: %v", at(got, "dm_column_defaults"))
		}
		w.refused("review_settings", "PATCH", path, w.Owner,
			map[string]any{"review_settings": map[string]any{"allowed_reject_actions": []string{"shred"}}})
		w.refused("review_settings", "PATCH", path, w.Owner,
			map[string]any{"review_settings": map[string]any{"project": 9999}})
	})
}

func TestProjectPages(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		first, second := w.Project("Street signs", w.Workspace("Vision")), w.Project("Crosswalks", 0)
		people := []int64{w.Person(roster.RoleAnnotator), w.Person(roster.RoleAnnotator), w.Person(roster.RoleReviewer)}
		w.Assign(first, people...)
		w.must(http.StatusOK, "PATCH", fmt.Sprintf("/api/projects/%d/", second), w.Owner,
			map[string]any{"pinned_at": "2026-03-01", "is_archived": true})
		ids := func(query string, who int64) []int64 {
			return idsIn(at(w.must(http.StatusOK, "GET", "/api/projects/"+query, who, nil), "results"))
		}
		for query, want := range map[string][]int64{
			"": {second, first}, "?ordering=title": {second, first}, "?ordering=-title": {first, second},
			"?search=signs": {first}, "?title=CROSS": {second},
			fmt.Sprintf("?ids=%d,77", first): {first}, "?workspaces=1": {first}, "?archived=false": {first},
			"?archived=true":      {second},
			"?filter=pinned_only": {second}, "?filter=exclude_pinned": {first}, "?filter=all&page_size=1&page=2": {first},
			"?page=3": {},
		} {
			if got := ids(query, w.Owner); !slices.Equal(got, want) {
				t.Errorf("%s: %v, want %v", query, got, want)
			}
		}
		if got := ids("", people[0]); !slices.Equal(got, []int64{first}) {
			t.Errorf("an annotator sees %v", got)
		}
		for query, field := range map[string]string{"?filter=some": "filter", "?ids=x": "ids",
			"?archived=2": "archived", "?members_limit=few": "members_limit", "?members_limit=-1": "members_limit"} {
			w.refused(field, "GET", "/api/projects/"+query, w.Owner, nil)
		}
		w.must(http.StatusNotFound, "GET", "/api/projects/?page=0", w.Owner, nil)
		for query, want := range map[string]int{"": 3, "?members_limit=2": 2, "?members_limit=0": 0} {
			one := w.must(http.StatusOK, "GET", fmt.Sprintf("/api/projects/%d/%s", first, query), w.Owner, nil)
			list := at(w.must(http.StatusOK, "GET", "/api/projects/"+query, w.Owner, nil), "results", 1)
			for _, project := range []any{one, list} {
				members, _ := at(project, "members").([]any)
				if len(members) != want || at(project, "members_count") != 3.0 || want > 0 &&
					number(at(members, 0, "id")) != people[0] {
					t.Errorf("%s: %v of %v", query, members, at(project, "members_count"))
				}
			}
		}
	})
}
