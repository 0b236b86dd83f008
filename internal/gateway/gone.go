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
	gone    []int64 // those of which it is known already
	who     roster.Actor
}

// doubts are those that have to be looked into: one for each project and person who
// deleted something of it.
type doubts struct {
	bell chan struct{} // rings when there are some to look into at once
	turn sync.Mutex    // held by who looks into them

	mu   sync.Mutex
	open map[[2]int64]doubt
}

func newDoubts() *doubts { return &doubts{bell: make(chan struct{}, 1), open: map[[2]int64]doubt{}} }

func (d *doubts) ring() {
	select {
	case d.bell <- struct{}{}:
	default: // it rings already
	}
}

func (d *doubts) add(n doubt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := [2]int64{n.project, n.who.UserID}
	was, known := d.open[key]
	switch {
	case known && (was.tasks == nil || n.tasks == nil):
		n.tasks = nil
	case known:
		n.tasks = slices.Concat(was.tasks, n.tasks)
	}
	n.gone = slices.Concat(was.gone, n.gone)
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
// how long: it waits for that. Others are looked for after it, so many before it is another
// deletion's turn.
const (
	fewGone  = 50
	lookFor  = 5 * time.Second
	manyGone = 1000
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
	d, err := f.gate.doubtful(ctx, f.doubted())
	if err == nil && len(d.tasks) > fewGone {
		err = errManyGone
	}
	if err == nil {
		_, err = f.gate.look(ctx, d, fewGone)
	}
	if err != nil {
		f.lookLater(err)
	}
	return nil
}

// lookLater has it looked for what a deletion deleted, after its answer.
func (f *flight) lookLater(why error) {
	d := f.doubted()
	slog.InfoContext(f.r.Context(), "what a deletion deleted is looked for later", "project", d.project, "why", why)
	f.gate.doubts.add(d)
	f.gate.doubts.ring()
}

// Doubted rings when LookAgain has something to find out.
func (g *Gate) Doubted() <-chan struct{} { return g.doubts.bell }

// LookAgain looks into what could not be found out before, for each deletion into so many
// tasks; what is left is another turn's. What still cannot be found out stays. Who comes
// while somebody looks waits.
func (g *Gate) LookAgain(ctx context.Context) (failed error) {
	g.doubts.turn.Lock()
	defer g.doubts.turn.Unlock()
	for _, d := range g.doubts.take() {
		left, err := g.lookAgain(roster.WithActor(ctx, d.who), d)
		switch {
		case err != nil:
			g.doubts.add(left)
			failed = errors.Join(failed, fmt.Errorf("what was deleted of project %d is not known: %w", d.project, err))
		case len(left.tasks) > 0:
			g.doubts.add(left)
			g.doubts.ring()
		}
	}
	return failed
}

func (g *Gate) lookAgain(ctx context.Context, d doubt) (left doubt, err error) {
	if ctx.Err() != nil {
		return d, ctx.Err()
	}
	if left, err = g.doubtful(ctx, d); err != nil {
		return d, err
	}
	return g.look(ctx, left, manyGone)
}

// look finds out of at most so many tasks which are gone. Once that is known of all, Roster
// follows: it is one deletion.
func (g *Gate) look(ctx context.Context, d doubt, most int) (left doubt, err error) {
	most = min(most, len(d.tasks))
	gone, err := g.upstream.goneTasks(ctx, d.project, d.tasks[:most])
	if err != nil {
		return d, err
	}
	left = d
	left.gone, left.tasks = slices.Concat(d.gone, gone), d.tasks[most:]
	if len(left.tasks) > 0 || len(left.gone) == 0 {
		return left, nil
	}
	g.resolver.forgetTasks(left.gone)
	return left, g.app.ForgetTasks(ctx, d.project, roster.TaskSelector{Included: left.gone})
}

// doubtful is a doubt as it is now: in the tasks that Roster knows of and that may be gone.
// Those that a list has are there. With its project, they are all gone.
func (g *Gate) doubtful(ctx context.Context, d doubt) (doubt, error) {
	now := doubt{project: d.project, tasks: []int64{}, who: d.who}
	if gone, err := g.forgetIfGone(ctx, d.project); gone || err != nil {
		return now, err
	}
	known, err := g.app.MirroredTasks(ctx, d.project)
	if err != nil || len(known) == 0 {
		return now, err
	}
	suspect, err := g.suspects(ctx, d)
	if err != nil {
		return now, err
	}
	gone := setOf(d.gone)
	for _, id := range known {
		switch {
		case gone[id]:
			now.gone = append(now.gone, id)
		case suspect(id):
			now.tasks = append(now.tasks, id)
		}
	}
	return now, nil
}

// suspects tells which tasks of a doubt's project may be gone: those that it names, or those
// that a list lacks.
func (g *Gate) suspects(ctx context.Context, d doubt) (func(id int64) bool, error) {
	if d.tasks != nil {
		named := setOf(d.tasks)
		return func(id int64) bool { return named[id] }, nil
	}
	listed, err := g.upstream.Tasks(ctx, d.project)
	there := setOf(listed)
	return func(id int64) bool { return !there[id] }, err
}

func setOf(ids []int64) map[int64]bool {
	set := make(map[int64]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
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
	ctx context.Context, exists func(*Upstream, context.Context, int64) (bool, error), id int64,
	whole func(context.Context) error,
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
	feed(ctx, next, ids)
	lookers.Wait()
	slices.Sort(gone)
	return gone, context.Cause(ctx)
}
