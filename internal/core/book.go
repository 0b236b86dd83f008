package core

import (
	"slices"
	"strings"

	"roster"
	"roster/internal/mailbox"
	"roster/internal/store"
)

// Book finds people by what somebody wrote to name them: an e-mail, or words of a name, as
// searches compare them. It guesses nothing: it is for the caller to see that there are two.
type Book struct {
	people []roster.User
	texts  []string         // what ByPart searches in, of each; made when it is first asked
	words  map[string][]int // where people stand, ascending
	boxes  map[string][]int
}

// NewBook is an empty one.
func NewBook() *Book { return &Book{words: map[string][]int{}, boxes: map[string][]int{}} }

// Add adds somebody.
func (b *Book) Add(u roster.User) {
	at := len(b.people)
	b.people = append(b.people, u)
	terms := store.Terms(strings.ReplaceAll(strings.Join([]string{u.FirstName, u.LastName, u.LastName + u.FirstName,
		u.Username}, " "), `"`, " "))
	slices.Sort(terms)
	for _, term := range slices.Compact(terms) {
		b.words[term] = append(b.words[term], at)
	}
	key := mailbox.Key(u.Email)
	b.boxes[key] = append(b.boxes[key], at)
}

// ByEmail is who has an e-mail, in whichever spelling.
func (b *Book) ByEmail(email string) []roster.User { return b.at(b.boxes[mailbox.Key(email)]) }

// ByName is the first people, at most so many, of whose name or user name the text is
// words, whole ones, in any order.
func (b *Book) ByName(text string, most int) []roster.User {
	var lists [][]int
	for _, term := range store.Terms(text) {
		lists = append(lists, b.words[term])
	}
	if len(lists) == 0 {
		return nil
	}
	slices.SortFunc(lists, func(a, b []int) int { return len(a) - len(b) })
	var found []int
	for _, at := range lists[0] {
		if len(found) == most {
			break
		}
		if inAll(at, lists[1:]) {
			found = append(found, at)
		}
	}
	return b.at(found)
}

// ByPart is the first people, at most so many, whose name or e-mail holds every word of the
// text somewhere: who may have been meant.
func (b *Book) ByPart(text string, most int) (found []roster.User) {
	terms := store.Terms(text)
	for at, all := range b.searchable() {
		if len(found) == most || len(terms) == 0 {
			break
		}
		if !slices.ContainsFunc(terms, func(term string) bool { return !strings.Contains(all, term) }) {
			found = append(found, b.people[at])
		}
	}
	return found
}

// searchable is the text of each, which takes longer to make than to search in.
func (b *Book) searchable() []string {
	for _, u := range b.people[len(b.texts):] {
		b.texts = append(b.texts, store.Searchable(u.FirstName+"\n"+u.LastName+"\n"+u.Email))
	}
	return b.texts
}

func (b *Book) at(places []int) (users []roster.User) {
	for _, at := range places {
		users = append(users, b.people[at])
	}
	return users
}

// inAll reports whether a number stands in every one of some ascending lists.
func inAll(at int, lists [][]int) bool {
	for _, list := range lists {
		if _, found := slices.BinarySearch(list, at); !found {
			return false
		}
	}
	return true
}
