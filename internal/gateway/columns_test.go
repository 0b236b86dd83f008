package gateway_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestColumnsOfAnnotators: the list of tasks offers people the columns by which
// they may choose; the others are switched off, new ones too.
func TestColumnsOfAnnotators(t *testing.T) {
	w := newWorld(t)
	const others = "annotations_results annotations_ids updated_by avg_lead_time draft_exists new_in_2027"
	for who, want := range map[string]string{"ann": others, "vic": others, "rev": "", "mia": ""} {
		off, all := []string{}, w.get(who, "/api/dm/columns/?project=1").json(t).(map[string]any)["columns"].([]any)
		for _, c := range all {
			if c := c.(map[string]any); c["disabled"] == true && c["orderable"] == false {
				off = append(off, c["id"].(string))
			}
		}
		if strings.Join(off, " ") != want || len(all) != 11 {
			t.Errorf("%s: %v are off, of %d", who, off, len(all))
		}
	}
}

// TestSummaryOfAnnotators: everybody's totals are for those who review, and those of
// drafts for nobody. The shape, and what the screens read, stays.
func TestSummaryOfAnnotators(t *testing.T) {
	w := newWorld(t)
	for who, whole := range map[string]bool{"ann": false, "vic": false, "rev": true, "mia": true, "owner": true} {
		got := w.get(who, "/api/projects/1/summary/").json(t).(map[string]any)
		for _, name := range []string{"created_annotations", "created_labels", "created_labels_drafts"} {
			if totals, ok := got[name].(map[string]any); !ok || (len(totals) > 0) != (whole && name != "created_labels_drafts") {
				t.Errorf("%s is told %s = %v", who, name, got[name])
			}
		}
		if len(got["common_data_columns"].([]any)) != 1 || len(got["all_data_columns"].(map[string]any)) != 1 {
			t.Errorf("%s is told %v", who, got)
		}
	}
}

// TestTimesAndDraftsOfOthers: how long others took, and whether somebody has a
// draft, is no annotator's business.
func TestTimesAndDraftsOfOthers(t *testing.T) {
	w := newWorld(t)
	w.fake.answering(func(rw http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/api/tasks/11") {
			return false
		}
		o := task(11)
		o["avg_lead_time"], o["draft_exists"] = 12.5, true
		writeJSON(rw, o)
		return true
	})
	for who, want := range map[string]string{"ann": `"avg_lead_time":null`, "rev": `"avg_lead_time":12.5`} {
		got := w.get(who, "/api/tasks/11/").body
		if !strings.Contains(got, want) || strings.Contains(got, `"draft_exists":true`) != (who == "rev") {
			t.Errorf("%s: %s", who, got)
		}
	}
}
