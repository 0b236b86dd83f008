package scim

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"roster"
)

// The filter language of RFC 7644 §3.4.2.2 and the paths of §3.5.2, read by
// recursive descent: every token is looked at once, and nesting has a bound,
// so that no text costs more than its length.

const (
	longestFilter = 16 << 10 // in bytes
	deepestFilter = 20
)

var tokenShape = regexp.MustCompile(`^(?:[()\[\]=]|"(?:[^"\\]|\\.)*"|[^\s()\[\]"=]+)`)

var attributeShape = regexp.MustCompile(`^[A-Za-z$][\w$-]*(\.[A-Za-z$][\w$-]*)?$`)

// reader reads tokens; "" is the end.
type reader struct {
	schema string // attributes may begin with it
	tokens []string
	depth  int
}

func newReader(schema, text string) (*reader, bool) {
	if len(text) > longestFilter || !utf8.ValidString(text) {
		return nil, false
	}
	p := &reader{schema: schema}
	for text = strings.TrimSpace(text); text != ""; text = strings.TrimSpace(text) {
		token := tokenShape.FindString(text)
		if token == "" {
			return nil, false
		}
		p.tokens, text = append(p.tokens, token), text[len(token):]
	}
	return p, true
}

func (p *reader) peek() string {
	if len(p.tokens) == 0 {
		return ""
	}
	return p.tokens[0]
}

func (p *reader) next() string {
	token := p.peek()
	if token != "" {
		p.tokens = p.tokens[1:]
	}
	return token
}

// word takes the next token if it is this one, in any case.
func (p *reader) word(want string) bool {
	if !strings.EqualFold(p.peek(), want) {
		return false
	}
	p.next()
	return true
}

func badFilter(detail string) error {
	return invalid("invalidFilter", "The filter cannot be read: "+detail+".")
}

// parseFilter reads a filter on resources of a schema.
func parseFilter(schema, text string) (*roster.SCIMFilter, error) {
	p, ok := newReader(schema, text)
	if !ok {
		return nil, badFilter("it is too long, or holds what is no part of one")
	}
	f, err := p.any("")
	if err == nil && p.peek() != "" {
		err = badFilter("nothing may follow where " + strconv.Quote(p.peek()) + " stands")
	}
	return &f, err
}

// any reads terms with "or" between them; attributes in brackets are those
// within.
func (p *reader) any(within string) (roster.SCIMFilter, error) {
	return p.joined(roster.SCIMOr, func() (roster.SCIMFilter, error) {
		return p.joined(roster.SCIMAnd, func() (roster.SCIMFilter, error) { return p.term(within) })
	})
}

func (p *reader) joined(op roster.SCIMOp, part func() (roster.SCIMFilter, error)) (roster.SCIMFilter, error) {
	first, err := part()
	parts := []roster.SCIMFilter{first}
	for err == nil && p.word(string(op)) {
		var f roster.SCIMFilter
		f, err = part()
		parts = append(parts, f)
	}
	if len(parts) == 1 {
		return first, err
	}
	return roster.SCIMFilter{Op: op, Parts: parts}, err
}

func (p *reader) term(within string) (f roster.SCIMFilter, err error) {
	if p.depth++; p.depth > deepestFilter {
		return f, badFilter("it is nested too deeply")
	}
	defer func() { p.depth-- }()
	if p.word("not") {
		if p.peek() != "(" {
			return f, badFilter(`"not" needs parentheses`)
		}
		f, err = p.term(within)
		return roster.SCIMFilter{Op: roster.SCIMNot, Parts: []roster.SCIMFilter{f}}, err
	}
	if p.word("(") {
		if f, err = p.any(within); err == nil && !p.word(")") {
			err = badFilter("a parenthesis is not closed")
		}
		return f, err
	}
	attribute, ok := p.attribute(p.next())
	if !ok {
		return f, badFilter("an attribute is missing")
	}
	if within == "" && p.word("[") {
		if f, err = p.any(attribute + "."); err == nil && !p.word("]") {
			err = badFilter("a bracket is not closed")
		}
		return f, err
	}
	return p.comparison(within + attribute)
}

// attribute is a name in lower case, without the schema it may begin with.
func (p *reader) attribute(name string) (string, bool) {
	if n := len(p.schema) + 1; len(name) > n && strings.EqualFold(name[:n], p.schema+":") {
		name = name[n:]
	}
	return strings.ToLower(name), attributeShape.MatchString(name)
}

var comparisons = []roster.SCIMOp{
	roster.SCIMEqual, roster.SCIMNotEqual, roster.SCIMContains, roster.SCIMStarts, roster.SCIMEnds,
	roster.SCIMGreater, roster.SCIMGreaterOrEqual, roster.SCIMLess, roster.SCIMLessOrEqual,
}

func (p *reader) comparison(attribute string) (roster.SCIMFilter, error) {
	if p.word("=") { // as the vendor's guide writes it: userName =x
		return p.equals(attribute)
	}
	f := roster.SCIMFilter{Attribute: attribute, Op: roster.SCIMOp(strings.ToLower(p.next()))}
	if f.Op == roster.SCIMPresent {
		return f, nil
	}
	if !slices.Contains(comparisons, f.Op) {
		return f, badFilter(strconv.Quote(string(f.Op)) + " is no operator")
	}
	return p.compared(f, p.next())
}

// equals reads what follows "=", which may stand without quotes.
func (p *reader) equals(attribute string) (roster.SCIMFilter, error) {
	token := p.next()
	if !strings.HasPrefix(token, `"`) && token != "" {
		quoted, err := json.Marshal(token)
		if err != nil {
			return roster.SCIMFilter{}, err
		}
		token = string(quoted)
	}
	return p.compared(roster.SCIMFilter{Attribute: attribute, Op: roster.SCIMEqual}, token)
}

// compared is a comparison with the value that a token is.
func (p *reader) compared(f roster.SCIMFilter, token string) (roster.SCIMFilter, error) {
	var value any
	if b := strings.ToLower(token); b == "true" || b == "false" { // Entra writes True
		token = b
	}
	if json.Unmarshal([]byte(token), &value) != nil {
		return f, badFilter(strconv.Quote(token) + " is no value")
	}
	switch v := value.(type) {
	case string:
		f.Value = v
	case nil:
	case bool, float64:
		f.Value = token
	default:
		return f, badFilter(strconv.Quote(token) + " is no value")
	}
	if strings.ContainsRune(f.Value, 0) {
		return f, badFilter("it holds a NUL character")
	}
	if f.Attribute == "active" { // or "True"
		f.Value = strings.ToLower(f.Value)
	}
	return f, nil
}

// path says what an operation of a PATCH is about.
type path struct {
	attribute string             // in lower case, sub-attribute and all; "" is another schema's
	filter    *roster.SCIMFilter // which of its values; nil is all
}

// parsePath reads the path of a PATCH operation.
func parsePath(schema, text string) (at path, err error) {
	bad := invalid("invalidPath", "The path "+strconv.Quote(text)+" cannot be read.")
	p, ok := newReader(schema, text)
	if !ok {
		return at, bad
	}
	lower := strings.ToLower(text)
	if strings.HasPrefix(lower, "urn:") && !strings.HasPrefix(lower, strings.ToLower(schema)+":") {
		return at, nil
	}
	if at.attribute, ok = p.attribute(p.next()); !ok {
		return at, bad
	}
	if p.word("[") {
		f, err := p.any(at.attribute + ".")
		if err != nil || !p.word("]") {
			return at, bad
		}
		at.filter = &f
		if sub := p.peek(); strings.HasPrefix(sub, ".") && attributeShape.MatchString(sub[1:]) {
			at.attribute += strings.ToLower(p.next())
		}
	}
	if p.peek() != "" {
		return at, bad
	}
	return at, nil
}
