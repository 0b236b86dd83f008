package gateway_test

import (
	"fmt"
)

// The things of the fake. Project 1 is Alpha, project 2 is Beta.
var (
	projectOf = map[string]map[int64]int64{
		"projects": {1: 1, 2: 2}, "tasks": {11: 1, 12: 1, 13: 1, 21: 2}, "annotations": {101: 1, 102: 1, 201: 2},
		"drafts": {301: 1, 302: 1, 321: 2},
		"views":  {401: 1, 402: 2}, "predictions": {501: 1, 502: 2}, "storage": {601: 1, 602: 2}, "ml": {701: 1, 702: 2},
		"file-upload": {801: 1, 802: 2}, "webhooks": {901: 1, 902: 2, 903: 0, 904: 0},
		"label_links": {1001: 1, 1002: 2}, "exports": {1101: 1, 1102: 2},
		"imports": {1201: 1, 1202: 2}, "reimports": {1301: 1, 1302: 2},
	}
	taskOf   = map[int64]int64{101: 11, 102: 11, 201: 21, 301: 11, 302: 11, 321: 21, 501: 11, 502: 21}
	authorOf = map[int64]int64{101: 2, 102: 3, 201: 1, 301: 2, 302: 3, 321: 1}
	people   = map[string]int64{"owner": 1, "ann": 2, "rev": 3, "mia": 4, "out": 5, "vic": 6, "adm": 7, "paul": 8}
)

// labels is the labels of the fake, and which projects have them.
var labels = []map[string]any{
	{"id": 1401, "title": "Own", "projects": []int64{1}}, {"id": 1402, "title": "Beta's", "projects": []int64{2}},
	{"id": 1403, "title": "Shared", "projects": []int64{2, 1}}, {"id": 1404, "title": "Nobody's", "projects": []int64{}},
}

// folders is the storages of projects on the disk of the fake, which serves /srv.
var folders = map[string][]map[string]any{
	"1": {
		{"project": 1, "path": "/srv/p1"}, {"project": 1, "path": "/srv/p1/deeper"},
		{"project": 1, "path": "/srv/both"}, {"project": 1, "path": nil},
	},
	"2": {{"project": 2, "path": "/srv/p10"}, {"project": 2, "path": "/srv/both/of2"}},
}

// targets are the folders into which annotations are written, by project.
var targets = map[string][]map[string]any{
	"1": {{"project": 1, "path": "/srv/p1/same/"}},
	"2": {{"project": 2, "path": "/srv/p1/out"}},
}

func person(id int64) map[string]any {
	for name, known := range people {
		if known == id {
			return map[string]any{
				"id":                       id,
				"active_organization_meta": map[string]any{"title": "Labels", "email": "owner@example.com"},
				"email":                    name + "@example.com", "first_name": name, "active_organization": 1,
				"permissions": []any{"projects.delete"}, "date_joined": "2026-01-01T00:00:00Z",
			}
		}
	}
	return nil
}

func everybody() (all []any) {
	for id := int64(1); id <= int64(len(people)); id++ {
		all = append(all, person(id))
	}
	return all
}

func project(id int64) map[string]any {
	return map[string]any{
		"id": id, "title": map[int64]string{1: "Alpha", 2: "Beta"}[id],
		"created_by": map[string]any{"id": 1, "email": "owner@example.com", "avatar": nil},
		"created_at": "2026-01-01T00:00:00Z", "pinned_at": nil, "task_data_password": "swordfish",
	}
}

// columns are some of those that the upstream's list of tasks has, and one that a
// newer release might bring.
func columns() (all []any) {
	for _, id := range []string{
		"id", "completed_at", "annotators", "annotations_results", "annotations_ids", "updated_by", "avg_lead_time",
		"draft_exists", "new_in_2027", "data",
	} {
		all = append(all, map[string]any{
			"id": id, "title": id, "target": "tasks",
			"visibility_defaults": map[string]any{"explore": true, "labeling": true},
		})
	}
	// a field of what is labeled
	return append(all, map[string]any{"id": "annotations_ids", "parent": "data", "target": "tasks"})
}

func summary() map[string]any {
	return map[string]any{
		"all_data_columns": map[string]any{"text": 3}, "common_data_columns": []any{"text"},
		"created_annotations":   map[string]any{"kind|text|choices": 7},
		"created_labels":        map[string]any{"kind": map[string]any{"Good": 7}},
		"created_labels_drafts": map[string]any{"kind": map[string]any{"Bad": 1}},
	}
}

func annotation(id int64) map[string]any {
	return map[string]any{
		"id": id, "completed_by": authorOf[id], "task": taskOf[id], "project": 1,
		"result": fmt.Sprintf("of %d", authorOf[id]),
	}
}

func draft(id int64) map[string]any {
	return map[string]any{
		"id": id, "user": "x@example.com", "created_username": fmt.Sprintf("x@example.com, %d", authorOf[id]),
		"task": taskOf[id],
	}
}

func task(id int64) map[string]any {
	return map[string]any{
		"id": id, "project": projectOf["tasks"][id], "data": map[string]any{},
		"annotations": []any{annotation(101), annotation(102)}, "drafts": []any{draft(301), draft(302)},
		"predictions": []any{}, "annotators": []any{2, 3}, "annotations_results": "of 3",
		"annotations_ids": "101,102", "updated_by": []any{map[string]any{"user_id": 3}},
	}
}
