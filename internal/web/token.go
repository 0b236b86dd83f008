package web

import (
	"errors"
	"net/http"
	"strconv"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

var tokenRoutes = []route{
	{method: "GET", path: "/settings", handle: (*visit).account, apart: true},
	{method: "POST", path: "/settings/tokens", handle: (*visit).createToken},
	{method: "POST", path: "/settings/tokens/revoke", handle: (*visit).revokeToken},
	{method: "POST", path: "/settings/tokens/reset", handle: (*visit).resetToken},
	{method: "POST", path: "/settings/my-sessions/end", handle: (*visit).endSession},
	{method: "POST", path: "/settings/my-sessions/end-others", handle: (*visit).endSessions},
	{method: "POST", path: "/settings/password", handle: (*visit).changePassword, secret: true},
}

// accountPage is one's own account: tokens and the password.
type accountPage struct {
	Tabs     []navItem
	Creates  bool // whether one may make and see tokens
	Mirror   bool // whether people are an upstream's, which gives them their personal tokens
	Legacy   string
	Unshown  roster.Text // why the legacy token cannot be shown; "" where it can
	Personal []roster.PersonalToken
	Sessions []roster.LiveSession
}

func (v *visit) account() error { return v.showAccount(http.StatusOK, page{}) }

func (v *visit) showAccount(status int, p page) error {
	data := accountPage{Tabs: v.settingsTabs("/settings"), Creates: v.may(core.CreateTokens),
		Mirror: v.app.IsMirror(v.ctx())}
	var err error
	if data.Personal, err = v.app.MyPersonalTokens(v.ctx()); err != nil {
		return err
	}
	if data.Sessions, err = v.app.MySessions(v.ctx()); err != nil {
		return err
	}
	if data.Creates {
		data.Legacy, err = v.app.MyToken(v.ctx())
		if e, ok := errors.AsType[*roster.Error](err); ok && e.Kind == roster.Invalid {
			data.Unshown, _ = errorTexts(e) // the rest of the account is as good as ever
		} else if err != nil {
			return err
		}
	}
	p.Title, p.Data = "My account", data
	return v.show(status, "account.html", p)
}

// createToken makes a personal access token. What it says is shown on the next
// page, once, and is nowhere else in a form that could be read.
func (v *visit) createToken() error {
	return v.once(func(tx *app.App) (done, error) {
		t, err := tx.CreateMyPersonalToken(v.ctx())
		text := roster.Text("This is your personal access token. Copy it now: it is not shown again.")
		return done{v.link("/settings"), notice{Text: text, Sealed: tx.Seal(t.Text)}}, err
	})
}

func (v *visit) revokeToken() error {
	return v.once(func(tx *app.App) (done, error) {
		err := missing(tx.RevokePersonalToken(v.ctx(), v.field("token")), "This token was revoked already, or has expired.")
		return done{v.link("/settings"),
			notice{Text: "The token was revoked. Programs that use it are refused from now on."}}, err
	})
}

func (v *visit) resetToken() error {
	return v.once(func(tx *app.App) (done, error) {
		_, err := tx.ResetMyToken(v.ctx())
		return done{v.link("/settings"),
			notice{Text: "You have a new legacy token. Programs that use the old one are refused from now on."}}, err
	})
}

func (v *visit) endSession() error {
	id, err := strconv.ParseInt(v.field("session"), 10, 64)
	if err != nil {
		return noSuchPage
	}
	return v.once(func(tx *app.App) (done, error) {
		text := roster.Text("The session was ended. Whoever used it has to sign in again.")
		return done{v.link("/settings"), notice{Text: text}}, tx.EndMySession(v.ctx(), id)
	})
}

func (v *visit) endSessions() error {
	return v.once(func(tx *app.App) (done, error) {
		return done{v.link("/settings"), notice{Text: "All your other sessions were ended."}}, tx.EndMyOtherSessions(v.ctx())
	})
}

// changePassword is not carried out by once, which keeps a fast hash of what
// was sent: a second click proves a password that is none any more.
func (v *visit) changePassword() error {
	err := v.app.ChangeMyPassword(v.ctx(), v.r.PostFormValue("current"), v.r.PostFormValue("password"), v.r.RemoteAddr)
	if err != nil {
		status, p := v.failed(page{}, err)
		return v.showAccount(status, p)
	}
	v.leave(notice{Text: "Your password was changed. You are signed out everywhere else."})
	return v.redirect(v.link("/settings"))
}
