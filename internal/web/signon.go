package web

import (
	"encoding/base64"
	"net/http"

	"roster"
)

var signOnRoutes = []route{
	{method: "GET", path: "/user/oidc", handle: (*visit).beginSignOn, open: true},
	{method: "GET", path: "/user/oidc/callback", handle: (*visit).signOn, open: true},
}

// signOnCookie keeps what an identity provider's answer is held against. It is
// Lax, not Strict: the answer comes from the provider's page.
const signOnCookie = "roster_sign_on"

func (v *visit) signOnState(value string) *http.Cookie {
	cookie := v.cookie(signOnCookie, value)
	cookie.Path = v.site.root + Prefix + "/user/oidc" // where the provider sends people back
	return cookie
}

// beginSignOn sends a browser to the identity provider. It is a link and not a
// form: a page that lets forms lead elsewhere would need a looser policy.
func (v *visit) beginSignOn() error {
	next := v.local(v.field("next"))
	start, err := v.app.BeginSignOn(v.ctx(), next, v.r.RemoteAddr)
	if err != nil {
		return v.failSignIn(next, err)
	}
	cookie := v.signOnState(base64.RawURLEncoding.EncodeToString([]byte(start.Sealed)))
	cookie.Expires = start.Expires
	http.SetCookie(v.w, cookie)
	http.Redirect(v.w, v.r, start.Address, http.StatusSeeOther)
	return nil
}

// signOn is where the provider sends a browser back. What it came with is used
// up, whatever becomes of it.
func (v *visit) signOn() error {
	used := v.signOnState("")
	used.MaxAge = -1
	http.SetCookie(v.w, used)
	sealed := []byte{}
	if cookie, err := v.r.Cookie(signOnCookie); err == nil {
		sealed, _ = base64.RawURLEncoding.DecodeString(cookie.Value) // what is none is refused as such
	}
	answer := roster.SignOnAnswer{
		State: v.field("state"), Code: v.field("code"), Issuer: v.field("iss"),
		Error: v.field("error"), Reason: v.field("error_description"),
	}
	session, next, err := v.app.SignOn(v.ctx(), string(sealed), answer, v.r.RemoteAddr)
	if err != nil {
		return v.failSignIn(v.link("/"), err)
	}
	v.begin(session)
	return v.redirect(v.local(next))
}

// noSAML answers where a SAML provider or its people may come.
var noSAML = route{open: true, handle: func(v *visit) error {
	return v.show(http.StatusNotImplemented, "message.html", page{Title: "No SAML sign-on",
		Error: "Roster does not sign anybody in by SAML, and nobody was signed in. Use the sign-in page. An " +
			"administrator can set up single sign-on with OpenID Connect, or a bridge from SAML to it."})
}}

// failSignIn shows the sign-in page with what went wrong, to try again.
func (v *visit) failSignIn(next string, err error) error {
	status, p := v.failed(page{Title: "Sign in", Data: v.signInForm("", next)}, err)
	return v.show(status, "signin.html", p)
}
