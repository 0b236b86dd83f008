package gateway

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"reflect"
	"testing"
)

// byLibrary is the document as the library reads it.
func byLibrary(raw []byte) (doc any, err error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	err = d.Decode(&doc)
	return doc, err
}

// readThrough is a document with what stays as it is written read as the rest is.
func readThrough(t *testing.T, doc any) any {
	switch doc := doc.(type) {
	case json.RawMessage:
		read, err := byLibrary(doc)
		if err != nil || !json.Valid(doc) {
			t.Fatalf("what stays as written is %q: %v", doc, err)
		}
		return read
	case map[string]any:
		for name, v := range doc {
			doc[name] = readThrough(t, v)
		}
	case []any:
		for i, v := range doc {
			doc[i] = readThrough(t, v)
		}
	}
	return doc
}

// FuzzDocument: what the gate reads of an answer is what anybody else would.
func FuzzDocument(f *testing.F) {
	for _, text := range []string{
		`{"id":1,"data":{"a":[1,{"b":"}\\"]"}]},"meta":null,"result":"x","l":[1.50,2e3,-0,true,false,null,[],{}]}`,
		` { "a" : "\u00e9\ud83d\ude00\ud800" , "a" : [ ] , "d\u0061ta" : [1 , 2 ] } `, `"` + "\xff\xc3" + `"`,
		`[{"data":0},{"data" : true }, 7]`,
		`12`, ` null `, `{}`, `[]`, `""`, `{"":{"":[[[]]]}}`, ``, `{`, `[1,]`, `{"a":1}{"a":2}`, `tru`, `{"result":-1.5E+7}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		doc, err := readDocument(raw)
		if (err == nil) != json.Valid(raw) {
			t.Fatalf("%q: %v", raw, err)
		}
		if err != nil {
			return
		}
		want, err := byLibrary(raw)
		if got := readThrough(t, doc); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q\n got %#v\nwant %#v %v", raw, got, want, err)
		}
	})
}

// TestUntrustedAreFound: they are taken away by their names as the server writes them.
func TestUntrustedAreFound(t *testing.T) {
	for _, name := range untrusted {
		if http.CanonicalHeaderKey(name) != name {
			t.Errorf("%s would stay: the server writes it %s", name, http.CanonicalHeaderKey(name))
		}
	}
}

// TestMediaTypesAreRead as the library reads and writes them.
func TestMediaTypesAreRead(t *testing.T) {
	for kind := range inert {
		read, params, err := mime.ParseMediaType(kind)
		if got, _, bad := mediaType(kind); err != nil || bad != nil || got != read || len(params) > 0 ||
			formatType(got, nil) != mime.FormatMediaType(read, nil) {
			t.Error(kind, got, bad, err)
		}
	}
}
