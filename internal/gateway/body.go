package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"roster"
	"roster/internal/limit"
	"roster/internal/oneway"
)

// maxJSON is the largest body that is read whole, in bytes: the annotation of
// an hour of speech, word by word, is some megabytes.
const maxJSON = 32 << 20

// member is one field of a JSON object, its value as it was written.
type member struct {
	name  string
	value json.RawMessage
}

// object is a JSON object in the order of its fields.
type object []member

// content is a JSON body that was read and checked: one object, or a list of
// them. What goes on is written from it.
type content struct {
	objects []object
	list    bool
	results map[kind]struct{} // of which kinds its results are
	labels  []label           // that its results have
}

// readJSON reads a body that must be JSON and no larger than most, in bytes; nil when
// there is none. made is how many values will be made of it.
func readJSON(w http.ResponseWriter, r *http.Request, most int64, made func(text []byte) int) (*content, error) {
	raw, err := limit.ReadAll(w, r, most)
	if err != nil || len(bytes.TrimSpace(raw)) == 0 {
		return nil, err
	}
	if err := isJSON(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	if err := limit.Weigh(r, made(raw)); err != nil {
		return nil, err
	}
	s := &jsonScale{weight: new(int64)}
	if err := s.weigh(raw); err != nil {
		return nil, err
	}
	c, err := parse(raw)
	if err != nil {
		return nil, err
	}
	c.results, c.labels = s.results, s.labelsOf()
	return c, nil
}

// isJSON refuses every other way to write a body: the upstream reads several,
// and a project can hide in each.
func isJSON(contentType string) error {
	kind, params, err := mime.ParseMediaType(contentType)
	charset := strings.ToLower(params["charset"])
	if err != nil || kind != "application/json" || (charset != "" && charset != "utf-8") {
		return roster.Errorf(roster.Unsupported, "Send this as application/json. Nothing was changed.")
	}
	return nil
}

var badJSON = roster.Errorf(roster.Invalid,
	"The body is not a JSON object that can be read in one way: a field may come once, and nothing lies deeper than "+
		"a hundred levels. Nothing was changed.")

// parse reads JSON in which no object names a field twice. What it returns are
// parts of raw: a large body is held once.
func parse(raw []byte) (*content, error) {
	if !utf8.Valid(raw) || !json.Valid(raw) {
		return nil, badJSON
	}
	r := oneway.NewReader(raw)
	c := &content{list: bytes.TrimLeft(raw, " \t\r\n")[0] == '['}
	if !c.list {
		o, err := readObject(r)
		c.objects = []object{o}
		return c, err
	}
	r.Token()
	for r.More() {
		o, err := readObject(r)
		if err != nil {
			return nil, err
		}
		c.objects = append(c.objects, o)
	}
	return c, nil
}

func readObject(r *oneway.Reader) (object, error) {
	fields, err := r.Object()
	if err != nil {
		return nil, badJSON
	}
	o := make(object, len(fields))
	for i, f := range fields {
		o[i] = member{f.Name, f.Value}
	}
	return o, nil
}

func (o object) get(name string) (json.RawMessage, bool) {
	for _, m := range o {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// within is an object in another; nil when there is none. The upstream knows a name
// only as it is written.
func (o object) within(name string) (object, error) {
	raw, _ := o.get(name)
	if len(raw) == 0 || string(raw) == "null" {
		return nil, nil
	}
	inner, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if inner.list {
		return nil, badJSON
	}
	return inner.objects[0], nil
}

// set replaces a field, or adds it.
func (o *object) set(name string, value any) {
	raw, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("gateway: %T is no JSON: %v", value, err))
	}
	for i := range *o {
		if (*o)[i].name == name {
			(*o)[i].value = raw
			return
		}
	}
	*o = append(*o, member{name, raw})
}

// keep drops the fields that a rule does not let on.
func (o object) keep(rule *rule) object {
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool { return !rule.letsOn(m.name) })
}

// append writes the fields in order.
func (o object) append(out []byte) ([]byte, error) {
	out = append(out, '{')
	for i, m := range o {
		if i > 0 {
			out = append(out, ',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, name...), ':'), m.value...)
	}
	return append(out, '}'), nil
}

// bytes is the body as it goes on.
func (c *content) bytes() (out []byte, err error) {
	if c == nil {
		return nil, nil
	}
	if !c.list {
		return c.objects[0].append(make([]byte, 0, c.size()))
	}
	out = append(make([]byte, 0, c.size()), '[')
	for i, o := range c.objects {
		if i > 0 {
			out = append(out, ',')
		}
		if out, err = o.append(out); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

// size is about how long the body is as it goes on, in bytes.
func (c *content) size() (n int) {
	for _, o := range c.objects {
		for _, m := range o {
			n += len(m.name) + len(m.value) + 8
		}
	}
	return n + 2
}

// unquoted is the text that a JSON value is; "" when it is no text.
func unquoted(raw json.RawMessage) (text string) {
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// number reads an id that may be written as a number or as a string; 0 for
// null, 0, "" and what is not there, which name nothing.
func number(raw json.RawMessage) (int64, error) {
	text := strings.Trim(string(raw), `"`)
	if text == "" || text == "null" || text == "0" {
		return 0, nil
	}
	id, ok := parseID(text)
	if !ok {
		return 0, roster.Errorf(roster.Invalid, "must be an id")
	}
	return id, nil
}
