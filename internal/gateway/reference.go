package gateway

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"roster"
	"roster/internal/oneway"
)

// reference is something of the upstream's that a request names.
type reference struct {
	kind string // as in a rule's placeholders
	id   int64
	kin  string // what the id needs besides: a storage's type, an export's project; of a person, the field
}

// addressed is what the path and the query of a request name.
func addressed(rule *rule, inPath, q query) ([]reference, error) {
	refs, err := q.references(rule)
	return append(pathReferences(inPath), refs...), err
}

// references is what the parameters of a query name. Those of pages, which the
// upstream's own program reads, may be called anything.
func (q query) references(rule *rule) (refs []reference, err error) {
	for _, p := range q {
		kind := inQuery[p.name]
		switch {
		case kind == "" && undecided(p.name) && strings.HasPrefix(rule.path, "/api/"):
			return nil, roster.InvalidField(p.name, "The gate does not know what this names. Leave it out. Nothing was done.")
		case kind == "":
			continue
		}
		id, ok := parseID(p.value)
		if !ok {
			return nil, roster.InvalidField(p.name, "Must be an id. Nothing was done.")
		}
		refs = append(refs, reference{kind: kind, id: id})
	}
	return refs, nil
}

// references is what a body names; storage is the type of the storage that the
// path is about.
func (c *content) references(rule *rule, storage string) (refs []reference, err error) {
	if c == nil {
		return nil, nil
	}
	for _, o := range c.objects {
		more, err := o.references(rule, storage)
		if err != nil {
			return nil, err
		}
		refs = append(refs, more...)
	}
	return refs, nil
}

// pathReferences is what the placeholders of a path stand for.
func pathReferences(inPath query) []reference {
	var refs []reference
	for _, p := range inPath {
		id, ok := parseID(p.value)
		if !ok {
			continue
		}
		r := reference{kind: p.name, id: id}
		switch p.name {
		case "storage", "target":
			r.kin = inPath.get("type")
		case "export", "import", "reimport":
			r.kin = inPath.get("project")
		}
		refs = append(refs, r)
	}
	return refs
}

// How many things one field may name, and how deep a field may lie.
const (
	maxReferences = 200
	maxNesting    = 8
)

// reading is a body that is read for what it names.
type reading struct {
	rule    *rule
	storage string // the type of the storages that the path is about
}

// references is what the fields of an object name, and those of what lies in it.
func (o object) references(rule *rule, storage string) (refs []reference, err error) {
	r := reading{rule, storage}
	for _, m := range o {
		if slices.Contains(rule.drop, m.name) {
			continue
		}
		more, err := r.field(m, 0)
		if err != nil {
			return nil, err
		}
		refs = append(refs, more...)
	}
	return refs, nil
}

// field is what a field names, or what lies in it does.
func (r reading) field(m member, depth int) ([]reference, error) {
	kind := r.kind(m.name, depth)
	switch {
	case kind != "":
		return r.named(m, kind)
	case harmless[m.name] != "" || freeform[m.name] != "" || (depth == 0 && !r.rule.letsOn(m.name)):
		return nil, nil
	case undecided(m.name):
		return nil, roster.InvalidField(m.name, "The gate does not know what this names. Leave it out. Nothing was changed.")
	}
	return r.within(m.value, depth+1)
}

// kind is what a field names, "" for nothing.
func (r reading) kind(name string, depth int) string {
	if name != "id" || r.storage == "" || depth > 0 {
		return inBody[name]
	}
	if strings.HasPrefix(r.rule.path, "/api/storages/export/") {
		return "target"
	}
	return "storage" // whose credentials the upstream would use again
}

// named is what stands in a field that names things of a kind.
func (r reading) named(m member, kind string) (refs []reference, err error) {
	ids, err := numbers(m.value)
	switch {
	case err != nil && kind == person:
		ids = []int64{somebodyElse}
	case err != nil:
		return nil, roster.InvalidField(m.name, "Must be an id. Nothing was changed.")
	case kind == nobodys && len(ids) > 0:
		return nil, roster.InvalidField(m.name, "This is not for a request to say. Leave it out. Nothing was changed.")
	}
	kin := r.storage
	if kind == person || kind == household {
		kin = m.name
	}
	for _, id := range ids {
		refs = append(refs, reference{kind: kind, id: id, kin: kin})
	}
	return refs, nil
}

// somebodyElse stands for a person who is named by something other than an id.
const somebodyElse = -1

// within is what the objects in a value name.
func (r reading) within(raw json.RawMessage, depth int) (refs []reference, err error) {
	if bytes.IndexByte(raw, '{') < 0 {
		return nil, nil
	}
	if depth > maxNesting {
		return nil, roster.Errorf(roster.Invalid, "The body is nested too deeply to be checked. Nothing was changed.")
	}
	switch raw[0] {
	case '{':
		return r.fields(raw, depth)
	case '[':
		return r.items(raw, depth)
	}
	return nil, nil // a text with a brace
}

func (r reading) fields(raw json.RawMessage, depth int) (refs []reference, err error) {
	o, err := readObject(oneway.NewReader(raw))
	for _, m := range o {
		more, err := r.field(m, depth)
		if err != nil {
			return nil, err
		}
		refs = append(refs, more...)
	}
	return refs, err
}

func (r reading) items(raw json.RawMessage, depth int) (refs []reference, err error) {
	list := oneway.NewReader(raw)
	for _, err = list.Token(); err == nil && list.More(); {
		item, err := list.Value()
		if err != nil {
			return nil, badJSON
		}
		more, err := r.within(item, depth+1)
		if err != nil {
			return nil, err
		}
		refs = append(refs, more...)
	}
	return refs, err
}

// numbers reads an id or a list of them.
func numbers(raw json.RawMessage) (ids []int64, err error) {
	values := []json.RawMessage{raw}
	if len(raw) > 0 && raw[0] == '[' {
		values = nil
		if err := json.Unmarshal(raw, &values); err != nil || len(values) > maxReferences {
			return nil, badJSON
		}
	}
	for _, value := range values {
		id, err := number(value)
		if err != nil {
			return nil, err
		}
		if id != 0 {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// filed is the project whose uploads a file path lies among; 0 for a picture
// of a person, which is nobody's project.
func filed(path string) (project int64, err error) {
	segments, err := readPath("/" + strings.ReplaceAll(path, "%", "%25"))
	if err != nil || strings.HasSuffix(path, "/") || len(segments) < 2 {
		return 0, unreadable("file path")
	}
	if segments[0] == "avatars" {
		return 0, nil
	}
	id, ok := parseID(segments[1])
	if segments[0] != "upload" || !ok || len(segments) < 3 {
		return 0, notFound
	}
	return id, nil
}
