package web

import (
	"net/http"

	"roster"
	"roster/internal/auth"
)

var accountRoutes = []route{
	{method: "GET", path: "/static/{file}", handle: (*visit).static, open: true},
	{method: "GET", path: "/user/login", handle: (*visit).showSignIn, open: true},
	{method: "POST", path: "/user/login", handle: (*visit).signIn, open: true},
	{method: "GET", path: "/user/session", handle: (*visit).session, open: true},
	{method: "POST", path: "/user/logout", handle: (*visit).signOut, open: true},
	{method: "GET", path: "/user/signup", handle: (*visit).showInvitation, open: true},
	{method: "POST", path: "/user/signup", handle: (*visit).join, open: true},
	{method: "POST", path: "/user/theme", handle: (*visit).chooseTheme, open: true},
	{method: "POST", path: "/user/language", handle: (*visit).chooseLanguage, open: true},
}

// signInForm is what the sign-in page repeats, and the name of where else one
// can sign in; "" is nowhere.
type signInForm struct{ Email, Next, SignOn string }

var errOther = roster.Errorf(roster.Forbidden,
	"This page is somebody else's. Open the sign-in page to sign in as yourself. Nothing was changed.")

func (v *visit) signInForm(email, next string) signInForm {
	return signInForm{email, next, v.app.SignOnName()}
}

func (v *visit) showSignIn() error {
	next := v.local(v.field("next"))
	if v.who != nil {
		return v.redirect(next)
	}
	return v.show(http.StatusOK, "signin.html", page{Title: "Sign in", Data: v.signInForm("", next)})
}

func (v *visit) signIn() error {
	form := v.signInForm(v.field("email"), v.local(v.field("next")))
	session, err := v.app.SignIn(v.ctx(), form.Email, v.r.PostFormValue("password"), v.r.RemoteAddr)
	if err == nil {
		err = v.sameAgain(session)
	}
	if err != nil {
		status, p := v.failed(page{Title: "Sign in", Data: form}, err)
		return v.show(status, "signin.html", p)
	}
	v.begin(session)
	if v.field("again") != "" {
		v.w.WriteHeader(http.StatusNoContent) // the page is still there
		return nil
	}
	return v.redirect(form.Next)
}

// session says whether the page that asks is still its person's.
func (v *visit) session() error {
	status := http.StatusNoContent
	if v.who == nil {
		status = http.StatusUnauthorized
		v.w.Header().Set(goesOn, "0")
	}
	v.w.WriteHeader(status)
	return nil
}

// begin gives the browser a new session; the one it had ends.
func (v *visit) begin(session roster.Session) {
	if old := auth.Session(v.r); old != "" {
		v.app.SignOut(v.ctx(), old) // it would end by itself
	}
	cookie := v.cookie(auth.SessionCookie, session.Token)
	cookie.Expires = session.Expires
	http.SetCookie(v.w, cookie)
	v.rememberWhose(session)
}

func (v *visit) signOut() error {
	if session := auth.Session(v.r); session != "" {
		if err := v.app.SignOut(v.ctx(), session); err != nil {
			return err
		}
	}
	cookie := v.cookie(auth.SessionCookie, "")
	cookie.MaxAge = -1
	http.SetCookie(v.w, cookie)
	v.forgetWhose()
	return v.redirect(v.link("/user/login"))
}

// chooseTheme keeps whether pages are light or dark; anything else follows the
// system again.
func (v *visit) chooseTheme() error {
	cookie := v.cookie("roster_theme", v.field("theme"))
	cookie.MaxAge = 10 * 365 * 24 * 60 * 60
	if cookie.Value != "light" && cookie.Value != "dark" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	http.SetCookie(v.w, cookie)
	return v.redirect(v.back())
}
