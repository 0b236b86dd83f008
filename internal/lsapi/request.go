package lsapi

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"roster"
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
