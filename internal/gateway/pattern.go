package gateway

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The upstream matches the name of every file of a storage against its pattern, with
// a search that goes back over every choice. What it can come to is counted here, and
// must be little; what is not understood is much.

const (
	maxFilePattern = 200    // characters
	longestName    = 1024   // of a file, at the providers
	maxSteps       = 5e7    // for one name: under a second
	folded         = `(?i)` // the one flag, at the beginning
)

const piece = `(?:\\[^0-9]|\[\^?\]?(?:\\.|[^\]\\])*\]|[^()\[\]\\*+?{}|])`

var (
	// atom is a character, a class, or a group of alternatives that holds no group and
	// no repetition, with how often it comes; or the bar between two patterns.
	atom = regexp.MustCompile(`(?s)\||(` + piece + `|\((?:\?:)?(?:` + piece +
		`\??|\|)*\))([*+?]\??|\{\d{1,2}(?:,\d{0,2})?\})?`)
	inside = regexp.MustCompile(`(?s)` + piece + `\??|\|`)
	lone   = regexp.MustCompile(`(?s)\((?:\?:)?((?:` + piece + `(?:[*+?]\??)?)*)\)([*+?{])?`)
	until  = regexp.MustCompile(`^\[\^([^\\\]^])\]$`)
	bounds = regexp.MustCompile(`\{(\d+)(,?)(\d*)\}`)
)

// quick reports whether a pattern is one that the upstream is through with at once.
func quick(pattern string) bool {
	if len(pattern) > maxFilePattern {
		return false
	}
	pattern = lone.ReplaceAllStringFunc(strings.TrimPrefix(pattern, folded), func(group string) string {
		if parts := lone.FindStringSubmatch(group); parts[2] == "" && parts[1] != "" {
			return parts[1] // a group of its own, once: as without
		}
		return group
	})
	steps, end, one := 0.0, 0, effort{ways: 1}
	for _, at := range atom.FindAllStringSubmatchIndex(pattern, -1) {
		if at[0] != end {
			return false
		}
		end = at[1]
		switch text, times := partAt(pattern, at[2:4]), partAt(pattern, at[4:6]); {
		case text == "":
			steps, one = steps+one.steps(), effort{ways: 1}
		case !one.then(text, times, pattern[end:]):
			return false
		}
	}
	return end == len(pattern) && steps+one.steps() <= maxSteps
}

// partAt is a part of a text; "" where there is none.
func partAt(text string, at []int) string {
	if at[0] < 0 {
		return ""
	}
	return text[at[0]:at[1]]
}

// effort is what looking for a pattern can come to.
type effort struct {
	ways     float64 // to choose among what is given
	repeated int     // how many ends are free to be anywhere in the name
	size     float64 // of what is compared for each
}

// steps is how many comparisons it takes at most.
func (s *effort) steps() float64 {
	all := s.ways * (1 + s.size)
	for i := range s.repeated {
		all *= longestName / float64(1+i) // each begins where the one before ends
	}
	return all
}

// then adds an atom, that comes so often, and what follows it; it reports whether
// that can be counted.
func (s *effort) then(text, times, rest string) bool {
	s.size += float64(len(text))
	if text[0] == '(' {
		if times != "" && times != "?" && times != "??" {
			return false
		}
		s.ways *= choices(text)
	}
	switch {
	case times == "":
	case times[0] == '?':
		s.ways *= 2
	case times[0] == '{':
		s.between(bounds.FindStringSubmatch(times))
	case endsAt(text, rest):
		s.size += longestName // one way, but it is gone each time
	default:
		s.repeated++
	}
	return true
}

// between adds a repetition with bounds: from, a comma, and to.
func (s *effort) between(parts []string) {
	from, _ := strconv.ParseFloat(parts[1], 64)
	to, _ := strconv.ParseFloat(parts[3], 64)
	s.size += max(from, to)
	switch {
	case parts[2] != "" && parts[3] == "":
		s.repeated++
	case parts[2] != "":
		s.ways *= max(1, to-from+1)
	}
}

// endsAt reports whether everything but one character is repeated, and that one
// must come next: there is one way to do that.
func endsAt(text, rest string) bool {
	but := until.FindStringSubmatch(text)
	if but == nil {
		return false
	}
	next := but[1]
	if !isWord(next[0]) { // with a backslash, a letter is another thing
		rest = strings.TrimPrefix(rest, `\`)
	}
	after, found := strings.CutPrefix(rest, next)
	return found && (after == "" || !strings.ContainsRune("*?{", rune(after[0])))
}

// choices is how many alternatives of a group can match at one place: of words of
// which none begins with another, one.
func choices(group string) float64 {
	words, plain, ways := []string{""}, true, 1.0
	for _, part := range inside.FindAllString(strings.TrimPrefix(group[1:len(group)-1], "?:"), -1) {
		switch last := len(words) - 1; {
		case part == "|":
			words = append(words, "")
		case len(part) > 1 && part[len(part)-1] == '?' && part != `\?`:
			ways, plain = ways*2, false
		case part[0] == '[' || part == "." || part == "^" || part == "$" || part[0] == '\\' && isWord(part[1]),
			part[len(part)-1] >= utf8.RuneSelf: // which differs from others only in case, Python says
			plain = false
		default:
			words[last] += strings.ToLower(strings.TrimPrefix(part, `\`))
		}
	}
	if plain && apart(words) {
		return ways
	}
	return ways * float64(len(words))
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}

// apart reports whether none of the words begins with another.
func apart(words []string) bool {
	for i, one := range words {
		for j, other := range words {
			if i != j && strings.HasPrefix(one, other) {
				return false
			}
		}
	}
	return true
}
