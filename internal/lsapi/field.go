package lsapi

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/lsapi/schema"
)

// field is one value of a request on the wire.
type field struct {
	in, name, text string // in is path, query, header or body
	typ            reflect.Type
	required, null bool
	filled, some   bool
	most           int   // characters
	from, to       int64 // of numbers in a body
	usual          string
	codes          []string
	days, end      bool         // a date alone is that whole day; and counts by its end
	names          []string     // of what has several
	list           roster.Lists // of filters
}

// fieldOf reads the tags of a value; without a name it does not come from there.
func fieldOf(in string, typ reflect.Type, tag reflect.StructTag) field {
	name, options, _ := strings.Cut(tag.Get(in), ",")
	option := func(what string) bool { return slices.Contains(strings.Split(options, ","), what) }
	if list, ok := tag.Lookup("list"); ok && lists[list] == 0 {
		panic("lsapi: no such list: " + list)
	}
	if said, ok := reflect.Zero(typ).Interface().(interface{ like() reflect.Type }); ok {
		typ = said.like()
	}
	return field{
		in: in, name: name, typ: typ, text: tag.Get("doc"), usual: tag.Get("default"),
		codes: strings.Fields(tag.Get("codes")), names: strings.Fields(tag.Get("names")), list: lists[tag.Get("list")],
		required: in == "path" || option("required") || option("filled"), null: option("null"),
		filled: option("filled"), some: option("some"),
		most: int(bound(tag, "most", maxBody)), from: bound(tag, "from", 0), to: bound(tag, "to", maxInteger),
		days: tag.Get("day") != "", end: tag.Get("day") == "end",
	}
}

// bound is a number in a tag.
func bound(tag reflect.StructTag, key string, usual int64) int64 {
	text, ok := tag.Lookup(key)
	if !ok {
		return usual
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic("lsapi: no number: " + text)
	}
	return n
}

// field reads a parameter into what to points at.
func (p *params) field(f field, to any) {
	switch to := to.(type) {
	case *string:
		*to = p.word(f)
	case *[]roster.Role:
		*to = codes(p, f.name, roster.Role.Valid)
	case *[]roster.UserType:
		*to = codes(p, f.name, roster.UserType.Valid)
	case *[]int64:
		*to = p.ids(f.name)
	case *int64:
		*to = p.id(f.name)
		if f.some && p.values.Has(f.name) && !p.given(f.name) {
			p.bad(f.name, "A valid integer is required.")
		}
	case *int:
		*to = p.count(f)
	case *time.Time:
		*to = p.time(f)
	case **time.Time:
		if p.given(f.name) {
			*to = new(p.time(f))
		}
	case *bool:
		*to = p.truth(f)
	case **bool:
		*to = p.boolean(f.name)
	case *roster.Ability:
		*to = p.ability(f.name)
	case *roster.Access:
		*to = p.access(f.name)
	case **roster.Actor:
		if id := p.id(f.name); id != 0 {
			*to = &roster.Actor{UserID: id}
		}
	default:
		p.code(f, reflect.ValueOf(to).Elem())
	}
	if f.required && !p.given(f.name) {
		p.bad(f.name, "This field is required.")
	}
}

// valid is a type of which a text may be none.
type valid interface{ Valid() bool }

// code reads a text of a type that knows which there are.
func (p *params) code(f field, to reflect.Value) {
	text := p.str(f.name)
	if to.SetString(text); text != "" && !knows(to) {
		p.bad(f.name, "\""+text+"\" is not a valid choice.")
	}
}

func knows(v reflect.Value) bool {
	known, checked := v.Interface().(valid)
	return !checked || known.Valid()
}

// word is a text that people search by, or one of the codes.
func (p *params) word(f field) string {
	if len(f.codes) == 0 {
		return p.search(f.name)
	}
	text := p.str(f.name)
	if text != "" && !slices.Contains(f.codes, text) {
		p.bad(f.name, mustBe(f.codes))
	}
	return text
}

// mustBe says which words there are: "a", "b" or "c".
func mustBe(codes []string) string {
	quoted := each(codes, strconv.Quote)
	last := len(quoted) - 1
	return "Must be " + strings.Join(quoted[:last], ", ") + " or " + quoted[last] + "."
}

// count is a whole number from 0.
func (p *params) count(f field) int {
	text := p.str(f.name)
	if !p.given(f.name) {
		text = f.usual
	}
	n, err := strconv.Atoi(strings.TrimSpace(text))
	switch {
	case err != nil:
		p.bad(f.name, "A valid integer is required.")
	case n < 0:
		p.bad(f.name, "Ensure this value is greater than or equal to 0.")
	}
	return n
}

// field reads a field of the body into what to points at.
func (b *body) field(f field, to any) {
	if f.required && !(f.null && b.null(f.name)) && !b.require(f.name) {
		return
	}
	switch to := to.(type) {
	case *string:
		*to = b.string(f.name, f.most)
		if f.filled && *to == "" && len(b.errs[f.name]) == 0 {
			b.bad(f.name, "This field may not be blank.")
		}
	case **string:
		if *to = b.text(f.name, f.most); f.null && b.has(f.name) && b.null(f.name) {
			*to = new(string)
		}
	case *bool:
		*to = f.usual == "true"
		if said := b.boolean(f.name); said != nil {
			*to = *said
		}
	case **bool:
		*to = b.boolean(f.name)
	case *int:
		if b.has(f.name) {
			*to = b.whole(f)
		}
	case **int:
		if b.has(f.name) {
			*to = new(b.whole(f))
		}
	case *int64:
		*to = b.id(f.name)
	case **int64:
		if b.has(f.name) {
			*to = new(b.id(f.name))
		}
	case *[]int64:
		*to = b.ids(f.name)
	case *[]string:
		*to = b.texts(f.name, f.most)
	default:
		b.code(f, reflect.ValueOf(to).Elem())
	}
}

// whole is a number within its bounds.
func (b *body) whole(f field) int {
	n, _ := aNumber(f.from, f.to)(b, f.name).(int64)
	return int(n)
}

// code reads a text of a type that knows which there are; absent and null are "".
func (b *body) code(f field, to reflect.Value) {
	text := b.string(f.name, 64)
	switch to.SetString(text); {
	case text != "" && !knows(to):
		b.bad(f.name, "\""+text+"\" is not a valid choice.")
		to.SetString("")
	case f.some && text == "" && b.has(f.name) && len(b.errs[f.name]) == 0:
		b.bad(f.name, "This field may not be null.")
	}
}

// schema is what the document says of a value.
func (f field) schema(t *schema.Types) schema.Schema {
	s, ok := likened[f.typ]
	switch {
	case len(f.codes) > 0 && f.typ.Kind() == reflect.Bool:
		s = schema.Enum("or", "and", "any", "all")
	case len(f.codes) > 0:
		s = schema.Enum(f.codes...)
	case !ok:
		s = t.Go(f.typ)
	}
	s = f.bounded(s)
	if f.null {
		return schema.OrNull(s)
	}
	return s
}

// bounded adds what is usual, and what is the least and the most.
func (f field) bounded(s schema.Schema) schema.Schema {
	s = maps.Clone(s)
	if f.usual != "" {
		s["default"] = json.RawMessage(f.usual)
	}
	switch {
	case f.most > 0 && f.most < maxBody && s["type"] == "string":
		s["maxLength"] = f.most
	case f.in == "body" && f.to != 0 && s["type"] == "integer" && s["minimum"] == nil:
		s["minimum"], s["maximum"] = f.from, f.to
	}
	return s
}

// likened is the types that a request says in another way than an answer.
var likened = map[reflect.Type]schema.Schema{
	reflect.TypeFor[int64]():          schema.ID,
	reflect.TypeFor[*int64]():         schema.ID,
	reflect.TypeFor[[]int64]():        schema.List(schema.ID),
	reflect.TypeFor[*roster.Actor]():  schema.ID,
	reflect.TypeFor[*int]():           schema.Integer,
	reflect.TypeFor[*time.Time]():     schema.Time,
	reflect.TypeFor[roster.Access]():  schema.Bool,
	reflect.TypeFor[roster.Ability](): schema.Enum(codesOf(roster.Abilities)...),
	reflect.TypeFor[*string]():        schema.Text,
	reflect.TypeFor[*bool]():          schema.Bool,
	reflect.TypeFor[map[string]any](): schema.Object,

	reflect.TypeFor[askedMethod]():  schema.Text,
	reflect.TypeFor[bodyFilter]():   schema.Object,
	reflect.TypeFor[distribution](): schema.Object,
	reflect.TypeFor[keptJSON]():     schema.Object,
	reflect.TypeFor[pinnedAt]():     schema.Text,
	reflect.TypeFor[saidBool]():     schema.Bool,
	reflect.TypeFor[saidIDs]():      schema.List(schema.ID),
	reflect.TypeFor[taskData]():     schema.Object,
	reflect.TypeFor[upload]():       schema.Text,
}
