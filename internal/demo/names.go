package demo

import (
	"embed"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

//go:embed names/*.txt
var nameFiles embed.FS

// locale is a language that people's names come from. The lists of names are
// in names/CODE.txt: "native=latin" where the script is not Latin, and
// "his/hers" where family names differ.
type locale struct {
	code    string
	weight  int     // how many of the people, in proportion
	joint   string  // stands between two family names
	doubled float64 // percent of people with two family names
	single  float64 // percent of people with one name only
}

var locales = []locale{
	{"en", 17, "-", 6, 0}, {"es", 11, " ", 70, 0}, {"hi", 9, "", 0, 3}, {"zh", 8, "", 0, 0}, {"pt", 7, " ", 55, 0},
	{"de", 6, "-", 8, 0}, {"fr", 6, "-", 8, 0}, {"ru", 6, "-", 1, 0}, {"ar", 6, " ", 6, 1}, {"pl", 5, "-", 6, 0},
	{"vi", 5, "", 0, 0}, {"ja", 4, "", 0, 0}, {"id", 4, "", 0, 35}, {"yo", 4, "-", 4, 0}, {"sw", 4, "", 0, 3},
	{"tr", 4, " ", 5, 0}, {"uk", 4, "-", 2, 0}, {"ko", 3, "", 0, 0}, {"cs", 3, "-", 3, 0}, {"el", 3, "-", 4, 0},
	{"he", 3, "-", 8, 0},
}

// word is a name as it is written, and in Latin letters: his and hers.
type word struct{ text, latin [2]string }

// lexicon is the names of one locale. Given names are by gender, his first.
type lexicon struct {
	locale
	given  [2][]word
	family []word
}

// lexicons reads every locale's names.
func lexicons() []lexicon {
	out := make([]lexicon, len(locales))
	for i, l := range locales {
		text, err := nameFiles.ReadFile("names/" + l.code + ".txt")
		if err != nil {
			panic(err) // embedded, so it is there
		}
		out[i] = lexicon{locale: l}
		out[i].read(string(text))
	}
	return out
}

func (l *lexicon) read(text string) {
	lists := map[string]*[]word{"men:": &l.given[0], "women:": &l.given[1], "family:": &l.family}
	var list *[]word
	for line := range strings.Lines(text) {
		if begins := lists[strings.TrimSpace(line)]; begins != nil {
			list = begins
			continue
		}
		for entry := range strings.SplitSeq(line, ",") {
			if entry = strings.TrimSpace(entry); entry != "" {
				*list = append(*list, parseWord(entry))
			}
		}
	}
}

func parseWord(entry string) word {
	native, latin, given := strings.Cut(entry, "=")
	if !given {
		latin = native
	}
	w := word{text: byGender(native), latin: byGender(latin)}
	for i := range w.latin {
		w.latin[i] = ascii(w.latin[i])
	}
	return w
}

func byGender(text string) [2]string {
	his, hers, differ := strings.Cut(text, "/")
	if !differ {
		hers = his
	}
	return [2]string{his, hers}
}

// letters are the Latin letters that are no plain letter with a mark.
var letters = strings.NewReplacer("ß", "ss", "ł", "l", "đ", "d", "ı", "i", "œ", "oe", " ", ".")

// ascii writes a name in Latin script as an e-mail address can hold it.
func ascii(name string) string {
	plain := letters.Replace(norm.NFD.String(strings.ToLower(name)))
	return strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !strings.ContainsRune("abcdefghijklmnopqrstuvwxyz-.", r) {
			return -1
		}
		return r
	}, strings.ReplaceAll(plain, "..", "."))
}

// called is how one person is called, as written and in Latin letters.
type called struct{ first, last, firstLatin, lastLatin string }

// name makes up a name.
func (l *lexicon) name(d dice) called {
	gender := d.IntN(2)
	given := pick(d, l.given[gender])
	who := called{first: given.text[gender], firstLatin: given.latin[gender]}
	if d.percent(l.single) {
		return who
	}
	family := pick(d, l.family)
	who.last, who.lastLatin = family.text[gender], family.latin[gender]
	if other := pick(d, l.family); d.percent(l.doubled) && other != family {
		who.last += l.joint + other.text[gender]
		who.lastLatin += strings.ReplaceAll(l.joint, " ", ".") + other.latin[gender]
	}
	return who
}
