package main

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"roster"
	"roster/internal/core"
	"roster/internal/oidc"
	"roster/internal/web"
)

// oidcFlags say where people can sign in instead of with a password.
type oidcFlags struct {
	OIDCIssuer       string   `name:"oidc-issuer" placeholder:"URL" help:"OpenID Connect provider where people can sign in, such as https://login.example.com (default: none)."`
	OIDCClientID     string   `name:"oidc-client-id" placeholder:"ID" help:"What the provider knows Roster by."`
	OIDCClientSecret string   `name:"oidc-client-secret" placeholder:"SECRET" secret:"" help:"The client's secret (default: none, with PKCE alone)."`
	OIDCName         string   `name:"oidc-name" default:"single sign-on" placeholder:"NAME" help:"What the button says after \"Sign in with\" (default: ${default})."`
	OIDCScopes       []string `name:"oidc-scopes" default:"openid,email,profile" placeholder:"SCOPE,..." help:"What to ask the provider for; many want groups too before they send any (default: ${default})."`
	OIDCGroupsClaim  string   `name:"oidc-groups-claim" placeholder:"CLAIM" help:"The claim with a person's groups, which then give roles, workspaces and projects as /api/scim/settings says (default: none)."`
	OIDCTrustEmail   bool     `name:"oidc-trust-email" help:"Take every e-mail of this provider for verified; only for one whose addresses your own organization gives out."`
	OIDCCreate       bool     `name:"oidc-create" default:"true" negatable:"" help:"Make an account, with the organization's default role, for who has none (default: ${default})."`
}

// check refuses flags that cannot work together.
func (f *oidcFlags) check() error {
	if f.OIDCIssuer == "" {
		if f.OIDCClientID+f.OIDCClientSecret+f.OIDCGroupsClaim != "" || f.OIDCTrustEmail {
			return misuse("--oidc-issuer is missing; the other --oidc flags need it")
		}
		return nil
	}
	u, err := url.Parse(f.OIDCIssuer)
	switch {
	case err != nil || u.Host == "" || u.RawQuery+u.Fragment != "" ||
		(u.Scheme != "https" && !(u.Scheme == "http" && isLoopback(u.Hostname()))):
		return misuse("--oidc-issuer: %q is not an address such as https://login.example.com; http:// is for "+
			"this machine only", f.OIDCIssuer)
	case f.OIDCClientID == "":
		return misuse("--oidc-client-id is missing")
	case strings.TrimSpace(f.OIDCName) == "":
		return misuse("--oidc-name must not be blank")
	case !slices.Contains(f.OIDCScopes, "openid"):
		return misuse("--oidc-scopes: openid must be among them")
	case f.OIDCTrustEmail && manyTenants(u):
		return misuse("--oidc-trust-email: %s signs in people of any organization, who can give themselves any e-mail; "+
			"name your own tenant's issuer", f.OIDCIssuer)
	}
	return nil
}

// manyTenants reports whether an issuer is the shared one of a provider, at which
// people of every organization sign in.
func manyTenants(issuer *url.URL) bool {
	first, _, _ := strings.Cut(strings.Trim(strings.ToLower(issuer.Path), "/"), "/")
	// the last is Microsoft's for personal accounts
	shared := []string{"common", "organizations", "consumers", "{tenantid}", "{tenant}",
		"9188040d-6c67-4c5b-b112-36a304b66dad"}
	return slices.Contains(shared, first) || strings.EqualFold(issuer.Hostname(), "accounts.google.com")
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && ip.IsLoopback())
}

// use has the App sign people in at the provider, when there is one.
func (f *oidcFlags) use(config *core.Config) {
	if f.OIDCIssuer == "" {
		return
	}
	config.SignOnKnownOnly = !f.OIDCCreate
	config.SignOn = oidc.New(oidc.Config{
		Issuer: f.OIDCIssuer, ClientID: f.OIDCClientID, ClientSecret: f.OIDCClientSecret, Scopes: f.OIDCScopes,
		Name:        f.OIDCName,
		GroupsClaim: f.OIDCGroupsClaim, TrustEmail: f.OIDCTrustEmail, Redirect: config.URL + web.Prefix +
			"/user/oidc/callback", Now: config.Now,
	})
}

type userUnlink struct {
	storeFlags
	Email string `arg:"" help:"E-mail address."`
}

// Run forgets a person's identities.
func (u *userUnlink) Run(c *console) error {
	a, db, err := u.openApp(c, core.DefaultConfig(), opening{})
	if err != nil {
		return err
	}
	defer db.Close()
	who, err := actorFlags{As: u.Email}.actor(c, a)
	if err != nil {
		return err
	}
	had, err := a.Unlink(c.ctx, who.UserID)
	if err == nil && !had {
		err = roster.Errorf(roster.NotFound,
			"%s has not signed in through single sign-on yet. There is nothing to forget.", u.Email)
	}
	if err != nil {
		return err
	}
	c.say("The next to sign in with the verified e-mail %s is this person.", u.Email)
	return nil
}
