// Package locale says texts in the language of whoever reads them. Every language but English
// is one file of this directory; README.md says how one is added.
package locale

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/BurntSushi/toml"
	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/unicode/bidi"

	"roster"
)

//go:generate go run ./messages

//go:embed *.toml
var files embed.FS

// Language is one that people can read Roster in.
type Language struct {
	Code string // BCP 47, as a page says it
	Name string // in itself
	RTL  bool   // written from right to left

	numbers language.Tag
	between string           // between the thousands
	own     map[string]Entry // what its catalogue says; nil: English says everything itself
	pseudo  bool
}

// Entry is what a catalogue says for one message: one text, or one for each plural form.
type Entry map[plural.Form]string

// offered are the languages in the order in which they are offered. Digits are those of the
// e-mails, dates and numbers of operations around them, in Arabic too.
var offered = []struct {
	code, numbers, name string
	rtl                 bool
}{
	{"en", "en", "English", false},
	{"de", "de", "Deutsch", false},
	{"ja", "ja", "日本語", false},
	{"ar", "ar-u-nu-latn", "العربية", true},
}

// Languages is every language, English first.
var Languages = sync.OnceValue(func() (all []*Language) {
	for _, o := range offered {
		l := &Language{Code: o.code, Name: o.name, RTL: o.rtl, numbers: language.MustParse(o.numbers)}
		if o.code != "en" {
			text, err := files.ReadFile(o.code + ".toml")
			if err == nil {
				l.own, err = Read(text)
			}
			if err != nil {
				panic(fmt.Errorf("catalogue %s: %w", o.code, err))
			}
		}
		l.between = l.thousands()
		all = append(all, l)
	}
	return all
})

// Pseudo is English as no language writes it: with accents, and longer by two fifths. What is
// not so on a page is in no catalogue, and what does not fit will not fit in another language.
var Pseudo = sync.OnceValue(func() *Language {
	l := &Language{Code: "en-XA", Name: "Pseudo", numbers: language.English, pseudo: true}
	l.between = l.thousands()
	return l
})

// English is the language of the messages themselves.
func English() *Language { return Languages()[0] }

// testing says that the pseudo-language can be chosen.
var testing atomic.Bool

// OfferPseudo has Find know the pseudo-language, for tests and for whoever writes pages.
func OfferPseudo() { testing.Store(true) }

// Find is the language with a code; nil where there is none.
func Find(code string) *Language {
	if testing.Load() && code == Pseudo().Code {
		return Pseudo()
	}
	for _, l := range Languages() {
		if l.Code == code {
			return l
		}
	}
	return nil
}

// matcher finds the language that suits best.
var matcher = sync.OnceValue(func() language.Matcher {
	var tags []language.Tag
	for _, o := range offered {
		tags = append(tags, language.MustParse(o.code))
	}
	return language.NewMatcher(tags)
})

// Accepted is the language that suits a browser's Accept-Language best; English where none does.
func Accepted(header string) *Language {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(header) > 1000 {
		return English()
	}
	_, at, confidence := matcher().Match(tags...)
	if confidence == language.No {
		return English()
	}
	return Languages()[at]
}

// Read reads a catalogue: TOML, of which each key is a message, or its texts for one and for
// many with a bar between them; and each value the translation, or one for each plural form.
func Read(text []byte) (map[string]Entry, error) {
	raw := map[string]any{}
	if err := toml.Unmarshal(text, &raw); err != nil {
		return nil, err
	}
	out := map[string]Entry{}
	for key, value := range raw {
		e := Entry{}
		switch v := value.(type) {
		case string:
			e[plural.Other] = v
		case map[string]any:
			for name, text := range v {
				form, known := Forms[name]
				said, ok := text.(string)
				if !known || !ok {
					return nil, fmt.Errorf("%q has no plural form %q", key, name)
				}
				e[form] = said
			}
		default:
			return nil, fmt.Errorf("%q is neither a text nor plural forms", key)
		}
		out[key] = e
	}
	return out, nil
}

// Forms are the plural forms, as catalogues name them.
var Forms = map[string]plural.Form{"zero": plural.Zero, "one": plural.One, "two": plural.Two, "few": plural.Few,
	"many": plural.Many, "other": plural.Other}

// FormNames are their names, the one that always fits last.
var FormNames = []string{"zero", "one", "two", "few", "many", "other"}

// Needs is the plural forms that the language needs for whole numbers.
func (l *Language) Needs() (forms []plural.Form) {
	for n := range 200 {
		if f := l.form(n); !slices.Contains(forms, f) {
			forms = append(forms, f)
		}
	}
	if !slices.Contains(forms, plural.Other) {
		forms = append(forms, plural.Other)
	}
	return forms
}

// form is the plural form for so many.
func (l *Language) form(n int) plural.Form {
	return plural.Cardinal.MatchPlural(l.numbers, max(n, -n)%10_000_000, 0, 0, 0, 0)
}

// CountedKey is by which a catalogue finds a message that counts.
func CountedKey(one, many string) string { return one + "|" + many }

// NamesOne reports whether a message that counts says by itself, for one, whom it is about
// (roster.NamesOne): then that is a message of its own.
func NamesOne(one, many string) bool { return roster.NamesOne(roster.Text(one), roster.Text(many)) }

// Message is a message in the language, with its gaps.
func (l *Language) Message(text string) string {
	switch {
	case l.pseudo:
		return pseudo(text)
	case l.own == nil:
		return text
	}
	if e, ok := l.own[text]; ok {
		return e[plural.Other]
	}
	return text
}

// counted is the message for so many, with the number in it.
func (l *Language) counted(one, many roster.Text, n int) string {
	text := string(many)
	if e, ok := l.own[CountedKey(string(one), text)]; ok {
		text = e[l.form(n)]
	} else if n == 1 {
		text = string(one)
	}
	if l.pseudo {
		text = pseudo(text)
	}
	return strings.ReplaceAll(text, "%s", l.Number(n))
}

// thousands is what the language puts between the thousands.
func (l *Language) thousands() string {
	return strings.Trim(message.NewPrinter(l.numbers).Sprintf("%d", 1234), "1234")
}

// Number is a number with what the language puts between the thousands.
func (l *Language) Number(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0 && text[at-1] != '-'; at -= 3 {
		text = text[:at] + l.between + text[at:]
	}
	return text
}

// Piece is a part of a text that was said: words, or a name that is inside.
type Piece struct {
	Text string
	Name bool
	URL  string // where the name leads; "" where it leads nowhere
}

// Say is a text in the language. A name inside it is isolated, so that its direction is not
// that of the words around it (Unicode's first strong isolate).
func (l *Language) Say(t roster.Text) string {
	if !strings.Contains(string(t), "\x00") {
		return l.Message(string(t))
	}
	var out strings.Builder
	for _, p := range l.Pieces(t) {
		if p.Name {
			p.Text = isolated(p.Text)
		}
		out.WriteString(p.Text)
	}
	return out.String()
}

func isolated(name string) string {
	if strings.HasPrefix(name, "\u2068") {
		return name
	}
	return "\u2068" + name + "\u2069"
}

// Pieces is a text in the language, as words and the names between them.
func (l *Language) Pieces(t roster.Text) []Piece {
	p := t.Parts()
	switch {
	case p.Verbatim:
		return []Piece{{Text: string(p.Message)}}
	case p.One != "":
		return l.fill(l.counted(p.One, p.Message, p.N), p.Fills)
	case len(p.Fills) > 0 && p.Fills[0].Place == "":
		return []Piece{{Text: l.format(p)}}
	}
	return l.fill(l.Message(string(p.Message)), p.Fills)
}

// format is a format with its verbs.
func (l *Language) format(p roster.Parts) string {
	args := make([]any, len(p.Fills))
	for i, f := range p.Fills {
		switch v := f.Value.(type) {
		case roster.Text:
			args[i] = l.Say(v)
		case roster.Name:
			args[i] = isolated(v.Text)
		case string:
			args[i] = l.apart(v)
		case int:
			args[i] = l.Number(v)
		}
	}
	return fmt.Sprintf(strings.ReplaceAll(l.Message(string(p.Message)), "%d", "%s"), args...)
}

// fill puts into the gaps of a message what stands there. A gap that nothing is said of
// stays, for whoever fills it later.
func (l *Language) fill(text string, fills []roster.Fill) (out []Piece) {
	for text != "" {
		before, rest, found := strings.Cut(text, "{")
		if before != "" {
			out = append(out, Piece{Text: before})
		}
		if !found {
			return out
		}
		gap, after, _ := strings.Cut(rest, "}")
		i := slices.IndexFunc(fills, func(f roster.Fill) bool { return f.Place == gap })
		if i < 0 {
			out = append(out, Piece{Text: "{" + gap + "}"})
		} else {
			out = append(out, l.value(fills[i].Value)...)
		}
		text = after
	}
	return out
}

func (l *Language) value(value any) []Piece {
	switch v := value.(type) {
	case roster.Text:
		if p := v.Parts(); p.Verbatim {
			return []Piece{{Text: l.apart(string(p.Message))}}
		}
		return l.Pieces(v)
	case roster.Name:
		return []Piece{{Text: v.Text, Name: true, URL: v.URL}}
	case int:
		return []Piece{{Text: l.Number(v)}}
	}
	return []Piece{{Text: l.apart(fmt.Sprint(value))}}
}

// apart is a text that somebody wrote as it stands among the language's words: isolated where
// its direction may be another one.
func (l *Language) apart(text string) string {
	if l.RTL || strings.ContainsFunc(text, rightToLeft) {
		return isolated(text)
	}
	return text
}

func rightToLeft(r rune) bool {
	p, _ := bidi.LookupRune(r)
	return p.Class() == bidi.R || p.Class() == bidi.AL
}

// Plural is every form of a message that counts, by what Intl.PluralRules calls it, with the
// number's gap as {n}: for what script counts.
func (l *Language) Plural(one, many roster.Text) map[string]string {
	e, ok := l.own[CountedKey(string(one), string(many))]
	if !ok {
		e = Entry{plural.One: string(one), plural.Other: string(many)}
	}
	out := map[string]string{}
	for name, form := range Forms {
		if text, ok := e[form]; ok {
			if l.pseudo {
				text = pseudo(text)
			}
			out[name] = strings.ReplaceAll(text, "%s", "{n}")
		}
	}
	return out
}

// Direction is how a page says how the language is written.
func (l *Language) Direction() string {
	if l.RTL {
		return "rtl"
	}
	return "ltr"
}

// Numbers is the language as script writes numbers in it.
func (l *Language) Numbers() string { return l.numbers.String() }

// accents are letters as the pseudo-language writes them.
var accents = strings.NewReplacer("a", "á", "e", "é", "i", "í", "o", "ó", "u", "ú", "A", "Á", "E", "É", "I", "Í",
	"O", "Ó", "U", "Ú", "c", "ç", "n", "ñ", "s", "š", "y", "ý", "S", "Š", "C", "Ç", "N", "Ñ", "Y", "Ý", "t", "ţ", "r", "ŕ",
	"l", "ļ", "d", "ď", "g", "ĝ", "h", "ĥ", "k", "ķ", "w", "ŵ", "T", "Ţ", "R", "Ŕ", "L", "Ļ", "D", "Ď", "G", "Ĝ", "H", "Ĥ",
	"K", "Ķ", "W", "Ŵ", "z", "ž", "Z", "Ž", "p", "þ", "P", "Þ", "b", "ƀ", "B", "Ɓ", "f", "ƒ", "F", "Ƒ", "m", "ɱ", "M", "Ḿ",
	"v", "ṽ", "V", "Ṽ", "j", "ĵ", "J", "Ĵ", "x", "ẋ", "X", "Ẋ", "q", "ǫ", "Q", "Ǫ")

// pseudo writes a message with accents and longer, but for its gaps, verbs and tags.
func pseudo(text string) string {
	var out strings.Builder
	letters, rest := 0, text
	for rest != "" {
		at := strings.IndexAny(rest, "{<%&")
		if at < 0 {
			at = len(rest)
		}
		letters += at
		out.WriteString(accents.Replace(rest[:at]))
		rest = rest[at:]
		n := kept(rest)
		out.WriteString(rest[:n])
		rest = rest[n:]
	}
	if letters == 0 {
		return text
	}
	return out.String() + strings.Repeat(" ~~~~", (letters*2+24)/25)
}

// kept is how much at the beginning of a text is no word.
func kept(text string) int {
	for open, end := range map[string]string{"{": "}", "<": ">", "&": ";"} {
		if strings.HasPrefix(text, open) {
			if at := strings.Index(text, end); at > 0 {
				return at + 1
			}
			return 1
		}
	}
	if strings.HasPrefix(text, "%") {
		return 2 + max(0, strings.IndexAny(text[1:], "sdqv%"))
	}
	return 0
}

// Catalogue is what the language's catalogue says; nil for English.
func (l *Language) Catalogue() map[string]Entry { return l.own }

type inContext struct{}

// With is a context in which texts are said in a language: that of whoever asks.
func With(ctx context.Context, l *Language) context.Context {
	return context.WithValue(ctx, inContext{}, l)
}

// In is the language of a context; English without one.
func In(ctx context.Context) *Language {
	if l, ok := ctx.Value(inContext{}).(*Language); ok {
		return l
	}
	return English()
}
