package gateway

import (
	"cmp"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestEveryRouteHasARule compares the policy with the list of routes that the
// Community Edition ships.
func TestEveryRouteHasARule(t *testing.T) {
	list, err := os.Open("testdata/all_urls_1.23.2.json")
	if err != nil {
		t.Fatal(err)
	}
	defer list.Close()
	missing, err := Unrouted(list)
	if err != nil || len(missing) > 0 {
		t.Errorf("no rule is about %s (%v)", strings.Join(missing, ", "), err)
	}
	if missing, err = Unrouted(
		strings.NewReader(`[{"url":"/api/brand-new/<int:pk>/"},{"url":"/api/tasks/<int:pk>/"},{"url":"/api/tasks/<int:pk>/peek"}]`)); err != nil || len(missing) != 2 {
		t.Errorf("new routes: %q %v", missing, err)
	}
}

// TestRulesAreWhole: every line says what its door needs.
func TestRulesAreWhole(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules() {
		key := r.String() + r.when.String()
		if seen[key] {
			t.Errorf("%s stands twice", r)
		}
		seen[key] = true
		if r.door == upstream && r.action == "" {
			t.Errorf("%s asks nothing", r)
		}
		forwards := r.door == upstream || r.door == anonymous
		if r.narrow == nil || r.narrow != narrowNothing && !forwards {
			t.Errorf("%s has no narrower, or narrows what is not forwarded", r)
		}
		if (r.answer != nil) != (r.door == itself) || r.prepare != nil && r.door != own {
			t.Errorf("%s has not what its door needs, or what it does not use", r)
		}
		if r.scope == inProject && len(r.needs) == 0 && !namesProject(r) {
			t.Errorf("%s does not say where the project is named", r)
		}
		if r.door == upstream && r.body == noBody && strings.Contains(strings.Join(r.methods, " "), "P") && r.String() != "" {
			t.Errorf("%s takes no body", r)
		}
	}
}

// TestRestIsTheUpstreams: {rest} stands only where the upstream's own route
// takes any number of segments. Else what follows would be looked up among its
// routes that are not anchored.
func TestRestIsTheUpstreams(t *testing.T) {
	list, err := os.ReadFile("testdata/all_urls_1.23.2.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules() {
		if !r.rest || (r.door != upstream && r.door != anonymous) {
			continue
		}
		fixed, _, _ := strings.Cut(r.path, "{")
		if !strings.Contains(string(list), `"`+fixed+`<path`) {
			t.Errorf("%s: the upstream's route takes one segment", r)
		}
	}
}

// namesProject reports whether a placeholder of the path resolves to one.
func namesProject(r *rule) bool {
	for _, part := range r.parts {
		name := strings.Trim(part, "{}")
		if part[0] == '{' && (name == "project" || lookups[name] != "" || askedWithin[name] != nil) {
			return true
		}
	}
	return false
}

// TestAnEmptyValueIsAValue: a rule that is about a parameter without a value is not about
// any other, nor about a request that does not name it.
func TestAnEmptyValueIsAValue(t *testing.T) {
	empty, whatever := ours("/x").asks("kind", ""), ours("/x").names("kind")
	for _, c := range []struct {
		q               query
		named           query
		empty, whatever bool
	}{
		{nil, nil, false, false},
		{query{{"other", ""}}, nil, false, false},
		{query{{"kind", ""}}, nil, true, true},
		{query{{"kind", "a"}}, nil, false, true},
		{nil, query{{"kind", "a"}}, false, false},
		{query{{"kind", "a"}}, query{{"kind", ""}}, true, true},
	} {
		if got := empty.when.holds(c.q, c.named); got != c.empty {
			t.Errorf("%v %v: %s holds: %v", c.q, c.named, empty.when, got)
		}
		if got := whatever.when.holds(c.q, c.named); got != c.whatever {
			t.Errorf("%v %v: %s holds: %v", c.q, c.named, whatever.when, got)
		}
	}
}

// TestTheTableFindsWhatItsLinesSay: by the first segments of a path no line is passed
// over, and none comes before an earlier one.
func TestTheTableFindsWhatItsLinesSay(t *testing.T) {
	all := rules()
	quick := newTable(all)
	paths := [][]string{nil, {"api"}, {"api", "nothing"}, {"api", "projects", "x"}, {"projects", "0"}, {"data"},
		{"data", "x"}, {"unknown", "x"}}
	for _, r := range all {
		filled := slices.Clone(r.parts)
		for i, part := range filled {
			if name, placed := placeholder(part); placed {
				filled[i] = map[string]string{"type": "redis", "action": "next_task", "page": "general"}[name]
				filled[i] = cmp.Or(filled[i], "7")
			}
		}
		paths = append(paths, filled, append(slices.Clone(filled), "more"), append(slices.Clone(filled), "8", "9"))
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "POST", "PATCH", "PUT", "DELETE"} {
			for _, q := range []query{nil, {{"id", "next_task"}}, {{"type", "localfiles"}}, {{"project", "3"}}} {
				a := address{path, q}
				found, named, allowed := quick.find(method, a)
				want, wantAllowed := lineFor(all, method, a)
				if found != want || !slices.Equal(allowed, wantAllowed) {
					t.Fatalf("%s %v %v: found %v (%v), want %v (%v)", method, path, q, found, allowed, want, wantAllowed)
				}
				for _, p := range named {
					if !slices.Contains(path, p.value) {
						t.Errorf("%v: %s is %q", path, p.name, p.value)
					}
				}
			}
		}
	}
}

// lineFor is the first of the lines that is about a request.
func lineFor(all []*rule, method string, a address) (found *rule, allowed []string) {
	for _, r := range all {
		switch {
		case !r.matches(a.segments):
		case r.takes(method) && r.when.holds(a.query, r.named(a.segments)):
			return r, nil
		default:
			allowed = append(allowed, r.methods...)
		}
	}
	return nil, allowed
}
