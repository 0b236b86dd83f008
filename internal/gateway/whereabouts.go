package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"

	"roster"
)

// This file finds out in which project a task or a model is. The upstream tells it by their
// id, but not only that: to be asked for a task it has the project's model predict, and
// stores what comes; to be asked for a model it asks that one how it is. A question of the
// gate's must do nothing there, least of all for somebody who has no business with it. So
// it asks the projects that the person may find, one by one, whether they have it.

// askedWithin is how a project is asked whether it has a thing, by kind. NotFound when there is
// no such project.
var askedWithin = map[string]func(u *Upstream, ctx context.Context, project, id int64) (bool, error){
	"task": (*Upstream).hasTask, "ml": (*Upstream).hasModel,
}

// bare is a reference without the project that is asked about it.
func (r reference) bare() reference {
	if askedWithin[r.kind] != nil {
		r.kin = ""
	}
	return r
}

// within is a reference with it.
func (r reference) within(project int64) reference {
	r.kin = formatID(project)
	return r
}

// tasksOf is the question for a project's tasks by which the upstream only looks: asked
// without review, it has the project's model predict for those that come. There are no
// reviews in it, and it leaves out nothing else.
func tasksOf(project int64) url.Values {
	return url.Values{"project": {formatID(project)}, "review": {"true"}, "fields": {"task_only"}, "resolve_uri": {"false"}}
}

// oneTask is what a project says about a task.
type oneTask struct {
	ID      int64           `json:"id"`
	Project int64           `json:"project"`
	Data    json.RawMessage `json:"data"`
}

// task asks a project for a task of its; nil when it has no such one. include is the fields
// that are wanted besides id and project.
func (u *Upstream) task(ctx context.Context, project, id int64, include string) (*oneTask, error) {
	chosen, err := json.Marshal(map[string]any{"selectedItems": map[string]any{"all": false, "included": []int64{id}}})
	if err != nil {
		return nil, err
	}
	q := tasksOf(project)
	q.Set("query", string(chosen))
	q.Set("include", "id,project"+include)
	var page struct{ Tasks []oneTask }
	if err := u.Get(ctx, "/api/tasks/", q, &page); err != nil {
		return nil, err
	}
	switch {
	case page.Tasks != nil && len(page.Tasks) == 0:
		return nil, nil
	case len(page.Tasks) == 1 && page.Tasks[0].ID == id && page.Tasks[0].Project == project:
		return &page.Tasks[0], nil
	}
	return nil, &fault{http.StatusBadGateway, fmt.Errorf("asked for task %d of project %d, Label Studio told of others", id, project)}
}

func (u *Upstream) hasTask(ctx context.Context, project, id int64) (bool, error) {
	t, err := u.task(ctx, project, id, "")
	return t != nil, err
}

// hasModel looks for a model where those of a project are listed without being asked.
func (u *Upstream) hasModel(ctx context.Context, project, id int64) (bool, error) {
	i := slices.IndexFunc(listings, func(l listing) bool { return l.kind == roster.MadeModel })
	all, err := u.listed(ctx, project, listings[i])
	return slices.ContainsFunc(all, func(m roster.Made) bool { return m.UpstreamID == id }), err
}

// existsTask reports whether the upstream has a task, of whichever project. It asks what may
// be done with it, which does nothing.
func (u *Upstream) existsTask(ctx context.Context, id int64) (bool, error) {
	err := u.ask(ctx, http.MethodOptions, "/api/tasks/"+formatID(id)+"/", nil, &struct{}{})
	if roster.KindOf(err) == roster.NotFound {
		return false, nil
	}
	return err == nil, err
}

// whereabouts asks one project whether it has a thing, or where none is named, whether the
// upstream has it at all.
func (s *resolver) whereabouts(ctx context.Context, ref reference) (f fact, err error) {
	there := false
	if f.project, _ = parseID(ref.kin); f.project != 0 {
		there, err = askedWithin[ref.kind](s.upstream, ctx, f.project, ref.id)
	} else {
		there, err = s.upstream.existsTask(ctx, ref.id)
	}
	if ref.kind == "task" {
		f.task = ref.id
	}
	if err == nil && !there {
		err = notFound
	}
	return f, err
}

const (
	// fewProjects is how many are asked before it is asked whether there is such a task.
	fewProjects = 8
	// projectsAtOnce is how many are asked at once.
	projectsAtOnce = 4
)

// find finds out in which of the projects that the person may find a thing is; NotFound
// when in none. Before the upstream is asked, may is, once.
func (f *flight) find(ref reference, may func() error) (fact, error) {
	ctx, s := f.r.Context(), f.gate.resolver
	if what, known := s.known.get(ref.bare(), s.now()); known {
		return what, nil
	}
	projects, err := f.toAsk(ref)
	if err != nil {
		return fact{}, err
	}
	f.inquired = true
	may = sync.OnceValue(may)
	if ref.kind == "task" && len(projects) > fewProjects {
		if _, err := s.resolve(ctx, ref.bare(), may); roster.KindOf(err) == roster.NotFound {
			return fact{}, err
		}
	}
	what, err := s.lookThrough(ctx, ref, projects, may)
	if roster.KindOf(err) == roster.NotFound && f.project == 0 && f.actor().Role.SeesEveryProject() {
		return s.lookPast(ctx, ref, projects, may)
	}
	return what, err
}

// lookPast looks in the projects that the mirror does not know yet, for those who see every
// project.
func (s *resolver) lookPast(ctx context.Context, ref reference, known []int64, may func() error) (fact, error) {
	if ref.kind == "task" {
		if _, err := s.resolve(ctx, ref.bare(), may); err != nil {
			return fact{}, err
		}
	}
	all, err := s.upstream.Projects(ctx)
	if err != nil {
		return fact{}, err
	}
	var unknown []int64
	for _, p := range all {
		if !slices.Contains(known, p.ID) {
			unknown = append(unknown, p.ID)
		}
	}
	return s.lookThrough(ctx, ref, unknown, may)
}

// toAsk is the projects that are asked about a thing: the one that the request names, or
// those that the person may find, the likeliest first.
func (f *flight) toAsk(ref reference) ([]int64, error) {
	if f.project != 0 {
		return []int64{f.project}, nil
	}
	projects, err := f.gate.app.VisibleProjects(f.r.Context())
	if err == nil && ref.kind == "task" {
		f.gate.resolver.spans.sort(projects, ref.id)
	}
	return projects, err
}

// lookThrough asks projects until one has the thing, the first by itself; NotFound when none
// does.
func (s *resolver) lookThrough(ctx context.Context, ref reference, projects []int64, may func() error) (found fact, err error) {
	if len(projects) == 0 {
		return fact{}, notFound
	}
	if found, err = s.resolve(ctx, ref.within(projects[0]), may); roster.KindOf(err) != roster.NotFound {
		return found, err
	}
	return s.lookAmong(ctx, ref, projects[1:], may)
}

// lookAmong asks several projects at once.
func (s *resolver) lookAmong(ctx context.Context, ref reference, projects []int64, may func() error) (found fact, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	err = notFound
	var mu sync.Mutex
	var lookers sync.WaitGroup
	next := make(chan int64)
	for range min(projectsAtOnce, len(projects)) {
		lookers.Go(func() {
			for id := range next {
				what, failed := s.resolve(ctx, ref.within(id), may)
				mu.Lock()
				switch {
				case failed == nil:
					found, err = what, nil
					stop()
				case err != nil && roster.KindOf(failed) != roster.NotFound && ctx.Err() == nil:
					err = failed
				}
				mu.Unlock()
			}
		})
	}
	for _, id := range projects {
		select {
		case next <- id:
		case <-ctx.Done():
		}
	}
	close(next)
	lookers.Wait()
	if err != nil && ctx.Err() != nil { // whoever asked is gone, and not the thing
		err = context.Cause(ctx)
	}
	return found, err
}

// spans are the numbers of the tasks that were found, by project: those that come into a
// project together follow each other. They say where to look first, and nothing else.
type spans struct {
	mu sync.Mutex
	of map[int64][2]int64
}

func (s *spans) add(project, task int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	span, known := s.of[project]
	if !known {
		span = [2]int64{task, task}
	}
	s.of[project] = [2]int64{min(span[0], task), max(span[1], task)}
}

// sort puts first the projects with tasks next to this one, and of the others the newest.
func (s *spans) sort(projects []int64, task int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const far = int64(1) << 62
	away := func(project int64) int64 {
		span, known := s.of[project]
		if !known {
			return far
		}
		return max(span[0]-task, task-span[1], 0)
	}
	slices.SortFunc(projects, func(a, b int64) int {
		return cmp.Or(cmp.Compare(away(a), away(b)), cmp.Compare(b, a))
	})
}
