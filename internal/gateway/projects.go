package gateway

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"roster"
)

// maxIDs is how many ids an address carries upstream; beyond, the gate pages
// itself.
const maxIDs = 150

// projectPage is a page of projects that the gate chose itself.
type projectPage struct {
	visible map[int64]bool
	all     bool // the person sees every project that there is
	count   int  // of all pages; -1: the upstream counts right
	page    roster.Page
}

// ownProjects asks for the projects that the person may see, and no others.
func ownProjects(w http.ResponseWriter, f *flight) (bool, error) {
	ctx := f.r.Context()
	visible, err := f.gate.app.VisibleProjects(ctx)
	if err != nil {
		return false, err
	}
	f.projects = &projectPage{visible: map[int64]bool{}, count: -1, all: f.actor().Role.SeesEveryProject()}
	for _, id := range visible {
		f.projects.visible[id] = true
	}
	f.identifiable("id")
	if err := f.ordered(); err != nil {
		return false, err
	}
	if f.query.get("ids") != "" { // an empty list is none, for the upstream too
		if visible, err = among(f.query.get("ids"), f.projects.visible); err != nil {
			return false, err
		}
	} else if f.projects.all {
		return false, nil // the answer is checked
	}
	if len(visible) > maxIDs {
		if visible, err = f.choosePage(ctx, visible); err != nil {
			return false, err
		}
	}
	if len(visible) == 0 { // the upstream takes no ids for all of them
		count := max(0, f.projects.count)
		return true, answerJSON(w, map[string]any{"count": count, "next": nil, "previous": nil, "results": []any{}})
	}
	f.query = f.query.with("ids", joined(visible))
	return false, nil
}

// orderings are what lists of projects may be ordered by. The upstream orders by
// everything that it shows of them: by task_data_password, too, which whoever
// sets a password of their own could find out step by step.
var orderings = []string{
	"id", "title", "description", "created_at", "created_by", "pinned_at", "color", "is_draft", "is_published",
	"maximum_annotations", "state",
	"task_number", "finished_task_number", "total_annotations_number", "total_predictions_number",
	"num_tasks_with_annotations",
	"useful_annotation_number", "ground_truth_number", "skipped_annotations_number", "queue_total", "queue_done",
}

// ordered refuses to order projects by what is not shown.
func (f *flight) ordered() error {
	if !f.query.has("ordering") {
		return nil
	}
	for name := range strings.SplitSeq(f.query.get("ordering"), ",") {
		if name = strings.TrimPrefix(strings.TrimSpace(name), "-"); name != "" && !slices.Contains(orderings, name) {
			return roster.InvalidField("ordering", "Must be some of %s. Nothing was done.", strings.Join(orderings, ", "))
		}
	}
	return nil
}

// wholeProject asks for a project so that it can be told which it is, and so
// that a change tells all that Roster wants to know.
func wholeProject(_ http.ResponseWriter, f *flight) (bool, error) {
	if f.r.Method != http.MethodGet {
		f.query = f.query.without("include")
	}
	f.identifiable("id")
	return false, nil
}

// identifiable asks for the fields by which an answer is checked, where the
// request chose some others. The upstream reads a second spelling of both
// parameters; whoever chooses by that gets all fields.
func (f *flight) identifiable(fields string) {
	f.query = f.query.without("omit", "omit[]", "include[]")
	if include := f.query.get("include"); include != "" {
		f.query = f.query.with("include", include+","+fields)
	}
}

// among reads a list of ids and leaves out those that are not in a set.
func among(list string, set map[int64]bool) (ids []int64, err error) {
	for text := range strings.SplitSeq(list, ",") {
		id, ok := parseID(strings.TrimSpace(text))
		if !ok {
			return nil, roster.InvalidField("ids", "Must be ids with commas between them.")
		}
		if set[id] {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// choosePage picks the page itself, by title and pin as the upstream would,
// newest first.
func (f *flight) choosePage(ctx context.Context, ids []int64) ([]int64, error) {
	filter := roster.ProjectFilter{IDs: ids, Title: f.query.get("title"), Search: f.query.get("search")}
	if pin := f.query.get("filter"); pin == "pinned_only" || pin == "exclude_pinned" {
		pinned := pin == "pinned_only"
		filter.Pinned = &pinned
	}
	page := roster.Page{Number: 1, Size: 30}
	if n, err := strconv.Atoi(f.query.get("page_size")); err == nil && n > 0 {
		page.Size = min(n, 100)
	}
	if n, err := strconv.Atoi(f.query.get("page")); err == nil && n > 0 {
		page.Number = min(n, 1<<30)
	}
	views, total, err := f.gate.app.Projects(ctx, filter, page, 0)
	chosen := make([]int64, len(views))
	for i, v := range views {
		chosen[i] = v.ID
	}
	f.projects.count, f.projects.page = total, page
	f.query = f.query.without("title", "search", "filter", "page").with("page_size", "100")
	return chosen, err
}

func joined(ids []int64) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = formatID(id)
	}
	return strings.Join(texts, ",")
}

// onlyOwnProjects checks that nothing else came, and makes the links to the
// other pages the person's own.
func onlyOwnProjects(f *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok {
		return nil, unexpected("the page of projects")
	}
	still, err := f.stillVisible(f.r.Context())
	if err != nil {
		return nil, err
	}
	paused, err := f.gate.app.PausedProjects(f.r.Context())
	if err != nil {
		return nil, err
	}
	results, err := each(o["results"], "the list of projects", func(p map[string]any) (bool, error) {
		delete(p, dataPassword)
		id := asID(p)
		if paused[id] {
			nameAlone(p)
		}
		if id != 0 && f.projects.visible[id] {
			return still[id], nil
		}
		if !f.projects.all {
			return false, unexpected("a project that was not asked for")
		}
		return f.gate.sees(f.r.Context(), id), nil
	})
	if err != nil {
		return nil, err
	}
	o["results"] = results
	if own := f.projects; own.count >= 0 {
		o["count"], o["next"], o["previous"] = own.count, nil, nil
		if own.page.Number*own.page.Size < own.count {
			o["next"] = f.link(own.page.Number + 1)
		}
		if own.page.Number > 1 {
			o["previous"] = f.link(own.page.Number - 1)
		}
		return o, nil
	}
	return relinked(f, o)
}

// nameAlone takes everything out of a project in a list but what it is called,
// for somebody who is paused in it, and says so where the upstream's screens show
// a description. They show no list at all without a time.
func nameAlone(p map[string]any) {
	for name := range p {
		switch name {
		case "id", "title", "created_at":
		case "description":
			p[name] = roster.PausedHere
		default:
			p[name] = nil
		}
	}
}

// stillVisible is the projects that the person may see now, where the upstream
// took a while to list those that were asked for.
func (f *flight) stillVisible(ctx context.Context) (map[int64]bool, error) {
	if !f.waited() {
		return f.projects.visible, nil
	}
	who, err := f.caller.again(ctx)
	if err != nil {
		return nil, err
	}
	visible, err := f.gate.app.VisibleProjects(roster.WithActor(ctx, who))
	still := map[int64]bool{}
	for _, id := range visible {
		still[id] = true
	}
	return still, err
}

// relinked makes the links of a page to others the person's own. The upstream's
// may name it by an address that is not for people.
func relinked(f *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok {
		return nil, unexpected("a page")
	}
	for _, name := range []string{"next", "previous"} {
		if err := f.relink(o, name); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// relink replaces the upstream's link to another page, which says for which
// ids it was asked, by one to the person's own question.
func (f *flight) relink(o map[string]any, name string) error {
	text, ok := o[name].(string)
	if !ok {
		o[name] = nil
		return nil
	}
	link, err := url.Parse(text)
	if err != nil {
		return unexpected("a link to another page")
	}
	page, err := strconv.Atoi(link.Query().Get("page"))
	if err != nil {
		page = 1
	}
	o[name] = f.link(page)
	return nil
}

// link is the address of another page of what was asked: a path, and where people
// reach the gate in front of it where that was said.
func (f *flight) link(page int) string {
	path := escape(f.address.segments, true) + "?" + f.address.query.with("page", strconv.Itoa(page)).encode()
	if public := f.gate.config.Public; public != nil {
		return public.Scheme + "://" + public.Host + path
	}
	return path
}

// sees reports whether somebody who sees every project sees this one, which
// the mirror may not know yet.
func (g *Gate) sees(ctx context.Context, project int64) bool {
	if made, _ := g.firstSight(ctx, project, free); !made {
		return false
	}
	visible, err := g.app.VisibleProjects(ctx)
	return err == nil && slices.Contains(visible, project)
}

// firstSight makes Roster know a project that somebody asked about and that it
// had not seen; it reports whether there is one that it did not know. Where the
// upstream has to be asked, may is asked first: refused is what it says.
func (g *Gate) firstSight(ctx context.Context, id int64, may func(reference) error) (made bool, refused error) {
	if known, err := g.app.KnowsProject(ctx, id); known || err != nil {
		return false, nil
	}
	asked := inquiry{ref: reference{kind: "project", id: id}, may: func(ref reference) error {
		refused = may(ref)
		return refused
	}}
	_, err := g.resolver.once(ctx, asked, func(ctx context.Context) (fact, error) {
		p, err := g.upstream.Project(ctx, id)
		if err == nil {
			err = g.app.MirrorProjects(ctx, []roster.Project{p})
		}
		return fact{project: id}, err
	})
	if err != nil && roster.KindOf(err) != roster.NotFound {
		slog.WarnContext(ctx, "could not mirror a project", "project", id, "error", err)
	}
	return err == nil, refused
}

// learnProject makes Roster know a project as the upstream has just told about
// it, and adds what Roster decides about it.
func learnProject(f *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok || asID(o) == 0 || (f.project != 0 && asID(o) != f.project) {
		return nil, unexpected("the project")
	}
	raw, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	var p Project
	ctx := f.r.Context()
	if f.r.Method != http.MethodGet && json.Unmarshal(raw, &p) == nil {
		learn := f.gate.app.MirrorMade
		if f.project != 0 {
			learn = func(ctx context.Context, p roster.Project) error {
				return f.gate.app.MirrorProjects(ctx, []roster.Project{p})
			}
		}
		if err := learn(ctx, p.project()); err != nil {
			return nil, err
		}
	}
	view, err := f.gate.app.Project(ctx, asID(o), 0)
	if err != nil {
		return nil, err
	}
	delete(o, dataPassword)
	o["assignment_settings"] = map[string]any{"id": view.ID, "project": view.ID, distribution: view.TaskDistribution}
	return o, nil
}

// dataPassword is with what the upstream fetches a project's data. It shows it
// to everybody who sees the project, and has no use for it in any answer.
const dataPassword = "task_data_password"

func withoutPassword(_ *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok {
		return nil, unexpected("the project")
	}
	delete(o, dataPassword)
	return o, nil
}

// distribution is what the wire calls it.
const distribution = "label_stream_task_distribution"

// splitSettings takes out of a change of a project what Roster decides: who
// gets which task. A PUT goes on as a PATCH: the upstream does the same for
// both, but that a PUT leaves the project without its maker.
func splitSettings(w http.ResponseWriter, f *flight) (bool, error) {
	if _, err := wholeProject(w, f); err != nil {
		return false, err
	}
	f.r = f.r.WithContext(f.r.Context())
	f.r.Method = http.MethodPatch
	if f.body == nil || f.body.list {
		return false, badJSON
	}
	raw, ok := f.body.objects[0].get("assignment_settings")
	if !ok {
		return false, nil
	}
	var settings struct {
		Distribution roster.TaskDistribution `json:"label_stream_task_distribution"`
	}
	if err := json.Unmarshal(raw, &settings); err != nil {
		return false, roster.InvalidField("assignment_settings", "Must be an object. Nothing was changed.")
	}
	f.body.objects[0] = slices.DeleteFunc(f.body.objects[0], func(m member) bool {
		return m.name == "assignment_settings"
	})
	d := settings.Distribution
	if d == "" {
		return false, nil
	}
	if d != roster.AutoDistribution && d != roster.AssignedOnly {
		return false, roster.InvalidField(distribution, "%q is not a valid choice. Nothing was changed.", d)
	}
	_, _, err := f.gate.app.UpdateProject(f.r.Context(), f.project, roster.ProjectPatch{TaskDistribution: &d}, 0)
	return false, err
}
