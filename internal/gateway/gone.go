package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"roster"
)

// This file decides what the upstream has no more: a project leaves every list then, and
// assignments of a task end. Lists and counts only tell what is there, and an answer to a
// deletion that there was one. Gone is only what the upstream, asked for it by its id,
// says it has not; and says again, once it has shown that it is itself and has what the
// thing lies in. Where that cannot be found out now, nothing follows, and it is looked
// again with the next comparison.

// doubt is that a project, or tasks of one, may be gone.
type doubt struct {
	project int64
	tasks   []int64 // nil: any of them
	who     roster.Actor
}

// doubts are those that have to be looked into: one for each project and person who
// deleted something of it.
type doubts struct {
	mu   sync.Mutex
	open map[[2]int64]doubt
}

func newDoubts() *doubts { return &doubts{open: map[[2]int64]doubt{}} }

func (d *doubts) add(n doubt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := [2]int64{n.project, n.who.UserID}
	if was, known := d.open[key]; known && (was.tasks == nil || n.tasks == nil) {
		n.tasks = nil
	} else if known {
		n.tasks = slices.Concat(was.tasks, n.tasks)
	}
	d.open[key] = n
}

// take is what was added since it was taken last.
func (d *doubts) take() (all []doubt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, open := range d.open {
		all = append(all, open)
	}
	clear(d.open)
	return all
}

// doubted is what a request may have deleted.
func (f *flight) doubted() doubt {
	d := doubt{project: f.project, who: f.actor()}
	if id, one := parseID(f.named.get("task")); one {
		d.tasks = []int64{id}
	}
	return d
}

// How many tasks are looked for before the answer to whoever deleted them goes on, and
// how long: it waits for that. Others are looked for after it.
const (
	fewGone = 50
	lookFor = 5 * time.Second
)

var errManyGone = errors.New("gateway: these are more tasks than are looked for before an answer")

// lookForGone finds out what a deletion deleted. One that was refused deleted nothing; of
// one that failed nobody can say.
func lookForGone(f *flight, answer *http.Response) error {
	if answer.StatusCode/100 == 4 {
		return nil
	}
	ctx, done := context.WithTimeout(context.WithoutCancel(f.r.Context()), lookFor)
	defer done()
	if err := f.gate.look(ctx, f.doubted(), fewGone); err != nil {
		f.lookLater(err)
	}
	return nil
}

// lookLater has it looked for what a deletion deleted, after its answer.
func (f *flight) lookLater(why error) {
	d := f.doubted()
	slog.InfoContext(f.r.Context(), "what a deletion deleted is looked for later", "project", d.project, "why", why)
	f.gate.doubts.add(d)
	f.gate.changes.ring()
}

// LookAgain looks into what could not be found out before. What still cannot stays.
func (g *Gate) LookAgain(ctx context.Context) (failed error) {
	for _, d := range g.doubts.take() {
		err := ctx.Err()
		if err == nil {
			err = g.look(roster.WithActor(ctx, d.who), d, -1)
		}
		if err != nil {
			g.doubts.add(d)
			failed = errors.Join(failed, fmt.Errorf("what was deleted of project %d is not known: %w", d.project, err))
		}
	}
	return failed
}

// look finds out what is gone of what may be, and has Roster follow; at most so many
// tasks, unless that is -1.
func (g *Gate) look(ctx context.Context, d doubt, most int) error {
	if gone, err := g.forgetIfGone(ctx, d.project); gone || err != nil {
		return err
	}
	doubtful, err := g.doubtful(ctx, d)
	if err != nil || len(doubtful) == 0 {
		return err
	}
	if most >= 0 && len(doubtful) > most {
		return errManyGone
	}
	gone, err := g.upstream.goneTasks(ctx, d.project, doubtful)
	if err != nil {
		return err
	}
	g.resolver.forgetTasks(gone)
	if len(gone) == 0 {
		return nil
	}
	return g.app.ForgetTasks(ctx, d.project, roster.TaskSelector{Included: gone})
}

// doubtful is the tasks that Roster knows of and that may be gone. Those that a list has
// are there.
func (g *Gate) doubtful(ctx context.Context, d doubt) ([]int64, error) {
	known, err := g.app.MirroredTasks(ctx, d.project)
	if err != nil || len(known) == 0 {
		return nil, err
	}
	if d.tasks != nil {
		return slices.DeleteFunc(known, func(id int64) bool { return !slices.Contains(d.tasks, id) }), nil
	}
	there, err := g.upstream.Tasks(ctx, d.project)
	if err != nil {
		return nil, err
	}
	slices.Sort(there)
	return slices.DeleteFunc(known, func(id int64) bool {
		_, listed := slices.BinarySearch(there, id)
		return listed
	}), nil
}

// forgetIfGone takes a project that the upstream has no more out of Roster's lists, and
// reports whether that was so.
func (g *Gate) forgetIfGone(ctx context.Context, project int64) (gone bool, err error) {
	if gone, err = g.upstream.lacksProject(ctx, project); !gone || err != nil {
		return false, err
	}
	g.resolver.known.clear()
	return true, g.app.ForgetProject(ctx, project)
}

// lacksProject reports whether the upstream has no such project.
func (u *Upstream) lacksProject(ctx context.Context, id int64) (bool, error) {
	return u.lacks(ctx, (*Upstream).existsProject, id, func(ctx context.Context) error {
		_, err := u.Organization(ctx)
		return err
	})
}

// lacksTask reports whether the upstream, which has the project, has no such task.
func (u *Upstream) lacksTask(ctx context.Context, project, id int64) (bool, error) {
	return u.lacks(ctx, (*Upstream).existsTask, id, func(ctx context.Context) error {
		_, err := u.Project(ctx, project)
		return err
	})
}

// lacks asks for the thing with this id, and asks again if there is none: once whole has
// shown that the upstream knows what it lies in.
func (u *Upstream) lacks(
	ctx context.Context, exists func(*Upstream, context.Context, int64) (bool, error), id int64, whole func(context.Context) error,
) (bool, error) {
	if is, err := exists(u, ctx, id); is || err != nil {
		return false, err
	}
	if err := whole(ctx); err != nil {
		return false, &fault{http.StatusBadGateway, fmt.Errorf("it has no %d, and cannot show that it is whole: %v", id, err)}
	}
	is, err := exists(u, ctx, id)
	return !is && err == nil, err
}

// existsProject reports whether the upstream has a project.
func (u *Upstream) existsProject(ctx context.Context, id int64) (bool, error) {
	_, err := u.Project(ctx, id)
	if roster.KindOf(err) == roster.NotFound {
		return false, nil
	}
	return err == nil, err
}

// lookersAtOnce is how many tasks the upstream is asked for at once.
const lookersAtOnce = 4

// goneTasks is those of the given tasks that the upstream lacks, ascending; an error when
// that is not known of every one.
func (u *Upstream) goneTasks(ctx context.Context, project int64, ids []int64) (gone []int64, failed error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var mu sync.Mutex
	var lookers sync.WaitGroup
	next := make(chan int64)
	for range min(lookersAtOnce, len(ids)) {
		lookers.Go(func() {
			for id := range next {
				lacks, err := u.lacksTask(ctx, project, id)
				if err != nil {
					stop(err)
				}
				mu.Lock()
				if lacks {
					gone = append(gone, id)
				}
				mu.Unlock()
			}
		})
	}
	for _, id := range ids {
		next <- id
	}
	close(next)
	lookers.Wait()
	slices.Sort(gone)
	return gone, context.Cause(ctx)
}
