package roster

import (
	"regexp"
	"strconv"
	"strings"
)

// Text is something that people read, said in no language yet: a message in English, by which
// every other language finds its own words, and what the message is filled with. A constant is
// a message by itself. Its {places} are filled by name, the verbs of a format in order. What is
// not constant is never converted to a Text: Verbatim makes one of a name or what people wrote.
type Text string

// Fill is what one place of a Text holds.
type Fill struct {
	Place string // "": the next verb of a format
	Value any    // a string, an int, a Text or a Name
}

// Name is what somebody or something is called, inside a Text: it keeps the direction that it
// is written in.
type Name struct {
	Text string
	URL  string // where it leads; "" where it leads nowhere
}

// Parts is what a Text is made of.
type Parts struct {
	Message  Text // where it counts, the one for many
	One      Text // for one; "" where it does not count
	N        int  // how many
	Fills    []Fill
	Verbatim bool // the message is no message, but a name or what people wrote
}

// What begins a part of a Text behind its message.
const (
	partCount = 'c'
	partName  = 'l'
	partText  = 't'
	partInt   = 'n'
	partPlain = 's'
)

// Counted is one of two whole messages, by how many there are: many has a %s where the number
// stands. Languages with more forms than two have their own for each. Where the one names
// somebody (NamesOne), it is a message of its own.
func Counted(n int, one, many Text) Text {
	if n == 1 && NamesOne(one, many) {
		return one
	}
	return many + "\x00" + Text(part(partCount, string(one), strconv.Itoa(n)))
}

// NamesOne reports whether a message for one has a {place} that the one for many has not: it says
// who it is about, and is no form of the other. A language that says one as it says many would
// give a number instead.
func NamesOne(one, many Text) bool {
	for _, place := range places.FindAllString(string(one), -1) {
		if !strings.Contains(string(many), place) {
			return true
		}
	}
	return false
}

var places = regexp.MustCompile(`\{[a-z]+\}`)

// Verbatim is a name, or what people wrote, where a Text can stand.
func Verbatim(text string) Text {
	if text == "" {
		return ""
	}
	return Text("\x00" + text)
}

// With is t with its {places} filled: names and values in turn. A value is a string, an int, a
// Text or a Name.
func (t Text) With(pairs ...any) Text {
	for i := 0; i+1 < len(pairs); i += 2 {
		t = t.filled(pairs[i].(string), pairs[i+1])
	}
	return t
}

// Formatted is a format with what its verbs stand for.
func Formatted(format Text, args ...any) Text {
	for _, a := range args {
		format = format.filled("", a)
	}
	return format
}

func (t Text) filled(place string, value any) Text {
	if !strings.Contains(string(t), "\x00") {
		t += "\x00"
	}
	switch v := value.(type) {
	case Text:
		return t + Text(part(partText, place, string(v)))
	case Name:
		return t + Text(part(partName, place, v.Text, v.URL))
	case int:
		return t + Text(part(partInt, place, strconv.Itoa(v)))
	case string:
		return t + Text(part(partPlain, place, v))
	}
	panic("a text is filled with strings, numbers, names and texts")
}

// part is a kind, and strings with their lengths before them: nothing in a string ends it.
func part(kind byte, fields ...string) string {
	out := []byte{kind, byte('0' + len(fields))}
	for _, f := range fields {
		f = strings.ToValidUTF8(f, "") // JSON would make it longer
		out = strconv.AppendInt(out, int64(len(f)), 10)
		out = append(append(out, ':'), f...)
	}
	return string(out)
}

// Parts takes t apart.
func (t Text) Parts() (p Parts) {
	message, rest, filled := strings.Cut(string(t), "\x00")
	if filled && message == "" {
		return Parts{Message: Text(rest), Verbatim: true}
	}
	p.Message = Text(message)
	for len(rest) > 1 {
		kind := rest[0]
		fields := make([]string, rest[1]&3)
		rest = rest[2:]
		for i := range fields {
			length, after, _ := strings.Cut(rest, ":")
			n, err := strconv.Atoi(length)
			if err != nil || n < 0 || n > len(after) { // kept by somebody else: what can be read is said
				return p
			}
			fields[i], rest = after[:n], after[n:]
		}
		p.add(kind, fields)
	}
	return p
}

func (p *Parts) add(kind byte, fields []string) {
	if len(fields) < 2 || kind == partName && len(fields) < 3 {
		return
	}
	var value any = fields[1]
	switch kind {
	case partCount:
		p.One = Text(fields[0])
		p.N, _ = strconv.Atoi(fields[1])
		return
	case partText:
		value = Text(fields[1])
	case partName:
		value = Name{fields[1], fields[2]}
	case partInt:
		value, _ = strconv.Atoi(fields[1])
	}
	p.Fills = append(p.Fills, Fill{fields[0], value})
}
