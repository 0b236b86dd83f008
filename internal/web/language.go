package web

import (
	"net/http"

	"roster"
	"roster/internal/locale"
)

// languageCookie is the language that somebody chose. Without it, the browser's is taken.
const languageCookie = "roster_language"

// language is what the visit is answered in.
func (v *visit) language() *locale.Language {
	if cookie, err := v.r.Cookie(languageCookie); err == nil {
		if l := locale.Find(cookie.Value); l != nil {
			return l
		}
	}
	return locale.Accepted(v.r.Header.Get("Accept-Language"))
}

// say is a text in the language of the visit, for what is no page.
func (v *visit) say(t roster.Text) string { return v.lang.Say(t) }

// chooseLanguage keeps the language that pages are in; none follows the browser again. One that
// is not there changes nothing.
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
	http.SetCookie(v.w, cookie)
	return v.redirect(v.back())
}

// Languages are those that can be chosen.
func (p page) Languages() []*locale.Language { return locale.Languages() }
