package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"path"
	"strings"
	"sync"
	"time"

	"roster"
)

// The upstream serves files of its own disk to everybody who sees any project
// that has their folder as a storage. Here a file is of a project only when every
// source storage whose folder it lies in is that project's, and no target storage
// writes annotations under its name.

// folder is a storage of a project's: a folder of the upstream's disk.
type folder struct {
	project int64
	path    string
	target  bool // work is written there; else tasks and files come from there
}

// holds reports whether a storage's folder is a file's, or has it below it: the
// upstream's own comparison.
func (s folder) holds(dir string) bool {
	at := strings.TrimRight(s.path, "/")
	return dir == at || strings.HasPrefix(dir, at+"/")
}

// writes reports whether a file is what a target storage calls an annotation: its
// number, in the folder itself. There stands who labeled, with their e-mail.
func (s folder) writes(file string) bool {
	number := strings.TrimSuffix(path.Base(file), ".json")
	return s.target && path.Dir(file) == path.Clean(s.path) && number != "" && strings.Trim(number, "0123456789") == ""
}

// folders is every such storage of the upstream's.
type folders struct {
	upstream *Upstream
	now      func() time.Time
	root     string // from where files are served; "": they are not

	mu      sync.Mutex
	known   []folder
	until   time.Time
	loading *loading
}

// loading is a list of them on its way, for everybody who waits for it.
type loading struct {
	done  chan struct{}
	known []folder
	err   error
}

// The bounds of the list: how long one is used, which is how long a change past
// the gate goes unseen; how long making it may take; of how many projects, and of
// how many at a time.
const (
	foldersFor  = time.Minute
	foldersWait = 30 * time.Second
	foldersOf   = 2000
	foldersOpen = 4
)

func newFolders(u *Upstream, now func() time.Time, root string) *folders {
	return &folders{upstream: u, now: now, root: root}
}

// forget has the list made anew: a request passed that may have changed it.
func (s *folders) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until, s.loading = time.Time{}, nil
}

// all is every folder that is a storage. A list that has served for half its time
// is made anew beside it, so that who uses it often need not wait.
func (s *folders) all(ctx context.Context) ([]folder, error) {
	s.mu.Lock()
	l, now := s.loading, s.now()
	if l == nil && !within(now, s.until.Add(-foldersFor/2), foldersFor) {
		l = &loading{done: make(chan struct{})}
		s.loading = l
		go s.load(context.WithoutCancel(ctx), l)
	}
	if within(now, s.until, foldersFor) {
		defer s.mu.Unlock()
		return s.known, nil
	}
	s.mu.Unlock()
	select {
	case <-l.done:
		return l.known, l.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// load makes the list, and keeps it unless it may be wrong by now.
func (s *folders) load(ctx context.Context, l *loading) {
	ctx, cancel := context.WithTimeout(ctx, foldersWait)
	defer cancel()
	began := s.now()
	l.known, l.err = s.upstream.folders(ctx)
	s.mu.Lock()
	if s.loading == l {
		s.loading = nil
		if l.err == nil {
			s.known, s.until = l.known, began.Add(foldersFor)
		}
	}
	s.mu.Unlock()
	close(l.done)
}

// folders asks for the storages of every project: the upstream tells of no more
// than one at a time.
func (u *Upstream) folders(ctx context.Context) (all []folder, err error) {
	projects, err := u.Projects(ctx)
	if err != nil {
		return nil, err
	}
	if len(projects) > foldersOf {
		return nil, &fault{503, fmt.Errorf("the folders of %d projects are more than the gate looks through", len(projects))}
	}
	found, errs := make([][]folder, len(projects)), make([]error, len(projects))
	var group sync.WaitGroup
	slots := make(chan struct{}, foldersOpen)
	for i, p := range projects {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			found[i], errs[i] = u.foldersOf(ctx, p.ID)
		})
	}
	group.Wait()
	for _, some := range found {
		all = append(all, some...)
	}
	return all, errors.Join(errs...)
}

// foldersOf is a project's; a project that is gone has none.
func (u *Upstream) foldersOf(ctx context.Context, project int64) (all []folder, err error) {
	for _, of := range []struct {
		path   string
		target bool
	}{{"/api/storages/localfiles/", false}, {"/api/storages/export/localfiles", true}} {
		var storages []struct {
			Path    *string `json:"path"`
			Project int64   `json:"project"`
		}
		err := u.Get(ctx, of.path, url.Values{"project": {formatID(project)}}, &storages)
		if roster.KindOf(err) == roster.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, s := range storages {
			if s.Path != nil {
				all = append(all, folder{s.Project, *s.Path, of.target})
			}
		}
	}
	return all, nil
}

// filesShut is what everybody is told where the gate cannot know which folder a
// path begins in.
var filesShut = &roster.Error{Kind: roster.NotFound,
	Message: "Local files are shut: this server was not told where Label Studio has them. An administrator can say " +
		"so with --upstream-files."}

// locateFile finds the project that a file of the upstream's disk is of, and has
// it asked for by the path that was looked at.
func (f *located) locateFile() error {
	g := f.gate
	if g.folders.root == "" {
		return filesShut
	}
	file, err := below(g.folders.root, f.query.get("d"))
	if err != nil {
		return err
	}
	all, err := g.folders.all(f.r.Context())
	if err != nil {
		return err
	}
	project := int64(0)
	for _, s := range all {
		if s.writes(file) || !s.target && s.holds(path.Dir(file)) && !agree(&project, s.project) {
			return notFound
		}
	}
	if project == 0 {
		return notFound
	}
	f.refs = append(f.refs, reference{kind: "project", id: project})
	f.query = f.query.with("d", strings.TrimPrefix(file, strings.TrimSuffix(g.folders.root, "/")+"/"))
	return nil
}

// below is the file that the upstream finds for a d: it goes up and down by the
// letters alone, and takes what begins with a slash as below the root all the
// same. NotFound when it lies elsewhere.
func below(root, d string) (file string, err error) {
	if d == "" || !plain(d) || strings.Contains(d, `\`) {
		return "", roster.InvalidField("d", "Must be the path of a file.")
	}
	file = path.Join(root, strings.TrimLeft(path.Clean(d), "/"))
	if !strings.HasPrefix(file, strings.TrimSuffix(root, "/")+"/") {
		return "", notFound
	}
	return file, nil
}

// mostAssigned is in how many assigned tasks a file is looked for; whoever has
// more gets none.
const mostAssigned = 1000

// fileOfAssigned lets people who are held to assigned tasks have the files that
// those name.
func fileOfAssigned(_ http.ResponseWriter, f *flight) (bool, error) {
	if !f.held {
		return false, nil
	}
	if len(f.assigned) == 0 || len(f.assigned) > mostAssigned {
		return false, notFound
	}
	file, err := below(f.gate.folders.root, f.query.get("d"))
	if err != nil {
		return false, err
	}
	chosen, err := json.Marshal(f.choice(nil))
	if err != nil {
		return false, err
	}
	done, err := f.gate.lookings.take(f.r.Context())
	if err != nil {
		return false, err
	}
	defer done()
	var page struct {
		Tasks []struct{ Data json.RawMessage }
	}
	q := tasksOf(f.project)
	q.Set("query", string(chosen))
	q.Set("include", "id,data")
	q.Set("page_size", formatID(mostAssigned))
	if err := f.ask("/api/tasks/", q, &page); err != nil {
		return false, err
	}
	for _, task := range page.Tasks {
		if mentions(task.Data, func(text string) bool { return f.gate.folders.leads(text, file) }) {
			return false, nil
		}
	}
	return false, notFound
}

// leads reports whether a text is the address of a local file.
func (s *folders) leads(text, file string) bool {
	at, err := url.Parse(html.UnescapeString(text))
	if err != nil || strings.Trim(at.Path, "/") != "data/local-files" {
		return false
	}
	found, err := below(s.root, at.Query().Get("d"))
	return err == nil && found == file
}
