package gateway

import (
	"context"
	"time"

	"roster/internal/core"
)

// FolderList is how many folders are storages, by a clock of the test's.
func FolderList(u *Upstream, now func() time.Time) func(context.Context) (int, error) {
	s := newFolders(u, now, "/srv")
	return func(ctx context.Context) (int, error) {
		all, err := s.all(ctx)
		return len(all), err
	}
}

// ManyChanges is what is kept of n projects that the upstream tells of at once.
func ManyChanges(n int) (kept int, all bool) {
	c := newChanges()
	for id := range int64(n) {
		c.add(id + 1)
	}
	projects, all := c.take()
	return len(projects), all
}

// CutsTheNext reports whether a request that ended while the watch asked about it
// is cut all the same.
func CutsTheNext() (cut bool) {
	s := newFlights()
	var end func()
	end = s.begin(func(context.Context) error { end(); return notFound }, func(error) { cut = true })
	s.ask(context.Background(), time.Now().Add(askEvery))
	return cut
}

// WaitForSlot is what waiting for a slot comes to where all are taken.
func WaitForSlot(ctx context.Context) error {
	_, err := make(slots).take(ctx)
	return err
}

// Line is one line of the policy, for tests of the whole gate.
type Line struct {
	Methods   []string
	Path      string
	Parts     []string
	Action    core.Action
	Upstream  bool // the upstream answers, once the policy agrees
	Anonymous bool // so does it, whoever asks
	Shut      bool
	Project   bool // the action is asked about a project
	Needs     []string
	When      string // "name=value", or "name" whatever its value
	JSON      bool
	Stream    bool
	Narrow    string
	Elsewhere core.Action
}

// Lines is the policy.
func Lines() []Line {
	var all []Line
	for _, r := range rules() {
		all = append(all, Line{r.methods, r.path, r.parts, r.action, r.door == upstream, r.door == anonymous,
			r.door == shut, r.scope == inProject, r.needs,
			r.when.String(), r.body == jsonBody, r.body == streamBody, r.narrows(), r.elsewhere})
	}
	return all
}

// narrowed is what tests call the narrowers that they have to tell from others.
var narrowed = map[*narrower]string{
	narrowAvatar: "avatar", narrowCredentials: "credentials", narrowDescribed: "described", narrowGone: "gone",
	narrowProjects: "projects", narrowRefusals: "refusals", narrowReset: "reset", narrowSelf: "self",
	narrowSettings: "settings", narrowStorage: "storage", narrowURI: "uri", narrowWhoami: "whoami",
}

// narrows is what tests call the narrower of a rule; "" for most.
func (r *rule) narrows() string {
	if r.action == core.DeleteProject {
		return "deletion"
	}
	return narrowed[r.narrow]
}
