package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"roster"
	"roster/internal/auth"
)

// home says who is signed in, and that the server is there.
func (s *Site) home(w http.ResponseWriter, r *http.Request) {
	p := page{Title: "Roster"}
	if ctx, ok := s.signedIn(r); ok {
		who, err := s.person(ctx)
		if err != nil {
			s.fail(w, r, err)
			return
		}
		p.Who = &who
	}
	s.show(w, r, http.StatusOK, "home.html", p)
}

// signedIn is the request's context with the actor whose session it comes
// with; ok is false when there is none, or it has ended.
func (s *Site) signedIn(r *http.Request) (ctx context.Context, ok bool) {
	who, err := s.app.AuthenticateSession(r.Context(), auth.Session(r))
	if err != nil {
		return r.Context(), false
	}
	return roster.WithActor(r.Context(), who), true
}

func (s *Site) person(ctx context.Context) (person, error) {
	u, m, err := s.app.Me(ctx)
	if err != nil {
		return person{}, err
	}
	org, err := s.app.MyOrganization(ctx)
	return person{u.Name(), u.Email, m.Role.Name(), org.Title}, err
}

// signInForm is what the sign-in page repeats.
type signInForm struct{ Email, Next string }

func (s *Site) showSignIn(w http.ResponseWriter, r *http.Request) {
	next := local(field(r, "next"))
	if _, ok := s.signedIn(r); ok {
		http.Redirect(w, r, next, http.StatusSeeOther)
		return
	}
	s.show(w, r, http.StatusOK, "signin.html", page{Title: "Sign in", Data: signInForm{Next: next}})
}

func (s *Site) signIn(w http.ResponseWriter, r *http.Request) {
	form := signInForm{field(r, "email"), local(field(r, "next"))}
	session, err := s.app.SignIn(r.Context(), form.Email, r.PostFormValue("password"), r.RemoteAddr)
	if err != nil {
		status, p := page{Title: "Sign in", Data: form}.failed(w, r, err)
		s.show(w, r, status, "signin.html", p)
		return
	}
	s.begin(w, r, session)
	http.Redirect(w, r, form.Next, http.StatusSeeOther)
}

// begin gives the browser a new session; the one it had ends.
func (s *Site) begin(w http.ResponseWriter, r *http.Request, session roster.Session) {
	if old := auth.Session(r); old != "" {
		s.app.SignOut(r.Context(), old) // it would end by itself
	}
	cookie := sessionCookie(r)
	cookie.Value, cookie.Expires = session.Token, session.Expires
	http.SetCookie(w, cookie)
}

func (s *Site) signOut(w http.ResponseWriter, r *http.Request) {
	if session := auth.Session(r); session != "" {
		if err := s.app.SignOut(r.Context(), session); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	cookie := sessionCookie(r)
	cookie.MaxAge = -1
	http.SetCookie(w, cookie)
	http.Redirect(w, r, "/user/login/", http.StatusSeeOther)
}

// sessionCookie is the cookie without its value. It travels encrypted only
// where the request that asked for it did; the server believes no proxy about
// that which it does not know.
func sessionCookie(r *http.Request) *http.Cookie {
	return &http.Cookie{
		Name: auth.SessionCookie, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https",
	}
}

// local is next when it is a place on this site, else the front page: a link
// to the sign-in page must not lead to somebody else's.
func local(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") {
		return "/"
	}
	// browsers read \ as / and skip blanks and control characters
	if strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || r <= ' ' || r == 0x7f }) {
		return "/"
	}
	return next
}
