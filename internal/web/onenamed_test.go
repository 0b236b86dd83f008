package web_test

import (
	"fmt"
	"testing"

	"roster"
	"roster/internal/locale"
	"roster/internal/store/storetest"
)

// TestNoticesNameThePersonInEveryLanguage: also where one is said as many are.
func TestNoticesNameThePersonInEveryLanguage(t *testing.T) {
	b := signedIn(t, storetest.SQLite(t), "OW")
	project := b.Project("Signs", 0)
	for i, l := range locale.Languages() {
		ida := b.PersonNamed(roster.NewUser{Email: fmt.Sprintf("ida%d@example.com", i), FirstName: "Ida", Role: "AN"})
		b.Assign(project, ida)
		at := fmt.Sprintf("/projects/%d/members/unassign", project)
		form := fields(b.must(200, "", "POST", at, map[string][]string{"included": {fmt.Sprint(ida)}}).Body.String())
		form.Set("included", fmt.Sprint(ida))
		b.must(303, "", "POST", at+"/apply", form)
		want := l.Say(roster.Counted(1, "{person} was taken off the project.", "%s people were taken off the project.").
			With("person", roster.Name{Text: "Ida"}))
		b.with(b.in("", l.Code, "/people"), want)
		b.with(want, "\u2068Ida\u2069")
	}
}
