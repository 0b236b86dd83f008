package roster

// What a request may bring at most, whatever it is for and however it comes.
const (
	// MostConditions is how many conditions a filter of tasks has.
	MostConditions = 100

	// MostIDs is how many ids a list holds: an organization of a hundred thousand
	// people can be named whole, and as many as the longest query holds.
	MostIDs = 500_000
	// TooManyIDs says so.
	TooManyIDs = "This lists more than 500,000 ids. Send them in several requests, or select by filters. Nothing was changed."

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
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}
