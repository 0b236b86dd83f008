package gateway

import (
	"encoding/json"
	"strings"

	"roster"
)

// reference is something of the upstream's that a request names.
type reference struct {
	kind string // as in a rule's placeholders
	id   int64
	kin  string // what the id needs besides: a storage's type, an export's project
}

// inQuery and inBody say which parameters and fields name what, wherever they
// stand: no rule has to ask for them.
var (
	inQuery = map[string]string{"project": "project", "project_id": "project", "task__project": "project", "view": "view", "task": "task", "annotation": "annotation"}
	inBody  = map[string]string{
		"project": "project", "project_id": "project", "task": "task", "view": "view", "annotation": "annotation", "source_annotation_id": "annotation",
		"parent_annotation": "annotation", "parent_prediction": "prediction", "draft_id": "draft", "file_upload_ids": "file", "file_upload": "file",
	}
)

// addressed is what the path and the query of a request name.
func addressed(inPath map[string]string, q query) ([]reference, error) {
	refs := pathReferences(inPath)
	for _, p := range q {
		kind := inQuery[p.name]
		if kind == "" {
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
func pathReferences(inPath map[string]string) []reference {
	var refs []reference
	for kind, text := range inPath {
		id, ok := parseID(text)
		if !ok {
			continue
		}
		r := reference{kind: kind, id: id}
		switch kind {
		case "storage", "target":
			r.kin = inPath["type"]
		case "export", "import", "reimport":
			r.kin = inPath["project"]
		}
		refs = append(refs, r)
	}
	return refs
}

// maxReferences is how many things one field may name.
const maxReferences = 200

func (o object) references(rule *rule, storage string) (refs []reference, err error) {
	for _, m := range o {
		kind := inBody[m.name]
		if m.name == "id" && storage != "" { // a storage whose credentials the upstream would use again
			kind = "storage"
			if strings.HasPrefix(rule.path, "/api/storages/export/") {
				kind = "target"
			}
		}
		if kind == "" {
			continue
		}
		ids, err := numbers(m.value)
		if err != nil {
			return nil, roster.InvalidField(m.name, "Must be an id. Nothing was changed.")
		}
		for _, id := range ids {
			refs = append(refs, reference{kind: kind, id: id, kin: storage})
		}
	}
	return refs, nil
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
