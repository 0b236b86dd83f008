package lsapi

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"roster"
	"roster/internal/lsapi/schema"
)

// A request is a struct. Its fields say by their tags where they come from and what they
// mean. One decoder reads them, and the document describes them:
//
//	path:"id"          what stands at {id} in the path
//	query:"name"       a parameter of the query
//	body:"name"        a field of the body; with query too it may come in either, and
//	                   what comes in both must say the same
//	…:"name,required"  it must be there, and not be null; ",filled": nor be blank
//	…:"name,some"      where it is there it says something, and is neither null nor ""
//	…:"name,null"      it may be null, which makes a text empty
//	most:"255"         how many characters a text has at most
//	from:"1" to:"9"    the least a number is, and the most
//	default:"10"       what it is when it is absent
//	codes:"a b"        one of these words
//	day:"end"          a date alone is all of that day, in UTC
//	list:"project"     the filters of a list of people, which MemberFilterFields declares
//	page:"30,1000"     page, page_size and ordering: the usual size, and the largest
//	doc:"…"            what it means, for the reference
//
// Fields are read in their order, those of embedded structs in their place: what is wrong
// before the first field of the body is said alone. What a type of Go alone cannot say reads
// itself: it is a reader.

// reader is a type of a request's field that is read in its own way. It is read by a pointer
// to it.
type reader interface{ read(r *request, f field) }

// composite is a reader of more than one value, and of none.
type composite interface {
	reader
	fields(f field) []field // for the document
}

// completed is a request in which fields depend on one another. complete is called when
// all of them are read.
type completed interface{ complete(r *request) }

// ruled is a request of which something is asked before its body is read.
type ruled interface{ rule(c *call) error }

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

// part is one field of a request's struct.
type part struct {
	index  []int
	fields []field
	read   func(r *request, to any) // to points at the field
}

// request is what one call sent, while it is read.
type request struct {
	*call
	parsed *params
	sent   *body
	err    error // what ends the reading at once
}

// query is the parameters, read when the first is asked for.
func (r *request) query() *params {
	if r.parsed == nil {
		r.parsed = r.params()
	}
	return r.parsed
}

// body is the fields of the body, which is read when the first is asked for, and not where
// the query is wrong by then.
func (r *request) body() *body {
	if r.sent != nil {
		return r.sent
	}
	r.sent = newBody(nil)
	if r.parsed != nil {
		r.fail(r.parsed.err())
	}
	if r.err == nil {
		sent, err := r.call.body()
		if r.fail(err); err == nil {
			r.sent = sent
		}
	}
	return r.sent
}

// fail ends the reading with the first thing that does not go on.
func (r *request) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// complaints is everything that is wrong, or nil.
func (r *request) complaints() error {
	all := newParams(nil)
	if r.parsed != nil {
		maps.Copy(all.errs, r.parsed.errs)
	}
	if r.sent != nil {
		for name, messages := range r.sent.errs {
			all.errs[name] = slices.Concat(all.errs[name], messages)
		}
	}
	return all.err()
}

// read reads a request into the struct that in points at.
func (c *call) read(parts []part, in any) error {
	r := &request{call: c}
	to := reflect.ValueOf(in).Elem()
	for _, part := range parts {
		if part.read(r, to.FieldByIndex(part.index).Addr().Interface()); r.err != nil {
			return r.err
		}
	}
	if in, ok := in.(completed); ok {
		if in.complete(r); r.err != nil {
			return r.err
		}
	}
	return r.complaints()
}

// partsOf reads the declaration of a request.
func partsOf(typ reflect.Type) (parts []part) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		inside := []part{{}}
		if _, reads := reflect.New(f.Type).Interface().(reader); f.Anonymous && !reads {
			inside = partsOf(f.Type)
		} else {
			inside[0] = partOf(f.Type, f.Tag)
		}
		for _, p := range inside {
			p.index = append([]int{i}, p.index...)
			parts = append(parts, p)
		}
	}
	return parts
}

func partOf(typ reflect.Type, tag reflect.StructTag) part {
	f, inBody := fieldOf("query", typ, tag), fieldOf("body", typ, tag)
	if f.name == "" {
		f = inBody
	}
	out := part{fields: []field{f}}
	switch to := reflect.New(typ).Interface().(type) {
	case composite:
		out.fields, out.read = to.fields(f), func(r *request, to any) { to.(reader).read(r, f) }
		return out
	case reader:
		out.read = func(r *request, to any) { to.(reader).read(r, f) }
		return out
	case *roster.MemberFilter:
		return filterPart(f.list)
	case *roster.Page:
		return pagePart(tag.Get("page"))
	}
	path := fieldOf("path", typ, tag)
	switch {
	case path.name != "":
		return part{fields: []field{path}, read: func(r *request, to any) { r.path(path.name, to) }}
	case f.name == "":
		panic(fmt.Sprintf("lsapi: where does a %v come from? %s", typ, tag))
	case f.in == "body":
		out.read = func(r *request, to any) { r.body().field(f, to) }
	case inBody.name == "":
		out.read = func(r *request, to any) { r.query().field(f, to) }
	default:
		inBody.text = "The same, when it does not come in the query."
		out.fields = append(out.fields, inBody)
		out.read = func(r *request, to any) {
			sent := r.body()
			r.query().take(sent, inBody.name)
			r.query().field(f, to)
		}
	}
	return out
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

// path reads what the path names, which is a number or a text.
func (r *request) path(name string, to any) {
	switch to := to.(type) {
	case *int64:
		id, err := r.id(name)
		r.fail(err)
		*to = id
	case *string:
		*to = r.r.PathValue(name)
	}
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
	case *[]string:
		*to = codes(p, f.name, func(v string) bool { return slices.Contains(f.codes, v) })
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
	if f.null {
		return schema.OrNull(s)
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

// ordering is by which field a list without pages is sorted.
type ordering string

func (o *ordering) read(r *request, _ field) { *o = ordering(r.query().str("ordering")) }

func (o *ordering) fields(field) []field { return pageFields[:1] }

// unheeded is what clients send and what has no effect; T is what they send.
type unheeded[T any] struct{}

func (unheeded[T]) read(r *request, f field) {
	if f.in == "body" {
		r.body().has(f.name)
	}
}

func (unheeded[T]) like() reflect.Type { return reflect.TypeFor[T]() }

// noOtherParameter refuses the parameters that were not read before it: somebody may mean to
// narrow what is changed.
type noOtherParameter struct{}

func (noOtherParameter) read(r *request, _ field) { r.query().nothingElse() }

func (noOtherParameter) fields(field) []field { return nil }

// noOtherField does for the body what noOtherParameter does for the query.
type noOtherField struct{}

func (noOtherField) read(r *request, _ field) { r.body().nothingElse() }

func (noOtherField) fields(field) []field { return nil }
