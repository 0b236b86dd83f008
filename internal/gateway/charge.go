package gateway

import (
	"cmp"
	"time"

	"roster"
	"roster/internal/core"
	"roster/internal/limit"
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
	return &roster.Error{Kind: roster.TooMany, RetryAfter: (wait + time.Second - 1).Truncate(time.Second),
		Message: "Too many " + of + ". Wait a moment. Nothing was done."}
}

// maxLookups is how many things one request can have the upstream look for.
const maxLookups = 250

// resolve is what is known about a thing that the request names.
func (f *flight) resolve(ref reference) (fact, error) {
	if askedWithin[ref.kind] != nil {
		return f.find(ref, f.mayLookUp)
	}
	what, err := f.gate.resolver.resolve(f.r.Context(), ref, f.mayLookUp)
	if err == nil && ref.kind == "draft" {
		var of fact
		of, err = f.find(reference{kind: "task", id: what.task}, free) // the draft was counted
		what.project = of.project
	}
	return what, err
}

// mayLookUp is asked before the upstream is.
func (f *flight) mayLookUp() error {
	if f.project != 0 {
		if err := f.admit(); err != nil {
			return err
		}
	}
	return f.charge()
}

// charge counts a question, and refuses one too many.
func (f *flight) charge() error {
	f.inquired = true
	if f.looked++; f.looked > maxLookups {
		return roster.Errorf(roster.Invalid, "This names more than %d things. Send it in parts. Nothing was done.", maxLookups)
	}
	if err := f.gate.misses.charge(f.name(), "of your requests named things that are not there or not yours"); err != nil {
		return err
	}
	f.charged++
	return nil
}

// missed counts a request that named what is not there or not the person's, where nothing
// was counted yet: else one could tell by counting what the gate has heard of.
func (f *flight) missed(err error) error {
	if roster.KindOf(err) != roster.NotFound || f.charged > 0 || len(f.refs) == 0 {
		return err
	}
	return cmp.Or(f.charge(), err)
}

// name is by whom questions are counted: a person, however they come.
func (f *flight) name() string { return formatID(f.caller.who.UserID) }

// found takes back what was counted, once it is known that the person may see
// what was looked for.
func (f *flight) found() error {
	if f.charged == 0 || f.project == 0 { // the whole organization's: the rule decides
		return nil
	}
	if err := f.admit(); err != nil {
		return err
	}
	f.refund()
	return nil
}

func (f *flight) refund() {
	for ; f.charged > 0; f.charged-- {
		f.gate.misses.Refund(f.name())
	}
}

// admit asks whether the person sees the project at all, once for a request.
func (f *flight) admit() error {
	if f.admitted {
		return nil
	}
	err := f.may(core.ViewProject)
	f.admitted = err == nil
	return err
}

// may asks the policy about the request's project, which the mirror may not
// know yet.
func (f *flight) may(action core.Action) error {
	err := f.mayNow(action)
	if err == nil || roster.KindOf(err) != roster.NotFound {
		return err
	}
	if made, refused := f.gate.firstSight(f.r.Context(), f.project, f.charge); !made {
		return cmp.Or(refused, err)
	}
	_, err = f.gate.app.MayInProject(f.r.Context(), action, f.project)
	return err
}

// mayNow asks the policy on what was read along with who asks, as long as that may count:
// a request that took longer is asked about anew. About another project the store is
// asked.
func (f *flight) mayNow(action core.Action) error {
	if f.caller.at.ProjectID == f.project && !f.waited() {
		f.gate.app.Asked(f.r.Context(), f.project)
		return f.gate.app.MayAs(f.r.Context(), action, f.caller.at)
	}
	_, err := f.gate.app.MayInProject(f.r.Context(), action, f.project)
	return err
}
