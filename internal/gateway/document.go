package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// asWritten are the fields in which people write what they like. No narrower looks into
// them, so they stay as they came: fifty million bytes of them would be thousands of
// millions as values of Go.
var asWritten = []string{"data", "meta", "result"}

var errNoJSON = errors.New("this is not JSON")

// readDocument reads a JSON text as values of Go, its numbers as they are written; what
// people wrote in it is a json.RawMessage.
func readDocument(raw []byte) (any, error) {
	if !json.Valid(raw) { // it bounds how deep the text is, too
		return nil, errNoJSON
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	return readValue(d)
}

func readValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	switch token {
	case json.Delim('{'):
		return readFields(d)
	case json.Delim('['):
		return readItems(d)
	}
	return token, err
}

func readFields(d *json.Decoder) (any, error) {
	o := map[string]any{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if slices.Contains(asWritten, name) {
			var raw json.RawMessage
			err = d.Decode(&raw)
			o[name] = raw
		} else {
			o[name], err = readValue(d)
		}
		if err != nil {
			return nil, err
		}
	}
	_, err := d.Token()
	return o, err
}

func readItems(d *json.Decoder) (any, error) {
	items := []any{}
	for d.More() {
		item, err := readValue(d)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	_, err := d.Token()
	return items, err
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
