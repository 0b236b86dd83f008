package gate

import (
	"fmt"
	"net/http"
	"testing"
)

// TestGone: however tasks are deleted, those that are gone from Label Studio, and no
// others, are taken from whoever had them, once and on record.
func TestGone(t *testing.T) {
	g := need(t)
	owner, mia, ann := g.who(t, "owner"), g.who(t, "mia"), g.who(t, "ann")
	for name, delete := range map[string]func(s *scene, task int64){
		"one": func(s *scene, task int64) {
			mia.must(t, "DELETE", fmt.Sprintf("/api/tasks/%d/", task), nil, nil)
		},
		"chosen": func(s *scene, task int64) {
			mia.must(t, "POST", s.path("/api/dm/actions/?id=delete_tasks&project=%d"), picked(task), nil)
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := g.newScene(t, "mia", "ann")
			tasks := []int64{s.task(), s.task(), s.task()}
			s.give(mia, ann, tasks...)
			delete(s, tasks[1])
			if got := s.held(mia, tasks); got != "[1 404 1]" {
				t.Errorf("ann has %s", got)
			}
			if n := s.deletions(owner); n != 1 {
				t.Errorf("%d deletions are recorded", n)
			}
		})
	}
	t.Run("none by an action", func(t *testing.T) {
		s := g.newScene(t, "mia", "ann")
		tasks := []int64{s.create("/api/tasks/",
			map[string]any{"project": s.project, "data": map[string]any{"text": "A"}}), s.task()}
		s.give(mia, ann, tasks...)
		mia.must(t, "POST", s.path("/api/dm/actions/?id=remove_duplicates&project=%d"),
			map[string]any{"selectedItems": map[string]any{"all": true, "excluded": []int64{}}}, nil)
		if got := s.held(mia, tasks); got != "[1 1]" || s.deletions(owner) != 0 {
			t.Errorf("ann has %s, and %d deletions are recorded", got, s.deletions(owner))
		}
	})
	t.Run("all", func(t *testing.T) {
		s := g.newScene(t, "mia", "ann")
		tasks := []int64{s.task(), s.task()}
		s.give(mia, ann, tasks...)
		mia.must(t, "DELETE", s.path("/api/projects/%d/tasks/"), nil, nil)
		if got := s.held(mia, tasks); got != "[404 404]" || s.deletions(owner) != 1 {
			t.Errorf("ann has %s, and %d deletions are recorded", got, s.deletions(owner))
		}
	})
	t.Run("the project", func(t *testing.T) {
		s := g.newScene(t, "mia", "ann")
		s.give(mia, ann, s.task())
		owner.must(t, "DELETE", s.path("/api/projects/%d/"), nil, nil)
		for _, p := range []*person{owner, mia, ann} {
			if got := p.status(t, "GET", s.path("/api/projects/%d/"), nil); got != http.StatusNotFound {
				t.Errorf("%s gets %d", p.name, got)
			}
		}
	})
}

func picked(tasks ...int64) map[string]any {
	return map[string]any{"selectedItems": map[string]any{"all": false, "included": tasks}}
}

// give assigns tasks to somebody, to annotate.
func (s *scene) give(by, to *person, tasks ...int64) {
	s.t.Helper()
	for _, task := range tasks {
		by.must(s.t, "POST", s.path("/api/projects/%d/tasks/")+fmt.Sprintf("%d/assignees", task),
			map[string]any{"type": "AN", "users": []int64{to.id}}, nil)
	}
}

// held is how many have each task, or the status where it cannot be told.
func (s *scene) held(by *person, tasks []int64) string {
	s.t.Helper()
	found := []int{}
	for _, task := range tasks {
		path := s.path("/api/projects/%d/tasks/") + fmt.Sprintf("%d/assignees", task)
		if status := by.status(s.t, "GET", path, nil); status != http.StatusOK {
			found = append(found, status)
			continue
		}
		var list []any
		by.must(s.t, "GET", path, nil, &list)
		found = append(found, len(list))
	}
	return fmt.Sprint(found)
}

// deletions is how many deletions of tasks that somebody had are recorded.
func (s *scene) deletions(owner *person) int {
	s.t.Helper()
	var page struct{ Count int }
	owner.must(s.t, "GET", s.path("/api/roster/operations/?project=%d&kind=task_delete"), nil, &page)
	return page.Count
}
