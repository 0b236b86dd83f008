package store

import (
	"bytes"
	"encoding/base32"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"

	"roster"
)

// collators make the keys that names are sorted by; one is for one goroutine. Their
// order is Unicode's for readers of every language: letters first, then accents. Case
// does not count.
var collators = sync.Pool{New: func() any { return collate.New(language.Und, collate.IgnoreCase) }}

// keyText writes keys as text, which keeps their order: rows go to the engines as JSON.
var keyText = base32.HexEncoding.WithPadding(base32.NoPadding)

// collationKey is a text of bytes whose order is that of the texts they are made of;
// "" comes first.
func collationKey(text string) string {
	if text == "" {
		return ""
	}
	c := collators.Get().(*collate.Collator)
	defer collators.Put(c)
	var buffer collate.Buffer
	return keyText.EncodeToString(shortened(c.KeyFromString(&buffer, text)))
}

// shortened is a key without what letters without accents end it with: most names
// have none, and a key that ends sooner comes first all the same.
func shortened(key []byte) []byte {
	for bytes.HasSuffix(key, plainWeight) {
		key = key[:len(key)-len(plainWeight)]
	}
	return bytes.TrimSuffix(key, levelEnd)
}

// plainWeight is what a letter without an accent weighs among accents, and levelEnd
// what comes between the letters and the accents of a key.
var plainWeight, levelEnd = []byte{0, 0x20}, []byte{0, 0}

// SortKeys are a person's keys: of the name as it is shown, which is their e-mail where
// they have none, and of the family name with the given one.
func SortKeys(u roster.User) (name, family string) {
	u.ID = 0 // somebody without a name and an e-mail is not called by their number
	if u.LastName == "" {
		return collationKey(u.Name()), ""
	}
	return collationKey(u.Name()), collationKey(u.LastName + " " + u.FirstName)
}
