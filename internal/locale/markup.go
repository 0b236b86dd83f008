package locale

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
)

// A template stays readable in English. Before it is parsed, each run of words between two
// blocks is a message, and so is each attribute that people read. What is inside a run and no
// words is a gap of the message: {1} is an action, or a tag with nothing but actions in it;
// <2>…</2> is a tag around words. A translation has the same gaps, in its own order.

// token is a piece of a template's source.
type token struct {
	kind byte // one of those below
	text string
	name string // of a tag
}

const (
	words   = 'w' // text
	action  = 'a' // {{…}} that stands for words
	control = 'c' // {{…}} that decides what follows: if, range, a comment
	opening = 'o' // a tag in the middle of words
	closing = 'e' // and its end
	block   = 'b' // any other tag
)

// untranslated is how a template says that the words in a tag are the same in every language.
const untranslated = `translate="no"`

// inline are the tags that stand in the middle of words.
var inline = map[string]bool{"a": true, "b": true, "bdi": true, "code": true, "em": true, "i": true, "kbd": true,
	"small": true, "span": true, "strong": true, "time": true}

var (
	controls = regexp.MustCompile(`^\{\{-?\s*(/\*|if\b|else\b|end\b|range\b|with\b|define\b|block\b|break\b|continue\b|` +
		`\$[\w]*\s*:?=)`)
	tagName   = regexp.MustCompile(`^</?([a-zA-Z][\w-]*)`)
	attribute = regexp.MustCompile(`^\s(?:title|label|placeholder|aria-label|alt|aria-description|data-text)="`)
	space     = regexp.MustCompile(`\s+`)
	gaps      = regexp.MustCompile(`\{(\d+)\}|<(\d+)>|</(\d+)>`)
)

// Translate is the source of a template with every message in another language: say is a
// message's text in it. It is asked for each message, in the order of the source.
func Translate(source string, say func(message string) string) (string, error) {
	tokens, err := tokens(source)
	if err != nil {
		return "", err
	}
	t := translator{say: say}
	var run []token
	flush := func() {
		t.run(run)
		run = nil
	}
	verbatim := "" // the block whose words are the same in every language
	for _, k := range tokens {
		switch {
		case verbatim != "":
			t.out.WriteString(k.text)
			if strings.HasPrefix(k.text, "</"+verbatim) {
				verbatim = ""
			}
		case k.kind == block || k.kind == control:
			flush()
			t.out.WriteString(t.tag(k.text))
			if k.kind == block && strings.Contains(k.text, untranslated) {
				verbatim = k.name
			}
		default:
			run = append(run, k)
		}
	}
	flush()
	return t.out.String(), t.err
}

// tokens takes a source apart.
func tokens(source string) (all []token, err error) {
	for source != "" {
		var k token
		n := strings.Index(source, "{{")
		tag := tagAt(source)
		switch {
		case n == 0:
			if n = actionEnd(source); n < 0 {
				return nil, fmt.Errorf("an action has no end: %.40s", source)
			}
			k = token{kind: action, text: source[:n]}
			if controls.MatchString(k.text) {
				k.kind = control
			}
		case tag == 0:
			if n = tagEnd(source); n < 0 {
				return nil, fmt.Errorf("a tag has no end: %.40s", source)
			}
			k = tagToken(source[:n])
		default:
			if n < 0 || tag >= 0 && tag < n {
				n = tag
			}
			if n < 0 {
				n = len(source)
			}
			k = token{kind: words, text: source[:n]}
		}
		all, source = append(all, k), source[n:]
	}
	return all, nil
}

// tagAt is where the next tag begins; -1 where none does.
func tagAt(source string) int {
	for i := 0; i+1 < len(source); i++ {
		c := source[i+1]
		if source[i] == '<' && (c == '/' || c == '!' || c >= 'a' && c <= 'z') {
			return i
		}
	}
	return -1
}

// actionEnd is where the action at the beginning of a source ends; -1 where it does not.
func actionEnd(source string) int {
	for i := 2; i+1 < len(source); i++ {
		switch {
		case source[i] == '"':
			for i++; i < len(source) && source[i] != '"'; i++ {
				if source[i] == '\\' {
					i++
				}
			}
		case source[i:i+2] == "}}":
			return i + 2
		}
	}
	return -1
}

// tagEnd is where the tag at the beginning of a source ends.
func tagEnd(source string) int {
	quote := byte(0)
	for i := 1; i < len(source); i++ {
		switch c := source[i]; {
		case strings.HasPrefix(source[i:], "{{"):
			n := actionEnd(source[i:])
			if n < 0 {
				return -1
			}
			i += n - 1
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return -1
}

func tagToken(text string) token {
	k := token{kind: block, text: text}
	if m := tagName.FindStringSubmatch(text); m != nil {
		k.name = m[1]
	}
	switch {
	case !inline[k.name]:
	case strings.HasPrefix(text, "</"):
		k.kind = closing
	default:
		k.kind = opening
	}
	return k
}

// node is words, an action, or a tag with what is in it.
type node struct {
	token
	inside []node
	end    string // the closing tag
}

// said reports whether there are words in a node that a translation says otherwise.
func (n node) said() bool {
	if n.kind == words {
		return hasLetters(n.text) && !strings.Contains(n.text, `="`)
	}
	if n.verbatim() {
		return false
	}
	for _, in := range n.inside {
		if in.said() {
			return true
		}
	}
	return false
}

// verbatim reports whether what is in a tag is the same in every language.
func (n node) verbatim() bool {
	return n.name == "kbd" || n.name == "code" || strings.Contains(n.text, untranslated)
}

var entity = regexp.MustCompile(`&[#\w]+;`)

func hasLetters(text string) bool {
	return strings.ContainsFunc(entity.ReplaceAllString(text, ""), unicode.IsLetter)
}

type translator struct {
	say func(string) string
	out strings.Builder
	err error
}

// run writes a run of words, actions and tags. A tag that does not end in it breaks it.
func (t *translator) run(run []token) {
	var nodes []node
	for i := 0; i < len(run); i++ {
		k := run[i]
		end := -1
		if k.kind == opening {
			end = closes(run, i)
		}
		switch {
		case end >= 0:
			nodes = append(nodes, node{token: k, inside: nested(run[i+1 : end]), end: run[end].text})
			i = end
		case k.kind == opening || k.kind == closing:
			t.write(nodes)
			t.out.WriteString(t.tag(k.text))
			nodes = nil
		default:
			nodes = append(nodes, node{token: k})
		}
	}
	t.write(nodes)
}

// closes is where the tag at i ends in the run; -1 where it does not.
func closes(run []token, i int) int {
	depth := 0
	for j := i; j < len(run); j++ {
		switch {
		case run[j].name != run[i].name:
		case run[j].kind == opening:
			depth++
		case run[j].kind == closing:
			if depth--; depth == 0 {
				return j
			}
		}
	}
	return -1
}

func nested(run []token) (nodes []node) {
	for i := 0; i < len(run); i++ {
		n := node{token: run[i]}
		if end := closes(run, i); run[i].kind == opening && end >= 0 {
			n.inside, n.end = nested(run[i+1:end]), run[end].text
			i = end
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// write writes nodes: as one message where words stand beside the tags, else tag by tag.
func (t *translator) write(nodes []node) {
	direct := false
	for _, n := range nodes {
		direct = direct || n.kind == words && n.said()
	}
	if direct {
		t.message(nodes)
		return
	}
	for _, n := range nodes {
		if n.kind == opening && !n.verbatim() {
			t.out.WriteString(t.tag(n.text))
			t.write(n.inside)
			t.out.WriteString(n.end)
			continue
		}
		t.out.WriteString(t.whole(n))
	}
}

// message writes nodes as one message.
func (t *translator) message(nodes []node) {
	b := builder{t: t}
	b.add(nodes)
	text := b.text.String()
	key := strings.TrimSpace(space.ReplaceAllString(text, " "))
	before, after := edges(text)
	t.out.WriteString(before)
	said := t.say(key)
	t.out.WriteString(b.filled(said))
	t.out.WriteString(after)
}

// edges is the blanks around a text.
func edges(text string) (before, after string) {
	before = text[:len(text)-len(strings.TrimLeft(text, " \n\t"))]
	after = text[len(strings.TrimRight(text, " \n\t")):]
	return before, after
}

// builder makes a message of nodes, and remembers what its gaps stand for.
type builder struct {
	t     *translator
	text  strings.Builder
	atoms map[string]string
}

func (b *builder) add(nodes []node) {
	if b.atoms == nil {
		b.atoms = map[string]string{}
	}
	for _, n := range nodes {
		number := strconv.Itoa(len(b.atoms)/2 + 1)
		open, end := "<"+number+">", "</"+number+">"
		switch {
		case n.kind == words:
			b.text.WriteString(n.text)
		case n.said():
			b.atoms[open], b.atoms[end] = b.t.tag(n.text), n.end
			b.text.WriteString(open)
			b.add(n.inside)
			b.text.WriteString(end)
		default:
			b.atoms["{"+number+"}"], b.atoms[number] = b.t.whole(n), ""
			b.text.WriteString("{" + number + "}")
		}
	}
}

// filled is a message with its gaps filled again.
func (b *builder) filled(text string) string {
	return gaps.ReplaceAllStringFunc(text, func(gap string) string { return b.atoms[gap] })
}

// whole is the source of a node without words.
func (t *translator) whole(n node) string {
	if n.kind != opening {
		return n.text
	}
	out := t.tag(n.text)
	for _, in := range n.inside {
		out += t.whole(in)
	}
	return out + n.end
}

// tag is a tag with those of its attributes translated that people read.
func (t *translator) tag(text string) string {
	if !strings.HasPrefix(text, "<") {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); {
		if strings.HasPrefix(text[i:], "{{") {
			n := actionEnd(text[i:])
			out.WriteString(text[i : i+n])
			i += n
			continue
		}
		open := attribute.FindString(text[i:])
		if open == "" {
			out.WriteByte(text[i])
			i++
			continue
		}
		value := text[i+len(open):]
		n := valueEnd(value)
		out.WriteString(open + t.value(value[:n]))
		i += len(open) + n
	}
	return out.String()
}

// valueEnd is where the value of an attribute ends.
func valueEnd(text string) int {
	for i := 0; i < len(text); i++ {
		if strings.HasPrefix(text[i:], "{{") {
			i += actionEnd(text[i:]) - 1
		} else if text[i] == '"' {
			return i
		}
	}
	return len(text)
}

// value is an attribute's value in the language.
func (t *translator) value(text string) string {
	parts, err := tokens(text)
	if err != nil {
		t.err = err
		return text
	}
	var nodes []node
	letters := false
	for _, k := range parts {
		if k.kind == control {
			if t.err = fmt.Errorf("a control action in an attribute: %s", text); !letters {
				t.err = nil // it decides about a value, and not about words
			}
			return text
		}
		letters = letters || k.kind == words && hasLetters(k.text)
		nodes = append(nodes, node{token: k})
	}
	if !letters {
		return text
	}
	b := builder{t: t}
	b.add(nodes)
	return b.filled(strings.ReplaceAll(t.say(b.text.String()), `"`, "&#34;"))
}
