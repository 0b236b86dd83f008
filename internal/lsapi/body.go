package lsapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"roster"
	"roster/internal/limit"
	"roster/internal/oneway"
)

// maxBody is the largest request body that is read, in bytes.
const maxBody = 8 << 20

// body is a request's fields, however they were sent. Like params it keeps
// every complaint by its field.
type body struct {
	params                            // complaints, and form fields
	fields map[string]json.RawMessage // JSON only
	isForm bool
}

func newBody(fields map[string]json.RawMessage) *body {
	return &body{params: *newParams(nil), fields: fields}
}

// bytes reads the whole body once; TooLarge past the limit.
func (c *call) bytes() (raw []byte, err error) {
	if c.raw != nil {
		return c.raw, nil
	}
	if rule := c.route.do.rule; rule != nil {
		if err := rule(c); err != nil {
			return nil, err
		}
	}
	c.raw, err = limit.ReadAll(c.w, c.r, maxBody)
	return c.raw, err
}

// body reads the request's fields from JSON, a form, or multipart. An absent
// body has none.
func (c *call) body() (*body, error) {
	raw, err := c.bytes()
	if err != nil {
		return nil, err
	}
	b := newBody(nil)
	kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
	if err != nil && c.r.Header.Get("Content-Type") != "" {
		return nil, unsupported(c.r)
	}
	if err := limit.Weigh(c.r, roster.Values(raw)); err != nil {
		return nil, err
	}
	switch {
	case len(bytes.TrimSpace(raw)) == 0:
		return b, nil
	case kind == "application/x-www-form-urlencoded":
		return b, b.parseForm(string(raw))
	case kind == "multipart/form-data":
		return b, b.parseMultipart(c.r, raw)
	case kind == "" || kind == "application/json" || strings.HasSuffix(kind, "+json"):
		return b, b.parseJSON(raw)
	}
	return nil, unsupported(c.r)
}

func unsupported(r *http.Request) error {
	return roster.Errorf(roster.Unsupported, "Unsupported media type %q in request.", r.Header.Get("Content-Type"))
}

func (b *body) parseJSON(raw []byte) error {
	if !utf8.Valid(raw) {
		return roster.InvalidField("non_field_errors", "The body is not valid UTF-8.")
	}
	if err := json.Unmarshal(raw, &b.fields); err != nil || b.fields == nil {
		if json.Valid(raw) {
			return roster.InvalidField("non_field_errors", "Invalid data. Expected a JSON object.")
		}
		return roster.InvalidField("non_field_errors", "JSON parse error: %v", err)
	}
	if roster.Nesting(raw) > roster.MostNested {
		return roster.InvalidField("non_field_errors", "%s", roster.TooNested)
	}
	if twice, ok := errors.AsType[oneway.Twice](oneway.Check(raw)); ok {
		return roster.InvalidField(string(twice), "Comes twice in the body. Nothing was changed.")
	}
	for name, value := range b.fields {
		if bytes.Contains(value, []byte(`\u0000`)) && holdsNUL(value) {
			b.bad(name, "Null characters are not allowed.")
		}
	}
	return nil
}

// holdsNUL tells a NUL from an escaped backslash before the letters u0000.
func holdsNUL(value json.RawMessage) bool {
	var v any
	if json.Unmarshal(value, &v) != nil {
		return true
	}
	text, err := json.Marshal(v)
	return err != nil || bytes.Contains(bytes.ReplaceAll(text, []byte(`\\`), nil), []byte(`\u0000`))
}

func (b *body) parseForm(raw string) error {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return roster.InvalidField("non_field_errors", "The form is malformed.")
	}
	return b.setForm(values)
}

func (b *body) parseMultipart(r *http.Request, raw []byte) error {
	r.Body = io.NopCloser(bytes.NewReader(raw))
	if err := r.ParseMultipartForm(maxBody); err != nil {
		return roster.InvalidField("non_field_errors", "The multipart form is malformed.")
	}
	return b.setForm(r.MultipartForm.Value)
}

func (b *body) setForm(values url.Values) error {
	b.isForm, b.values = true, values
	for name, list := range values {
		for _, v := range list {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				b.bad(name, "Must be valid UTF-8 without NUL.")
				delete(values, name)
			}
		}
	}
	return nil
}

// has reports whether the field was sent, null or not.
func (b *body) has(name string) bool {
	b.read[name] = true
	if b.isForm {
		_, ok := b.values[name]
		return ok
	}
	_, ok := b.fields[name]
	return ok
}

// empty reports whether no field was sent at all.
func (b *body) empty() bool { return len(b.fields) == 0 && len(b.values) == 0 }

// unread is the fields that nothing asked for, by name.
func (b *body) unread() []string {
	names := b.params.unread()
	for name := range b.fields {
		if !b.read[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// nothingElse does for fields what it does for parameters.
func (b *body) nothingElse() {
	for _, name := range b.unread() {
		b.bad(name, "Unknown field. Nothing was changed.")
	}
}

func (b *body) null(name string) bool {
	return !b.isForm && string(bytes.TrimSpace(b.fields[name])) == "null"
}

// require complains when a field is missing or null.
func (b *body) require(name string) bool {
	switch {
	case !b.has(name):
		b.bad(name, "This field is required.")
	case b.null(name):
		b.bad(name, "This field may not be null.")
	default:
		return true
	}
	return false
}

// boolean is a field that is true or false; nil when absent or null.
func (b *body) boolean(name string) *bool {
	if !b.has(name) || b.null(name) {
		return nil
	}
	if b.isForm {
		return b.params.boolean(name)
	}
	text := strings.Trim(string(b.fields[name]), `" `)
	v, ok := truths[strings.ToLower(text)]
	if !ok {
		b.bad(name, "Must be a valid boolean.")
		return nil
	}
	return &v
}

// flag is boolean with absence as false.
func (b *body) flag(name string) bool {
	v := b.boolean(name)
	return v != nil && *v
}

// ids is a list of positive integers, numbers or their text.
func (b *body) ids(name string) []int64 {
	if !b.has(name) || b.null(name) {
		return nil
	}
	if b.isForm {
		return b.params.ids(name)
	}
	raw := b.fields[name]
	if bytes.Count(raw, []byte(",")) >= roster.MostIDs { // no id holds one
		b.bad(name, roster.TooManyIDs)
		return nil
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		b.bad(name, "Expected a list of items.")
		return nil
	}
	out := make([]int64, 0, len(items))
	for _, item := range items {
		id, ok := b.integer(name, strings.Trim(string(item), `"`))
		if !ok {
			return nil
		}
		out = append(out, id)
	}
	return out
}

// id is one positive integer; 0 when absent or null.
func (b *body) id(name string) int64 {
	if !b.has(name) || b.null(name) {
		return 0
	}
	if b.isForm {
		return b.params.id(name)
	}
	id, _ := b.integer(name, strings.Trim(string(b.fields[name]), `"`))
	return id
}

// text is a string of at most so many characters; nil when absent or null.
func (b *body) text(name string, most int) *string {
	if !b.has(name) || b.null(name) {
		return nil
	}
	text := b.str(name)
	if !b.isForm {
		var v any
		if err := json.Unmarshal(b.fields[name], &v); err != nil {
			return nil
		}
		switch v := v.(type) {
		case string:
			text = v
		case float64:
			text = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			b.bad(name, "Not a valid string.")
			return nil
		}
	}
	if utf8.RuneCountInString(text) > most {
		b.bad(name, "Ensure this field has no more than "+strconv.Itoa(most)+" characters.")
	}
	return &text
}

// clearable is a text that null makes empty.
func (b *body) clearable(name string) *string {
	if b.has(name) && b.null(name) {
		return new(string)
	}
	return b.text(name, maxBody)
}

// texts is a list of strings of at most so many characters each.
func (b *body) texts(name string, most int) []string {
	if !b.has(name) || b.null(name) {
		return nil
	}
	if b.isForm {
		return b.list(name)
	}
	var items []string
	if json.Unmarshal(b.fields[name], &items) != nil {
		b.bad(name, "Expected a list of strings.")
		return nil
	}
	for _, item := range items {
		if utf8.RuneCountInString(item) > most {
			b.bad(name, "Ensure this field has no more than "+strconv.Itoa(most)+" characters.")
			return nil
		}
	}
	return items
}

// code is one of the values that valid accepts; "" when absent or null.
func code[T ~string](b *body, name string, valid func(T) bool) T {
	text := b.text(name, 64)
	if text == nil || *text == "" {
		return ""
	}
	v := T(*text)
	if !valid(v) {
		b.bad(name, "\""+*text+"\" is not a valid choice.")
		return ""
	}
	return v
}

// objects is a list of JSON objects.
func (b *body) objects(name string) iter.Seq[*body] {
	return func(yield func(*body) bool) {
		if !b.has(name) || b.null(name) {
			return
		}
		d := json.NewDecoder(bytes.NewReader(b.fields[name]))
		if open, err := d.Token(); b.isForm || err != nil || open != json.Delim('[') {
			b.bad(name, "Expected a list of objects.")
			return
		}
		for n := 0; d.More() && !b.full(); n++ {
			var item map[string]json.RawMessage
			switch {
			case n == roster.MostIDs:
				b.bad(name, roster.TooManyIDs)
				return
			case d.Decode(&item) != nil:
				b.bad(name, "Expected a list of objects.")
				return
			case !yield(newBody(item)):
				return
			}
		}
	}
}

// take lets query parameters come in the body instead, under the same names. What
// says another thing there than in the query is refused; null is a blank.
func (p *params) take(b *body, names ...string) {
	for _, name := range names {
		if !b.has(name) {
			continue
		}
		values := b.values[name]
		if !b.isForm {
			values = flatten(b.fields[name])
		}
		if p.given(name) && strings.Join(p.values[name], ",") != strings.Join(values, ",") {
			p.bad(name, "The query and the body say different things. Nothing was changed.")
		}
		p.values[name] = values
	}
}

// flatten writes a JSON scalar or list as query values.
func flatten(raw json.RawMessage) []string {
	var v any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&v) != nil || v == nil {
		return []string{""}
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	out := make([]string, len(list))
	for i, item := range list {
		out[i] = fmt.Sprint(item)
	}
	return out
}
