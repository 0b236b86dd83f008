package gateway

import (
	"cmp"
	"context"
	"slices"

	"roster"
	"roster/internal/core"
)

// locateAddress resolves everything that the address names. All of it, and of
// what the body names, must be of one project, and of one task where it is of
// tasks: else there is no such thing.
func (f *located) locateAddress() (err error) {
	if f.refs, err = addressed(f.rule, f.named, f.query); err != nil {
		return err
	}
	if slices.Contains(f.rule.needs, "filepath") {
		project, err := filed(f.query.get("filepath"))
		if err != nil {
			return err
		}
		if project != 0 {
			f.refs = append(f.refs, reference{kind: "project", id: project})
		}
	}
	if slices.Contains(f.rule.needs, "d") {
		if err := f.locateFile(); err != nil {
			return err
		}
	}
	return f.locate(f.refs)
}

// locateBody resolves what the body names besides.
func (f *located) locateBody() error {
	refs, err := f.body.references(f.rule, f.named.get("type"))
	if err != nil {
		return err
	}
	f.refs = append(f.refs, refs...)
	if err := f.locate(refs); err != nil {
		return err
	}
	if f.rule.scope == inProject && f.project == 0 && f.rule.elsewhere == "" {
		return roster.InvalidField("project", "Say which project this is about. Nothing was done.")
	}
	if err := f.aboutNoProject(); err != nil {
		return err
	}
	f.narrowToProject()
	return f.everyItem()
}

// aboutNoProject refuses to change what is the organization's for a request that
// names a project: the upstream would not look at it, and the person would think
// that one project was changed.
func (f *located) aboutNoProject() error {
	if f.rule.door != upstream || f.rule.scope != inOrganization || f.project == 0 || f.reads() {
		return nil
	}
	return roster.InvalidField("project", "This is not about one project. Leave it out. Nothing was changed.")
}

// choosers are the names by which a request chooses among the things of all
// projects.
var choosers = []string{"project", "view", "task", "task__project"}

// narrowToProject asks the upstream about the one project that was decided about.
// It knows fewer names than the gate resolves, and what it does not know chooses
// nothing: it would answer with the things of every project.
func (f *located) narrowToProject() {
	chooses := slices.ContainsFunc(f.rule.needs, func(name string) bool { return slices.Contains(choosers, name) })
	if f.project != 0 && f.rule.scope == inProject && chooses {
		f.query = f.query.without("project_id").with("project", formatID(f.project))
	}
}

// locate resolves some of what a request names.
func (f *located) locate(refs []reference) error {
	slices.SortStableFunc(refs, projectsFirst) // who may not see the project makes the upstream look for nothing
	for _, ref := range refs {
		if f.nowhere(ref) {
			continue
		}
		what, err := f.resolve(ref)
		if err != nil {
			return err
		}
		if ref.kind == "label" {
			if err := f.shares(what.shared); err != nil {
				return err
			}
		}
		f.whole = f.whole || (what.project == 0 && f.rule.elsewhere != "")
		if !agree(&f.project, what.project) || !agree(&f.task, what.task) {
			return notFound
		}
		if err := f.found(); err != nil {
			return err
		}
	}
	return nil
}

// nowhere reports whether a reference is to nothing that lies in a project: to a
// person, the organization, or a label as the organization's own.
func (f *located) nowhere(ref reference) bool {
	return (ref.kind != "project" && lookups[ref.kind] == "" && askedWithin[ref.kind] == nil) ||
		(ref.kind == "label" && f.rule.scope == inOrganization)
}

// projectsFirst orders references so that what says its project comes before what is looked
// for in projects.
func projectsFirst(a, b reference) int {
	return cmp.Compare(rank(a), rank(b))
}

func rank(r reference) int {
	switch {
	case r.kind == "project":
		return 0
	case r.kind == "draft" || askedWithin[r.kind] != nil:
		return 2
	}
	return 1
}

// agree reports whether an id is the one that was named before, if any was.
func agree(known *int64, id int64) bool {
	if *known == 0 {
		*known = id
	}
	return id == 0 || *known == id
}

// everyItem refuses a list in which an item names no project.
func (f *located) everyItem() error {
	if f.body == nil || !f.body.list || !slices.Contains(f.rule.needs, "project") {
		return nil
	}
	for _, o := range f.body.objects {
		if raw, _ := o.get("project"); len(raw) == 0 || string(raw) == "null" {
			return roster.InvalidField("project", "Every item must say which project it is about. Nothing was changed.")
		}
	}
	return nil
}

// ground is what a decision rests on besides who asks.
type ground struct {
	project int64
	whole   bool
}

// authorize asks the one policy, which reads the store: again only where the body
// said more. Where it alone says which project a request is about, the first
// question is whether there could be one.
func (f *located) authorize() error {
	on := ground{f.project, f.whole}
	switch {
	case f.decided != nil && *f.decided == on:
		return nil
	case f.rule.scope == inProject && f.project == 0 && !f.arrived:
		_, err := f.gate.app.May(f.r.Context(), f.rule.action)
		return f.rule.explained(err)
	}
	if err := f.lets(f.r.Context(), f.may); err != nil {
		return f.rule.explained(err)
	}
	f.decided = &on
	f.refund()
	return nil
}

// lets is the question whether the rule lets the actor in ctx through: before
// a request goes on, and while it is in flight. About the request's project it
// asks by inside.
func (f *located) lets(ctx context.Context, inside func(core.Action) error) error {
	everywhere, here := f.rule.elsewhere, f.rule.action
	if f.rule.scope == inOrganization {
		everywhere, here = f.rule.action, core.ViewProject // when it names a project all the same
	}
	if f.project != 0 {
		if err := inside(here); err != nil {
			return err
		}
	}
	// whole: something of the whole organization's, that would become one project's
	if f.project == 0 || f.whole || f.rule.scope == inOrganization {
		_, err := f.gate.app.May(ctx, everywhere)
		return err
	}
	return nil
}

// restrict holds people who do not review to their own work, and to the tasks
// they were given where a project gives out assigned tasks only.
func (f *flight) restrict() (err error) {
	ctx := f.r.Context()
	if f.project != 0 && (f.rule.mine || f.rule.assign || f.rule.questions || f.rule.narrow.personal ||
		f.rule.body == jsonBody) {
		if f.reviews, err = whether(f.mayNow(core.ReviewTasks)); err != nil {
			return err
		}
	}
	if err := f.authorship(); err != nil {
		return err
	}
	if f.rule.assign && !f.reviews {
		if f.assigned, f.held, err = f.gate.app.OnlyAssigned(ctx, f.project); err != nil {
			return err
		}
		if f.held && !f.lists() && !slices.Contains(f.assigned, f.task) {
			return notFound
		}
	}
	return inTurn(f.searches, f.trim, f.fewKinds)
}

// whether makes of a decision whether it was for the person.
func whether(err error) (bool, error) {
	if roster.KindOf(err) == roster.Forbidden {
		return false, nil
	}
	return err == nil, err
}

// lists reports whether the answer is a choice of tasks, which a narrower makes.
func (f *flight) lists() bool { return f.task == 0 && f.rule.narrow.chooses }

// authorship refuses others' annotations to people who do not review, and others'
// tabs to people who do not manage tasks. Others' drafts nobody found.
func (f *flight) authorship() error {
	for _, ref := range pathReferences(f.named) {
		tab := ref.kind == "view" && f.rule.mine
		theirs := tab || (ref.kind == "annotation" && f.rule.mine && !f.reviews)
		if !theirs {
			continue
		}
		what, err := f.resolve(ref)
		if err != nil {
			return err
		}
		switch {
		case what.author == f.caller.who.UserID:
		case !tab:
			return notFound
		default:
			return f.othersTab()
		}
	}
	return nil
}

// othersTab refuses somebody else's tab to people who do not manage tasks.
func (f *flight) othersTab() error {
	_, err := f.gate.app.MayInProject(f.r.Context(), core.ManageTasks, f.project)
	if roster.KindOf(err) == roster.Forbidden {
		return roster.Errorf(roster.Forbidden,
			"This tab is somebody else's, and only managers change it. Make one of your own. Nothing was changed.")
	}
	return err
}

// maxPage is how many things a page of a list may hold. The upstream sets no
// bound, and takes -1 for everything there is.
const maxPage = 1000

// paging refuses to have the upstream make a page that is too large. Fewer than
// were asked for would look like the end of the list to some programs.
func (f *located) paging() error {
	if f.rule.lowers {
		return nil
	}
	for _, name := range []string{"page_size", "length"} {
		if n, ok := parseID(f.query.get(name)); f.query.has(name) && (!ok || n > maxPage) {
			return roster.InvalidField(name, "Must be from 1 to %d; ask for the rest with page. Nothing was done.", maxPage)
		}
	}
	return nil
}

// trim refuses work in somebody else's name, and drops the fields of the body
// that the rule does not let on.
func (f *flight) trim() error {
	if err := f.signed(); err != nil {
		return err
	}
	if f.body == nil && f.rule.into && f.project != 0 {
		f.body = &content{objects: []object{{}}}
	}
	if f.body == nil {
		return nil
	}
	for i, o := range f.body.objects {
		if err := f.truth(o); err != nil {
			return err
		}
		if err := f.configures(o); err != nil {
			return err
		}
		o = o.keep(f.rule)
		if f.rule.into && f.project != 0 {
			o.set("project", f.project)
		}
		f.body.objects[i] = o
	}
	return nil
}

// signed refuses fields by which one person's work or word would count as
// another's, and things of another organization.
func (f *flight) signed() error {
	for _, ref := range f.refs {
		switch {
		case ref.kind == person && ref.id != f.actor().UserID:
			return roster.Errorf(roster.Forbidden,
				"%s is somebody else, and people answer for themselves only. Leave it out. Nothing was changed.", ref.kin)
		case ref.kind == household && ref.id != f.actor().OrganizationID:
			return roster.Errorf(roster.Forbidden, "%s is not yours. Leave it out. Nothing was changed.", ref.kin)
		}
	}
	return nil
}

// truth refuses one person's work as what others' is measured by.
func (f *flight) truth(o object) error {
	if len(f.rule.only) == 0 || f.reviews {
		return nil
	}
	if raw, ok := o.get("ground_truth"); ok && string(raw) != "false" && string(raw) != "null" {
		return roster.Errorf(roster.Forbidden, "Only reviewers say what is ground truth. Nothing was changed.")
	}
	return nil
}
