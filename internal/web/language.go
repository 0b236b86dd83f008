package web

import (
	"net/http"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/locale"
)

// languageCookie is the language that somebody chose in this browser, for when they are not
// signed in; languageChosen what they chose as a person, which goes with them to every other.
// Without either, the browser's is taken.
const (
	languageCookie = "roster_language"
	languageChosen = core.LanguageChosen
)

// language is what the visit is answered in, as far as is known who asks.
func (v *visit) language() *locale.Language {
	if l := locale.Find(v.preferred(languageChosen)); l != nil {
		return l
	}
	if cookie, err := v.r.Cookie(languageCookie); err == nil {
		if l := locale.Find(cookie.Value); l != nil {
			return l
		}
	}
	return locale.Accepted(v.r.Header.Get("Accept-Language"))
}

// speak has the visit answered in its language from now on.
func (v *visit) speak() {
	v.lang = v.language()
	v.r = v.r.WithContext(locale.With(v.ctx(), v.lang))
}

// say is a text in the language of the visit, for what is no page.
func (v *visit) say(t roster.Text) string { return v.lang.Say(t) }

// chooseLanguage keeps the language that pages are in, with the person who is signed in and in
// the browser; none follows the browser again. One that is not there changes nothing.
func (v *visit) chooseLanguage() error {
	cookie := v.cookie(languageCookie, v.field("language"))
	cookie.MaxAge = 10 * 365 * 24 * 60 * 60
	switch {
	case cookie.Value == "":
		cookie.MaxAge = -1
	case locale.Find(cookie.Value) == nil:
		v.leave(notice{Warns: true, Text: sentence("There is no language {code} here. The language stays as it was.",
			"code", shortened(cookie.Value, 20))})
		return v.redirect(v.back())
	}
	if v.who != nil {
		if err := v.app.Update(v.ctx(), func(tx *app.App) error {
			return tx.Prefer(v.ctx(), languageChosen, cookie.Value)
		}); err != nil {
			return err
		}
	}
	http.SetCookie(v.w, cookie)
	return v.redirect(v.back())
}

// Languages are those that can be chosen.
func (p page) Languages() []*locale.Language { return locale.Languages() }
