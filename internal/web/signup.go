package web

import (
	"net/http"

	"roster"
	"roster/internal/identity"
)

// joinForm is what the page of an invitation shows and repeats.
type joinForm struct {
	Token                      string
	Organization, By           string
	Role                       roster.Text
	ByMail                     bool // the invitation knows the e-mail
	Returns                    bool // and the e-mail an account
	Email, FirstName, LastName string
}

func joinFormOf(token string, w identity.Welcome) joinForm {
	return joinForm{
		Token: token, Organization: w.Organization, By: w.By, Role: roleName(w.Role), ByMail: w.ID != 0,
		Returns: w.Person.ID != 0,
		Email:   w.Email, FirstName: w.Person.FirstName, LastName: w.Person.LastName,
	}
}

func (v *visit) showInvitation() error {
	token := v.field("token")
	welcome, err := v.app.Invited(v.ctx(), token)
	if err != nil {
		return v.refuse(err)
	}
	return v.show(http.StatusOK, "signup.html",
		page{Title: sentence("Join {organization}", "organization", welcome.Organization), Data: joinFormOf(token, welcome)})
}

// refuse says why an invitation leads nowhere.
func (v *visit) refuse(err error) error {
	status, p := v.failed(page{Title: "Invitation"}, err)
	return v.show(status, "message.html", p)
}

func (v *visit) join() error {
	token := v.field("token")
	welcome, err := v.app.Invited(v.ctx(), token)
	if err != nil {
		return v.refuse(err)
	}
	form := joinFormOf(token, welcome)
	if !form.ByMail {
		form.Email = v.field("email")
	}
	form.FirstName, form.LastName = v.field("first_name"), v.field("last_name")
	session, err := v.app.Join(v.ctx(), token, roster.Joining{
		Email: form.Email, FirstName: form.FirstName, LastName: form.LastName, Password: v.r.PostFormValue("password"),
	}, v.r.RemoteAddr)
	p := page{Title: sentence("Join {organization}", "organization", welcome.Organization), Data: form}
	switch {
	case err != nil:
		status, p := v.failed(p, err)
		return v.show(status, "signup.html", p)
	case session.Token == "":
		return v.show(http.StatusOK, "joined.html", p)
	}
	v.begin(session)
	return v.redirect(v.link("/"))
}
