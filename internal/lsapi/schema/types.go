package schema

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Schema is a JSON Schema.
type Schema = map[string]any

// Types reads types. As text a type is one of
//
//	int id number bool string text time uuid any object    scalars; id is an int from 1
//	a|b|c            one of these strings
//	{a int, b? T}    an object; b may be absent
//	[T] page(T)      a list, and a page of one
//	T?               T or null
//	Name             one of the named Go types
//
// Bodies may also be of a media type, such as text/csv.
type Types struct {
	Named map[string]any            // a value of the Go type that the wire has, or a Schema
	Enums map[reflect.Type][]string // the values of types of string
	Like  map[reflect.Type]Schema   // types that write themselves
	names map[reflect.Type]string   // Named, the other way round
}

var scalars = map[string]Schema{
	"int": {"type": "integer"}, "id": {"type": "integer", "minimum": 1}, "number": {"type": "number"}, "bool": {"type": "boolean"},
	"string": {"type": "string"}, "time": {"type": "string", "format": "date-time"}, "uuid": {"type": "string", "format": "uuid"},
	"any": {}, "object": {"type": "object"},
}

// Of is the schema of a type as text.
func (t *Types) Of(text string) (Schema, error) {
	text = strings.TrimSpace(text)
	if inner, ok := strings.CutSuffix(text, "?"); ok {
		s, err := t.Of(inner)
		return OrNull(s), err
	}
	if s, ok := scalars[text]; ok {
		return s, nil
	}
	if _, ok := t.Named[text]; ok {
		return Ref(text), nil
	}
	switch inner, isPage := within(text, "page(", ")"); {
	case isPage:
		return t.Of("{count int, next string?, previous string?, results [" + inner + "]}")
	case strings.HasPrefix(text, "["):
		inner, _ := within(text, "[", "]")
		items, err := t.Of(inner)
		return Schema{"type": "array", "items": items}, err
	case strings.HasPrefix(text, "{"):
		inner, _ := within(text, "{", "}")
		return t.object(inner)
	case strings.Contains(text, "|"):
		return Schema{"type": "string", "enum": strings.Split(text, "|")}, nil
	}
	return nil, fmt.Errorf("no such type: %q", text)
}

func within(text, before, after string) (string, bool) {
	inner, begins := strings.CutPrefix(text, before)
	inner, ends := strings.CutSuffix(inner, after)
	return inner, begins && ends
}

// object reads the fields between braces.
func (t *Types) object(text string) (Schema, error) {
	properties, required := Schema{}, []string{}
	for _, part := range fields(text) {
		name, kind, _ := strings.Cut(strings.TrimSpace(part), " ")
		name, optional := strings.CutSuffix(name, "?")
		s, err := t.Of(kind)
		if err != nil {
			return nil, err
		}
		if properties[name] = s; !optional {
			required = append(required, name)
		}
	}
	return Schema{"type": "object", "properties": properties, "required": required}, nil
}

// fields splits at the commas that are in no brackets.
func fields(text string) (out []string) {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	depth, begin := 0, 0
	for i, r := range text {
		switch {
		case strings.ContainsRune("[{(", r):
			depth++
		case strings.ContainsRune("]})", r):
			depth--
		case r == ',' && depth == 0:
			out = append(out, text[begin:i])
			begin = i + 1
		}
	}
	return append(out, text[begin:])
}

// ID is the schema of an id, Time that of a moment.
var (
	ID   = Schema{"type": "integer", "minimum": 1}
	Time = Schema{"type": "string", "format": "date-time"}
)

// Enum is the schema of one of these strings.
func Enum(values ...string) Schema { return Schema{"type": "string", "enum": values} }

const refPrefix = "#/components/schemas/"

// Ref is the schema of a named type.
func Ref(name string) Schema { return Schema{"$ref": refPrefix + name} }

// OrNull is a schema that null fits too.
func OrNull(s Schema) Schema {
	if kind, ok := s["type"].(string); ok && s["enum"] == nil {
		out := Schema{}
		for k, v := range s {
			out[k] = v
		}
		out["type"] = []string{kind, "null"}
		return out
	}
	if len(s) == 0 {
		return s
	}
	return Schema{"anyOf": []any{s, Schema{"type": "null"}}}
}

// Name gives types their names.
func (t *Types) Name(named map[string]any) {
	t.Named, t.names = named, map[reflect.Type]string{}
	for name, v := range named {
		if _, written := v.(Schema); !written {
			t.names[reflect.TypeOf(v)] = name
		}
	}
}

// All is the schemas of the named types.
func (t *Types) All() Schema {
	out := Schema{}
	for name, v := range t.Named {
		if s, written := v.(Schema); written {
			out[name] = s
		} else {
			out[name] = t.shape(reflect.TypeOf(v))
		}
	}
	return out
}

// Go is the schema of a Go type as encoding/json writes it.
func (t *Types) Go(typ reflect.Type) Schema {
	if name, ok := t.names[typ]; ok {
		return Ref(name)
	}
	return t.shape(typ)
}

var textual = reflect.TypeFor[encoding.TextMarshaler]()

func (t *Types) shape(typ reflect.Type) Schema {
	if s, ok := t.Like[typ]; ok {
		return s
	}
	if values, ok := t.Enums[typ]; ok {
		return Schema{"type": "string", "enum": values}
	}
	switch {
	case typ == reflect.TypeFor[json.RawMessage]() || typ.Kind() == reflect.Interface:
		return Schema{}
	case typ.Implements(textual):
		return Schema{"type": "string"}
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return OrNull(t.Go(typ.Elem()))
	case reflect.Slice, reflect.Array:
		return Schema{"type": "array", "items": t.Go(typ.Elem())}
	case reflect.Map:
		return Schema{"type": "object", "additionalProperties": t.Go(typ.Elem())}
	case reflect.Struct:
		return t.structure(typ)
	case reflect.Bool:
		return scalars["bool"]
	case reflect.String:
		return scalars["string"]
	case reflect.Float64:
		return scalars["number"]
	}
	return scalars["int"]
}

func (t *Types) structure(typ reflect.Type) Schema {
	properties, required := Schema{}, []string{}
	for _, f := range reflect.VisibleFields(typ) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if properties[name] = t.Go(f.Type); !strings.Contains(options, "omitempty") {
			required = append(required, name)
		}
	}
	slices.Sort(required)
	return Schema{"type": "object", "properties": properties, "required": required}
}
