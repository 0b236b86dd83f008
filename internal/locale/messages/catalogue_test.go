package main

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/feature/plural"

	"roster/internal/locale"
)

// everything is what is said anywhere; it takes a while to read.
var everything = sync.OnceValues(func() (*found, error) {
	root, err := filepath.Abs("../../..")
	if err != nil {
		return nil, err
	}
	return collect(root)
})

const howTo = "\nRun `go generate ./internal/locale`, then translate what is empty in internal/locale/*.toml " +
	"(CONTRIBUTING.md, \"A text\")."

// TestNothingIsSaidOutsideOfTheCatalogues: every text of a page, a notice, a letter and a
// message about a mistake can be found by other languages.
func TestNothingIsSaidOutsideOfTheCatalogues(t *testing.T) {
	f, err := everything()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range f.problems {
		t.Error(p)
	}
	if len(f.order) < 1500 {
		t.Errorf("only %d messages are found", len(f.order))
	}
}

// TestCatalogues: each language says everything, in every plural form that it needs, about the
// same things.
func TestCatalogues(t *testing.T) {
	f, err := everything()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range locale.Languages()[1:] {
		t.Run(l.Code, func(t *testing.T) {
			for _, complaint := range f.complaints(l.Catalogue(), l.Needs()) {
				t.Error(complaint)
			}
			if t.Failed() {
				t.Log(howTo)
			}
		})
	}
}

// TestWhatIsWrongWithACatalogue: the test above would tell.
func TestWhatIsWrongWithACatalogue(t *testing.T) {
	f := &found{where: map[string]string{}}
	f.add("page.html", "", "Saved {1}")
	f.add("page.html", "One person", "%s people")
	forms := []plural.Form{plural.One, plural.Other}
	for name, c := range map[string]struct {
		entries map[string]locale.Entry
		says    string
	}{
		"whole": {map[string]locale.Entry{"Saved {1}": {plural.Other: "{1} gespeichert"},
			"One person|%s people": {plural.One: "Eine", plural.Other: "%s"}}, ""},
		"lacks a message": {map[string]locale.Entry{"Saved {1}": {plural.Other: "{1}"}}, "is not translated"},
		"is empty": {map[string]locale.Entry{"Saved {1}": {plural.Other: ""},
			"One person|%s people": {plural.One: "Eine", plural.Other: "%s"}}, "is not translated"},
		"lacks a form": {map[string]locale.Entry{"Saved {1}": {plural.Other: "{1}"},
			"One person|%s people": {plural.Other: "%s"}}, "lacks the form one"},
		"lacks a gap": {map[string]locale.Entry{"Saved {1}": {plural.Other: "gespeichert"},
			"One person|%s people": {plural.One: "Eine", plural.Other: "%s"}}, "{1}"},
		"has another gap": {map[string]locale.Entry{"Saved {1}": {plural.Other: "{1} {2}"},
			"One person|%s people": {plural.One: "Eine", plural.Other: "%s"}}, "{2}"},
		"says what nobody says": {map[string]locale.Entry{"Saved {1}": {plural.Other: "{1}"}, "Gone": {plural.Other: "Weg"},
			"One person|%s people": {plural.One: "Eine", plural.Other: "%s"}}, "is said nowhere"},
	} {
		got := strings.Join(f.complaints(c.entries, forms), "\n")
		if !strings.Contains(got, c.says) || (c.says == "") != (got == "") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// complaints is what is wrong with a catalogue.
func (f *found) complaints(entries map[string]locale.Entry, needs []plural.Form) (out []string) {
	for _, key := range f.order {
		forms := []plural.Form{plural.Other}
		if f.counts(key) {
			forms = needs
		}
		for _, form := range forms {
			text, there := entries[key][form]
			switch {
			case !there && len(entries[key]) > 0:
				out = append(out, quoted(key)+" lacks the form "+nameOf(form))
			case text == "":
				out = append(out, f.where[key]+": "+quoted(key)+" is not translated")
			default:
				out = append(out, differences(key, form, text)...)
			}
		}
		if len(entries[key]) > len(forms) {
			out = append(out, quoted(key)+" has a form that the language does not have")
		}
	}
	for key := range entries {
		if f.where[key] == "" {
			out = append(out, quoted(key)+" is said nowhere")
		}
	}
	return out
}

func nameOf(form plural.Form) string {
	for name, f := range locale.Forms {
		if f == form {
			return name
		}
	}
	return ""
}

var gaps = regexp.MustCompile(`\{\w*\}|</?\d+>|%(?:\[\d\])?[sdqv]|%`)

// differences is what a translation has besides the gaps of its message, or lacks: those of
// the message for one where the form is for one, as a name has in the place of the number. A
// form that is for one number need not say it.
func differences(key string, form plural.Form, text string) (out []string) {
	one, many, counts := strings.Cut(key, "|")
	says := many
	if !counts || form == plural.One {
		says = one
	}
	want, got := sorted(says), sorted(text)
	if counts {
		number := func(gap string) bool { return gap == "%s" }
		if !slices.ContainsFunc(want, number) || !slices.ContainsFunc(got, number) {
			want, got = slices.DeleteFunc(want, number), slices.DeleteFunc(got, number)
		}
	}
	if !slices.Equal(want, got) {
		out = append(out, quoted(key)+" has the gaps "+strings.Join(want, " ")+", and "+quoted(text)+" has "+
			strings.Join(got, " "))
	}
	if strings.Contains(text, "{{") {
		out = append(out, quoted(text)+" has an action")
	}
	return out
}

func sorted(text string) []string {
	found := gaps.FindAllString(text, -1)
	for i, gap := range found {
		if strings.HasPrefix(gap, "%[") {
			found[i] = "%" + gap[len(gap)-1:]
		}
	}
	slices.Sort(found)
	return found
}
