package schema

import (
	"encoding"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Schema is a JSON Schema, of maps, []any and plain values only.
type Schema = map[string]any

// Types makes schemas of Go types.
type Types struct {
	Enums map[reflect.Type][]string // the values of types of string
	Like  map[reflect.Type]Schema   // types that write themselves
	named map[string]any            // a value of the Go type that the wire has, or a Schema
	names map[reflect.Type]string   // named, the other way round
}

// Schemas of plain values. ID is of an id, Time of a moment.
var (
	Text    = Schema{"type": "string"}
	Bool    = Schema{"type": "boolean"}
	Integer = Schema{"type": "integer"}
	Object  = Schema{"type": "object"}
	ID      = Schema{"type": "integer", "minimum": 1}
	Time    = Schema{"type": "string", "format": "date-time"}
)

// Enum is the schema of one of these strings.
func Enum(values ...string) Schema { return Schema{"type": "string", "enum": anys(values)} }

// List is the schema of a list.
func List(items Schema) Schema { return Schema{"type": "array", "items": items} }

// Record is the schema of an object with these properties, of which some are required.
func Record(properties Schema, required ...string) Schema {
	return Schema{"type": "object", "properties": properties, "required": anys(slices.Sorted(slices.Values(required)))}
}

func anys(values []string) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

const refPrefix = "#/components/schemas/"

// Ref is the schema of a named type.
func Ref(name string) Schema { return Schema{"$ref": refPrefix + name} }

// OrNull is a schema that null fits too.
func OrNull(s Schema) Schema {
	if kind, ok := s["type"].(string); ok && s["enum"] == nil {
		out := maps.Clone(s)
		out["type"] = []any{kind, "null"}
		return out
	}
	if len(s) == 0 {
		return s
	}
	return Schema{"anyOf": []any{s, Schema{"type": "null"}}}
}

// Name gives types their names: each by a value of it, or by a Schema where it is no Go type.
func (t *Types) Name(named map[string]any) {
	t.named, t.names = named, map[reflect.Type]string{}
	for name, v := range named {
		if _, written := v.(Schema); !written {
			t.names[reflect.TypeOf(v)] = name
		}
	}
}

// All is the schemas of the named types.
func (t *Types) All() Schema {
	out := Schema{}
	for name, v := range t.named {
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
		return Enum(values...)
	}
	switch {
	case typ == reflect.TypeFor[json.RawMessage]() || typ.Kind() == reflect.Interface:
		return Schema{}
	case typ == reflect.TypeFor[time.Time]():
		return Time
	case typ.Implements(textual):
		return Text
	}
	switch typ.Kind() {
	case reflect.Pointer:
		return OrNull(t.Go(typ.Elem()))
	case reflect.Slice, reflect.Array:
		return List(t.Go(typ.Elem()))
	case reflect.Map:
		return Schema{"type": "object", "additionalProperties": t.Go(typ.Elem())}
	case reflect.Struct:
		return t.structure(typ)
	case reflect.Bool:
		return Bool
	case reflect.String:
		return Text
	case reflect.Float64:
		return Schema{"type": "number"}
	}
	return Integer
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
	return Record(properties, required...)
}
