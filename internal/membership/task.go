package membership

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
)

// CreateTasks makes tasks of JSON objects and returns their ids, in order.
func (a *Membership) CreateTasks(ctx context.Context, project int64, data []string) (ids []int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if _, err := tx.MayInProject(ctx, core.ManageTasks, project); err != nil {
			return err
		}
		if err := tx.OwnIDs(ctx); err != nil {
			return err
		}
		if _, err := tx.db.LockProject(ctx, project); err != nil { // nobody else numbers tasks now
			return err
		}
		tasks := make([]roster.Task, len(data))
		for i, d := range data {
			tasks[i] = roster.Task{ProjectID: project, Data: d, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
		}
		ids, err = tx.db.LoadTasks(ctx, tasks)
		return err
	})
	return ids, err
}

// Task reads a task.
func (a *Membership) Task(ctx context.Context, id int64) (roster.Task, error) {
	t, err := a.task(ctx, core.ViewTasks, id)
	if err != nil {
		return t, err
	}
	one := []roster.Task{t}
	err = a.addGiven(ctx, t.ProjectID, one)
	return one[0], err
}

// addGiven says whom tasks are given to, for an actor who may know.
func (a *Membership) addGiven(ctx context.Context, project int64, tasks []roster.Task) error {
	_, err := a.MayInProject(ctx, core.AssignAnnotators, project)
	if roster.KindOf(err) == roster.Forbidden {
		return nil
	}
	if err != nil {
		return err
	}
	return a.db.AddGiven(ctx, tasks)
}

func (a *Membership) task(ctx context.Context, action core.Action, id int64) (roster.Task, error) {
	t, err := a.db.Task(ctx, id)
	if err != nil {
		return t, err
	}
	_, err = a.MayInProject(ctx, action, t.ProjectID)
	return t, err
}

// Tasks is one page of a project's tasks, and how many there are in all. Nobody is
// asked whom they are given to.
func (a *Membership) Tasks(ctx context.Context, project int64, page roster.Page) (tasks []roster.Task,
	total int, err error) {
	if total, err = a.CountTasks(ctx, project); err != nil || page.Offset() >= total {
		return nil, total, err
	}
	tasks, err = a.db.Tasks(ctx, project, page)
	return tasks, total, err
}

// GivenTasks is the same, with whom they are given to for an actor who may know.
func (a *Membership) GivenTasks(ctx context.Context, project int64, page roster.Page) ([]roster.Task, int, error) {
	tasks, total, err := a.Tasks(ctx, project, page)
	if err != nil || len(tasks) == 0 {
		return nil, total, err
	}
	return tasks, total, a.addGiven(ctx, project, tasks)
}

// CountTasks is how many tasks a project has.
func (a *Membership) CountTasks(ctx context.Context, project int64) (int, error) {
	if _, err := a.MayInProject(ctx, core.ViewTasks, project); err != nil {
		return 0, err
	}
	return a.db.CountTasks(ctx, project)
}

// UpdateTask changes a task by what change makes of it, or refuses. Whoever has it
// keeps it.
func (a *Membership) UpdateTask(ctx context.Context, id int64, change func(t *roster.Task) error) error {
	return a.Update(ctx, func(tx *Membership) error {
		t, err := tx.task(ctx, core.ManageTasks, id)
		if err != nil {
			return err
		}
		before := t
		if err := change(&t); err != nil || t == before {
			return err
		}
		t.UpdatedAt = tx.Now()
		return tx.db.UpdateTask(ctx, t)
	})
}

// DeleteTask deletes a task and everybody's assignments to it. Where it was
// assigned that is an operation; 0 where it was not.
func (a *Membership) DeleteTask(ctx context.Context, id int64) (op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		t, err := tx.task(ctx, core.DeleteTasks, id)
		if err != nil {
			return err
		}
		op, err = tx.DeleteTasks(ctx, t.ProjectID, roster.TaskSelector{Included: []int64{id}})
		return err
	})
	return op, err
}

// DeleteEveryTask deletes all tasks of a project, as DeleteTask does one.
func (a *Membership) DeleteEveryTask(ctx context.Context, project int64) (op int64, err error) {
	err = a.Update(ctx, func(tx *Membership) error {
		if _, err := tx.MayInProject(ctx, core.DeleteTasks, project); err != nil {
			return err
		}
		op, err = tx.DeleteTasks(ctx, project, roster.TaskSelector{All: true})
		return err
	})
	return op, err
}

// DeleteTasks deletes the tasks of a project that s selects. Whose open
// assignments that ends is recorded; nobody's membership changes.
func (a *Membership) DeleteTasks(ctx context.Context, project int64, s roster.TaskSelector) (op int64, err error) {
	if _, err := a.db.LockProject(ctx, project); err != nil {
		return 0, err
	}
	people, err := a.db.AssignedTo(ctx, project, s)
	if err != nil {
		return 0, err
	}
	if len(people) > 0 {
		if op, err = a.recordTasks(ctx, project, s, people); err != nil {
			return 0, err
		}
	}
	return op, a.db.DeleteTasks(ctx, project, s)
}

// recordTasks writes down that people had tasks which are deleted.
func (a *Membership) recordTasks(ctx context.Context, project int64, s roster.TaskSelector,
	people []int64) (int64, error) {
	selector := fmt.Sprintf(`{"tasks":%d}`, len(s.Included))
	switch {
	case s.All:
		selector = `{"every_task":true}`
	case len(s.Included) == 1:
		selector = fmt.Sprintf(`{"task":%d}`, s.Included[0])
	}
	op, err := a.Begin(ctx, roster.Operation{Kind: roster.OpTaskDelete, ProjectID: project, Selector: selector})
	if err != nil {
		return 0, err
	}
	if err := a.db.RecordSame(ctx, op, people, roster.Outcome{Result: roster.TasksDeleted}); err != nil {
		return 0, err
	}
	return op, a.Finish(ctx, op, len(people))
}

// assigning is the action that giving out tasks of this type is. Without a
// type it is about both, so the rarer one decides.
func assigning(kind roster.AssignmentType) core.Action {
	if kind == roster.Annotate {
		return core.AssignAnnotators
	}
	return core.AssignReviewers
}

// AssignTasks gives the tasks that s selects to each of the given people, who
// must have access to the project. Whoever has a task already keeps it. What is in the
// tasks is read before anything is locked: others need not wait for that.
func (a *Membership) AssignTasks(ctx context.Context, project int64, s roster.TaskSelector,
	kind roster.AssignmentType, users []int64) (done roster.TasksAssigned, err error) {
	read, err := a.readTasks(ctx, project, s, kind)
	if err != nil {
		return done, err
	}
	err = a.Update(ctx, func(tx *Membership) error {
		p, err := tx.assignIn(ctx, project, kind)
		if err != nil {
			return err
		}
		if done.TaskIDs, err = tx.db.SelectedTasks(ctx, p.ID, s, read); err != nil {
			return err
		}
		if len(done.TaskIDs)*len(users) > roster.MostPairs {
			return roster.InvalidField("users",
				"These are %d tasks for %d people, more than %d at once. Name fewer of either. Nothing was changed.",
				len(done.TaskIDs), len(users), roster.MostPairs)
		}
		done.Count, err = tx.assign(ctx, p, done.TaskIDs, kind, users)
		return err
	})
	return done, err
}

// readTasks reads what s has to know of the data of tasks, for who may give them out.
func (a *Membership) readTasks(ctx context.Context, project int64, s roster.TaskSelector,
	kind roster.AssignmentType) (store.TaskReading, error) {
	if err := s.Validate(); err != nil {
		return nil, err
	}
	p, _, err := a.AllowedProject(ctx, assigning(kind), project)
	if err != nil {
		return nil, err
	}
	if p.Mirrored && s.Filter.Uses(roster.TaskNumber, roster.TaskCompletedAt, roster.TaskData) {
		return nil, roster.InvalidField("filters",
			"What is in the tasks of this project is in Label Studio behind the gate; "+
				"Roster knows their ids and whom they are given to. Nothing was changed.")
	}
	return a.db.ReadTasks(ctx, project, s, nil)
}

// assignIn authorizes giving out tasks of a project and locks it: nobody's
// stay may end half-way.
func (a *Membership) assignIn(ctx context.Context, project int64, kind roster.AssignmentType) (roster.Project, error) {
	if _, err := a.MayInProject(ctx, assigning(kind), project); err != nil {
		return roster.Project{}, err
	}
	return a.db.LockProject(ctx, project)
}

// assign refuses people without access, sees to it that the others have a
// stay in the project, and gives them the tasks within it.
func (a *Membership) assign(ctx context.Context, p roster.Project, tasks []int64, kind roster.AssignmentType,
	users []int64) (int, error) {
	fit, err := a.db.Assignable(ctx, p, users)
	if err != nil {
		return 0, err
	}
	for _, id := range users {
		if !fit[id] {
			return 0, roster.InvalidField("users", "User %d has no access to the project. Nothing was changed.", id)
		}
	}
	if err := a.beginInherited(ctx, p, users); err != nil {
		return 0, err
	}
	return a.db.AssignTasks(ctx, p, tasks, kind, users, a.Now())
}

// beginInherited gives people who have access by another path a row in the
// project. That is an operation: the row begins and ends like any other.
func (a *Membership) beginInherited(ctx context.Context, p roster.Project, users []int64) error {
	lacking, err := a.db.WithoutStanding(ctx, p, users)
	if err != nil || len(lacking) == 0 {
		return err
	}
	op, err := a.Begin(ctx, roster.Operation{Kind: roster.OpTaskAssign, ProjectID: p.ID})
	if err != nil {
		return err
	}
	return a.db.BeginInherited(ctx, p, lacking, op)
}

// EachAnnotator hands the people to whom the actor may give tasks of a project to
// annotate to fn: everybody with access to it, by any path, by id, with what names them
// and holding none. Whoever may not list people learns their names, and no e-mail.
func (a *Membership) EachAnnotator(ctx context.Context, project int64, fn func(roster.User) error) error {
	return a.Stream(ctx, func(tx *Membership) error {
		p, who, err := tx.AllowedProject(ctx, core.AssignAnnotators, project)
		if err != nil {
			return err
		}
		return tx.db.EachNamed(ctx, p, roster.MemberFilter{Ability: roster.Able},
			func(u roster.User) error { return fn(core.Addressed(who, u)) })
	})
}

// Assignees is who a task is assigned to now.
func (a *Membership) Assignees(ctx context.Context, project, task int64) ([]roster.Assignment, error) {
	if _, err := a.MayInProject(ctx, core.AssignAnnotators, project); err != nil {
		return nil, err
	}
	if err := a.taskOf(ctx, project, task); err != nil {
		return nil, err
	}
	return a.db.Assignees(ctx, task, "")
}

// taskOf is NotFound unless the task is one of the project's.
func (a *Membership) taskOf(ctx context.Context, project, task int64) error {
	t, err := a.db.Task(ctx, task)
	if err == nil && t.ProjectID != project {
		err = roster.Errorf(roster.NotFound, "Not found.")
	}
	return err
}

// AddAssignees gives a task to people too, and returns the first one's
// assignment.
func (a *Membership) AddAssignees(ctx context.Context, project, task int64, kind roster.AssignmentType,
	users []int64) (first roster.Assignment, err error) {
	err = a.onTask(ctx, project, task, kind, func(tx *Membership, p roster.Project) error {
		first, err = tx.assignTask(ctx, p, task, kind, users)
		return err
	})
	return first, err
}

// SetAssignees gives a task to these people and no others, and returns the
// first one's assignment, or with nobody given the first that was taken away.
func (a *Membership) SetAssignees(ctx context.Context, project, task int64, kind roster.AssignmentType,
	users []int64) (first roster.Assignment, err error) {
	err = a.onTask(ctx, project, task, kind, func(tx *Membership, p roster.Project) error {
		stays := setOf(users)
		first, err = tx.dropAssignees(ctx, task, kind, func(user int64) bool { return !stays[user] })
		if err != nil || len(users) == 0 {
			return err
		}
		first, err = tx.assignTask(ctx, p, task, kind, users)
		return err
	})
	return first, err
}

// RemoveAssignees takes a task away from the given people (nil: from
// everybody), for one type of work or, without one, for both.
func (a *Membership) RemoveAssignees(ctx context.Context, project, task int64, kind roster.AssignmentType,
	users []int64) error {
	goes := setOf(users)
	return a.onTask(ctx, project, task, kind, func(tx *Membership, _ roster.Project) error {
		_, err := tx.dropAssignees(ctx, task, kind, func(user int64) bool { return users == nil || goes[user] })
		return err
	})
}

// onTask runs a change of a task's assignees that the actor may make.
func (a *Membership) onTask(ctx context.Context, project, task int64, kind roster.AssignmentType,
	change func(tx *Membership, p roster.Project) error) error {
	return a.Update(ctx, func(tx *Membership) error {
		p, err := tx.assignIn(ctx, project, kind)
		if err != nil {
			return err
		}
		if err := tx.taskOf(ctx, project, task); err != nil {
			return err
		}
		return change(tx, p)
	})
}

// assignTask gives people one task and returns the first one's assignment.
func (a *Membership) assignTask(ctx context.Context, p roster.Project, task int64, kind roster.AssignmentType,
	users []int64) (first roster.Assignment, err error) {
	if _, err := a.assign(ctx, p, []int64{task}, kind, users); err != nil {
		return first, err
	}
	open, err := a.db.Assignees(ctx, task, kind)
	given := setOf(users)
	if at := slices.IndexFunc(open, func(o roster.Assignment) bool { return given[o.UserID] }); at >= 0 {
		first = open[at]
	}
	return first, err
}

func setOf(ids []int64) map[int64]bool {
	set := make(map[int64]bool, len(ids))
	for _, id := range ids {
		set[id] = true
	}
	return set
}

// dropAssignees takes a task away from those that goes says, and returns the
// first assignment that went.
func (a *Membership) dropAssignees(ctx context.Context, task int64, kind roster.AssignmentType,
	goes func(user int64) bool) (first roster.Assignment, err error) {
	open, err := a.db.Assignees(ctx, task, kind)
	if err != nil {
		return first, err
	}
	var gone []int64
	for _, o := range open {
		if goes(o.UserID) {
			gone = append(gone, o.ID)
			first = cmp.Or(first, o)
		}
	}
	return first, a.db.DropAssignments(ctx, gone)
}
