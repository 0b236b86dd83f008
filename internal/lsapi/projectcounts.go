package lsapi

import (
	"slices"

	"roster/internal/app"
)

var projectCountRoutes = []plainRoute{
	{"GET", "/api/projects/counts", (*call).countProjects},
}

// choosableCounts are the counts that a request can choose among, as the original
// has it; otherCounts come with all of them only.
var (
	choosableCounts = []string{
		"task_number", "finished_task_number", "total_predictions_number", "total_annotations_number", "num_tasks_with_annotations",
		"useful_annotation_number", "ground_truth_number", "skipped_annotations_number",
	}
	otherCounts = []string{"queue_done", "queue_left", "queue_total", "rejected", "review_total_tasks", "reviewed_number", "duplication_status"}
)

// projectCountsOf is the wire's LseProjectCounts: of a project, its counts alone.
func projectCountsOf(names []string) func(app.ProjectView) map[string]any {
	return func(v app.ProjectView) map[string]any {
		whole, out := projectOf(v), map[string]any{"id": v.ID}
		for _, name := range names {
			out[name] = whole[name]
		}
		return out
	}
}

// countProjects is GET /api/projects/counts/ (contract 3.17).
func (c *call) countProjects() error {
	p := c.params()
	f := p.projectFilter()
	names := codes(p, "include", func(name string) bool { return slices.Contains(choosableCounts, name) })
	if len(names) == 0 {
		names = slices.Concat(choosableCounts, otherCounts)
	}
	page, err := p.page(defaultProjects, maxProjects)
	if err != nil {
		return err
	}
	if err := p.err(); err != nil {
		return err
	}
	projects, total, err := c.app.Projects(c.r.Context(), f, page, 0)
	if err != nil {
		return err
	}
	return paged(c, page, total, each(projects, projectCountsOf(names)))
}
