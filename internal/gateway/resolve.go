package gateway

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"roster"
)

// fact is what never changes about a thing of the upstream's, except by a
// request that passes the gate and makes it forget.
type fact struct {
	project int64 // 0: of the whole organization
	task    int64
	author  int64
	shared  []int64 // of a label: every project that has it
}

// resolver finds out which project things belong to, by asking the upstream.
type resolver struct {
	upstream *Upstream
	known    *cache[reference, fact]
	absent   *cache[reference, struct{}] // what the upstream has just said it has not
	refused  *cache[reference, struct{}] // what it was just asked about for somebody who was refused it
	now      func() time.Time

	mu      sync.Mutex
	open    map[*question]struct{}
	pending map[reference]*question // of the open ones, those that others may join

	spans spans
}

// The bounds of what a resolver remembers. Absence is short: somebody may make
// the thing past the gate. So is what serves who is refused: see inquiry.
const (
	factsHeld   = 100_000
	factsFor    = time.Hour
	absenceHeld = 20_000
	absenceFor  = 3 * time.Second
)

func newResolver(u *Upstream, now func() time.Time) *resolver {
	return &resolver{
		upstream: u, now: now, known: newCache[reference, fact](factsHeld, factsFor),
		absent:  newCache[reference, struct{}](absenceHeld, absenceFor),
		refused: newCache[reference, struct{}](absenceHeld, absenceFor),
		open:    map[*question]struct{}{}, pending: map[reference]*question{}, spans: spans{of: map[int64][2]int64{}},
	}
}

// lookups is where the upstream tells about a thing by its id. About a task or a model it
// would do more: see askedWithin.
var lookups = map[string]string{
	"annotation": "/api/annotations/%d/", "draft": "/api/drafts/%d/", "prediction": "/api/predictions/%d/",
	"view": "/api/dm/views/%d/", "storage": "/api/storages/%s/%d", "target": "/api/storages/export/%s/%d",
	"ml":   "/api/ml/%d",
	"file": "/api/import/file-upload/%d", "webhook": "/api/webhooks/%d/", "link": "/api/label_links/%d/",
	"label":  "/api/labels/%d/",
	"export": "/api/projects/%s/exports/%d", "import": "/api/projects/%s/imports/%d/",
	"reimport": "/api/projects/%s/reimports/%d/",
}

// inquiry is that somebody wants to know about a thing.
type inquiry struct {
	ref reference
	may func(reference) error // is asked before the upstream is
	// refused says that it is for who is about to be refused. What is remembered for long
	// serves those who are let in: by it, who is refused would be told sooner than where
	// there is nothing, and so that there is something.
	refused bool
}

// recall is what is remembered of a thing that serves who asks.
func (s *resolver) recall(i inquiry) (what fact, there bool) {
	if i.refused {
		_, there = s.refused.get(i.ref, s.now())
		return what, there
	}
	return s.known.get(i.ref.bare(), s.now())
}

// question is one that the upstream is being asked, for everybody who wants to
// know the same meanwhile.
type question struct {
	ref      reference
	answered chan struct{}
	fact     fact
	err      error
	// changed and made say that a request passed since it was asked after which
	// the thing may be another's, or there.
	changed, made bool
	refused       bool // somebody who is refused the thing waits for the answer
}

// once asks about a thing, or waits for the answer to the same question. The
// question goes on when who asked first hangs up: others may be waiting.
func (s *resolver) once(ctx context.Context, i inquiry, ask func(context.Context) (fact, error)) (fact, error) {
	if _, gone := s.absent.get(i.ref, s.now()); gone {
		return fact{}, notFound
	}
	if err := i.may(i.ref); err != nil {
		return fact{}, err
	}
	s.mu.Lock()
	if known, ok := s.recall(i); ok { // it was answered since it was looked for
		s.mu.Unlock()
		return known, nil
	}
	q := s.pending[i.ref]
	if q == nil {
		q = &question{ref: i.ref, answered: make(chan struct{})}
		s.pending[i.ref], s.open[q] = q, struct{}{}
		go func() {
			q.fact, q.err = ask(context.WithoutCancel(ctx))
			if roster.KindOf(q.err) == roster.Unsigned {
				q.err = &fault{http.StatusServiceUnavailable, fmt.Errorf("the upstream refused the service account: %w", q.err)}
			}
			s.learn(q)
			close(q.answered)
		}()
	}
	q.refused = q.refused || i.refused
	s.mu.Unlock()
	select {
	case <-q.answered:
		return q.fact, q.err
	case <-ctx.Done():
		return fact{}, context.Cause(ctx)
	}
}

// unsettled are the kinds of which it is not remembered that there is one: the mirror
// knows which projects there are, and which of them have a label changes with every link.
// That there is no such label is not remembered either: it would be told sooner than that
// there is one of somebody else's.
var unsettled = []string{"project", "label"}

// learn remembers an answer, unless it may be wrong by now.
func (s *resolver) learn(q *question) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, q)
	if s.pending[q.ref] == q {
		delete(s.pending, q.ref)
	}
	if q.refused && q.err == nil {
		s.refused.put(q.ref, struct{}{}, s.now())
	}
	switch {
	case q.ref.kind == "label", q.err == nil && slices.Contains(unsettled, q.ref.kind):
	case q.err == nil && !q.changed:
		s.known.put(q.ref.bare(), q.fact, s.now())
		if q.ref.kind == "task" {
			s.spans.add(q.fact.project, q.ref.id)
		}
	case q.err != nil && roster.KindOf(q.err) == roster.NotFound && !q.made:
		s.absent.put(q.ref, struct{}{}, s.now())
	}
}

// forget drops what is known about things that a request may have changed; and
// which things there are not, where it may have made some. Whoever asks from now
// on asks anew.
func (s *resolver) forget(refs []reference, made bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, ref := range refs {
		s.known.drop(ref)
	}
	maps.DeleteFunc(s.pending, func(ref reference, _ *question) bool { return slices.Contains(refs, ref.bare()) })
	if made {
		s.absent.clear()
		s.refused.clear()
		clear(s.pending)
	}
	for q := range s.open {
		q.made = q.made || made
		q.changed = q.changed || slices.Contains(refs, q.ref.bare())
	}
}

// forgetTasks drops what is known about tasks that are gone.
func (s *resolver) forgetTasks(ids []int64) {
	refs := make([]reference, len(ids))
	for i, id := range ids {
		refs[i] = reference{kind: "task", id: id}
	}
	s.forget(refs, false)
}

// answer is every field by which the upstream says what a thing belongs to.
type answer struct {
	Project   *int64  `json:"project"`
	Task      int64   `json:"task"`
	Author    any     `json:"completed_by"`     // of an annotation: an id, or a person
	CreatedBy string  `json:"created_username"` // of a draft: "Name e-mail, id"
	User      any     `json:"user"`             // of a tab: an id. Of a draft: an e-mail
	File      string  `json:"file"`
	Projects  []int64 `json:"projects"` // of a label
}

func (s *resolver) ask(ctx context.Context, ref reference) (fact, error) {
	template, ok := lookups[ref.kind]
	if !ok {
		return fact{}, fmt.Errorf("gateway: nobody knows how to look up a %s", ref.kind)
	}
	path := fmt.Sprintf(template, ref.id)
	if strings.Contains(template, "%s") {
		path = fmt.Sprintf(template, ref.kin, ref.id)
	}
	var a answer
	if err := s.upstream.Get(ctx, path, nil, &a); err != nil {
		return fact{}, err
	}
	return conclude(ref, a)
}

// conclude makes a fact of an answer. Of a draft the upstream names the task alone.
func conclude(ref reference, a answer) (f fact, err error) {
	f.task = a.Task
	switch {
	case ref.kind == "file":
		f.project, err = filed(a.File)
	case ref.kind == "label":
		f.shared = a.Projects
	case ref.kind == "export":
		f.project, _ = parseID(ref.kin) // the upstream found it among this project's
	case a.Project != nil:
		f.project = *a.Project
	case ref.kind == "draft" && a.Task != 0:
	case ref.kind != "webhook":
		err = &fault{502, fmt.Errorf("the upstream names no project of %s %d", ref.kind, ref.id)}
	}
	f.author = a.author(ref.kind)
	return f, err
}

// free is for questions that count against nobody: about the task of a draft that
// was counted, and about projects that the upstream itself told of.
func free(reference) error { return nil }

// author is whose a thing is; 0 when the answer does not say.
func (a answer) author(kind string) int64 {
	switch kind {
	case "draft":
		return lastID(a.CreatedBy)
	case "view":
		return asID(a.User)
	}
	return asID(a.Author)
}
