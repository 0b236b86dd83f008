package gateway_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestTablesAreBounded: a table has a column for whatever any task says, and a cell of each
// in every row. One that is mostly empty is the Owner's.
func TestTablesAreBounded(t *testing.T) {
	w := newWorld(t)
	columns, rows := 0, 0
	w.fake.questioning(func(rw http.ResponseWriter, r *http.Request) bool {
		switch strings.Trim(r.URL.Path, "/") {
		case "api/projects/1/summary":
			data := map[string]int{}
			for i := range columns {
				data[strconv.Itoa(i)] = 1
			}
			writeJSON(rw, map[string]any{"all_data_columns": data, "created_annotations": map[string]int{"c|t|choices": 1}})
		case "api/projects/1":
			about := project(1)
			about["task_number"], about["total_annotations_number"] = rows/2, rows-rows/2
			writeJSON(rw, about)
		default:
			return false
		}
		return true
	})
	for _, c := range []struct {
		columns, rows int
		passes        bool
	}{{8, 10_000_000, true}, {98, 1_000_001, false}, {90_000, 1_500, false}} {
		columns, rows = c.columns, c.rows
		for _, route := range exportRoutes {
			for _, format := range []string{"CSV", "TSV", "JSON_MIN"} {
				for _, who := range []string{"owner", "adm", "mia"} {
					passes := c.passes || format == "JSON_MIN" || who == "owner"
					w.fake.taken()
					got := w.send(who, route.method, strings.Replace(route.target, "%s", format, 1),
						strings.Replace(route.body, "%s", format, 1))
					if reached := len(w.fake.taken()) > 0; reached != passes || !passes &&
						(got.status != 400 || !strings.Contains(got.body, "JSON_MIN")) {
						t.Errorf("%d columns, %s, %s as %s: %d %s", c.columns, route.target, format, who, got.status, got.body)
					}
				}
			}
		}
	}
}
