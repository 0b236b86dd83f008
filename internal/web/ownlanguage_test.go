package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"roster"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestALanguageGoesWithThePerson: who chose a language sees it in a browser that knows nothing of
// them; who chose to follow the browser again does; the cookie serves before the sign-in.
func TestALanguageGoesWithThePerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		choose := func(code string) {
			b.must(303, "", "POST", "/user/language", url.Values{"language": {code}, "next": {"/people"}})
		}
		choose("ja")
		delete(b.cookies, "roster_language") // another browser
		b.with(b.in("de", "", "/people"), `<html lang="ja"`)
		b.with(b.in("de", "ar", "/people"), `<html lang="ja"`)
		b.with(b.in("de", "", "/nothing"), `<html lang="ja"`)
		choose("")
		b.with(b.in("de", "", "/people"), `<html lang="de"`)
		choose("ar")
		choose("tlh") // says that there is none
		b.with(b.in("de", "", "/people"), `<html lang="ar"`)
		clear(b.cookies)
		b.with(b.in("de", "", "/user/login"), `<html lang="de"`)
		b.with(b.in("de", "ar", "/user/login"), `<html lang="ar"`)
	})
}

// TestMailIsInTheLanguageOfItsReceiver: or of its sender, as far as they chose one.
func TestMailIsInTheLanguageOfItsReceiver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		back := b.PersonNamed(roster.NewUser{Email: "haruka@example.com", Role: roster.RoleAnnotator})
		for id, code := range map[int64]string{back: "ja", b.Owner: "de"} {
			if err := b.App.Prefer(b.As(id), core.LanguageChosen, code); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := b.App.RemoveFromOrganization(b.As(b.Owner), 1, back); err != nil {
			t.Fatal(err)
		}
		err := b.App.InvitePeople(b.As(b.Owner), roster.Invite{Emails: []string{"haruka@example.com", "new@example.com"},
			Role: roster.RoleAnnotator})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		if _, err := b.App.DeliverMail(t.Context(), func(_ context.Context, m roster.Mail) error {
			got[m.Recipient] = m.Text
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for email, begins := range map[string]string{"haruka@example.com": "こんにちは。", "new@example.com": "Guten Tag,"} {
			if !strings.HasPrefix(got[email], begins) {
				t.Errorf("%s: %q", email, got[email])
			}
		}
	})
}
