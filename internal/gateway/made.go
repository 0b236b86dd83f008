package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
)

// This file is about who made what in the upstream, which keeps no maker of most
// things, and about having it disable what its maker may not make any more
// (docs/adr/0022).

// madeKinds is what rules call the things whose makers are kept.
var madeKinds = map[string]roster.MadeKind{
	"webhook": roster.MadeWebhook, "storage": roster.MadeImport, "target": roster.MadeExport, "ml": roster.MadeModel,
	"view": roster.MadeTab,
}

// things is the other way round.
var things = map[roster.MadeKind]string{}

func init() {
	for name, kind := range madeKinds {
		things[kind] = name
	}
}

// goesTo is the fields by which the upstream says where a thing sends to or reads
// from, and secrets those by which somebody says in whose name.
var (
	goesTo  = []string{"url", "s3_endpoint", "bucket", "container", "host", "port", "db", "prefix", "path"}
	secrets = []string{
		"aws_access_key_id", "aws_secret_access_key", "aws_session_token", "google_application_credentials",
		"account_name", "account_key", "password",
		"basic_auth_user", "basic_auth_pass",
	}
)

// makes reports whether a request makes, changes or deletes a thing whose maker
// is kept.
func (f *parsed) makes() bool {
	return f.rule.thing != "" &&
		slices.Contains([]string{http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete}, f.r.Method)
}

// keepMade writes down who made or changed a thing, before they are answered.
func (f *flight) keepMade(answer *http.Response) error {
	// those of the whole organization are administrators' alone
	if !f.makes() || answer.StatusCode/100 != 2 || f.project == 0 {
		return nil
	}
	ctx := answer.Request.Context() // it does not end when the client hangs up
	id, _ := parseID(f.named.get(f.rule.thing))
	m := roster.Made{ProjectID: f.project, Kind: madeKinds[f.rule.thing], Type: f.named.get("type"), UpstreamID: id}
	if f.r.Method == http.MethodDelete {
		if err := f.gate.app.ForgetMade(ctx, m); err != nil {
			return f.unmade(ctx, m, err)
		}
		return nil
	}
	doc, err := readAnswer(answer)
	if err != nil {
		return &fault{http.StatusBadGateway, err}
	}
	o, _ := asObject(doc)
	if m = described(m, o); m.UpstreamID == 0 {
		return unexpected("what was made")
	}
	if err := f.gate.app.KeepMade(ctx, m, f.r.Method == http.MethodPost || f.body.says(secrets),
		f.body.says(goesTo)); err != nil {
		return f.unmade(ctx, m, err)
	}
	if err := f.keepModelsHook(ctx, m); err != nil {
		return f.unmade(ctx, m, err)
	}
	return setAnswer(answer, doc)
}

// keepModelsHook writes down whose the hook is that the upstream makes with a new
// model, to tell it of everything. It stays when the model is deleted.
func (f *flight) keepModelsHook(ctx context.Context, model roster.Made) error {
	if model.Kind != roster.MadeModel || f.r.Method != http.MethodPost {
		return nil
	}
	hooks, err := f.gate.upstream.listed(ctx, f.project, listings[0])
	for _, h := range hooks {
		if err == nil && h.Location == strings.TrimRight(model.Location, "/")+"/webhook" {
			err = f.gate.app.KeepMade(ctx, h, false, true)
		}
	}
	return err
}

// unmade takes back what could not be written down: nobody could tell later whose
// it is, and it would outlive its maker.
func (f *flight) unmade(ctx context.Context, m roster.Made, cause error) error {
	if f.r.Method != http.MethodPost {
		slog.ErrorContext(ctx, "Roster could not write down who changed a thing", "kind", m.Kind, "id", m.UpstreamID,
			"error", cause)
		did := "changed it all the same; change it again in a moment."
		if f.r.Method == http.MethodDelete {
			did = "deleted it all the same."
		}
		return roster.Error{Kind: roster.Unconfirmed, Err: cause}.Says(
			"Roster cannot write down now who changed this, which it must. Label Studio has %s", did)
	}
	e := &roster.Error{Kind: roster.Unconfirmed, Err: cause,
		Message: "Roster cannot write down now who made this, which it must, so it was deleted again. Try again in a moment."}
	if err := f.gate.upstream.change(ctx, http.MethodDelete, pathOf(m), nil); err != nil {
		slog.ErrorContext(ctx, "a thing was made that nobody answers for", "kind", m.Kind, "id", m.UpstreamID, "user",
			f.caller.who.UserID, "error", err)
		e.Message = "Roster cannot write down now who made this, which it must, nor delete it again. Delete it in " +
			"Label Studio, and try again in a moment."
	}
	return e
}

// says reports whether a body gives one of the fields a value.
func (c *content) says(names []string) bool {
	if c == nil {
		return false
	}
	for _, o := range c.objects {
		for _, name := range names {
			if raw, ok := o.get(name); ok && !blank(raw) {
				return true
			}
		}
	}
	return false
}

// described is m with what the upstream tells about it.
func described(m roster.Made, o map[string]any) roster.Made {
	if m.UpstreamID == 0 {
		m.UpstreamID = asID(o["id"])
	}
	m.Title, _ = o["title"].(string)
	if data, ok := asObject(o["data"]); ok {
		m.Title, _ = data["title"].(string)
	}
	var parts []string
	for _, name := range goesTo {
		if v := o[name]; v != nil && v != "" {
			parts = append(parts, fmt.Sprint(v))
		}
	}
	m.Location = strings.Join(parts, " ")
	m.Works = o["is_active"] != false && o["synchronizable"] != false
	return m
}

// pathOf is where the upstream has a thing.
func pathOf(m roster.Made) string {
	template := lookups[things[m.Kind]]
	if strings.Contains(template, "%s") {
		return fmt.Sprintf(template, m.Type, m.UpstreamID)
	}
	return fmt.Sprintf(template, m.UpstreamID)
}

// refuseDisabled refuses to use or change what is disabled. A webhook may be
// changed: who enables it by that answers for it.
func (f *flight) refuseDisabled() error {
	if f.reads() || f.r.Method == http.MethodDelete {
		return nil
	}
	for _, ref := range f.refs {
		kind := madeKinds[ref.kind]
		if kind != roster.MadeImport && kind != roster.MadeExport && kind != roster.MadeModel {
			continue
		}
		m, err := f.gate.app.Disabled(f.r.Context(), kind, ref.kin, ref.id)
		if err == nil {
			return roster.Errorf(roster.Forbidden,
				"This is disabled%s. Managers enable it at /roster/projects/%d/made, and answer for it then. "+
					"Nothing was changed.", since(m), m.ProjectID)
		}
		if roster.KindOf(err) != roster.NotFound {
			return err
		}
	}
	return nil
}

// since says by which operation a thing was disabled.
func since(m roster.Made) string {
	if m.DisabledBy == 0 {
		return ""
	}
	return fmt.Sprintf(" since operation %d, because whoever set it up may not do so here any more", m.DisabledBy)
}

// listing is where the upstream lists a project's things of a kind.
type listing struct {
	kind  roster.MadeKind
	path  string // the project's id stands for %d
	query url.Values
	under string // the field that has the list; "": the answer is the list
}

// listings names no route that has the upstream ask a model something: whoever
// it asks is told a token.
var listings = []listing{
	{kind: roster.MadeWebhook, path: "/api/webhooks/"},
	{kind: roster.MadeImport, path: "/api/storages/"},
	{kind: roster.MadeExport, path: "/api/storages/export"},
	{kind: roster.MadeTab, path: "/api/dm/views/"},
	{kind: roster.MadeModel, path: "/api/projects/%d/model-versions/",
		query: url.Values{"extended": {"true"}, "include_live_models": {"true"}}, under: "live"},
}

// discoverMade makes Roster know what a project has that was made before the
// gate, or past it, for those who may see the list.
func discoverMade(_ http.ResponseWriter, f *located) error {
	project, _ := parseID(f.named.get("project"))
	if _, err := f.gate.app.MayInProject(f.r.Context(), core.EditProject, project); err != nil {
		return nil // Roster says so itself
	}
	var all []roster.Made
	for _, l := range listings {
		found, err := f.gate.upstream.listed(f.r.Context(), project, l)
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	return f.gate.app.DiscoverMade(f.r.Context(), project, all)
}

func (u *Upstream) listed(ctx context.Context, project int64, l listing) (all []roster.Made, err error) {
	path, q := strings.Replace(l.path, "%d", formatID(project), 1), l.query
	if q == nil {
		q = url.Values{"project": {formatID(project)}}
	}
	var doc any
	if err := u.Get(ctx, path, q, &doc); err != nil {
		return nil, err
	}
	if o, ok := asObject(doc); ok && l.under != "" {
		if doc = o[l.under]; doc == nil {
			return nil, nil
		}
	}
	_, err = each(doc, "a list of what was made", func(o map[string]any) (bool, error) {
		m := roster.Made{ProjectID: project, Kind: l.kind}
		if m.Kind == roster.MadeImport || m.Kind == roster.MadeExport {
			m.Type, _ = o["type"].(string)
		}
		if m.Kind == roster.MadeTab {
			m.MakerID = asID(o["user"]) // the one maker that the upstream keeps
		}
		all = append(all, described(m, o))
		return true, nil
	})
	return all, err
}

// switches is how the upstream disables and enables things of a kind: what it is
// to be told, given what it says about one; nil where it is so already. A kind
// without one works by nothing but requests, and those are refused here.
var switches = map[roster.MadeKind]func(ctx context.Context, g *Gate, m roster.Made,
	there map[string]any) (map[string]any, error){
	roster.MadeWebhook: switchHook, roster.MadeImport: switchImport, roster.MadeExport: switchExport,
}

// wanted reports whether a thing is to work.
func wanted(m roster.Made) bool { return m.Last.Action == roster.MadeEnable && m.Works }

// switchHook says which actions it is about, too: the upstream would forget them.
func switchHook(_ context.Context, _ *Gate, m roster.Made, there map[string]any) (map[string]any, error) {
	if there["is_active"] == wanted(m) {
		return nil, nil
	}
	return map[string]any{"is_active": wanted(m), "actions": there["actions"]}, nil
}

// switchImport keeps tasks from being brought in. The files of those that are
// there stay readable: everybody works with them.
func switchImport(_ context.Context, _ *Gate, m roster.Made, there map[string]any) (map[string]any, error) {
	if there["synchronizable"] == wanted(m) {
		return nil, nil
	}
	return withPath(m, there, map[string]any{"synchronizable": wanted(m)}), nil
}

// switchExport moves a storage into a project that has no annotations, and back:
// the upstream writes every annotation into every storage of its project, and
// would tell nobody the secrets to make one anew.
func switchExport(ctx context.Context, g *Gate, m roster.Made, there map[string]any) (_ map[string]any, err error) {
	project := m.ProjectID
	if m.Last.Action == roster.MadeDisable {
		if project, err = g.parking(ctx); err != nil {
			return nil, err
		}
	}
	if asID(there["project"]) == project {
		return nil, nil
	}
	return withPath(m, there, map[string]any{"project": project}), nil
}

// withPath adds what the upstream checks with every change of a folder.
func withPath(m roster.Made, there, patch map[string]any) map[string]any {
	if m.Type == "localfiles" {
		patch["path"] = there["path"]
	}
	return patch
}

// Tell has the upstream carry out the last intent about a thing. To tell it again
// does no harm. NotFound says that it has no such thing any more.
func (g *Gate) Tell(ctx context.Context, m roster.Made) error {
	change := switches[m.Kind]
	if change == nil {
		return nil
	}
	var there map[string]any
	if err := g.upstream.Get(ctx, pathOf(m), nil, &there); err != nil {
		return err
	}
	patch, err := change(ctx, g, m, there)
	if err != nil || patch == nil {
		return err
	}
	err = g.upstream.change(ctx, http.MethodPatch, pathOf(m), patch)
	g.resolver.forget([]reference{{kind: things[m.Kind], id: m.UpstreamID, kin: m.Type}}, true)
	var said *complained
	if errors.As(err, &said) && m.Kind == roster.MadeImport && m.Last.Action == roster.MadeDisable {
		return nil // it would look whether the storage is there first; the gate lets nobody use it
	}
	return err
}

// parkingTitle is what the project is called in which disabled storages stand.
const parkingTitle = "Disabled export storages (kept by Roster)"

// parking is that project, made when first needed.
func (g *Gate) parking(ctx context.Context) (int64, error) {
	known, err := g.app.Parking(ctx)
	if err != nil {
		return 0, err
	}
	if known != 0 {
		if _, err = g.upstream.Project(ctx, known); roster.KindOf(err) != roster.NotFound {
			return known, err
		}
	}
	var made struct{ ID int64 }
	about := map[string]any{"title": parkingTitle,
		"description": "Whoever set these up may not do so any more. Managers enable them again in Roster."}
	if err := g.upstream.send(ctx, http.MethodPost, "/api/projects/", about, &made); err != nil {
		return 0, err
	}
	is, err := g.app.SetParking(ctx, made.ID, known)
	if err == nil && is != made.ID { // another gate was faster
		err = g.upstream.change(ctx, http.MethodDelete, "/api/projects/"+formatID(made.ID)+"/", nil)
	}
	return is, err
}
