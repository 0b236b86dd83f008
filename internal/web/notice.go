package web

import (
	"cmp"
	"encoding/json"
	"net/http"

	"roster"
	"roster/internal/app"
	"roster/internal/auth"
)

// notice says on the next page what was just done. It travels in a cookie that
// only this server can make or read, so that no table and no script is needed.
type notice struct {
	Text      roster.Text // a whole sentence
	Warns     bool
	Operation int64  // what can be taken back, and looked at; 0: nothing
	Final     bool   // it can only be looked at
	Sealed    string // a secret to be shown this once, as only the server can read it
	Secret    string `json:"-"`
	For       int64  // who did it; 0: a stranger
}

// onlyOne is what a sentence calls the one person whom an operation changed: by name, as far
// as the viewer may read of it. Of several it is not said.
func (v *visit) onlyOne(tx *app.App, changed int, op int64) (roster.Text, error) {
	if changed != 1 || op == 0 {
		return onePerson, nil
	}
	name, err := tx.OnlyOne(v.ctx(), op)
	if name == "" {
		return onePerson, err
	}
	return nameText(name), err
}

// nameOf is the same of somebody who is known.
func (v *visit) nameOf(tx *app.App, user int64) (roster.Text, error) {
	m, err := tx.OrganizationMember(v.ctx(), v.who.OrganizationID, user)
	if kind := roster.KindOf(err); kind == roster.NotFound || kind == roster.Forbidden {
		return onePerson, nil
	}
	return nameText(m.User.Name()), err
}

const onePerson roster.Text = "One person"

const noticeCookie = "roster_notice"

// leave has the next page show n.
func (v *visit) leave(n notice) {
	if v.who != nil {
		n.For = v.who.UserID
	}
	text, _ := json.Marshal(n)
	cookie := v.cookie(noticeCookie, v.app.Seal(string(text)))
	cookie.MaxAge = 120
	http.SetCookie(v.w, cookie)
}

// takeNotice is the notice that was left for whoever looks now; nil: none.
func (v *visit) takeNotice() *notice {
	cookie, err := v.r.Cookie(noticeCookie)
	if err != nil {
		return nil
	}
	gone := v.cookie(noticeCookie, "")
	gone.MaxAge = -1
	http.SetCookie(v.w, gone)
	text, err := v.app.Unseal(cookie.Value)
	if err != nil {
		return nil
	}
	var n notice
	if json.Unmarshal([]byte(text), &n) != nil || (n.For != 0 && (v.who == nil || v.who.UserID != n.For)) {
		return nil
	}
	if n.Sealed != "" {
		n.Secret, _ = v.app.Unseal(n.Sealed) // sealed within what was just unsealed
	}
	return &n
}

// cookie is one of this site's. It travels encrypted only where the request
// that asked for it did; the server believes no proxy about that which it does
// not know.
func (v *visit) cookie(name, value string) *http.Cookie {
	return &http.Cookie{
		Name: name, Value: value, Path: cmp.Or(v.site.root, "/"), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: auth.Secure(v.r),
	}
}
