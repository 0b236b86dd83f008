package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

// asWritten are the fields in which people write what they like. No narrower looks into
// them, so they stay as they came: fifty million bytes of them would be thousands of
// millions as values of Go.
var asWritten = []string{"data", "meta", "result"}

var errNoJSON = errors.New("this is not JSON")

// readDocument reads a JSON text as values of Go, its numbers as they are written; what
// people wrote in it is a json.RawMessage. Of a name that comes twice, the last counts.
func readDocument(raw []byte) (any, error) {
	if !json.Valid(raw) { // it bounds how deep the text is, too
		return nil, errNoJSON
	}
	return (&reader{raw: raw}).value(), nil
}

// reader reads a text of which it is known that it is JSON. That is looked at once, and not
// at every token: nearly every answer is read here.
type reader struct {
	raw []byte
	at  int
}

// next is the byte after what parts values, which it passes.
func (r *reader) next() byte {
	for strings.IndexByte(" \t\r\n,:", r.raw[r.at]) >= 0 {
		r.at++
	}
	return r.raw[r.at]
}

func (r *reader) value() any {
	switch r.next() {
	case '{':
		return r.fields()
	case '[':
		return r.items()
	case '"':
		return r.text()
	case 't':
		r.at += len("true")
		return true
	case 'f':
		r.at += len("false")
		return false
	case 'n':
		r.at += len("null")
		return nil
	}
	return json.Number(r.scalar())
}

func (r *reader) fields() map[string]any {
	o := map[string]any{}
	for r.at++; r.next() != '}'; {
		if name := r.text(); slices.Contains(asWritten, name) {
			o[name] = r.written()
		} else {
			o[name] = r.value()
		}
	}
	r.at++
	return o
}

func (r *reader) items() []any {
	items := []any{}
	for r.at++; r.next() != ']'; {
		items = append(items, r.value())
	}
	r.at++
	return items
}

// text reads a string. One with escapes in it, or with what is no UTF-8, is read by the library.
func (r *reader) text() (s string) {
	quoted := r.quoted()
	if inner := quoted[1 : len(quoted)-1]; bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner)
	}
	json.Unmarshal(quoted, &s) // it is a string
	return s
}

// quoted is the string that begins here, as it is written.
func (r *reader) quoted() []byte {
	from := r.at
	for r.at++; r.raw[r.at] != '"'; r.at++ {
		if r.raw[r.at] == '\\' {
			r.at++
		}
	}
	r.at++
	return r.raw[from:r.at]
}

// scalar is the number or word that begins here, as it is written.
func (r *reader) scalar() []byte {
	from := r.at
	for r.at < len(r.raw) && strings.IndexByte(" \t\r\n,:]}", r.raw[r.at]) < 0 {
		r.at++
	}
	return r.raw[from:r.at]
}

// written is the value that comes next, as it is written.
func (r *reader) written() json.RawMessage {
	r.next()
	from := r.at
	for depth := 0; ; {
		switch r.next() {
		case '{', '[':
			depth++
			r.at++
		case '}', ']':
			depth--
			r.at++
		case '"':
			r.quoted()
		default:
			r.scalar()
		}
		if depth == 0 {
			return bytes.Clone(r.raw[from:r.at])
		}
	}
}

// anyText reports whether one of the texts in a JSON text is wanted; names of fields are
// none. It makes nothing of the rest.
func anyText(raw []byte, wanted func(text string) bool) bool {
	return json.Valid(raw) && textIn(json.NewDecoder(bytes.NewReader(raw)), wanted)
}

// textIn is anyText of the next value, which is left half read where it has one.
func textIn(d *json.Decoder, wanted func(text string) bool) bool {
	token, _ := d.Token()
	open, isDelim := token.(json.Delim)
	if !isDelim {
		text, isText := token.(string)
		return isText && wanted(text)
	}
	for d.More() {
		if open == '{' {
			d.Token()
		}
		if textIn(d, wanted) {
			return true
		}
	}
	d.Token()
	return false
}
