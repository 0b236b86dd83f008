package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"roster"
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
}

// readJSON reads a body that must be JSON and no larger than most, in bytes;
// nil when there is none.
func readJSON(w http.ResponseWriter, r *http.Request, most int64) (*content, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, roster.Errorf(roster.TooLarge, "The body is larger than %d KiB. Nothing was changed.", tooLarge.Limit>>10)
	}
	if err != nil {
		return nil, roster.Errorf(roster.Invalid, "The body did not arrive whole. Nothing was changed.")
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil
	}
	if err := isJSON(r.Header.Get("Content-Type")); err != nil {
		return nil, err
	}
	return parse(raw)
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

var badJSON = roster.Errorf(roster.Invalid, "The body is not a JSON object that can be read in one way: a field may come once. Nothing was changed.")

// parse reads JSON in which no object names a field twice.
func parse(raw []byte) (*content, error) {
	if !utf8.Valid(raw) || !json.Valid(raw) {
		return nil, badJSON
	}
	if err := once(json.NewDecoder(bytes.NewReader(raw))); err != nil {
		return nil, badJSON
	}
	c := &content{list: bytes.TrimLeft(raw, " \t\r\n")[0] == '['}
	values := []json.RawMessage{raw}
	if c.list {
		values = nil
		if err := json.Unmarshal(raw, &values); err != nil {
			return nil, badJSON
		}
	}
	for _, value := range values {
		o, err := parseObject(value)
		if err != nil {
			return nil, err
		}
		c.objects = append(c.objects, o)
	}
	return c, nil
}

// once refuses a document in which an object names a field twice.
func once(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	open, isDelim := token.(json.Delim)
	if !isDelim {
		return nil
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			name, err := d.Token()
			if err != nil {
				return err
			}
			if text := name.(string); seen[text] {
				return badJSON
			} else {
				seen[text] = true
			}
		}
		if err := once(d); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

func parseObject(raw json.RawMessage) (object, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, badJSON
	}
	o := object{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, badJSON
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, badJSON
		}
		o = append(o, member{name.(string), value})
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
	return slices.DeleteFunc(slices.Clone(o), func(m member) bool {
		return slices.Contains(rule.drop, m.name) || (len(rule.only) > 0 && !slices.Contains(rule.only, m.name))
	})
}

// MarshalJSON writes the fields in order.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(m.value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// bytes is the body as it goes on.
func (c *content) bytes() ([]byte, error) {
	if c == nil {
		return nil, nil
	}
	if c.list {
		return json.Marshal(c.objects)
	}
	return json.Marshal(c.objects[0])
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
