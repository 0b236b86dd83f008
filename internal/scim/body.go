package scim

import (
	"encoding/json"
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"

	"roster"
	"roster/internal/limit"
)

// maxBody bounds a request: a group of a hundred thousand people is about 8 MiB.
const maxBody = 16 << 20

// object is a JSON object by its keys in lower case: attribute names are read
// in any case (RFC 7643 §2.1).
type object map[string]any

// body reads the request's object.
func (c *call) body() (object, error) {
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil || (kind != "application/scim+json" && kind != "application/json") {
		return nil, roster.Errorf(roster.Unsupported, "Send application/scim+json.")
	}
	raw, err := limit.ReadAll(c.w, c.r, maxBody)
	if err != nil {
		return nil, err
	}
	if err := limit.Weigh(c.r, roster.Values(raw)); err != nil {
		return nil, err
	}
	var value any
	if json.Unmarshal(raw, &value) != nil {
		return nil, invalid("invalidSyntax", "The request body is not JSON.")
	}
	if roster.Nesting(raw) > roster.MostNested {
		return nil, invalid("invalidSyntax", roster.TooNested)
	}
	return objectOf(value)
}

func objectOf(value any) (object, error) {
	fields, ok := value.(map[string]any)
	if !ok {
		return nil, invalid("invalidSyntax", "A JSON object is expected.")
	}
	out := object{}
	for name, v := range fields {
		if _, twice := out[strings.ToLower(name)]; twice {
			return nil, invalid("invalidSyntax", "The attribute "+strconv.Quote(name)+" occurs twice.")
		}
		out[strings.ToLower(name)] = v
	}
	return out, nil
}

// text is a string; null is the empty one.
func text(name string, value any) (*string, error) {
	s, ok := value.(string)
	if !ok && value != nil {
		return nil, invalid("invalidValue", name+" must be a string.")
	}
	return &s, nil
}

// flag is a boolean, or one written as a string, as Entra does.
func flag(name string, value any) (*bool, error) {
	b, ok := value.(bool)
	if s, isText := value.(string); isText && (strings.EqualFold(s, "true") || strings.EqualFold(s, "false")) {
		b, ok = strings.EqualFold(s, "true"), true
	}
	if !ok {
		return nil, invalid("invalidValue", name+" must be true or false.")
	}
	return &b, nil
}

// people is the ids in a list of references, {"value": "7"} each, or in one.
func people(value any) ([]int64, error) {
	if value == nil {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	if len(list) > roster.MostIDs {
		return nil, invalid("invalidValue", roster.TooManyIDs)
	}
	ids := make([]int64, len(list))
	for i, item := range list {
		ref, err := objectOf(item)
		if err != nil {
			return nil, invalid("invalidValue", `members must be a list of {"value": id}.`)
		}
		if ids[i], err = personNamed(ref); err != nil {
			return nil, err
		}
	}
	return ids, nil
}

// personNamed is the person whom a reference names. An id says nothing of what it
// is the id of, so a reference to a group must not pass for one to a person.
func personNamed(ref object) (int64, error) {
	kind, _ := ref["type"].(string)
	where, _ := ref["$ref"].(string)
	if strings.EqualFold(kind, "Group") || strings.Contains(strings.ToLower(where), "/groups/") {
		return 0, invalid("invalidValue", "Groups in groups are not kept: every member must be a user.")
	}
	id, ok := ref["value"].(string)
	if !ok {
		return 0, invalid("invalidValue", `Every member needs a "value", an id as a string.`)
	}
	return personID(id)
}

func personID(text string) (int64, error) {
	id, err := strconv.ParseInt(text, 10, 64)
	if err != nil || id < 1 {
		return 0, invalid("invalidValue", "There is no user with the id "+strconv.Quote(text)+".")
	}
	return id, nil
}

// mostOperations bounds a PATCH.
const mostOperations = 1000

// operation is one of a PATCH's, about one attribute.
type operation struct {
	remove bool
	add    bool // else, and unless remove: replace
	at     path
	given  bool // it has a value, null or not
	value  any
}

// patch reads the operations of a PATCH, those without a path as one for each
// attribute of their value (RFC 7644 §3.5.2). The op comes in any case.
func (c *call) patch(schema string) ([]operation, error) {
	b, err := c.body()
	if err != nil {
		return nil, err
	}
	list, ok := b["operations"].([]any)
	if !ok || len(list) == 0 || len(list) > mostOperations {
		return nil, invalid("invalidSyntax", "Operations must be a list of 1 to "+strconv.Itoa(mostOperations)+" operations.")
	}
	var all []operation
	for _, item := range list {
		fields, err := objectOf(item)
		if err != nil {
			return nil, err
		}
		operations, err := operationsOf(schema, fields)
		if err != nil {
			return nil, err
		}
		all = append(all, operations...)
	}
	return all, nil
}

func operationsOf(schema string, fields object) ([]operation, error) {
	name, _ := fields["op"].(string)
	name = strings.ToLower(name)
	if name != "add" && name != "replace" && name != "remove" {
		return nil, invalid("invalidSyntax", "op must be add, replace or remove.")
	}
	value, given := fields["value"]
	o := operation{remove: name == "remove", add: name == "add", given: given, value: value}
	where, isText := fields["path"].(string)
	switch {
	case !isText && fields["path"] != nil:
		return nil, invalid("invalidPath", "path must be a string.")
	case where == "" && o.remove:
		return nil, invalid("noTarget", "remove needs a path.")
	case !o.remove && !given:
		return nil, invalid("invalidValue", name+" needs a value.")
	case where == "":
		return eachAttribute(schema, o)
	}
	var err error
	o.at, err = parsePath(schema, where)
	return []operation{o}, err
}

// eachAttribute is an operation without a path as one per attribute, which may
// be dotted, or an object in which more are.
func eachAttribute(schema string, o operation) ([]operation, error) {
	var within any
	// JSON as text, as some providers send it
	if text, ok := o.value.(string); ok && json.Unmarshal([]byte(text), &within) == nil {
		o.value = within
	}
	fields, err := objectOf(o.value)
	if err != nil {
		return nil, invalid("invalidValue", "An operation without a path needs an object as its value.")
	}
	var all []operation
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		part := o
		part.value = fields[name]
		if part.at, err = parsePath(schema, name); err != nil {
			return nil, err
		}
		all = append(all, part)
	}
	return all, nil
}
