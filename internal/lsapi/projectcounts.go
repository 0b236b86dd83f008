package lsapi

import (
	"reflect"
	"slices"
	"strings"

	"roster"
	"roster/internal/membership"
)

func projectCountRoutes() []route {
	return []route{
		{
			method: "GET", path: "/api/projects/counts", do: does((*call).countProjects),
			summary: "List the counts of projects",
			answer:  "A page of the counts of the projects that the caller sees. What counts annotations is zero.",
		},
	}
}

// choosableCounts are the counts that a request can choose among, as the original
// has it; otherCounts come with all of them only.
var (
	choosableCounts = []string{
		"task_number", "finished_task_number", "total_predictions_number", "total_annotations_number",
		"num_tasks_with_annotations",
		"useful_annotation_number", "ground_truth_number", "skipped_annotations_number",
	}
	otherCounts = []string{"queue_done", "queue_left", "queue_total", "rejected", "review_total_tasks",
		"reviewed_number", "duplication_status"}
)

// projectCountsJSON is the wire's LseProjectCounts: of a project, its counts alone.
type projectCountsJSON map[string]any

func projectCountsOf(names []string) func(membership.ProjectView) projectCountsJSON {
	return func(v membership.ProjectView) projectCountsJSON {
		whole, out := projectOf(v), projectCountsJSON{"id": v.ID}
		for _, name := range names {
			out[name] = whole[name]
		}
		return out
	}
}

type countProjectsRequest struct {
	projectFilter
	Include countNames  `query:"include"`
	Page    roster.Page `page:"30,1000"`
}

// countProjects is GET /api/projects/counts/ (contract 3.17).
func (c *call) countProjects(in countProjectsRequest) (pageJSON[projectCountsJSON], error) {
	names := []string(in.Include)
	if len(names) == 0 {
		names = slices.Concat(choosableCounts, otherCounts)
	}
	projects, total, err := c.app.Projects(c.r.Context(), in.filter(), in.Page, 0)
	return pageOf(c, in.Page, total, each(projects, projectCountsOf(names))), err
}

// countNames are the counts that a request chooses.
type countNames []string

func (names *countNames) read(r *request, f field) {
	*names = codes(r.query(), f.name, func(name string) bool { return slices.Contains(choosableCounts, name) })
}

func (names *countNames) fields(f field) []field {
	f.typ, f.text = reflect.TypeFor[[]string](), "Only these counts: "+strings.Join(choosableCounts, ", ")+"."
	return []field{f}
}
