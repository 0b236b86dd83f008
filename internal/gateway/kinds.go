package gateway

import (
	"encoding/json"
	"maps"
	"net/url"
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

// maxIndexed is how many kinds may have the index of a Repeater, likewise: with so many, nobody
// who labels makes a configuration of 20 KiB too large.
const maxIndexed = 1000

// room is how many labels a project's annotations and drafts may have in all that its labeling
// configuration does not give, and how many bytes. Label Studio writes all of them anew for each
// annotation, and nobody else's request gets on meanwhile.
type room struct{ labels, bytes int }

var (
	foreignRoom = room{10_000, 1 << 20} // as long as nothing gives the one that is added
	givenRoom   = room{20_000, 2 << 20} // and where the data of the task does, which a Manager writes
)

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
	labels   map[label]promise  // likewise, and labels that need not be asked about again
}

// promise is a label that was let through.
type promise struct {
	until time.Time
	free  bool // it counts for nothing: it is there already, or a task's data gives it
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
		c = &kindsThere{promised: map[kind]time.Time{}, labels: map[label]promise{}}
	}
	g.counted.put(project, c, g.app.Now()) // as long as it is used
	return c
}

// fewKinds refuses work of more kinds, and with more labels, than the project's labeling
// configuration and what is there give reason for. What the configuration gives is never
// refused, and neither is what the project's annotations have.
func (f *flight) fewKinds() error {
	work, err := f.work()
	if work == nil || err != nil {
		return err
	}
	kinds := work.kinds(strings.Contains(f.rule.path, "draft"))
	c := f.gate.countedOf(f.project)
	if c.know(kinds, work.labels, f.gate.app.Now()) || f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return nil
	}
	config, err := f.configured()
	if err != nil {
		return err
	}
	by := labelingOf(config)
	besides, err := f.besides(work.labels, by)
	if err != nil {
		return err
	}
	var has tally
	if err := f.ask("/api/projects/"+formatID(f.project)+"/summary/", nil, &has); err != nil {
		return err
	}
	return c.admit(kinds, work.labels, besides, by, has, f.gate.app.Now())
}

// converting is the end of the path by which an annotation becomes a draft: what was imported
// is counted then.
const converting = "/convert-to-draft"

// work is what a request has Label Studio count of an annotation or a draft; nil: nothing.
func (f *flight) work() (*content, error) {
	switch {
	case f.project == 0 || f.rule.action != core.AnnotateTasks:
		return nil, nil
	case slices.Contains(f.rule.only, "result"):
		return f.body, nil
	case !strings.HasSuffix(f.rule.path, converting):
		return nil, nil
	}
	var stored struct{ Result json.RawMessage }
	if err := f.ask("/api/annotations/"+f.named.get("annotation")+"/", url.Values{}, &stored); err != nil {
		return nil, err
	}
	s := &jsonScale{weight: new(int64)}
	if err := s.weigh(slices.Concat([]byte(`{"result":`), stored.Result, []byte("}"))); err != nil {
		return nil, err
	}
	return &content{results: s.results, labels: s.labelsOf()}, nil
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

// know reports whether all kinds and labels are the configuration's or there already, by what
// was asked a moment ago.
func (c *kindsThere) know(kinds []kind, labels []label, now time.Time) bool {
	if len(kinds) == 0 && len(labels) == 0 {
		return true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return within(now, c.until, kindsFor) && !slices.ContainsFunc(kinds, c.foreign) &&
		!slices.ContainsFunc(kinds, c.indexed) &&
		!slices.ContainsFunc(labels, func(l label) bool {
			p, promised := c.labels[l]
			return !(promised && now.Before(p.until)) && !c.labeling.knows(l)
		})
}

// foreign reports whether neither the configuration nor anything there is of a kind.
func (c *kindsThere) foreign(k kind) bool { return !c.stored[k] && !c.labeling.has(k) }

// indexed reports whether a kind has the index of a Repeater, and there is nothing of it yet.
func (c *kindsThere) indexed(k kind) bool {
	_, promised := c.promised[k]
	return !promised && !c.stored[k] && c.labeling.indexed(k)
}

// admit takes in what the upstream says now, and reports whether there is room for the kinds
// and the labels of a request: those that its configuration and the task do not give.
func (c *kindsThere) admit(kinds []kind, labels, besides []label, by labeling, has tally, now time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.until, c.labeling, c.stored = now.Add(kindsFor), by, has.kinds()
	foreign := make(map[label]bool, len(besides)) // of 50,000 each, nobody waits for one to be found
	for _, l := range besides {
		foreign[l] = true
	}
	given := slices.DeleteFunc(slices.Clone(labels), func(l label) bool { return foreign[l] || by.knows(l) })
	if err := c.admitLabels(besides, given, has.labels(by), now); err != nil {
		return err
	}
	c.recall(labels, now)
	return c.admitKinds(kinds, now)
}

func (c *kindsThere) admitKinds(kinds []kind, now time.Time) error {
	var more []kind
	for _, k := range kinds {
		if _, promised := c.promised[k]; c.foreign(k) && !promised && !slices.Contains(more, k) {
			more = append(more, k)
		}
	}
	if there := c.foreigners(now); len(more) > 0 && there+len(more) > maxForeign {
		return more[0].refused(there)
	}
	indexed := slices.DeleteFunc(slices.Clone(kinds), func(k kind) bool { return !c.indexed(k) })
	if there := c.withIndex(); len(indexed) > 0 && there+len(indexed) > maxIndexed {
		return indexed[0].tooMany(there)
	}
	for _, k := range append(more, indexed...) {
		c.promised[k] = now.Add(promisedAs)
	}
	return nil
}

// withIndex is how many kinds the project has, or will have, with the index of a Repeater.
func (c *kindsThere) withIndex() (n int) {
	for k := range c.stored {
		if c.labeling.indexed(k) {
			n++
		}
	}
	for k := range c.promised { // none of which is stored
		if c.labeling.indexed(k) {
			n++
		}
	}
	return n
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

// tooMany says that there is no room for one with the index of a Repeater.
func (k kind) tooMany(there int) error {
	return roster.InvalidField("result",
		"%.40q has the index of a Repeater. The project has %d kinds of results already that have one, and at most %d in "+
			"all. Only the Owner adds to them. Nothing was changed.", k.from, there, maxIndexed)
}

// admitLabels reports whether there is room for labels beside those that are there: for some
// that nothing gives, and some that the data of the task does.
func (c *kindsThere) admitLabels(foreign, given []label, stored labelsSaid, now time.Time) error {
	count, bytes := c.foreignLabels(stored, now)
	all := room{count, bytes}
	foreign, given = c.fresh(foreign, stored), c.fresh(given, stored)
	for _, l := range foreign {
		all = all.with(l)
	}
	if len(foreign) > 0 && all.exceeds(foreignRoom) {
		return foreign[0].refused(count)
	}
	for _, l := range given {
		all = all.with(l)
	}
	if len(given) > 0 && all.exceeds(givenRoom) {
		return given[0].oneTooMany(count)
	}
	for _, l := range append(foreign, given...) {
		c.labels[l] = promise{until: now.Add(promisedAs)}
	}
	return nil
}

// fresh are the labels that are neither there nor promised.
func (c *kindsThere) fresh(labels []label, stored labelsSaid) []label {
	return slices.DeleteFunc(slices.Clone(labels), func(l label) bool {
		_, there := stored.all[l]
		p, promised := c.labels[l]
		return there || promised && !p.free
	})
}

func (r room) with(l label) room { return room{r.labels + 1, r.bytes + l.weighs()} }

func (r room) exceeds(most room) bool { return r.labels > most.labels || r.bytes > most.bytes }

// foreignLabels is how many labels the project has, or will have, besides what the configuration
// gives, and their bytes.
func (c *kindsThere) foreignLabels(stored labelsSaid, now time.Time) (count, bytes int) {
	count, bytes = len(stored.all), stored.bytes
	maps.DeleteFunc(c.labels, func(l label, p promise) bool {
		_, there := stored.all[l]
		return there && !p.free || !within(now, p.until, promisedAs)
	})
	for l, p := range c.labels {
		if !p.free {
			count, bytes = count+1, bytes+l.weighs()
		}
	}
	return count, bytes
}

// What of a project is remembered of labels that need not be asked about again: what people save
// every second mostly has the labels that it had.
const (
	maxRecalled     = 1000
	maxRecalledText = 100 // bytes of one
)

// recall remembers labels that were let through, and count elsewhere or for nothing.
func (c *kindsThere) recall(labels []label, now time.Time) {
	free := 0
	for _, p := range c.labels {
		if p.free {
			free++
		}
	}
	for _, l := range labels {
		_, there := c.labels[l]
		if there || free >= maxRecalled || len(l.text) > maxRecalledText || c.labeling.knows(l) {
			continue
		}
		c.labels[l], free = promise{now.Add(kindsFor), true}, free+1
	}
}

// labels are those that have been counted, besides what the configuration gives.
func (t tally) labels(by labeling) (all labelsSaid) {
	all.all = map[label]struct{}{}
	for _, counted := range []map[string]json.RawMessage{t.Labels, t.Drafts} {
		for from, raw := range counted {
			var texts map[string]json.RawMessage
			json.Unmarshal(raw, &texts) // what cannot be read has none
			for text := range texts {
				l := label{from, text}
				if _, there := all.all[l]; !there && !by.knows(l) {
					all.all[l], all.bytes = struct{}{}, all.bytes+l.weighs()
				}
			}
		}
	}
	return all
}

// refused says that there is no room for a label.
func (l label) refused(there int) error {
	return roster.InvalidField("result",
		"Neither the labeling configuration nor the data of the task gives %.40q the label %.40q. The project has %d such "+
			"labels already, and at most %d in all, of %d KiB. Use the labels of the configuration, or ask a manager to add "+
			"this one. Nothing was changed.", l.from, l.text, there, foreignRoom.labels, foreignRoom.bytes>>10)
}

// oneTooMany says that there is no room for a label though the data of the task gives it.
func (l label) oneTooMany(there int) error {
	return roster.InvalidField("result",
		"The project has %d labels already that its labeling configuration does not give, and at most %d in all, of %d "+
			"KiB: %.40q of %.40q is one too many, though the data of the task gives it. Only the Owner adds to them. "+
			"Nothing was changed.", there, givenRoom.labels, givenRoom.bytes>>10, l.text, l.from)
}
