package gateway

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"roster"
	"roster/internal/core"
)

// maxForeign is how many kinds of results that no control of its labeling configuration gives
// a project's annotations and drafts may have in all. Label Studio reads a new configuration
// once more for each.
const maxForeign = 20

const (
	kindsFor   = time.Minute      // how long it is remembered what kinds a project has
	promisedAs = 10 * time.Minute // how long what was let through counts before the upstream shows it
	maxCounted = 10_000           // projects of which that is remembered
)

// kindsThere is what kinds of results a project has, as it was last asked. It decides no access.
type kindsThere struct {
	mu       sync.Mutex
	until    time.Time
	labeling labeling
	stored   map[kind]bool      // what the upstream has counted
	promised map[kind]time.Time // what was let through, and until when that counts
}

func newKindsThere() *cache[int64, *kindsThere] {
	return newCache[int64, *kindsThere](maxCounted, promisedAs)
}

// countedOf is what is remembered of a project.
func (g *Gate) countedOf(project int64) *kindsThere {
	g.counting.Lock()
	defer g.counting.Unlock()
	c, ok := g.counted.get(project, g.app.Now())
	if !ok {
		c = &kindsThere{promised: map[kind]time.Time{}}
	}
	g.counted.put(project, c, g.app.Now()) // as long as it is used
	return c
}

// fewKinds refuses work of more kinds than the project's labeling configuration and what is
// there give reason for. What the configuration gives is never refused, and neither is what
// the project's annotations have.
func (f *flight) fewKinds() error {
	if f.project == 0 || f.body == nil || f.rule.action != core.AnnotateTasks ||
		!slices.Contains(f.rule.only, "result") {
		return nil
	}
	kinds := f.body.kinds(strings.Contains(f.rule.path, "/drafts"))
	c := f.gate.countedOf(f.project)
	if len(kinds) == 0 || c.know(kinds, f.gate.app.Now()) ||
		f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return nil
	}
	config, err := f.configured()
	if err != nil {
		return err
	}
	var has tally
	if err := f.ask("/api/projects/"+formatID(f.project)+"/summary/", nil, &has); err != nil {
		return err
	}
	return c.admit(kinds, labelingOf(config), has.kinds(), f.gate.app.Now())
}

// kinds is of which kinds the results of a body are: of a draft, from which controls.
func (c *content) kinds(draft bool) (all []kind) {
	for k := range c.results {
		k.what = strings.ToLower(k.what) // as it is counted
		if draft {
			k = kind{from: k.from}
		}
		all = append(all, k)
	}
	return all
}

// kinds is what has been counted.
func (t tally) kinds() map[kind]bool {
	all := map[kind]bool{}
	for written := range t.Results {
		if parts := strings.Split(written, "|"); len(parts) == 3 {
			all[kind{parts[0], parts[1], parts[2]}] = true
		}
	}
	for name := range t.Labels {
		all[kind{from: name}] = true
	}
	for name := range t.Drafts {
		all[kind{from: name}] = true
	}
	return all
}

// know reports whether all kinds are the configuration's or there already, by what was asked
// a moment ago.
func (c *kindsThere) know(kinds []kind, now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return within(now, c.until, kindsFor) && !slices.ContainsFunc(kinds, c.foreign)
}

// foreign reports whether neither the configuration nor anything there is of a kind.
func (c *kindsThere) foreign(k kind) bool { return !c.stored[k] && !c.labeling.has(k) }

// admit takes in what the upstream says now, and reports whether there is room for the kinds
// of a request.
func (c *kindsThere) admit(kinds []kind, l labeling, stored map[kind]bool, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until, c.labeling, c.stored = now.Add(kindsFor), l, stored
	var more []kind
	for _, k := range kinds {
		if _, promised := c.promised[k]; c.foreign(k) && !promised && !slices.Contains(more, k) {
			more = append(more, k)
		}
	}
	if there := c.foreigners(now); len(more) > 0 && there+len(more) > maxForeign {
		return more[0].refused(there)
	}
	for _, k := range more {
		c.promised[k] = now.Add(promisedAs)
	}
	return nil
}

// foreigners is how many kinds the project has, or will have, that no control gives. The name of
// one is counted with it.
func (c *kindsThere) foreigners(now time.Time) (n int) {
	maps.DeleteFunc(c.promised, func(k kind, until time.Time) bool {
		return c.stored[k] || !within(now, until, promisedAs)
	})
	all, called := map[kind]bool{}, map[kind]bool{}
	for _, k := range slices.Concat(slices.Collect(maps.Keys(c.stored)), slices.Collect(maps.Keys(c.promised))) {
		if c.labeling.has(k) {
			continue
		}
		if all[k] = true; k.what != "" {
			called[kind{from: k.from}] = true
		}
	}
	for k := range all {
		if !called[k] {
			n++
		}
	}
	return n
}

// refused says that there is no room for a kind.
func (k kind) refused(there int) error {
	what := "No control of the labeling configuration is called"
	if k.what != "" {
		what = "No control of the labeling configuration gives results of to_name and type like these with from_name"
	}
	return roster.InvalidField("result",
		"%s %.40q. The project has %d kinds of results already that no control gives, and at most %d in all. "+
			"Use the names of the configuration. Nothing was changed.", what, k.from, there, maxForeign)
}
