package gateway

import (
	"cmp"
	"context"
	"slices"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/limit"
	"roster/internal/metrics"
)

// Somebody who has no business here can name any id, and the gate would have
// the upstream look for it before it can tell. So whoever names a project is
// asked about that first, and every question that ends in nothing is counted.

// misses counts the questions that end in nothing, each against the name of who
// asks. One is counted before it is asked, and refunded when it ends in something.
type misses struct {
	*limit.Limiter
	now func() time.Time
}

// charge counts a question, and refuses one too many; of is what they were.
func (m misses) charge(name, of string) error {
	wait := m.Wait(name, m.now())
	if wait <= 0 {
		return nil
	}
	metrics.Limited("misses")
	return roster.Error{Kind: roster.TooMany, RetryAfter: (wait + time.Second - 1).Truncate(time.Second)}.Says(
		"Too many %s. Wait a moment. Nothing was done.", of)
}

// maxLookups is how many things one request can have the upstream look for.
const maxLookups = 250

// resolve is what is known about a thing that the request names. Others' drafts are as good
// as absent, whoever asks.
func (f *located) resolve(ref reference) (fact, error) {
	what, err := f.look(inquiry{ref: ref, may: f.mayLookUp})
	if err == nil && ref.kind == "draft" && f.wrote(what) {
		var of fact
		of, err = f.look(inquiry{ref: reference{kind: "task", id: what.task}, may: free}) // the draft was counted
		what.project = of.project
	}
	if err != nil {
		return what, err
	}
	f.resolved = append(f.resolved, resolution{ref, what})
	if ref.kind == "draft" && !f.wrote(what) {
		err = notFound
	}
	return what, err
}

// wrote reports whether something is the person's own work.
func (f *identified) wrote(what fact) bool { return what.author == f.caller.who.UserID }

// look is what is remembered about a thing, or else what the upstream says.
func (f *located) look(i inquiry) (fact, error) {
	if i.ref.kind == "project" {
		return fact{project: i.ref.id}, nil
	}
	s := f.gate.resolver
	if what, there := s.recall(i); there {
		return what, nil
	}
	if askedWithin[i.ref.kind] != nil {
		return f.find(i)
	}
	return s.once(f.r.Context(), i, func(ctx context.Context) (fact, error) { return s.ask(ctx, i.ref) })
}

// mayLookUp is asked before the upstream is.
func (f *located) mayLookUp(ref reference) error {
	if f.project != 0 {
		if err := f.admit(); err != nil {
			return err
		}
	}
	for ; f.owned < len(f.resolved); f.owned++ {
		if kept, err := f.keptFrom(f.resolved[f.owned]); kept || err != nil {
			return cmp.Or(err, error(notFound))
		}
	}
	return f.count(ref)
}

// count counts a question about a thing.
func (f *located) count(ref reference) error {
	f.inquiries = append(f.inquiries, ref)
	return f.charge()
}

// charge counts a question, and refuses one too many.
func (f *located) charge() error {
	f.inquired = true
	if f.looked++; f.looked > maxLookups {
		return roster.Errorf(roster.Invalid,
			"This names more than %d things. Send it in parts. Nothing was done.", maxLookups)
	}
	if err := f.gate.misses.charge(f.name(), "of your requests named things that are not there or not yours"); err != nil {
		return err
	}
	f.charged++
	return nil
}

// missed has a request that named what is not the person's cost what it costs to name what
// is not there: the upstream's time, and a question that is counted, if it was not yet.
// Else one could tell by either what the gate has heard of.
func (f *located) missed(err error) error {
	if roster.KindOf(err) != roster.NotFound || len(f.refs) == 0 {
		return err
	}
	if failed := f.askAfter(); failed != nil && roster.KindOf(failed) != roster.NotFound {
		return failed
	}
	if f.charged > 0 {
		return err
	}
	return cmp.Or(f.charge(), err)
}

// resolution is a thing that a request names, and what is known about it.
type resolution struct {
	reference
	fact
}

// askAfter asks the upstream about the first thing that a refused request names and that is
// not the person's, where the refusal rests on what was remembered.
func (f *located) askAfter() error {
	defer func(project int64) { f.project = project }(f.project) // for the log
	f.project, f.task, f.admitted = 0, 0, false
	for _, l := range f.resolved {
		about := f.project
		theirs, err := f.owns(l)
		if err != nil {
			return err
		}
		if !theirs {
			f.project, f.admitted = about, false
			return f.lookAfter(l.reference)
		}
	}
	return nil
}

// lookAfter asks about one thing for who is refused it, unless this request did.
func (f *located) lookAfter(ref reference) (err error) {
	s, asked := f.gate.resolver, false
	for _, q := range f.inquiries {
		if q.bare() == ref.bare() {
			s.refused.put(q, struct{}{}, s.now())
			asked = true
		}
	}
	if !asked {
		_, err = f.look(inquiry{ref: ref, may: f.count, refused: true})
	}
	return err
}

// owns reports whether a thing is of the request's project and task, which are the person's.
func (f *located) owns(l resolution) (bool, error) {
	if !agree(&f.project, l.project) || !agree(&f.task, l.task) {
		return false, nil
	}
	if f.project != 0 {
		if err := f.admit(); err != nil {
			return false, whetherGone(err)
		}
	}
	kept, err := f.keptFrom(l)
	return !kept, err
}

// whetherGone is the error that a refusal is not.
func whetherGone(err error) error {
	if roster.KindOf(err) == roster.NotFound {
		return nil
	}
	return err
}

// keptFrom reports whether a thing of the person's project is as good as absent for them:
// somebody else's work, or a task that was given to others.
func (f *located) keptFrom(l resolution) (bool, error) {
	switch {
	case l.kind == "draft" && !f.wrote(l.fact):
		return true, nil
	case f.project == 0, (l.kind != "annotation" || !f.rule.mine) && (l.task == 0 || !f.rule.assign):
		return false, nil
	}
	reviews, err := whether(f.mayNow(core.ReviewTasks))
	if err != nil || reviews {
		return false, whetherGone(err)
	}
	if l.kind == "annotation" && f.rule.mine && !f.wrote(l.fact) && slices.Contains(pathReferences(f.named), l.reference) {
		return true, nil
	}
	if !f.rule.assign || l.task == 0 {
		return false, nil
	}
	tasks, held, err := f.gate.app.OnlyAssigned(f.r.Context(), f.project)
	return held && !slices.Contains(tasks, l.task), err
}

// name is by whom questions are counted: a person, however they come.
func (f *identified) name() string { return formatID(f.caller.who.UserID) }

// found takes back what was counted, once it is known that the person may see
// what was looked for.
func (f *located) found() error {
	if f.charged == 0 || f.project == 0 { // the whole organization's: the rule decides
		return nil
	}
	if err := f.admit(); err != nil {
		return err
	}
	f.refund()
	return nil
}

func (f *located) refund() {
	for ; f.charged > 0; f.charged-- {
		f.gate.misses.Refund(f.name())
	}
}

// admit asks whether the person sees the project at all, once for a request.
func (f *located) admit() error {
	if f.admitted {
		return nil
	}
	err := f.may(core.ViewProject)
	f.admitted = err == nil
	return err
}

// may asks the policy about the request's project, which the mirror may not
// know yet.
func (f *located) may(action core.Action) error {
	err := f.mayNow(action)
	if err == nil || roster.KindOf(err) != roster.NotFound {
		return err
	}
	if !f.actor().Role.SeesEveryProject() { // nobody else sees one that the mirror does not know
		return err
	}
	if made, refused := f.gate.firstSight(f.r.Context(), f.project, f.count); !made {
		return cmp.Or(refused, err)
	}
	_, err = f.gate.app.MayInProject(f.r.Context(), action, f.project)
	return err
}

// mayNow asks the policy on what was read along with who asks, as long as that may count:
// a request that took longer is asked about anew. About another project the store is
// asked.
func (f *located) mayNow(action core.Action) error {
	if f.caller.at.ProjectID == f.project && !f.waited() {
		f.gate.app.Asked(f.r.Context(), f.project)
		return f.gate.app.MayAs(f.r.Context(), action, f.caller.at)
	}
	_, err := f.gate.app.MayInProject(f.r.Context(), action, f.project)
	return err
}
