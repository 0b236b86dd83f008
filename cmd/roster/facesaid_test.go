package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"time"

	"roster"
)

// soul is what the reference knows of a person.
type soul struct {
	id                          int64
	name                        string
	org, there                  roster.Role // in the organization, and in the project
	seat                        roster.UserType
	tags                        []int64
	active, joined              time.Time
	explicit, workspace, paused bool
}

// override is the role that the project gives them; "" where it gives none.
func (s soul) override() roster.Role {
	if s.there == s.org {
		return ""
	}
	return s.there
}

// access reports whether the person can enter the project.
func (s soul) access() bool { return s.explicit || s.workspace || s.org.SeesEveryProject() }

// said is one filter, as the faces say it, and whom it keeps. A face that cannot say it is
// not asked; a value that is nasty is refused.
type said struct {
	name               string
	wire, cli, console string
	nasty, blank       bool
	set                func(f *roster.MemberFilter)
	keeps              func(s soul) bool
	elsewhere          func(s soul) bool // out of projects, where that is another question
}

// foreign reports whether a list has no such filter.
func (f said) foreign(list roster.Lists) bool {
	return f.name != "" && !slices.ContainsFunc(roster.FilterFields(list),
		func(d roster.FilterField) bool { return d.Name == f.name })
}

// wish is a selector: filters of everybody, or people who are named, and whom it spares.
type wish struct {
	filters       []said
	named, spared []int64
}

func (w wish) keeps(sub subject, p soul) bool {
	inProject := sub.list&(roster.ListProject|roster.ListRemoval) != 0
	for _, f := range w.filters {
		keeps := f.keeps
		if f.elsewhere != nil && !inProject {
			keeps = f.elsewhere
		}
		if keeps == nil || !keeps(p) {
			return false
		}
	}
	return !slices.Contains(w.spared, p.id)
}

// asks reports whether one of the filters is there.
func (w wish) asks(names ...string) bool {
	return slices.ContainsFunc(w.filters, func(f said) bool { return slices.Contains(names, f.name) })
}

// chooses reports whether it says in a nasty way who is selected at all.
func (w wish) chooses() bool { return w.asks(selecting...) }

// selecting is what a selector says besides filters.
var selecting = []string{"all", "included", "excluded"}

func (w wish) nasty() bool {
	return slices.ContainsFunc(w.filters, func(f said) bool { return f.nasty })
}

// blank reports whether a filter is there and says nothing: no filter in a form and in a
// list of the wire, and refused where somebody is taken away.
func (w wish) blank() bool {
	return slices.ContainsFunc(w.filters, func(f said) bool { return f.blank })
}

// consoleNames is what the console calls the filters it can say as texts.
var consoleNames = map[string]string{
	"search": "q", "role": "role", "user_type": "seat", "tags": "tag", "tags_operator": "every",
	"last_activity__gte": "from", "last_activity__lte": "to",
	"joined_after": "joined_after", "joined_before": "joined_before", "never_active": "active",
}

// sayings makes a filter for each name that a selector can be narrowed by.
func (s *stage) sayings(rnd *rand.Rand) map[string]said {
	text := []string{"ann", "NG bo", "okafor", "zz", `"cyd ng"`}[rnd.IntN(5)]
	role, seat := roster.Roles[rnd.IntN(len(roster.Roles))], []roster.UserType{"standard", "flex"}[rnd.IntN(2)]
	tags, every := [][]int64{{1}, {2}, {1, 2}}[rnd.IntN(3)], rnd.IntN(2) == 0
	day := time.Date(2026, 1, 1+rnd.IntN(20), 0, 0, 0, 0, time.UTC)
	joined := time.Date(2026, 2, []int{1, 2, 10, 11, 20}[rnd.IntN(5)], 0, 0, 0, 0, time.UTC)
	end := func(t time.Time) time.Time { return t.AddDate(0, 0, 1).Add(-time.Microsecond) }
	date := func(t time.Time) string { return t.Format(time.DateOnly) }
	moment := func(t time.Time) string { return t.Format(time.RFC3339Nano) }
	other := s.souls[rnd.IntN(len(s.souls))]
	project, space, person := fmt.Sprint(s.project), fmt.Sprint(s.space), fmt.Sprint(other.id)
	all := func(want []int64, has func(int64) bool) bool {
		return !slices.ContainsFunc(want, func(id int64) bool { return !has(id) })
	}
	list := []said{
		{name: "search", wire: text, set: func(f *roster.MemberFilter) { f.Search = text }, keeps: func(p soul) bool {
			if strings.Contains(text, `"`) {
				return false // a phrase is of one name, first or last
			}
			for _, word := range strings.Fields(strings.ToLower(text)) {
				if !strings.Contains(p.name, word) {
					return false
				}
			}
			return true
		}},
		{
			name: "role", wire: string(role), set: func(f *roster.MemberFilter) { f.Roles = []roster.Role{role} },
			keeps:     func(p soul) bool { return p.there == role },
			elsewhere: func(p soul) bool { return p.org == role },
		},
		{
			name: "user_type", wire: string(seat),
			set:   func(f *roster.MemberFilter) { f.UserTypes = []roster.UserType{seat} },
			keeps: func(p soul) bool { return p.seat == seat },
		},
		{name: "tags", wire: "0" + texts(tags), cli: texts(tags), set: func(f *roster.MemberFilter) { f.Tags = tags },
			keeps: func(p soul) bool {
				return slices.ContainsFunc(tags, func(id int64) bool { return slices.Contains(p.tags, id) })
			}},
		{
			name: "last_activity__gte", wire: date(day), set: func(f *roster.MemberFilter) { f.ActiveFrom = &day },
			keeps: func(p soul) bool { return !p.active.Before(day) && !p.active.IsZero() },
		},
		{
			name: "last_activity__lte", wire: moment(end(day)), console: date(day),
			set:   func(f *roster.MemberFilter) { f.ActiveTo = new(end(day)) },
			keeps: func(p soul) bool { return !p.active.After(day.AddDate(0, 0, 1)) && !p.active.IsZero() },
		},
		{
			name: "joined_after", wire: date(joined), set: func(f *roster.MemberFilter) { f.JoinedAfter = &joined },
			keeps: func(p soul) bool { return p.explicit && !p.joined.Before(joined) },
		},
		{
			name: "joined_before", wire: date(joined),
			set:   func(f *roster.MemberFilter) { f.JoinedBefore = new(end(joined)) },
			keeps: func(p soul) bool { return p.explicit && p.joined.Before(joined.AddDate(0, 0, 1)) },
		},
		{
			name: "never_active", wire: "true", console: "never",
			set:   func(f *roster.MemberFilter) { f.NeverActive = true },
			keeps: func(p soul) bool { return p.active.IsZero() },
		},
		{
			name: "ability", wire: "waiting", console: "-",
			set:   func(f *roster.MemberFilter) { f.Ability = roster.Waiting },
			keeps: func(p soul) bool { return p.org == "NO" },
		},
		{
			name: "in_workspace", wire: space, console: "-",
			set:   func(f *roster.MemberFilter) { f.InWorkspace = s.space },
			keeps: func(p soul) bool { return p.workspace },
		},
		{
			name: "paused_in", wire: project, console: "-",
			set:   func(f *roster.MemberFilter) { f.PausedIn = s.project },
			keeps: func(p soul) bool { return p.paused },
		},
		{
			name: "by_organization_role", wire: "true", console: "-",
			set:   func(f *roster.MemberFilter) { f.ByRole = true },
			keeps: func(p soul) bool { return p.org.SeesEveryProject() },
		},
		{
			name: "shared_with", wire: person, console: "-",
			set:   func(f *roster.MemberFilter) { f.SharedWith = &roster.Actor{UserID: other.id} },
			keeps: func(p soul) bool { return s.share(other, p) },
		},
	}
	truth := func(name string, keeps func(p soul) bool, set func(f *roster.MemberFilter)) {
		list = append(list, said{name: name, wire: "true", console: "-", keeps: keeps, set: set})
	}
	truth("no_annotators", func(p soul) bool { return p.there != "AN" },
		func(f *roster.MemberFilter) { f.NoAnnotators = true })
	truth("no_view_only", func(soul) bool { return true }, func(f *roster.MemberFilter) { f.NoViewOnly = true })
	truth("with_deleted", func(soul) bool { return true }, func(f *roster.MemberFilter) { f.WithInactive = true })
	truth("is_deleted", func(soul) bool { return false }, func(f *roster.MemberFilter) { f.OnlyDeleted = true })
	few := []int64{other.id, s.souls[rnd.IntN(len(s.souls))].id, s.w.Owner}
	list = append(list, said{
		name: "ids", wire: texts(few), console: "-", set: func(f *roster.MemberFilter) { f.IDs = few },
		keeps: func(p soul) bool { return slices.Contains(few, p.id) },
	}, said{
		name: "exclude_project_id", wire: project, console: "-", set: func(f *roster.MemberFilter) {
			f.ExcludeProject = s.project
		},
		keeps: func(p soul) bool { return !p.access() },
	}, said{
		name: "exclude_workspace_id", wire: space, console: "-", set: func(f *roster.MemberFilter) {
			f.ExcludeWorkspace = s.space
		},
		keeps: func(p soul) bool { return !p.workspace },
	})
	if every {
		list = append(list, said{
			name: "tags_operator", wire: "and", console: "1",
			set: func(f *roster.MemberFilter) { f.EveryTag = true },
			keeps: func(p soul) bool {
				return all(tags, func(id int64) bool { return slices.Contains(p.tags, id) })
			},
		})
	}
	out := map[string]said{}
	for _, f := range list {
		out[f.name] = f.everywhere()
	}
	return out
}

// share reports whether somebody is in a project or a workspace that another sees: here
// there are one project and its workspace.
func (s *stage) share(viewer, p soul) bool {
	sees := !viewer.paused && viewer.org.Works() && viewer.access()
	space := sees || viewer.org.SeesEveryProject() || viewer.org.Works() && viewer.workspace
	return p.id == viewer.id || sees && p.access() || space && p.workspace
}

// everywhere has what is said the same on every face.
func (f said) everywhere() said {
	if f.cli == "" {
		f.cli = f.wire
	}
	if f.console == "" {
		f.console = f.wire
	}
	return f
}

// draw makes a selector of up to three filters that some list of a realm has.
func (s *stage) draw(rnd *rand.Rand, r realm) (w wish) {
	known := s.sayings(rnd)
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(known)), func(name string) bool {
		return known[name].foreign(r.lists)
	})
	for range rnd.IntN(4) {
		f := known[names[rnd.IntN(len(names))]]
		if slices.ContainsFunc(w.filters, f.contradicts) {
			continue
		}
		w.filters = append(w.filters, f)
		if f.name == "tags_operator" && !w.asks("tags") {
			w.filters = append(w.filters, known["tags"])
		}
	}
	for range rnd.IntN(3) {
		w.spared = append(w.spared, s.souls[rnd.IntN(len(s.souls))].id)
	}
	return w
}

// contradicts reports whether two filters are one, or cannot both be meant.
func (f said) contradicts(other said) bool {
	both := f.name + " " + other.name
	return f.name == other.name ||
		strings.Contains(both, "never_active") && strings.Contains(both, "last_activity") ||
		strings.Contains(both, "with_deleted") && strings.Contains(both, "shared_with")
}

// chosen are selectors that name people: some, some but for one of them, and the Owner with
// whoever is deactivated.
func (s *stage) chosen(rnd *rand.Rand) []wish {
	var some []int64
	for range 8 {
		some = append(some, s.souls[rnd.IntN(len(s.souls))].id)
	}
	last := []int64{s.w.Owner}
	for _, p := range s.souls {
		if p.org == "DI" {
			last = append(last, p.id)
		}
	}
	return []wish{{named: some}, {named: some, spared: some[2:4]}, {named: last}, {named: some[:1], spared: some[:1]}}
}

// nasties are values that nobody could mean, for every filter and for who is selected, and
// filters that cannot both be meant.
func (s *stage) nasties() (out []wish) {
	by := map[string][]string{
		"search": {",", `""`, "a\xff", strings.Repeat("a", 1001)}, "role": {"\xff", "XX", "an"},
		"user_type": {"gold"}, "tags": {"x", "-1", "1;2", "0"},
		"tags_operator": {"xor"}, "last_activity__gte": {"0001-01-01", "26-01-01", "x", "2026-02-30"},
		"last_activity__lte": {"0001-01-01", "x"},
		"joined_after":       {"0001-01-01", "x"}, "joined_before": {"0001-01-01", "10000-01-01"},
		"never_active": {"perhaps"}, "ability": {"fine"},
		"in_workspace": {"x", "99"}, "paused_in": {"99", "-1"}, "by_organization_role": {"perhaps"},
		"shared_with": {"999999"}, "rolle": {"AN"}, "ids": {"x"}, "is_deleted": {"perhaps"},
		"exclude_project_id": {"99", "x"}, "exclude_workspace_id": {"99"},
		"all": {"perhaps"}, "included": {"5"}, "excluded": {"x", "-1"},
	}
	for _, name := range slices.Sorted(maps.Keys(by)) {
		for _, value := range by[name] {
			f := said{name: name, wire: value, nasty: true}
			if name == "tags_operator" || name == "never_active" {
				f.console = "true"
			}
			out = append(out, wish{filters: []said{f.everywhere()}})
		}
		if !slices.Contains(selecting, name) {
			out = append(out, wish{filters: []said{{name: name, nasty: true, blank: true}}})
		}
	}
	known := s.sayings(rand.New(rand.NewPCG(1, 1)))
	both := []said{known["with_deleted"], known["shared_with"]}
	both[0].nasty = true
	return append(out, wish{filters: both})
}

func (w wish) text() string {
	var parts []string
	for _, f := range w.filters {
		parts = append(parts, fmt.Sprintf("%s=%q", f.name, f.wire))
	}
	return strings.Join(parts, "&") + fmt.Sprint(" named ", w.named, " without ", w.spared)
}

// wire is the filters as a list of the wire has them in a query.
func (w wish) wire(list roster.Lists) url.Values {
	v := url.Values{}
	for _, f := range w.filters {
		if f.name == "" || slices.Contains(selecting, f.name) {
			continue
		}
		name := f.name
		for _, d := range roster.FilterFields(list) {
			if d.Name == f.name {
				name = d.Parameter(list)
			}
		}
		v.Set(name, f.wire)
	}
	return v
}

func (w wish) filter() (f roster.MemberFilter) {
	for _, x := range w.filters {
		if x.set != nil {
			x.set(&f)
		}
	}
	return f
}

// flags is the selector on the command line; a list says no more than filters.
func (w wish) flags(sub roster.Lists) (out []string) {
	if sub != roster.ListProject && sub != roster.ListPeople {
		out = w.whom()
	}
	for _, x := range w.filters {
		if x.name == "" {
			continue
		}
		name := x.name
		switch name {
		case "included":
			name = "include"
		case "excluded":
			name = "exclude"
		}
		for _, d := range roster.MemberFilterFields {
			if d.Name == x.name {
				name = d.FlagName()
			}
		}
		if flag := "--" + strings.ReplaceAll(name, "_", "-"); x.wire == "true" {
			out = append(out, flag)
		} else {
			out = append(out, flag+"="+x.cli)
		}
	}
	return out
}

func (w wish) whom() []string {
	out := []string{"--all"}
	if w.named != nil {
		out = []string{"--include", texts(w.named)}
	}
	if len(w.spared) > 0 {
		out = append(out, "--exclude", texts(w.spared))
	}
	return out
}

// console is the filters in an address of the console.
func (w wish) console() url.Values {
	v := url.Values{}
	for _, x := range w.filters {
		if x.name == "" || slices.Contains(selecting, x.name) {
			continue
		}
		name, known := consoleNames[x.name]
		if !known {
			name = x.name // which is none there
		}
		values := []string{x.console}
		if name == "tag" {
			values = strings.Split(x.console, ",")
		}
		v[name] = values
	}
	return v
}

func (w wish) selector() roster.Selector {
	if w.named != nil {
		return roster.Selector{Included: w.named, Excluded: w.spared}
	}
	return roster.Selector{All: true, Excluded: w.spared, Filter: w.filter()}
}

// query is the selector of a removal on the wire.
func (w wish) query(list roster.Lists) url.Values { return w.selecting(w.wire(list), "true") }

// form is the selection as the console's forms send it.
func (w wish) form() url.Values { return w.selecting(w.console(), "1") }

// selecting adds to filters who is selected.
func (w wish) selecting(v url.Values, all string) url.Values {
	if w.named != nil {
		v.Set("included", texts(w.named))
	} else {
		v.Set("all", all)
	}
	if len(w.spared) > 0 {
		v.Set("excluded", texts(w.spared))
	}
	for _, f := range w.filters {
		if slices.Contains(selecting, f.name) {
			v.Set(f.name, f.wire)
		}
	}
	return v
}

// body is who is selected, and more, as a JSON body.
func (w wish) body(more map[string]any) string {
	body := map[string]any{"all": w.named == nil, "excluded": append([]int64{}, w.spared...)}
	if w.named != nil {
		body["included"] = w.named
	}
	for _, f := range w.filters {
		if slices.Contains(selecting, f.name) {
			body[f.name] = f.wire
		}
	}
	maps.Copy(body, more)
	text, _ := json.Marshal(body)
	return string(text)
}
