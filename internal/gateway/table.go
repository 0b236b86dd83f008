package gateway

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/core"
)

// door says who answers a request.
type door int

const (
	upstream  door = iota // Label Studio, once the policy agrees
	anonymous             // Label Studio, whoever asks: pages and files that hold nobody's data
	own                   // Roster itself
	shut                  // nobody, ever
	itself                // the gate itself
)

// scope says what a rule's action is asked about.
type scope int

const (
	inOrganization scope = iota
	inProject
)

// bodyKind says what a request may carry.
type bodyKind int

const (
	noBody     bodyKind = iota
	jsonBody            // read, checked, and forwarded as it was read
	streamBody          // passed on as it comes: uploads, whose project stands in the path
	formBody            // the sign-in form
)

// condition is what the query, or a placeholder of the path, says of what a rule is about.
type condition struct {
	name, value string
	whatever    bool // the query names it, whatever its value
}

func (c *condition) String() string {
	switch {
	case c == nil:
		return ""
	case c.whatever:
		return c.name
	}
	return c.name + "=" + c.value
}

// holds reports whether it is so; none is always.
func (c *condition) holds(q, named query) bool {
	if c == nil {
		return true
	}
	stands := !c.whatever && named.has(c.name) && named.get(c.name) == c.value
	return stands || q.has(c.name) && (c.whatever || q.get(c.name) == c.value)
}

// rule is one line of the policy: who may ask for what, and where the request
// names the project that decides it.
type rule struct {
	methods []string
	path    string   // as the upstream spells it, slash and all
	parts   []string // path, split
	when    *condition

	door   door
	action core.Action
	scope  scope
	// elsewhere is the action that counts when a request names no project, and
	// is about the whole organization: "" where it must name one.
	elsewhere core.Action

	needs  []string // of these, one must stand in the query or the body, and says which project
	body   bodyKind
	most   int64    // the largest body, in bytes, where it is not the kind's
	only   []string // the fields of the body that go on; nil: all
	into   bool     // the body that goes on says the project that was checked
	drop   []string // fields of the body that do not go on
	mine   bool     // annotations and tabs named must be the person's own, unless they review, or manage tasks
	rest   bool     // the path ends in {rest}: any number of segments
	whose  whose    // whose its bytes are
	notes  string   // why, where the line does not say it
	denied string   // what who sees the project but may not do this is told; "": the policy's words
	lowers bool     // the upstream lowers a page that is too large by itself
	assign bool     // in projects that give out assigned tasks only, only assigned tasks
	thing  string   // what it makes, changes or deletes, and whose maker is kept; "" for most
	// narrow is what becomes of the question and of the answer.
	narrow *narrower
	// answer is what the gate itself answers, where it does.
	answer func(http.ResponseWriter, *parsed) error
	// prepare is what Roster has to know before it answers; nil: nothing.
	prepare func(http.ResponseWriter, *located) error
	// questions says that the query, the body or a tab that they name chooses tasks.
	questions bool
}

func (r *rule) String() string { return strings.Join(r.methods, "|") + " " + r.path }

func line(door door, methods, path string) *rule {
	r := &rule{methods: strings.Fields(methods), path: path, door: door, narrow: narrowNothing}
	if trimmed := strings.Trim(path, "/"); trimmed != "" {
		r.parts = strings.Split(trimmed, "/")
	}
	r.rest = len(r.parts) > 0 && r.parts[len(r.parts)-1] == "{rest}"
	return r
}

// at is a rule about a project; the path, the query or the body names it.
func at(action core.Action, methods, path string) *rule {
	r := line(upstream, methods, path)
	r.action, r.scope = action, inProject
	return r
}

// in is a rule about the organization as a whole.
func in(action core.Action, methods, path string) *rule {
	r := line(upstream, methods, path)
	r.action = action
	return r
}

// open is a rule for everybody, signed in or not.
func open(methods, path string) *rule { return line(anonymous, methods, path) }

// never is a door that stays shut for everybody, and why.
func never(path, why string) *rule {
	r := line(shut, "*", path)
	r.notes = why
	return r
}

// ours is Roster's own.
func ours(path string) *rule { return line(own, "*", path) }

// self is what the gate answers itself.
func self(methods, path string, answer func(http.ResponseWriter, *parsed) error) *rule {
	r := line(itself, methods, path)
	r.answer = answer
	return r
}

func (r *rule) project(names ...string) *rule  { r.needs = names; return r }
func (r *rule) or(action core.Action) *rule    { r.elsewhere = action; return r }
func (r *rule) json(only ...string) *rule      { r.body, r.only = jsonBody, only; return r }
func (r *rule) without(fields ...string) *rule { r.drop = fields; return r }
func (r *rule) placed() *rule                  { r.into = true; return r }
func (r *rule) stream() *rule                  { r.body = streamBody; return r }
func (r *rule) upTo(most int64) *rule          { r.most = most; return r }
func (r *rule) form() *rule                    { r.body = formBody; return r }
func (r *rule) own() *rule                     { r.mine = true; return r }
func (r *rule) then(n *narrower) *rule         { r.narrow = n; return r }
func (r *rule) page() *rule                    { r.whose = itsPage; return r }
func (r *rule) program() *rule                 { r.whose = itsProgram; return r }
func (r *rule) lowersPages() *rule             { r.lowers = true; return r }
func (r *rule) assigned() *rule                { r.assign = true; return r }
func (r *rule) searching() *rule               { r.questions = true; return r }
func (r *rule) makes(thing string) *rule       { r.thing = thing; return r }
func (r *rule) first(prepare func(http.ResponseWriter, *located) error) *rule {
	r.prepare = prepare
	return r
}
func (r *rule) asks(name, value string) *rule {
	r.when = &condition{name: name, value: value}
	return r
}
func (r *rule) names(name string) *rule { r.when = &condition{name: name, whatever: true}; return r }
func (r *rule) takes(method string) bool {
	return slices.Contains(r.methods, method) || r.methods[0] == "*"
}
func (r *rule) because(why string) *rule     { r.notes = why; return r }
func (r *rule) saying(sentence string) *rule { r.denied = sentence; return r }

// explained is a refusal of the policy's in the rule's own words.
func (r *rule) explained(err error) error {
	if r.denied == "" || roster.KindOf(err) != roster.Forbidden {
		return err
	}
	return &roster.Error{Kind: roster.Forbidden, Message: r.denied}
}

// letsOn reports whether a field of the body goes on.
func (r *rule) letsOn(field string) bool {
	return !slices.Contains(r.drop, field) && (len(r.only) == 0 || slices.Contains(r.only, field))
}

// single is the parts of a rule's path that each stand for one segment.
func (r *rule) single() []string {
	if r.rest {
		return r.parts[:len(r.parts)-1]
	}
	return r.parts
}

// matches reports whether a rule's path is the one that has these segments.
func (r *rule) matches(segments []string) bool {
	parts := r.single()
	if len(segments) < len(parts) || (len(segments) == len(parts)) == r.rest {
		return false
	}
	for i, part := range parts {
		name, stands := placeholder(part)
		if stands && !fits(name, segments[i]) || !stands && part != segments[i] {
			return false
		}
	}
	return true
}

// named is what the placeholders of its path stand for.
func (r *rule) named(segments []string) (named query) {
	for i, part := range r.single() {
		if name, stands := placeholder(part); stands {
			named = append(named, parameter{name, segments[i]})
		}
	}
	return named
}

// placeholder is the name of a part that is one.
func placeholder(part string) (name string, is bool) {
	if part[0] != '{' {
		return "", false
	}
	return part[1 : len(part)-1], true
}

// words is what placeholders that are not ids may stand for.
var words = map[string][]string{
	"type": {"s3", "gcs", "azure", "redis", "localfiles"},
}

// names is the placeholders that any one segment may stand for.
var names = []string{"page", "picture"}

// fits reports whether a segment may stand for a placeholder.
func fits(name, segment string) bool {
	if list, ok := words[name]; ok {
		return slices.Contains(list, segment)
	}
	if name == "action" {
		return !strings.ContainsFunc(segment, func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') })
	}
	_, ok := parseID(segment)
	return ok || slices.Contains(names, name)
}

// parseID reads an id the one way that every program reads alike: digits that
// do not begin with a zero.
func parseID(text string) (int64, bool) {
	if text == "" || text[0] == '0' || len(text) > 19 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil
}

// forwarded is the path as the upstream is asked for it: made of the rule's
// own text and of what was checked, and of nothing else.
func (r *rule) forwarded(segments []string) string {
	return escape(segments, strings.HasSuffix(r.path, "/"))
}

// table is the rules that may be meant, in their order, by the first two segments of a
// path. Under a second one that no rule spells out are those for which it is of any kind.
type table map[[2]string][]*rule

func newTable(rules []*rule) table {
	t := table{}
	for _, r := range rules { // every second segment that there is, with or without rules of its own
		t[beginning(r.parts)] = nil
		t[[2]string{beginning(r.parts)[0]}] = nil
	}
	for at := range t {
		for _, r := range rules {
			if begins := beginning(r.parts); begins == at || begins == [2]string{at[0]} {
				t[at] = append(t[at], r)
			}
		}
	}
	return t
}

// beginning is the first two of a path's parts: "" for what is not there, or is a
// placeholder.
func beginning(parts []string) (two [2]string) {
	for i, part := range parts[:min(2, len(parts))] {
		if _, stands := placeholder(part); !stands {
			two[i] = part
		}
	}
	return two
}

// find is the rule for a request; allowed is the methods that the path has
// rules for, when none takes this one.
func (t table) find(method string, a address) (found *rule, named query, allowed []string) {
	for _, r := range t.about(a.segments) {
		if !r.matches(a.segments) {
			continue
		}
		named := r.named(a.segments)
		if r.takes(method) && r.when.holds(a.query, named) {
			return r, named, nil
		}
		allowed = append(allowed, r.methods...)
	}
	return nil, nil, allowed
}

// about is the rules that may be meant by a path.
func (t table) about(segments []string) []*rule {
	var begins [2]string
	copy(begins[:], segments)
	if rules, spelled := t[begins]; spelled {
		return rules
	}
	return t[[2]string{begins[0]}]
}
