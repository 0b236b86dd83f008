package oidc_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"roster"
	"roster/internal/oidc"
)

// provider is a small one that says what a test has it say.
type provider struct {
	t        *testing.T
	url      string
	key      *rsa.PrivateKey
	token    jwt.MapClaims // besides what every token has
	userInfo string
}

func newProvider(t *testing.T) *provider {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{t: t, key: key}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("/keys", p.keys)
	mux.HandleFunc("/token", p.exchange)
	mux.HandleFunc("/userinfo", func(w http.ResponseWriter, _ *http.Request) { p.answer(w, json.RawMessage(p.userInfo)) })
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

func (p *provider) answer(w http.ResponseWriter, doc any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(doc)
}

func (p *provider) discovery(w http.ResponseWriter, _ *http.Request) {
	p.answer(w, map[string]any{
		"issuer": p.url, "authorization_endpoint": p.url + "/auth", "token_endpoint": p.url + "/token",
		"jwks_uri":          p.url + "/keys",
		"userinfo_endpoint": p.url + "/userinfo", "id_token_signing_alg_values_supported": []string{"RS256"},
	})
}

func (p *provider) keys(w http.ResponseWriter, _ *http.Request) {
	encode := base64.RawURLEncoding.EncodeToString
	p.answer(w, map[string]any{"keys": []any{map[string]any{
		"kty": "RSA", "alg": "RS256", "use": "sig", "kid": "1", "n": encode(p.key.N.Bytes()),
		"e": encode(big.NewInt(int64(p.key.E)).Bytes()),
	}}})
}

func (p *provider) exchange(w http.ResponseWriter, _ *http.Request) {
	claims := jwt.MapClaims{"iss": p.url, "sub": "7", "aud": "roster", "nonce": "n",
		"exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix()}
	for name, value := range p.token {
		claims[name] = value
	}
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	token.Header["kid"] = "1"
	signed, err := token.SignedString(p.key)
	if err != nil {
		p.t.Error(err)
	}
	p.answer(w, map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": signed})
}

// TestVerifiedInEverySpelling: whether an e-mail is vouched for is read as providers
// write it, in the token and at the userinfo endpoint.
func TestVerifiedInEverySpelling(t *testing.T) {
	p := newProvider(t)
	for _, c := range []struct {
		token    jwt.MapClaims
		userInfo string
		trust    bool
		want     bool
	}{
		{token: jwt.MapClaims{"email_verified": true}, want: true},
		{token: jwt.MapClaims{"email_verified": "true"}, want: true},
		{token: jwt.MapClaims{"email_verified": "True"}, want: true},
		{token: jwt.MapClaims{"email_verified": 1}, want: true},
		{token: jwt.MapClaims{"email_verified": "1"}, want: true},
		{token: jwt.MapClaims{"email_verified": false}},
		{token: jwt.MapClaims{"email_verified": "False"}},
		{token: jwt.MapClaims{"email_verified": 0}},
		{token: jwt.MapClaims{}},
		{token: jwt.MapClaims{"xms_edov": true}, want: true},
		{token: jwt.MapClaims{"xms_edov": "1"}, want: true},
		{token: jwt.MapClaims{"xms_edov": 1}, want: true},
		{token: jwt.MapClaims{"xms_edov": false}},
		{token: jwt.MapClaims{"xms_edov": true, "email_verified": false}},
		{token: jwt.MapClaims{}, trust: true, want: true},
		{userInfo: `{"sub":"7","email":"kim@example.com","email_verified":"True"}`, want: true},
		{userInfo: `{"sub":"7","email":"kim@example.com","email_verified":1}`, want: true},
		{userInfo: `{"sub":"7","email":"kim@example.com","xms_edov":true}`, want: true},
		{userInfo: `{"sub":"7","email":"kim@example.com"}`},
		// what the token says is not about the userinfo endpoint's e-mail
		{token: jwt.MapClaims{"email_verified": true, "email": ""}, userInfo: `{"sub":"7","email":"kim@example.com"}`},
	} {
		p.token, p.userInfo = c.token, c.userInfo
		if c.userInfo == "" {
			p.token["email"] = "kim@example.com"
		}
		at := oidc.New(oidc.Config{Issuer: p.url, ClientID: "roster", Scopes: []string{"openid"}, Name: "Acme",
			TrustEmail: c.trust, Now: time.Now})
		id, err := at.Identify(t.Context(), "code", "n", "verifier")
		if err != nil || id.Email != "kim@example.com" || id.EmailVerified != c.want {
			t.Errorf("%v %s: %+v, %v; want verified %v", c.token, c.userInfo, id, err, c.want)
		}
	}
}

// TestUserInfoIsAboutTheSame: nobody is signed in as somebody else; a person is told in their language, by
// a whole sentence with the provider's name in it.
func TestUserInfoIsAboutTheSame(t *testing.T) {
	p := newProvider(t)
	p.userInfo = `{"sub":"8","email":"kim@example.com","email_verified":true}`
	at := oidc.New(oidc.Config{Issuer: p.url, ClientID: "roster", Scopes: []string{"openid"}, Name: "Acme", Now: time.Now})
	id, err := at.Identify(t.Context(), "code", "n", "verifier")
	e, ok := errors.AsType[*roster.Error](err)
	if !ok {
		t.Fatalf("signed in as %+v: %v", id, err)
	}
	want := "%s said two things about who you are. Nobody was signed in; try again."
	if key, args := e.Text(); key != want || len(args) != 1 || args[0] != "Acme" {
		t.Errorf("%q %v", key, args)
	}
}
