package mailbox

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Admit reads an address that somebody is to have from now on: as Parse, and no address
// whose letters pass for those of another. People who have such a one keep it, and its
// key. An error is a Refusal.
func Admit(text string) (Address, error) {
	a, err := Parse(text)
	if err != nil {
		return a, err
	}
	if why := posing(a); why != none {
		return Address{}, why
	}
	return a, nil
}

// Admitted reports whether a text is one that Admit reads, or no address at all.
func Admitted(text string) bool {
	_, err := Admit(text)
	return err == nil || err == none
}

// AdmitName reads a name that a provider is to call somebody by from now on: as ParseName,
// and one that is an address as Admit.
func AdmitName(text string) error {
	if _, err := ParseName(text); err != nil {
		return err
	}
	if _, err := Parse(text); err == nil {
		_, err = Admit(text)
		return err
	}
	return nil
}

// WhyNot is why Admit does not read an address, as Why.
func WhyNot(text string) string { return why(Admit(text)) }

const (
	mixed Refusal = "This one mixes letters of several alphabets, and could be taken for another one."
	poses Refusal = "This one has letters of another alphabet that only look like the usual ones."
)

// shaped are letters that look like others in ASCII, by alphabet: those that people take
// for them at a glance (UTS 39, confusables.txt), in small letters but where Parse keeps
// the large ones. The letters that only the Turkish and their neighbours tell apart (ı)
// are none: they are in names.
const shaped = "аԁеһіјӏорԛѕԝхусѵҽгьѡԍ" + // Cyrillic, as a e h o p …
	"αγικνορτυχωη" + "օսոհցզյւ" + // Greek, Armenian
	// Cherokee, Lisu
	"ᎠᎡᎢᎥᎩᎪᎫᎬᎳᎻᎷᎾᏀᏃᏎᏏᏒᏔᏚᏙᏞᏟᏢᏦᏩᏴ" +
	"ꓐꓑꓒꓓꓖꓗꓙꓚꓜꓝꓟꓠꓡꓢꓣꓤꓦꓧꓨꓪꓫꓬꓮꓰꓲꓳꓴ" +
	"ⲁⲅⲓⲕⲙⲛⲟⲣⲥⲧⲩⲭ" + "იოყძხჽჿ" + // Coptic, Georgian
	"ɑɡɩɪɴʀʏʙʜʟᴀᴄᴅᴇᴊᴋᴍᴏᴘᴛᴜᴠᴡᴢꜱ" // Latin, of phonetic writing

// posing is what is wrong with the letters of an address. Its domain is looked at as people
// read it, label by label.
func posing(a Address) Refusal {
	local, domain, _ := strings.Cut(a.Text, "@")
	if spelt, err := names.ToUnicode(domain); err == nil {
		domain = spelt
	}
	labels := strings.Split(domain, ".")
	home := labels[len(labels)-1]
	for _, part := range append(labels, local) {
		own := alphabets(part)
		switch {
		case !together(own):
			return mixed
		case looksUsual(part) && !isHome(own, home):
			return poses
		}
	}
	return none
}

// looksUsual reports whether a text that is not ASCII reads as one that is.
func looksUsual(text string) bool {
	foreign := false
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			continue
		case !strings.ContainsRune(shaped, r) && !isSign(r):
			return false
		}
		foreign = true
	}
	return foreign
}

// isSign reports whether a character outside ASCII is a digit, a sign or a mark of
// punctuation of no alphabet, such as the dashes.
func isSign(r rune) bool {
	return unicode.Is(unicode.Common, r) && !unicode.IsLetter(r) && !unicode.IsMark(r)
}

// isHome reports whether the end of a domain is of an alphabet, other than the Latin one:
// who writes to оса@оса.рф expects no other.
func isHome(alphabet []string, end string) bool {
	of := alphabets(end)
	return len(of) == 1 && of[0] != "Latin" && !looksUsual(end) && len(alphabet) == 1 && alphabet[0] == of[0]
}

// families are the alphabets that are written together (UTS 39, 5.2, highly restrictive).
var families = [][]string{
	{"Latin", "Han", "Hiragana", "Katakana"}, {"Latin", "Han", "Bopomofo"}, {"Latin", "Han", "Hangul"},
}

func together(alphabets []string) bool {
	return len(alphabets) < 2 || slices.ContainsFunc(families, func(family []string) bool {
		return !slices.ContainsFunc(alphabets, func(one string) bool { return !slices.Contains(family, one) })
	})
}

// alphabets are those of a text's characters, without signs and marks that belong to none.
// Of more than are ever written together it tells the first.
func alphabets(text string) (found []string) {
	for _, r := range text {
		has := func(one string) bool { return unicode.Is(unicode.Scripts[one], r) }
		if !unicode.In(r, unicode.Common, unicode.Inherited) && !slices.ContainsFunc(found, has) {
			found = append(found, alphabet(r))
		}
		if !together(found) {
			break
		}
	}
	return found
}

// alphabet is the one that a character belongs to; "" of one that Unicode does not have.
func alphabet(r rune) string {
	for name, of := range unicode.Scripts {
		if unicode.Is(of, r) {
			return name
		}
	}
	return ""
}
