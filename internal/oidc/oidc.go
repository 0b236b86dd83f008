// Package oidc signs people in at an OpenID Connect provider: the
// authorization code flow, with PKCE.
package oidc

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"roster"
)

// Config says which provider, and what Roster is to it.
type Config struct {
	Issuer                 string // its address, as its tokens name it
	ClientID, ClientSecret string
	Scopes                 []string // openid among them
	Redirect               string   // where it sends browsers back
	GroupsClaim            string   // the claim with the groups; "" asks for none
	TrustEmail             bool     // every address that it sends is its own to give, and counts as verified
	Name                   string   // what people know it by
	Now                    func() time.Time
}

// Provider is a provider. It is asked what it is like when it is first needed:
// Roster starts without it, and finds it when it comes back.
type Provider struct {
	config Config
	client *http.Client

	mu    sync.Mutex
	found *oidc.Provider
}

// answersWithin is how long a browser waits for the provider at most.
const answersWithin = 10 * time.Second

// New makes a Provider. It asks nothing yet.
func New(c Config) *Provider {
	return &Provider{config: c, client: &http.Client{Timeout: answersWithin}}
}

// Name is what people know the provider by.
func (p *Provider) Name() string { return p.config.Name }

// discovered is the provider as it describes itself.
func (p *Provider) discovered(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.found != nil {
		return p.found, nil
	}
	found, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.client), p.config.Issuer)
	if err != nil {
		return nil, p.unreachable(ctx, err)
	}
	p.found = found
	return found, nil
}

// Check asks the provider what it is like, and returns what is wrong with its answer.
func (p *Provider) Check(ctx context.Context) error {
	_, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.config.Issuer)
	return err
}

func (p *Provider) unreachable(ctx context.Context, err error) error {
	slog.WarnContext(ctx, "the identity provider does not answer", "issuer", p.config.Issuer, "error", err)
	return &roster.Error{Kind: roster.Busy, Message: p.config.Name +
		" cannot be reached, or is not set up right. Nobody was signed in; try again later."}
}

func (p *Provider) oauth(found *oidc.Provider) *oauth2.Config {
	return &oauth2.Config{
		ClientID: p.config.ClientID, ClientSecret: p.config.ClientSecret,
		Endpoint: found.Endpoint(), RedirectURL: p.config.Redirect, Scopes: p.config.Scopes,
	}
}

// Address is where a browser goes to sign in.
func (p *Provider) Address(ctx context.Context, state, nonce, verifier string) (string, error) {
	found, err := p.discovered(ctx)
	if err != nil {
		return "", err
	}
	return p.oauth(found).AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), nil
}

// Identify exchanges a code for who somebody is. Forbidden, in words, when the
// provider does not take the code, or its token does not hold.
func (p *Provider) Identify(ctx context.Context, code, nonce, verifier string) (id roster.Identity, err error) {
	found, err := p.discovered(ctx)
	if err != nil {
		return id, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	tokens, err := p.oauth(found).Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		if refused := (*oauth2.RetrieveError)(nil); !errors.As(err, &refused) || refused.Response.StatusCode >= 500 {
			return id, p.unreachable(ctx, err)
		}
		return id, p.refused(ctx,
			roster.Errorf(roster.Forbidden, "%s did not take back the code it gave. Nobody was signed in; try again.",
				p.config.Name), err)
	}
	raw, _ := tokens.Extra("id_token").(string)
	token, err := found.Verifier(&oidc.Config{ClientID: p.config.ClientID, Now: p.config.Now}).Verify(ctx, raw)
	if err != nil {
		return id, p.refused(ctx,
			roster.Errorf(roster.Forbidden, "%s sent a token that does not hold. Nobody was signed in; try again.",
				p.config.Name), err)
	}
	if token.Nonce != nonce {
		return id, p.refused(ctx,
			roster.Errorf(roster.Forbidden, "%s answered to another sign-in. Nobody was signed in; try again.", p.config.Name),
			errors.New("wrong nonce"))
	}
	return p.identity(ctx, found, token, tokens)
}

// refused says what the provider did; the log says what was wrong with it.
func (p *Provider) refused(ctx context.Context, did, why error) error {
	slog.WarnContext(ctx, "refused a sign-in", "issuer", p.config.Issuer, "because", did.Error(), "error", why)
	return did
}

// claims is what a provider says of somebody.
type claims map[string]json.RawMessage

// text is a claim that is a string; "" when it is absent or something else.
func (c claims) text(name string) (s string) {
	if json.Unmarshal(c[name], &s) != nil {
		return ""
	}
	return s
}

// yes reports whether a claim is true; some providers write it as text or as a number.
func (c claims) yes(name string) bool {
	switch strings.ToLower(strings.Trim(string(c[name]), `"`)) {
	case "true", "1":
		return true
	}
	return false
}

// verified reports whether the provider vouches for the e-mail. Microsoft Entra
// leaves email_verified out and says in xms_edov whether its domain's owner is who
// has the directory.
func (c claims) verified() bool {
	return c.yes("email_verified") || (c["email_verified"] == nil && c.yes("xms_edov"))
}

// identity reads the token. Providers that keep the e-mail or the groups out of
// it say them at their userinfo endpoint.
func (p *Provider) identity(ctx context.Context, found *oidc.Provider, token *oidc.IDToken,
	tokens *oauth2.Token) (id roster.Identity, err error) {
	var c claims
	if err := token.Claims(&c); err != nil {
		return id, p.refused(ctx,
			roster.Errorf(roster.Forbidden, "%s sent a token that does not hold. Nobody was signed in; try again.",
				p.config.Name), err)
	}
	lacks := c.text("email") == "" || (p.config.GroupsClaim != "" && c[p.config.GroupsClaim] == nil)
	if lacks && found.UserInfoEndpoint() != "" {
		if err := p.complete(ctx, found, token.Subject, tokens, c); err != nil {
			return id, err
		}
	}
	id = roster.Identity{
		Issuer: token.Issuer, Subject: token.Subject, Email: c.text("email"), EmailVerified: p.config.TrustEmail ||
			c.verified(),
		FirstName: c.text("given_name"), LastName: c.text("family_name"),
	}
	if id.FirstName+id.LastName == "" {
		id.FirstName = c.text("name")
	}
	id.Groups, err = p.groups(ctx, c)
	return id, err
}

// complete adds the claims of the userinfo endpoint that the token has not.
func (p *Provider) complete(ctx context.Context, found *oidc.Provider, subject string, tokens *oauth2.Token,
	c claims) error {
	more, err := userInfo(ctx, found, tokens)
	if err != nil {
		return p.unreachable(ctx, err)
	}
	if more.text("sub") != subject {
		return p.refused(ctx,
			roster.Errorf(roster.Forbidden, "%s said two things about who you are. Nobody was signed in; try again.",
				p.config.Name), errors.New("userinfo is about somebody else"))
	}
	if c.text("email") == "" { // these belong together
		for _, name := range ofEmail {
			c[name] = more[name]
		}
	}
	for name, value := range more {
		if !slices.Contains(ofEmail, name) && c[name] == nil {
			c[name] = value
		}
	}
	return nil
}

// ofEmail are the claims that are about the e-mail, and the e-mail.
var ofEmail = []string{"email", "email_verified", "xms_edov"}

// userInfo asks the userinfo endpoint. The library reads email_verified in one
// spelling only, so plain JSON is read here; signed answers are left to it.
func userInfo(ctx context.Context, found *oidc.Provider, tokens *oauth2.Token) (c claims, err error) {
	source := oauth2.StaticTokenSource(tokens)
	answer, err := oauth2.NewClient(ctx, source).Get(found.UserInfoEndpoint())
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, errors.New("userinfo answered " + answer.Status)
	}
	if kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type")); kind == "application/jwt" {
		info, err := found.UserInfo(ctx, source)
		if err != nil {
			return nil, err
		}
		return c, info.Claims(&c)
	}
	return c, json.NewDecoder(io.LimitReader(answer.Body, maxUserInfo)).Decode(&c)
}

// maxUserInfo is how much of the userinfo endpoint's answer is read, in bytes: groups
// can be many.
const maxUserInfo = 4 << 20

// groups is the claim of that name: a list of names, or one. Where it is absent
// somebody is in none, unless the provider says that there were too many.
func (p *Provider) groups(ctx context.Context, c claims) ([]string, error) {
	if p.config.GroupsClaim == "" {
		return nil, nil
	}
	raw := c[p.config.GroupsClaim]
	if raw == nil || string(raw) == "null" {
		var elsewhere map[string]any
		if json.Unmarshal(c["_claim_names"], &elsewhere) == nil && elsewhere[p.config.GroupsClaim] != nil {
			return nil, p.refused(ctx,
				roster.Errorf(roster.Forbidden,
					"%s has more groups of yours than it sends; have it send those that matter. Nobody was signed in; try again.",
					p.config.Name),
				errors.New("groups are a distributed claim"))
		}
		return []string{}, nil
	}
	list := []string{}
	if json.Unmarshal(raw, &list) == nil {
		return list, nil
	}
	if one := c.text(p.config.GroupsClaim); one != "" {
		return []string{one}, nil
	}
	return nil, p.refused(ctx,
		roster.Errorf(roster.Forbidden, "%s sent groups that are no list of names. Nobody was signed in; try again.",
			p.config.Name), errors.New("the claim "+p.config.GroupsClaim))
}
