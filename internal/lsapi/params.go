package lsapi

import (
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"roster"
)

// params reads query parameters and keeps every complaint by its field, so
// that one answer names all that is wrong.
type params struct {
	values     url.Values
	errs       map[string][]string
	complaints int
	read       map[string]bool
}

func newParams(values url.Values) *params {
	return &params{values: values, errs: map[string][]string{}, read: map[string]bool{}}
}

func (c *call) params() *params {
	p := newParams(nil)
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		p.bad("non_field_errors", "The query string is malformed: "+err.Error())
	}
	p.values = values
	for name, list := range values {
		for _, v := range list {
			if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
				p.bad(name, "Must be valid UTF-8 without NUL.")
				delete(values, name)
			}
		}
	}
	return p
}

// mostComplaints is how many one answer names: a request can be wrong in a million
// places, and the answer would be larger than it.
const mostComplaints = 100

func (p *params) bad(field, message string) {
	if p.complaints++; p.complaints <= mostComplaints {
		p.errs[field] = append(p.errs[field], brief(message))
	}
}

// full reports whether no more complaints are kept, so that looking on is in vain.
func (p *params) full() bool { return p.complaints >= mostComplaints }

// brief is the beginning of a message, which may repeat what was sent.
func brief(message string) string {
	const most = 500
	if len(message) <= most {
		return message
	}
	return strings.ToValidUTF8(message[:most], "") + "…"
}

// err is everything that was wrong, or nil.
func (p *params) err() error {
	if len(p.errs) == 0 {
		return nil
	}
	return &roster.Error{Kind: roster.Invalid, Message: "Validation error", Fields: p.errs}
}

// unread is the parameters that nothing asked for, by name.
func (p *params) unread() []string {
	var names []string
	for name := range p.values {
		if !p.read[name] {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// nothingElse refuses the parameters that nothing asked for: somebody may mean to narrow
// what is changed.
func (p *params) nothingElse() {
	for _, name := range p.unread() {
		p.bad(name, "Unknown parameter. Nothing was changed.")
	}
}

// given reports whether a parameter is there and not empty.
func (p *params) given(name string) bool {
	p.read[name] = true
	return strings.Join(p.values[name], "") != ""
}

// str is a text parameter; the last one counts, as in Django.
func (p *params) str(name string) string {
	p.read[name] = true
	list := p.values[name]
	if len(list) == 0 {
		return ""
	}
	return list[len(list)-1]
}

// search is a text that people typed: at most 1,000 characters, no control
// characters.
func (p *params) search(name string) string {
	text := p.str(name)
	if utf8.RuneCountInString(text) > 1000 {
		p.bad(name, "Ensure this field has no more than 1000 characters.")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return (r < ' ' && r != '\t') || r == 0x7f }) {
		p.bad(name, "Control characters are not allowed.")
	}
	if text != "" && strings.TrimSpace(text) != "" && !says(text) {
		p.bad(name, "This is nothing but separators, which finds nobody in particular.")
	}
	return text
}

// says reports whether a value is more than separators.
func says(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r != ',' && r != '"' && !unicode.IsSpace(r) })
}

var truths = map[string]bool{
	"true": true, "t": true, "yes": true, "y": true, "on": true, "1": true,
	"false": false, "f": false, "no": false, "n": false, "off": false, "0": false,
}

// boolean reads the spellings Django REST takes; nil when absent.
func (p *params) boolean(name string) *bool {
	if !p.given(name) {
		return nil
	}
	v, ok := truths[strings.ToLower(strings.TrimSpace(p.str(name)))]
	if !ok {
		p.bad(name, "Must be a valid boolean.")
		return nil
	}
	return &v
}

// flag is boolean with absence as false.
func (p *params) flag(name string) bool {
	v := p.boolean(name)
	return v != nil && *v
}

// list reads both list forms, mixed too: commas and repeated keys. Blanks are
// dropped and duplicates collapse.
func (p *params) list(name string) []string {
	p.read[name] = true
	var out []string
	seen := map[string]bool{}
	for _, value := range p.values[name] {
		for item := range strings.SplitSeq(value, ",") {
			if item = strings.TrimSpace(item); item != "" && !seen[item] {
				seen[item] = true
				out = append(out, item)
			}
		}
	}
	return out
}

// ids is a list of positive integers.
func (p *params) ids(name string) []int64 {
	var out []int64
	list := p.list(name)
	if len(list) > roster.MostIDs {
		p.bad(name, roster.TooManyIDs)
		return nil
	}
	for _, item := range list {
		id, ok := p.integer(name, item)
		if !ok {
			return nil
		}
		out = append(out, id)
	}
	return out
}

func (p *params) integer(name, text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil:
		p.bad(name, "A valid integer is required.")
	case id < 1:
		p.bad(name, "Ensure this value is greater than or equal to 1.")
	default:
		return id, true
	}
	return 0, false
}

// id is one positive integer; 0 when absent. A whole number written as a
// decimal (7.0) counts: the wire types some ids as numbers.
func (p *params) id(name string) int64 {
	if !p.given(name) {
		return 0
	}
	text := strings.TrimSpace(p.str(name))
	if whole, zeros, ok := strings.Cut(text, "."); ok && strings.Trim(zeros, "0") == "" {
		text = whole
	}
	id, _ := p.integer(name, text)
	return id
}

// codes is a list of the values that valid accepts.
func codes[T ~string](p *params, name string, valid func(T) bool) []T {
	var out []T
	for _, item := range p.list(name) {
		if v := T(item); valid(v) {
			out = append(out, v)
		} else {
			p.bad(name, "\""+item+"\" is not a valid choice.")
		}
	}
	return out
}

// moment reads an ISO 8601 date or time; without a zone it is UTC.
func (p *params) moment(name string) time.Time {
	if !p.given(name) {
		return time.Time{}
	}
	text := strings.TrimSpace(p.str(name))
	t, err := roster.ParseMoment(text)
	if err != nil && err != roster.ErrZeroTime { // an unescaped + arrives as a blank
		t, err = roster.ParseMoment(plusForBlank(text))
	}
	switch err {
	case nil:
	case roster.ErrZeroTime:
		p.bad(name, "This is the zero time, which bounds nothing: leave it out, or send the time you mean.")
	default:
		p.bad(name, "Datetime has wrong format. Use ISO 8601, such as 2026-01-31T12:00:00Z.")
	}
	return t
}

// plusForBlank puts the + back that is the last blank of a time.
func plusForBlank(text string) string {
	if i := strings.LastIndexByte(text, ' '); i >= 0 {
		return text[:i] + "+" + text[i+1:]
	}
	return text
}

// until reads an inclusive end by a name of Roster's own: a date alone is all of that
// day, in UTC. Label Studio's names mean its midnight.
func (p *params) until(name string) time.Time {
	if day, err := roster.ParseDay(strings.TrimSpace(p.str(name)), time.UTC); err == nil && !day.Start.IsZero() {
		return day.End
	}
	return p.moment(name)
}
