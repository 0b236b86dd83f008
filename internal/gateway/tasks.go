package gateway

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
	"roster/internal/limit"
)

// The upstream shows everybody's work to everybody. These take out of its
// answers what is not the person's own, for those who do not review.

// ownTask takes others' work out of one task.
func ownTask(f *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok || !f.mayGet(o) {
		return nil, unexpected("a task of the project")
	}
	return o, f.blind(o)
}

// wholeTask asks for a task so that it can be told which it is.
func wholeTask(_ http.ResponseWriter, f *flight) (bool, error) {
	f.identifiable("id,project")
	return false, nil
}

// ownTasks does it for every task of a page, which must all be of the project.
func ownTasks(f *flight, doc any) (any, error) {
	o, ok := asObject(doc)
	if !ok {
		return nil, unexpected("the page of tasks")
	}
	tasks, err := each(o["tasks"], "the list of tasks", func(task map[string]any) (bool, error) {
		if !f.mayGet(task) {
			return false, unexpected("a task that was not asked for")
		}
		return true, f.blind(task)
	})
	o["tasks"] = tasks
	return o, err
}

// mayGet reports whether a task that the upstream chose is one that was asked
// for: of the project, and assigned where only assigned ones are given out.
func (f *flight) mayGet(task map[string]any) bool {
	return asID(task["project"]) == f.project && (!f.held || slices.Contains(f.assigned, asID(task)))
}

// blind takes others' annotations and drafts out of a task, and the columns
// that tell what others answered.
func (f *flight) blind(task map[string]any) (err error) {
	if f.reviews {
		return f.ownField(task, "drafts")
	}
	for _, name := range []string{"annotations", "drafts"} {
		if err := f.ownField(task, name); err != nil {
			return err
		}
	}
	for _, name := range []string{"annotations_results", "annotations_ids"} {
		if _, there := task[name]; there {
			task[name] = ""
		}
	}
	for _, name := range []string{"avg_lead_time", "draft_exists"} {
		if _, there := task[name]; there {
			task[name] = nil
		}
	}
	for _, name := range []string{"annotators", "updated_by", "comment_authors"} {
		if list, there := task[name].([]any); there {
			task[name] = slices.DeleteFunc(list, func(v any) bool { return f.person(v) != f.actor().UserID })
		}
	}
	return nil
}

// person is the id of a person in a list of people, however it is spelt there.
func (f *flight) person(v any) int64 {
	if o, ok := asObject(v); ok && o["user_id"] != nil {
		return asID(o["user_id"])
	}
	return asID(v)
}

func (f *flight) ownField(task map[string]any, name string) (err error) {
	if list, there := task[name]; there && list != nil {
		task[name], err = f.own(list)
	}
	return err
}

// own keeps what is the person's own of a list of annotations or drafts.
func (f *flight) own(list any) (any, error) {
	return each(list, "a list of annotations", func(o map[string]any) (bool, error) {
		author := asID(o["completed_by"])
		if author == 0 {
			name, _ := o["created_username"].(string)
			author = lastID(name)
		}
		return author == f.actor().UserID, nil
	})
}

// lastID is the id at the end of the upstream's "Name e-mail, id", which is how
// it tells whose a draft is; 0 when there is none.
func lastID(name string) int64 {
	id, _ := parseID(name[strings.LastIndexByte(name, ' ')+1:])
	return id
}

func ownAnnotations(f *flight, doc any) (any, error) {
	if f.reviews {
		return doc, nil
	}
	return f.own(doc)
}

// ownDrafts is for everybody: a draft is not said yet.
func ownDrafts(f *flight, doc any) (any, error) { return f.own(doc) }

// actionsFor offers people who do not manage tasks the one that they work with.
func actionsFor(f *flight, doc any) (any, error) {
	_, err := f.gate.app.MayInProject(f.r.Context(), core.ManageTasks, f.project)
	if err != nil && roster.KindOf(err) != roster.Forbidden {
		return nil, err
	}
	return each(doc, "the list of actions", func(o map[string]any) (bool, error) {
		return err == nil || o["id"] == "next_task", nil
	})
}

// listAssigned asks for a page of the assigned tasks only, where a project
// gives out no others: within the tab's own filters and order.
func listAssigned(w http.ResponseWriter, f *flight) (bool, error) {
	f.identifiable("id,project")
	if !f.held {
		return false, nil
	}
	if len(f.assigned) == 0 {
		return true, answerJSON(w, map[string]any{"tasks": []any{}, "total": 0, "total_annotations": 0,
			"total_predictions": 0})
	}
	raw, err := json.Marshal(f.choice(f.asked()))
	f.query = f.query.without("view").with("query", strings.ReplaceAll(string(raw), "%", "%25")).
		with("project", formatID(f.project))
	return false, err
}

// choice is a question for tasks that keeps the filters and the order of
// another, and chooses among the assigned ones.
func (f *flight) choice(asked map[string]any) map[string]any {
	out := map[string]any{"selectedItems": map[string]any{"all": false, "included": f.assigned}}
	for _, name := range []string{"filters", "ordering"} {
		if asked[name] != nil {
			out[name] = asked[name]
		}
	}
	return out
}

// nextAssigned looks for the next task among the assigned ones only.
func nextAssigned(_ http.ResponseWriter, f *flight) (bool, error) {
	f.identifiable("id,project")
	if !f.held {
		return false, nil
	}
	if len(f.assigned) == 0 {
		return false, notFound
	}
	if f.r.Method == http.MethodGet {
		raw, err := json.Marshal(f.choice(f.asked()))
		f.query = f.query.without("view").with("query", strings.ReplaceAll(string(raw), "%", "%25"))
		return false, err
	}
	if f.body == nil {
		f.body = &content{objects: []object{{}}}
	}
	if f.body.list {
		return false, badJSON
	}
	// the upstream would choose by a view, or by a query in the address, first
	f.body.objects[0] = slices.DeleteFunc(f.body.objects[0], func(m member) bool { return m.name == "view" })
	f.body.objects[0].set("selectedItems", map[string]any{"all": false, "included": f.assigned})
	f.query = f.query.without("view", "query")
	return false, nil
}

// uriOfTask lets a file of a storage be fetched only when the task's own data
// names it: the upstream looks at the bucket alone.
func uriOfTask(_ http.ResponseWriter, f *flight) (bool, error) {
	uri, ok := storageURI(f.query.get("fileuri"))
	if !ok {
		return false, roster.InvalidField("fileuri", "Must be an encoded address.")
	}
	f.inquired = true
	task, err := f.gate.upstream.task(f.r.Context(), f.project, f.task, ",data")
	if err != nil || task == nil {
		return false, cmp.Or(err, error(notFound))
	}
	if !mentions(task.Data, func(text string) bool { return text == uri }) {
		return false, notFound
	}
	return false, nil
}

// storageURI reads how a file of a storage is named in a query.
func storageURI(text string) (string, bool) {
	if text == "" {
		return "", false
	}
	uri, err := base64.StdEncoding.DecodeString(pad(strings.NewReplacer("-", "+", "_", "/").Replace(text)))
	return string(uri), err == nil && len(uri) > 0 && plain(string(uri))
}

func pad(text string) string {
	text = strings.TrimRight(text, "=")
	return text + strings.Repeat("=", (4-len(text)%4)%4)
}

// mentions reports whether data has the wanted text anywhere: as a value, or as
// an address in one.
func mentions(data json.RawMessage, wanted func(text string) bool) bool {
	return anyText(data, func(text string) bool {
		return wanted(text) || slices.ContainsFunc(strings.FieldsFunc(text, between), wanted)
	})
}

// between reports whether a character cannot be part of an address in a text.
func between(r rune) bool { return r <= ' ' || strings.ContainsRune("\"'<>()[]{},`", r) }

// mirrorTasks makes Roster know the tasks that are about to be assigned.
func mirrorTasks(w http.ResponseWriter, f *located) error {
	ctx := f.r.Context()
	project, _ := parseID(f.named.get("project"))
	if _, err := f.gate.app.MayInProject(ctx, core.AssignAnnotators, project); err != nil {
		return err
	}
	if id, ok := parseID(f.named.get("task")); ok {
		f.refs = []reference{{kind: "project", id: project}, {kind: "task", id: id}}
		if err := f.locate(f.refs); err != nil {
			return f.missed(err)
		}
		f.refund()
		return f.gate.app.MirrorTasks(ctx, project, []int64{id})
	}
	held := f.gate.app.HoldBody(ctx, f.r.Body)
	defer held.Release()
	f.r.Body = held
	raw, err := limit.ReadAll(w, f.r, maxJSON)
	if err != nil {
		return err
	}
	f.r.Body = io.NopCloser(bytes.NewReader(raw))
	ids, err := f.gate.upstream.Tasks(ctx, project)
	if err != nil {
		return err
	}
	return f.gate.app.MirrorTasks(ctx, project, ids)
}

// Tasks is the ids of every task of a project.
func (u *Upstream) Tasks(ctx context.Context, project int64) (ids []int64, err error) {
	for page := int64(1); ; page++ {
		var answer struct {
			Total int `json:"total"`
			Tasks []struct {
				ID int64 `json:"id"`
			} `json:"tasks"`
		}
		q := tasksOf(project)
		q.Set("page", formatID(page))
		q.Set("page_size", "1000")
		q.Set("include", "id")
		if err := u.Get(ctx, "/api/tasks/", q, &answer); err != nil {
			return nil, err
		}
		for _, t := range answer.Tasks {
			ids = append(ids, t.ID)
		}
		if len(answer.Tasks) == 0 || len(ids) >= answer.Total {
			return ids, nil
		}
	}
}

// andAssignable adds to a list of people those to whom the person may give tasks: to
// nobody, where they may give none. The upstream knows who submitted annotations, whom
// its screens choose by, and nobody else.
func andAssignable(change func(f *flight, doc any) (any, error)) func(f *flight, doc any) (any, error) {
	return func(f *flight, doc any) (any, error) {
		doc, err := change(f, doc)
		if err != nil {
			return nil, err
		}
		listed := map[int64]bool{}
		people, err := each(doc, "the list of annotators", func(o map[string]any) (bool, error) {
			listed[asID(o)] = true
			return true, nil
		})
		if err != nil {
			return nil, err
		}
		err = f.gate.app.EachAnnotator(f.r.Context(), f.project, func(u roster.User) error {
			if !listed[u.ID] {
				people = append(people, map[string]any{
					"id": u.ID, "first_name": u.FirstName, "last_name": u.LastName, "username": u.Username, "email": u.Email,
					"avatar": nil,
				})
			}
			return nil
		})
		if roster.KindOf(err) == roster.Forbidden { // it is refused before anybody is named
			err = nil
		}
		return people, err
	}
}

func answerJSON(w http.ResponseWriter, doc any) error {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	return json.NewEncoder(w).Encode(doc)
}
