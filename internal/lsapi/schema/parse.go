// Package schema turns short texts that describe the operations of an API into
// one OpenAPI 3.1 document. It knows no operation and no route.
//
// A text is a family of operations, line by line:
//
//	= Title                      the family; plain lines after it are its text
//	DELETE /api/things/{id}      an operation; the first plain line after it is
//	Remove a thing               its summary, the others its description
//	/ things/{id} int | text     a path parameter, in every operation below things
//	? name type | text           a query parameter
//	@ Name type | text           a header
//	{ name! type | text          a field of the body, ! when it is required
//	{} type | text               the whole body, when it is not fields
//	> 200 type | text            an answer that is no error
//	! 409 type | text            an error; without a type the usual one
//	+name                        the lines of a set, which a text begins with +name:
//	# comment
//
// types.go has the types.
package schema

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Family is operations that belong together.
type Family struct {
	Title      string
	Text       string
	Operations []*Operation
}

// Operation is one method of one path.
type Operation struct {
	Method, Path         string
	Summary, Description string
	Parameters           []Field // of the path, the query and the headers
	Body                 []Field // its fields, or one without a name: all of it
	Answers              []Answer
	Open                 bool     // needs no credential
	Example              *Example // a real exchange
}

// Add puts a field where it belongs.
func (o *Operation) Add(f Field) {
	if f.In == "body" {
		o.Body = append(o.Body, f)
	} else {
		o.Parameters = append(o.Parameters, f)
	}
}

// Field is a parameter, or a field of a body.
type Field struct {
	In       string // path, query, header, body
	Name     string
	Type     string
	Schema   Schema // in place of the type
	Text     string
	Required bool
}

// Answer is one way an operation ends.
type Answer struct {
	Status int
	Type   string // "" is no body, or the usual error
	Text   string
	Schema Schema // in place of the type
	Media  string // "" is JSON
}

// Error reports whether the answer is a refusal.
func (a Answer) Error() bool { return a.Status >= 400 }

// Example is a request as it was sent and the answer it got.
type Example struct {
	Request string // the path and query
	Body    any
	Status  int
	Media   string // of the answer; "" when it has no body
	Answer  any
}

// Key is how operations are told apart.
func (o *Operation) Key() string { return o.Method + " " + o.Path }

// parser is what is known while texts are read.
type parser struct {
	sets     map[string][]string
	paths    map[string]Field // by the end of the path, such as things/{id}
	families []*Family
	err      error
}

// Parse reads every text of a directory, sets first. Some sets are made elsewhere, and
// given.
func Parse(dir fs.FS, sets map[string][]string) ([]*Family, error) {
	p := &parser{sets: maps.Clone(sets), paths: map[string]Field{}}
	names, err := fs.Glob(dir, "*.txt")
	if err != nil {
		return nil, err
	}
	texts := make([][]string, len(names))
	for i, name := range names {
		raw, err := fs.ReadFile(dir, name)
		if err != nil {
			return nil, err
		}
		texts[i] = p.withoutSets(strings.Split(string(raw), "\n"))
	}
	for i, lines := range texts {
		for n, line := range p.expanded(lines) {
			if p.line(line); p.err != nil {
				return nil, fmt.Errorf("%s, line %d %q: %w", names[i], n+1, line, p.err)
			}
		}
	}
	for _, f := range p.families {
		for _, o := range f.Operations {
			o.Parameters = append(p.inPath(o.Path), o.Parameters...)
		}
	}
	return p.families, nil
}

// withoutSets keeps the sets of a text for later, and returns the other lines.
// A set ends with a blank line.
func (p *parser) withoutSets(lines []string) (rest []string) {
	set := ""
	for _, line := range lines {
		name, begins := strings.CutSuffix(line, ":")
		switch {
		case begins && strings.HasPrefix(line, "+"):
			set = name
		case strings.TrimSpace(line) == "":
			set = ""
		case strings.HasPrefix(line, "#"):
		case set != "":
			p.sets[set] = append(p.sets[set], line)
		default:
			rest = append(rest, line)
		}
	}
	return rest
}

func (p *parser) expanded(lines []string) (out []string) {
	for _, line := range lines {
		if set, known := p.sets[line]; known {
			out = append(out, p.expanded(set)...)
		} else {
			out = append(out, line)
		}
	}
	return out
}

var methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}

// line reads one line into the family or operation that stands last.
func (p *parser) line(line string) {
	mark, rest, _ := strings.Cut(line, " ")
	switch {
	case mark == "=":
		p.families = append(p.families, &Family{Title: rest})
		return
	case mark == "/":
		f := field("path", rest)
		f.Required = true
		p.paths[f.Name] = f
		return
	case len(p.families) == 0:
		p.err = fmt.Errorf("comes before a family")
		return
	}
	family := p.families[len(p.families)-1]
	switch {
	case slices.Contains(methods, mark):
		family.Operations = append(family.Operations, &Operation{Method: mark, Path: rest})
	case len(family.Operations) == 0:
		family.Text = strings.TrimSpace(family.Text + " " + line)
	default:
		p.err = family.Operations[len(family.Operations)-1].line(mark, rest)
	}
}

func (o *Operation) line(mark, rest string) error {
	switch mark {
	case "?":
		o.Parameters = append(o.Parameters, field("query", rest))
	case "@":
		o.Parameters = append(o.Parameters, field("header", rest))
	case "{":
		o.Body = append(o.Body, field("body", rest))
	case "{}":
		kind, text, _ := strings.Cut(rest, " | ")
		o.Body = []Field{{In: "body", Type: kind, Text: text, Required: true}}
	case ">", "!":
		return o.answer(rest)
	default:
		if strings.HasPrefix(mark, "+") {
			return fmt.Errorf("no such set")
		}
		o.plain(strings.TrimSpace(mark + " " + rest))
	}
	return nil
}

func (o *Operation) plain(text string) {
	if o.Summary == "" {
		o.Summary = text
		return
	}
	o.Description = strings.TrimSpace(o.Description + " " + text)
}

func (o *Operation) answer(rest string) error {
	head, text, _ := strings.Cut(rest, " | ")
	code, kind, _ := strings.Cut(strings.TrimSpace(head), " ")
	status, err := strconv.Atoi(code)
	if err != nil {
		return fmt.Errorf("not a status: %q", code)
	}
	o.Answers = append(o.Answers, Answer{Status: status, Type: kind, Text: strings.TrimSpace(text)})
	return nil
}

func field(in, rest string) Field {
	head, text, _ := strings.Cut(rest, " | ")
	name, kind, _ := strings.Cut(head, " ")
	name, required := strings.CutSuffix(name, "!")
	return Field{In: in, Name: name, Type: kind, Text: text, Required: required}
}

// inPath is the parameters of a path, by what stands before them.
func (p *parser) inPath(path string) (out []Field) {
	segments := strings.Split(path, "/")
	for i, segment := range segments {
		if !strings.HasPrefix(segment, "{") {
			continue
		}
		f := p.paths[segments[i-1]+"/"+segment]
		f.In, f.Name, f.Required = "path", strings.Trim(segment, "{}"), true
		out = append(out, f)
	}
	return out
}
