package gateway

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
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
// it asks whether the projects that the person may find have it: of many at once, where the
// upstream can say so, or one by one.

// askedWithin is how it is found out in which of some projects a thing is, by kind: NotFound
// when in none of them.
var askedWithin = map[string]func(u *Upstream, ctx context.Context, projects []int64, id int64) (int64, error){
	"task": (*Upstream).projectOfTask, "ml": (*Upstream).projectOfModel,
}

// bare is a reference without the projects that are asked about it.
func (r reference) bare() reference {
	if askedWithin[r.kind] != nil {
		r.kin = ""
	}
	return r
}

// within is a reference with them.
func (r reference) within(projects []int64) reference {
	all := sha256.New()
	for _, id := range slices.Sorted(slices.Values(projects)) {
		fmt.Fprintln(all, id)
	}
	r.kin = string(all.Sum(nil))
	return r
}

// tasksOf is the question for a project's tasks by which the upstream only looks: asked
// without review, it has the project's model predict for those that come. There are no
// reviews in it, and it leaves out nothing else.
func tasksOf(project int64) url.Values {
	return url.Values{"project": {formatID(project)}, "review": {"true"}, "fields": {"task_only"},
		"resolve_uri": {"false"}}
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
	return nil, &fault{http.StatusBadGateway,
		fmt.Errorf("asked for task %d of project %d, Label Studio told of others", id, project)}
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

// existsTask reports whether the upstream has a task, of whichever project.
func (u *Upstream) existsTask(ctx context.Context, id int64) (bool, error) {
	return u.canDo(ctx, id, nil)
}

// existsAmong reports whether one of several projects has a task. More than one: the upstream
// reads a list of one as no list.
func (u *Upstream) existsAmong(ctx context.Context, projects []int64, id int64) (bool, error) {
	return u.canDo(ctx, id, map[string]any{"project": projects})
}

// canDo asks what may be done with a task, which does nothing, and is not found where there
// is none.
func (u *Upstream) canDo(ctx context.Context, id int64, among any) (bool, error) {
	err := u.ask(ctx, http.MethodOptions, "/api/tasks/"+formatID(id)+"/", url.Values{"review": {"true"}},
		among, &struct{}{})
	if roster.KindOf(err) == roster.NotFound {
		return false, nil
	}
	return err == nil, err
}

// projectsAtOnce is how many projects are asked one by one at the same time, and how many
// may fail before no more are.
const projectsAtOnce = 8

func (u *Upstream) projectOfModel(ctx context.Context, projects []int64, id int64) (int64, error) {
	return u.oneByOne(ctx, u.hasModel, projects, id)
}

// projectOfTask asks the likeliest project, and then the others. What many say together is
// where to look first: that a project has it, that one says.
func (u *Upstream) projectOfTask(ctx context.Context, projects []int64, id int64) (int64, error) {
	likeliest, others := projects[:1], projects[1:]
	project, failed := u.oneByOne(ctx, u.hasTask, likeliest, id)
	if failed == nil || len(others) == 0 {
		return project, failed
	}
	few := u.fewer(ctx, others, id)
	project, err := u.oneByOne(ctx, u.hasTask, few, id)
	if roster.KindOf(err) == roster.NotFound && 0 < len(few) && len(few) < len(others) {
		project, err = u.oneByOne(ctx, u.hasTask, others, id)
	}
	if roster.KindOf(err) == roster.NotFound {
		err = failed
	}
	return project, err
}

// fewer is few of the projects, among which one has the task; none where none has. Where
// the upstream does not tell, there are more of them.
func (u *Upstream) fewer(ctx context.Context, projects []int64, id int64) []int64 {
	if len(projects) <= projectsAtOnce {
		return projects
	}
	is, err := u.existsAmong(ctx, projects, id)
	if err == nil && !is {
		return nil
	}
	for err == nil && len(projects) > projectsAtOnce {
		half := len(projects) / 2
		is, err = u.existsAmong(ctx, projects[:half], id)
		switch {
		case err == nil && is:
			projects = projects[:half]
		case err == nil:
			projects = projects[half:]
		}
	}
	return projects
}

// oneByOne asks projects, several at a time, until one has the thing. NotFound when none
// does; another error when none said so and one could not be asked.
func (u *Upstream) oneByOne(
	ctx context.Context, has func(context.Context, int64, int64) (bool, error), projects []int64, id int64,
) (found int64, failed error) {
	asking, stop := context.WithCancel(ctx)
	defer stop()
	var mu sync.Mutex
	var askers sync.WaitGroup
	failures, next := 0, make(chan int64)
	for range min(projectsAtOnce, len(projects)) {
		askers.Go(func() {
			for project := range next {
				is, err := has(asking, project, id)
				mu.Lock()
				switch {
				case is:
					found = project
				case err != nil && roster.KindOf(err) != roster.NotFound:
					failed = cmp.Or(failed, err)
					failures++
				}
				if found != 0 || failures == projectsAtOnce {
					stop()
				}
				mu.Unlock()
			}
		})
	}
	feed(asking, next, projects)
	askers.Wait()
	switch {
	case found != 0:
		return found, nil
	case ctx.Err() != nil:
		return 0, context.Cause(ctx)
	}
	return 0, cmp.Or(failed, error(notFound))
}

// feed hands ids out, until ctx ends.
func feed(ctx context.Context, next chan<- int64, ids []int64) {
	defer close(next)
	for _, id := range ids {
		select {
		case next <- id:
		case <-ctx.Done():
			return
		}
	}
}

// inTime bounds how long all questions about one thing may take together: as long as three.
func (u *Upstream) inTime(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, 3*u.http.Timeout, errSlow)
}

var errSlow = &fault{http.StatusGatewayTimeout, errors.New("in which project this is could not be found out in time")}

// find finds out in which of the projects that the person may find a thing is; NotFound
// when in none. Before the upstream is asked, may is, once.
func (f *located) find(i inquiry) (fact, error) {
	s := f.gate.resolver
	projects, err := f.toAsk(i.ref)
	if err != nil {
		return fact{}, err
	}
	f.inquired = true
	ctx, done := s.upstream.inTime(f.r.Context())
	defer done()
	i.may = onceOnly(i.may)
	what, err := s.seek(ctx, i, projects)
	if roster.KindOf(err) == roster.NotFound && f.project == 0 && f.actor().Role.SeesEveryProject() {
		return s.seekPast(ctx, i, projects)
	}
	return what, err
}

// onceOnly asks may about the first of several questions about one thing, and says the same
// about the others.
func onceOnly(may func(reference) error) func(reference) error {
	var asked bool
	var said error
	return func(ref reference) error {
		if !asked {
			asked, said = true, may(ref)
		}
		return said
	}
}

// seek asks projects for a thing; NotFound when none has it.
func (s *resolver) seek(ctx context.Context, i inquiry, projects []int64) (fact, error) {
	if len(projects) == 0 {
		return fact{}, notFound
	}
	ref := i.ref
	i.ref = ref.within(projects)
	if what, there := s.recall(i); there {
		return what, nil
	}
	return s.once(ctx, i, func(ctx context.Context) (f fact, err error) {
		ctx, done := s.upstream.inTime(ctx)
		defer done()
		if ref.kind == "task" {
			f.task = ref.id
		}
		f.project, err = askedWithin[ref.kind](s.upstream, ctx, projects, ref.id)
		return f, err
	})
}

// seekPast looks in the projects that the mirror does not know yet, for those who see every
// project.
func (s *resolver) seekPast(ctx context.Context, i inquiry, known []int64) (fact, error) {
	if err := i.may(i.ref); err != nil {
		return fact{}, err
	}
	if i.ref.kind == "task" {
		if is, err := s.upstream.existsTask(ctx, i.ref.id); !is {
			return fact{}, cmp.Or(err, error(notFound))
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
	return s.seek(ctx, i, unknown)
}

// toAsk is the projects that are asked about a thing: the one that the request names, or
// those that the person may find, the likeliest first.
func (f *located) toAsk(ref reference) ([]int64, error) {
	if f.project != 0 {
		return []int64{f.project}, nil
	}
	projects, err := f.gate.app.VisibleProjects(f.r.Context())
	if err == nil && ref.kind == "task" {
		f.gate.resolver.spans.sort(projects, ref.id)
	}
	return projects, err
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
