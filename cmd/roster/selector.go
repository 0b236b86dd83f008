package main

import (
	"errors"
	"strings"

	"github.com/alecthomas/kong"

	"roster"
	"roster/client"
	"roster/internal/mailbox"
)

// selectorFlags say whom a bulk operation is about.
type selectorFlags struct {
	All     bool     `help:"Everybody whom the filters match."`
	Include []string `placeholder:"ID|EMAIL" help:"These people and nobody else."`
	Exclude []string `placeholder:"ID|EMAIL" help:"All but these people."`
	filterFlags
}

// Validate refuses flags that contradict each other, and filters and people without a
// value: a script's variable that was never set would mean everybody, or spare nobody.
func (f selectorFlags) Validate(k *kong.Context) error {
	if err := f.valued(k); err != nil {
		return err
	}
	people := valueless(k, map[string]bool{"include": true, "exclude": true})
	switch {
	case people != "":
		return misuse("--%s has no value: name people, or leave it out", people)
	case !f.All && len(f.Include) == 0:
		return misuse("say whom: --all, or --include with people")
	case f.All && len(f.Include) > 0:
		return misuse("--all and --include contradict each other")
	case !f.All && f.given():
		return misuse("filters narrow --all; with --include they would do nothing")
	}
	return nil
}

// selector works out whom the flags mean.
func (s *session) selector(f selectorFlags) (out roster.Selector, err error) {
	out.All = f.All
	if out.Included, err = s.ids(f.Include, s.person); err != nil {
		return out, err
	}
	if out.Excluded, err = s.ids(f.Exclude, s.person); err != nil {
		return out, err
	}
	out.Filter, err = s.filter(f.filterFlags)
	return out, err
}

// codes reads values of which valid knows all.
func codes[T ~string](flag string, texts []string, valid func(T) bool) ([]T, error) {
	var out []T
	for _, text := range texts {
		if !valid(T(text)) {
			return nil, misuse("%s: %q is not a valid choice", flag, text)
		}
		out = append(out, T(text))
	}
	return out, nil
}

// ids finds what each of some texts names.
func (s *session) ids(names []string, find func(string) (int64, error)) ([]int64, error) {
	var out []int64
	for _, name := range names {
		id, err := find(name)
		if err != nil {
			return nil, unchanged(err)
		}
		out = append(out, id)
	}
	return out, nil
}

// unchanged says of a name that names nothing, or several things, what became of it.
func unchanged(err error) error {
	if e, ok := errors.AsType[*roster.Error](err); ok && (e.Kind == roster.NotFound || e.Kind == roster.Invalid) {
		return roster.Error{Kind: e.Kind, Err: e.Err}.Says("%s Nothing was changed.", e.Message)
	}
	return err
}

// phrase is a search for text as a whole; at quotes, which a search cannot
// hold, it falls into parts.
func phrase(text string) string { return `"` + strings.ReplaceAll(text, `"`, `""`) + `"` }

// addressPhrase is a search for whoever may have an e-mail: a domain has several
// spellings, and without the sign after it a short local part is in most names.
func addressPhrase(email string) string {
	local, _, isAddress := strings.Cut(email, "@")
	if isAddress {
		local += "@"
	}
	return phrase(local)
}

// person finds somebody by id or e-mail. Of two who have one mailbox from before, the
// one is meant whose spelling it is.
func (s *session) person(text string) (int64, error) {
	n := roster.ParseNaming(text, "email")
	if n.ID != 0 { // no e-mail is a number; whether there is such a person is for the call to say
		return n.ID, nil
	}
	var mailboxed, spelt, written []int64
	for p, err := range s.People(s.ctx, s.organization, roster.MemberFilter{Search: addressPhrase(n.Name)}) {
		email := p.User.Email
		switch {
		case err != nil:
			return 0, err
		case email == n.Name:
			written = append(written, p.User.ID)
		case mailbox.Exact(email) == mailbox.Exact(n.Name):
			spelt = append(spelt, p.User.ID)
		case mailbox.Key(email) == mailbox.Key(n.Name):
			mailboxed = append(mailboxed, p.User.ID)
		}
	}
	for _, found := range [][]int64{written, spelt, mailboxed} {
		if len(found) > 0 {
			return n.Choose("person", false, found)
		}
	}
	return 0, roster.Errorf(roster.NotFound, "There is nobody with the e-mail %s.", n.Name)
}

// tag finds a tag by id or label.
func (s *session) tag(text string) (int64, error) {
	n, exists := roster.ParseNaming(text, "label"), false
	search := phrase(n.Name)
	if n.ID != 0 || n.Name == "" {
		search = "" // one of another label may have the id
	}
	var named []int64
	for t, err := range s.Tags(s.ctx, s.organization, search) {
		if err != nil {
			return 0, err
		}
		if n.Name != "" && strings.EqualFold(t.Label, n.Name) { // labels differ by more than their case
			named = append(named, t.ID)
		}
		exists = exists || t.ID == n.ID
	}
	return n.Choose("tag", exists, named)
}

// project finds a project by id or by exact title.
func (s *session) project(text string) (p client.Project, err error) {
	n, exists := roster.ParseNaming(text, "title"), false
	if n.ID != 0 {
		if p, err = s.Project(s.ctx, n.ID); err != nil && roster.KindOf(err) != roster.NotFound {
			return p, err
		}
		exists = err == nil
	}
	named, like, err := s.titled(n.Name)
	if err != nil {
		return p, err
	}
	id, err := n.Choose("project", exists, named)
	if roster.KindOf(err) == roster.NotFound && like != "" {
		err = roster.Errorf(roster.NotFound, "There is no project %q, but there is %q.", n.Text, like)
	}
	if err != nil {
		return p, unchanged(err)
	}
	return s.Project(s.ctx, id)
}

// titled is the projects with exactly a title, and another title that is the same but
// for its case; "" where there is none.
func (s *session) titled(title string) (ids []int64, like string, err error) {
	if title == "" {
		return nil, "", nil
	}
	for p, err := range s.Projects(s.ctx, roster.ProjectFilter{Title: title}) {
		if err != nil {
			return nil, "", err
		}
		switch {
		case p.Title == title:
			ids = append(ids, p.ID)
		case strings.EqualFold(p.Title, title):
			like = p.Title
		}
	}
	return ids, like, nil
}
