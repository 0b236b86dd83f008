// Package oneway reads JSON that every program reads alike: no object in it names a
// field twice. Of two, some programs take the first and others the last.
package oneway

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"

	"roster"
)

// Field is one field of an object, its value as it was written.
type Field struct {
	Name  string
	Value json.RawMessage
}

// Twice is the error about a field that an object names twice.
type Twice string

func (t Twice) Error() string { return "the field " + strconv.Quote(string(t)) + " comes twice" }

var errDeep = errors.New("nested too deeply")

// Reader reads a document by its tokens. What it returns are parts of the document.
type Reader struct {
	*json.Decoder
	raw []byte
}

// NewReader reads a valid document.
func NewReader(raw []byte) *Reader { return &Reader{json.NewDecoder(bytes.NewReader(raw)), raw} }

// Check reads a whole valid document for nothing but its errors.
func Check(raw []byte) error { return NewReader(raw).Skip() }

// Object reads an object whose values stay as they were written.
func (r *Reader) Object() (fields []Field, err error) {
	if token, err := r.Token(); err != nil || token != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	seen := map[string]bool{}
	for r.More() {
		name, err := r.name(seen)
		if err != nil {
			return nil, err
		}
		value, err := r.value(1)
		if err != nil {
			return nil, err
		}
		fields = append(fields, Field{name, value})
	}
	_, err = r.Token()
	return fields, err
}

// Value reads one value, which stays as it was written.
func (r *Reader) Value() (json.RawMessage, error) { return r.value(0) }

func (r *Reader) value(depth int) (json.RawMessage, error) {
	start := r.InputOffset()
	err := r.skip(depth)
	return bytes.TrimLeft(r.raw[start:r.InputOffset()], ",: \t\r\n"), err
}

// Skip reads one value.
func (r *Reader) Skip() error { return r.skip(0) }

func (r *Reader) skip(depth int) error {
	token, err := r.Token()
	if err != nil {
		return err
	}
	open, isDelim := token.(json.Delim)
	if depth > roster.MostNested {
		return errDeep
	}
	if !isDelim {
		return nil
	}
	seen := map[string]bool{}
	for r.More() {
		if open == '{' {
			if _, err := r.name(seen); err != nil {
				return err
			}
		}
		if err := r.skip(depth + 1); err != nil {
			return err
		}
	}
	_, err = r.Token()
	return err
}

// name reads the name of a field that an object has not named before.
func (r *Reader) name(seen map[string]bool) (string, error) {
	token, err := r.Token()
	name, _ := token.(string)
	switch {
	case err != nil:
		return "", err
	case seen[name]:
		return "", Twice(name)
	}
	seen[name] = true
	return name, nil
}
