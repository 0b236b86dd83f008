package web

import (
	"net/http"

	"roster"
	"roster/internal/app"
)

// joinForm is what the page of an invitation shows and repeats.
type joinForm struct {
	Token                      string
	Organization, By, Role     string
	ByMail                     bool // the invitation knows the e-mail
	Returns                    bool // and the e-mail an account
	Email, FirstName, LastName string
}

func joinFormOf(token string, w app.Welcome) joinForm {
	return joinForm{
		Token: token, Organization: w.Organization, By: w.By, Role: w.Role.Name(), ByMail: w.ID != 0, Returns: w.Person.ID != 0,
		Email: w.Email, FirstName: w.Person.FirstName, LastName: w.Person.LastName,
	}
}

func (s *Site) showInvitation(w http.ResponseWriter, r *http.Request) {
	token := field(r, "token")
	welcome, err := s.app.Invited(r.Context(), token)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "signup.html", page{Title: "Join " + welcome.Organization, Data: joinFormOf(token, welcome)})
}

// refuse says why an invitation leads nowhere.
func (s *Site) refuse(w http.ResponseWriter, r *http.Request, err error) {
	status, p := page{Title: "Invitation"}.failed(w, r, err)
	s.show(w, r, status, "message.html", p)
}

func (s *Site) join(w http.ResponseWriter, r *http.Request) {
	token := field(r, "token")
	welcome, err := s.app.Invited(r.Context(), token)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	form := joinFormOf(token, welcome)
	if !form.ByMail {
		form.Email = field(r, "email")
	}
	form.FirstName, form.LastName = field(r, "first_name"), field(r, "last_name")
	session, err := s.app.Join(r.Context(), token, roster.Joining{
		Email: form.Email, FirstName: form.FirstName, LastName: form.LastName, Password: r.PostFormValue("password"),
	}, r.RemoteAddr)
	p := page{Title: "Join " + welcome.Organization, Data: form}
	switch {
	case err != nil:
		status, p := p.failed(w, r, err)
		s.show(w, r, status, "signup.html", p)
	case session.Token == "":
		s.show(w, r, http.StatusOK, "joined.html", p)
	default:
		s.begin(w, r, session)
		http.Redirect(w, r, "/", http.StatusSeeOther)
	}
}
