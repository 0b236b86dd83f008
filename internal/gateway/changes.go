package gateway

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"

	"roster"
)

// changesPath is where the upstream tells of changes.
const changesPath = "/api/roster/gate/changes"

// The bounds of what is told: bytes of one message, how long it may take to
// arrive, and how many projects are kept in mind. Beyond, everything is compared.
const (
	maxMessage = 1 << 20
	messageFor = 2 * time.Second
	maxChanged = 1000
)

// changes is which projects to look at again.
type changes struct {
	bell chan struct{} // rings when there are some

	mu       sync.Mutex
	projects map[int64]bool
	all      bool // people and every project
}

// anyProject stands for all of them, where it is not known which has changed.
const anyProject = 0

func newChanges() *changes {
	return &changes{bell: make(chan struct{}, 1), projects: map[int64]bool{}}
}

// add keeps a project in mind, or anyProject.
func (c *changes) add(project int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.projects[project] = true
	c.all = c.all || project == anyProject || len(c.projects) > maxChanged
	if c.all {
		clear(c.projects)
	}
	c.ring()
}

func (c *changes) ring() {
	select {
	case c.bell <- struct{}{}:
	default: // it rings already
	}
}

// take is what add kept since it was taken last.
func (c *changes) take() (projects []int64, all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	projects, all = slices.Sorted(maps.Keys(c.projects)), c.all
	clear(c.projects)
	c.all = false
	return projects, all
}

// message is as much of what the upstream tells as is looked at. It only says
// where to look: what is there now is asked.
type message struct {
	Action      string
	Project     thing
	Tasks       []thing
	Annotations []thing
}

type thing struct{ ID int64 }

// hear takes a message of the upstream's, at once: it waits for a second, and
// does not tell twice.
func hear(w http.ResponseWriter, f *parsed) error {
	g := f.gate
	if g.hook == nil {
		return notFound
	}
	given, secret := f.r.Header.Get(secretHeader), g.hook.Headers[secretHeader]
	if subtle.ConstantTimeCompare([]byte(given), []byte(secret)) != 1 {
		if err := g.app.AllowStranger(f.r.RemoteAddr); err != nil {
			return err
		}
		return roster.Errorf(roster.Unsigned, "The secret is missing or wrong. Nothing was done.")
	}
	// where it cannot, the server has a limit of its own
	http.NewResponseController(w).SetReadDeadline(time.Now().Add(messageFor))
	var m message
	if err := json.NewDecoder(http.MaxBytesReader(w, f.r.Body, maxMessage)).Decode(&m); err != nil {
		m = message{} // something has changed, and nobody can say what
	}
	g.heard(m)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// heard keeps in mind what to look at again, and forgets what may have gone.
func (g *Gate) heard(m message) {
	var gone []reference
	for _, t := range m.Tasks {
		gone = append(gone, reference{kind: "task", id: t.ID})
	}
	for _, a := range m.Annotations {
		gone = append(gone, reference{kind: "annotation", id: a.ID})
	}
	if len(gone) == 0 {
		g.changes.add(max(m.Project.ID, anyProject))
		return
	}
	g.resolver.forget(gone, false)
}

// Told rings when there is something to follow.
func (g *Gate) Told() <-chan struct{} { return g.changes.bell }

// Compare brings the mirror up to date about everything, and has it looked again into what
// may have been deleted.
func (g *Gate) Compare(ctx context.Context) error {
	g.doubts.ring()
	return Reconcile(ctx, g.app, g.upstream)
}

// Follow brings the mirror up to date about what the upstream told of.
func (g *Gate) Follow(ctx context.Context) (failed error) {
	projects, all := g.changes.take()
	if all {
		return g.Compare(ctx)
	}
	for _, id := range projects {
		failed = errors.Join(failed, g.follow(ctx, id))
	}
	return failed
}

func (g *Gate) follow(ctx context.Context, id int64) error {
	p, err := g.upstream.Project(ctx, id)
	if roster.KindOf(err) == roster.NotFound {
		_, err = g.forgetIfGone(ctx, id)
		return err
	}
	if err != nil {
		return err
	}
	return g.app.MirrorProjects(ctx, []roster.Project{p})
}
