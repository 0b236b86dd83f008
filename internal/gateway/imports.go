package gateway

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
)

// notImported are the fields by which a task of an import would reach for another
// project's things. Whatever else names something there, the upstream passes over,
// or looks for among the project's own (README.md says what it takes).
var notImported = map[string]bool{"file_upload_id": true}

// checkImport has the tasks of an import read as they pass. The upstream acts once
// it has them all, so what is cut before its end was not done. A second
// Content-Type, which the upstream may be the one to believe, makes neither.
func checkImport(_ http.ResponseWriter, f *flight) (bool, error) {
	header := strings.Join(f.r.Header.Values("Content-Type"), ",")
	if err := f.mayImportFrom(header); err != nil {
		return false, err
	}
	body := &importBody{ReadCloser: f.r.Body, left: f.r.ContentLength}
	kind, params, err := mime.ParseMediaType(header)
	switch {
	case err == nil && kind == "application/x-www-form-urlencoded":
		return false, nil // an address, of the Owner's
	case err == nil && kind == "multipart/form-data":
		form, err := formOf(params["boundary"])
		if err != nil {
			return false, err
		}
		if form.likely, body.unchanged, err = f.predicts(); err != nil {
			return false, err
		}
		body.weighs = form
	default:
		if err := isJSON(header); err != nil {
			return false, err
		}
		values := &jsonScale{weight: new(int64)}
		if values.likely, body.unchanged, err = f.predicts(); err != nil {
			return false, err
		}
		body.scan, body.weighs = &importScan{}, values
	}
	f.r = f.r.WithContext(f.r.Context())
	f.r.Body = body
	return false, nil
}

// plainBoundary is a boundary that every program reads alike.
var plainBoundary = regexp.MustCompile(`^[0-9A-Za-z'()+_,./:=?-]{1,70}$`)

// formOf weighs files, of which the upstream itself says which they are.
func formOf(boundary string) (*formScale, error) {
	if !plainBoundary.MatchString(boundary) {
		return nil, roster.Errorf(roster.Invalid,
			"The boundary of the form must be 1 to 70 letters, digits and marks. Nothing was imported.")
	}
	return newFormScale(boundary), nil
}

// predicts looks at the predictions of an import by the labeling configuration that the
// project has before the upstream hears of it. unchanged is an error where there were any, and
// it has become another one.
func (f *flight) predicts() (p *predictions, unchanged func() error, err error) {
	config, err := f.configured()
	if err != nil {
		return nil, nil, err
	}
	p = &predictions{
		fitting: &fitting{by: labelingOf(config), fields: f.madePredictions()},
		always:  slices.Contains(f.rule.parts, "predictions"),
	}
	ctx := f.r.Context()
	return p, func() error {
		if !p.seen {
			return nil
		}
		now, err := f.gate.upstream.configurationOf(ctx, f.project)
		if err == nil && now != config {
			err = roster.Errorf(roster.Busy, "The project's labeling configuration has just changed. Try again. "+
				"Nothing was imported.")
		}
		return err
	}, nil
}

// madePredictions are the fields of each task that the address says are predictions.
func (f *flight) madePredictions() (fields []string) {
	for _, p := range f.query {
		if p.name == "preannotated_from_fields" {
			fields = append(fields, strings.FieldsFunc(p.value, func(r rune) bool { return strings.ContainsRune(",;|", r) })...)
		}
	}
	return fields
}

// mayImportFrom refuses to have the upstream fetch what is imported. It fetches an
// address, itself and its neighbors included, where the words of a form stand
// anywhere in the Content-Type, be it in the boundary of another kind.
func (f *flight) mayImportFrom(contentType string) error {
	if !strings.Contains(strings.ToLower(contentType), "x-www-form-urlencoded") ||
		f.gate.app.Somewhere(f.r.Context(), core.ActAsUpstream) {
		return nil
	}
	return roster.Errorf(roster.Forbidden,
		"Only the Owner imports from an address, and Administrators do not either: Label Studio would fetch it "+
			"from where it stands. Get the file and upload it, or send the tasks as JSON. Nothing was imported.")
}

// importBody passes on the tasks of an import as long as there is nothing in them
// that is not for an import to say, and not more than the upstream can hold.
type importBody struct {
	io.ReadCloser
	scan   *importScan // nil: of files
	weighs scale
	left   int64 // bytes to come
	// unchanged reports, before the last byte goes on, whether the labeling configuration is
	// still the one by which its predictions were looked at.
	unchanged func() error
}

func (b *importBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	for _, c := range p[:n] {
		if err := b.weighs.next(c); err != nil {
			return 0, err
		}
		if b.scan == nil {
			continue
		}
		if b.scan.next(c); b.scan.named != "" {
			return 0, roster.InvalidField(b.scan.named,
				"An import does not say of which uploaded file a task is. Import the file, or leave the field out. "+
					"Nothing was changed.")
		}
	}
	if b.left -= int64(n); n > 0 && b.left <= 0 {
		if err := b.unchanged(); err != nil {
			return 0, err
		}
	}
	return n, err
}

// importScan follows JSON a byte at a time, and holds no more of it than the name
// of a field. It need not refuse what is no JSON: the upstream does.
type importScan struct {
	depth   int
	objects [2]bool // which of the two outer levels are objects
	inText  bool
	escaped bool
	isKey   bool   // the next text, or this one, is the name of a task's field
	key     []byte // as it was written
	asked   string // a field that is not imported, whose value comes next
	named   string // one that has a value
}

// longestKey is how long, as it may be written, a name can be that is looked for.
const longestKey = 128

func (s *importScan) next(c byte) {
	switch {
	case s.inText:
		s.text(c)
	case c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ':':
	case s.asked != "":
		s.value(c)
	default:
		s.token(c)
	}
}

// text is a byte within a text.
func (s *importScan) text(c byte) {
	end := c == '"' && !s.escaped
	s.escaped = c == '\\' && !s.escaped
	if !end {
		if s.isKey && len(s.key) <= longestKey {
			s.key = append(s.key, c)
		}
		return
	}
	s.inText = false
	if s.isKey {
		s.asked, s.isKey = s.wanted(), false
	}
}

// wanted is the name that was just read, if it is looked for.
func (s *importScan) wanted() string {
	key := s.key
	s.key = s.key[:0]
	if bytes.IndexByte(key, '\\') < 0 && !notImported[string(key)] { // nearly all
		return ""
	}
	var name string
	json.Unmarshal([]byte(`"`+string(key)+`"`), &name) // what cannot be read is none
	if !notImported[name] {
		return ""
	}
	return name
}

// value is the first byte of the value of a field that is looked for: null says
// nothing.
func (s *importScan) value(c byte) {
	if c != 'n' {
		s.named = s.asked
	}
	s.asked = ""
}

// token is a byte outside of texts.
func (s *importScan) token(c byte) {
	switch c {
	case '"':
		s.inText = true
	case '{', '[':
		if s.depth < len(s.objects) {
			s.objects[s.depth] = c == '{'
		}
		s.depth++
		s.isKey = s.ofTask()
	case '}', ']':
		s.depth = max(0, s.depth-1)
		s.isKey = false
	case ',':
		s.isKey = s.ofTask()
	}
}

// ofTask reports whether a name that follows is of a field of a task: of the only
// one, or of one of a list.
func (s *importScan) ofTask() bool {
	return (s.depth == 1 && s.objects[0]) || (s.depth == 2 && !s.objects[0] && s.objects[1])
}
