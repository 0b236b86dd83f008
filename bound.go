package roster

import (
	"iter"
	"strings"
)

// What a request may bring at most, whatever it is for and however it comes.
const (
	// MostConditions is how many conditions a filter of tasks has.
	MostConditions = 100

	// MostIDs is how many ids a list holds: an organization of a hundred thousand
	// people can be named whole, and as many as the longest query holds.
	MostIDs = 500_000
	// TooManyIDs says so.
	TooManyIDs = "This lists more than 500,000 ids. Send them in several requests, or select by filters. " +
		"Nothing was changed."

	// MostPairs is how many pairs one request makes, of people and tags, or of
	// people and tasks: two lists that are no longer than they may be come to more
	// than a store can take while others wait.
	MostPairs = 1_000_000

	// MostTasks is how many tasks one import brings: others wait while they are written.
	MostTasks = 100_000
	// TooManyTasks says so.
	TooManyTasks = "These are more than 100,000 tasks. Import them in parts. Nothing was imported."

	// MostTaskData is how many bytes the data of the tasks of one page has: they are held
	// while they are written.
	MostTaskData = 64 << 20

	// MostNested is how deep JSON is nested: what is deeper, other people's programs
	// cannot read any more once it stands in a list (Python's gives up at 1,000).
	MostNested = 100
	// TooNested says so.
	TooNested = "This is nested more than 100 levels deep, which is the most. Nothing was changed."
)

// Nesting is how deep a JSON text is nested: 0 where it is a number or a string.
func Nesting[T ~string | ~[]byte](text T) (deepest int) {
	depth := 0
	for c := range unquoted(text) {
		switch c {
		case '{', '[':
			depth++
			deepest = max(deepest, depth)
		case '}', ']':
			depth--
		}
	}
	return deepest
}

// Fields is how many objects and fields a JSON text has.
func Fields(text []byte) (n int) {
	for c := range unquoted(text) {
		if c == '{' || c == ':' {
			n++
		}
	}
	return n
}

// Values is how many values may be made of a JSON text, a form or a query, but for the first
// in each list and object that holds some: that one counts as what holds it. What stands in
// the strings of a JSON text counts, too: it may be JSON, or a list.
func Values[T ~string | ~[]byte](text T) (n int) {
	for i := range len(text) {
		switch text[i] {
		case '{', '[', ',', '&':
			n++
		case '%':
			if i+2 < len(text) && strings.EqualFold(string(text[i+1:i+3]), "2c") { // a comma
				n++
			}
		}
	}
	return n
}

// unquoted is what stands in a JSON text outside of its strings.
func unquoted[T ~string | ~[]byte](text T) iter.Seq[byte] {
	return func(yield func(byte) bool) {
		quoted := false
		for i := 0; i < len(text); i++ {
			switch c := text[i]; {
			case quoted && c == '\\':
				i++
			case c == '"':
				quoted = !quoted
			case !quoted && !yield(c):
				return
			}
		}
	}
}
