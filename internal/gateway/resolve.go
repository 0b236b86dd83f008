package gateway

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"roster"
)

// fact is what never changes about a thing of the upstream's, except by a
// request that passes the gate and makes it forget.
type fact struct {
	project int64 // 0: of the whole organization
	task    int64
	author  int64
}

// resolver finds out which project things belong to, by asking the upstream.
type resolver struct {
	upstream *Upstream
	known    *cache[reference, fact]
	now      func() time.Time
}

// factsHeld and factsFor bound what a resolver remembers.
const (
	factsHeld = 100_000
	factsFor  = time.Hour
)

func newResolver(u *Upstream, now func() time.Time) *resolver {
	return &resolver{u, newCache[reference, fact](factsHeld, factsFor), now}
}

// lookup is where the upstream tells about a thing.
var lookups = map[string]string{
	"task": "/api/tasks/%d/", "annotation": "/api/annotations/%d/", "draft": "/api/drafts/%d/", "prediction": "/api/predictions/%d/",
	"view": "/api/dm/views/%d/", "storage": "/api/storages/%s/%d", "target": "/api/storages/export/%s/%d", "ml": "/api/ml/%d",
	"file": "/api/import/file-upload/%d", "webhook": "/api/webhooks/%d/", "link": "/api/label_links/%d/",
	"export": "/api/projects/%s/exports/%d", "import": "/api/projects/%s/imports/%d/", "reimport": "/api/projects/%s/reimports/%d/",
}

// resolve is what is known about a thing. NotFound when the upstream has none.
func (s *resolver) resolve(ctx context.Context, ref reference) (fact, error) {
	if ref.kind == "project" {
		return fact{project: ref.id}, nil
	}
	if f, ok := s.known.get(ref, s.now()); ok {
		return f, nil
	}
	f, err := s.ask(ctx, ref)
	if err == nil {
		s.known.put(ref, f, s.now())
	}
	return f, err
}

// forget drops what is known about things that a request may have changed.
func (s *resolver) forget(refs []reference) {
	for _, ref := range refs {
		s.known.drop(ref)
	}
}

// answer is every field by which the upstream says what a thing belongs to.
type answer struct {
	Project   *int64 `json:"project"`
	Task      int64  `json:"task"`
	Author    any    `json:"completed_by"`     // of an annotation: an id, or a person
	CreatedBy string `json:"created_username"` // of a draft: "Name e-mail, id"
	File      string `json:"file"`
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
	q := url.Values{}
	if ref.kind == "task" {
		q = url.Values{"annotations_stub": {"true"}, "resolve_uri": {"false"}}
	}
	var a answer
	if err := s.upstream.Get(ctx, path, q, &a); err != nil {
		if roster.KindOf(err) == roster.Unsigned {
			err = &fault{503, fmt.Errorf("the upstream refused the service account: %w", err)}
		}
		return fact{}, err
	}
	return s.conclude(ctx, ref, a)
}

// conclude makes a fact of an answer, by way of the task where the answer
// names no project.
func (s *resolver) conclude(ctx context.Context, ref reference, a answer) (f fact, err error) {
	f.task = a.Task
	if ref.kind == "task" {
		f.task = ref.id
	}
	switch {
	case ref.kind == "file":
		f.project, err = filed(a.File)
	case ref.kind == "export":
		f.project, _ = parseID(ref.kin) // the upstream found it among this project's
	case a.Project != nil:
		f.project = *a.Project
	case a.Task != 0:
		var of fact
		of, err = s.resolve(ctx, reference{kind: "task", id: a.Task})
		f.project = of.project
	case ref.kind != "webhook":
		err = &fault{502, fmt.Errorf("the upstream names no project of %s %d", ref.kind, ref.id)}
	}
	f.author = personID(a.Author)
	if f.author == 0 && ref.kind == "draft" {
		f.author = lastID(a.CreatedBy)
	}
	return f, err
}

// personID reads a person given as an id, or as an object that has one; 0 when
// it is neither.
func personID(v any) int64 {
	switch v := v.(type) {
	case float64:
		return int64(v)
	case map[string]any:
		return personID(v["id"])
	}
	return 0
}
