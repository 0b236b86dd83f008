// Package oidc_test signs people in to the built server at dex, a real OpenID
// Connect provider. It is a module of its own, so that what dex needs stays out
// of Roster.
package oidc_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/dexidp/dex/server"
	"github.com/dexidp/dex/server/connectors"
	"github.com/dexidp/dex/server/signer"
	"github.com/dexidp/dex/server/tokens"
	"github.com/dexidp/dex/storage"
	"github.com/dexidp/dex/storage/memory"
	"golang.org/x/crypto/bcrypt"
)

const password = "correct horse"

// dex is a provider with people whom a test can change.
type dex struct {
	t       *testing.T
	url     string
	storage storage.Storage
}

func newDex(t *testing.T) *dex {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	var handler http.Handler
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
	t.Cleanup(front.Close)
	d := &dex{t, front.URL + "/dex", memory.New(quiet)}
	local := signer.LocalConfig{KeysRotationPeriod: "24h"}
	keys, err := local.Open(t.Context(), d.storage, time.Hour, time.Now, quiet)
	d.must(err)
	refresh := tokens.NewRefreshStrategy(false, 0, 0, 0, time.Now)
	d.must(d.storage.CreateConnector(t.Context(), storage.Connector{ID: connectors.LocalConnector,
		Type: connectors.LocalConnector, Name: "Email"}))
	handler, err = server.NewServer(t.Context(), server.Config{
		Issuer: d.url, Storage: d.storage, SkipApprovalScreen: true, Signer: keys, RefreshTokenPolicy: refresh, Logger: quiet,
	})
	d.must(err)
	return d
}

// client lets a Roster at this address send people here.
func (d *dex) client(roster string) {
	d.t.Helper()
	d.must(d.storage.CreateClient(d.t.Context(), storage.Client{
		ID: "roster", Secret: "a secret", Name: "Roster", RedirectURIs: []string{roster + "/roster/user/oidc/callback"},
	}))
}

// person has an account at the provider.
func (d *dex) person(email string, verified bool, groups ...string) {
	d.t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(password), bcrypt.MinCost+6) // dex wants 10
	d.must(err)
	d.must(d.storage.CreatePassword(d.t.Context(), storage.Password{
		Email: email, Hash: hash, Username: "user of " + email, Name: "Name of " + email, UserID: "id of " + email,
		EmailVerified: &verified, Groups: groups,
	}))
}

// change changes somebody's account there.
func (d *dex) change(email string, how func(p *storage.Password)) {
	d.t.Helper()
	d.must(d.storage.UpdatePassword(d.t.Context(), email, func(p storage.Password) (storage.Password, error) {
		how(&p)
		return p, nil
	}))
}

func (d *dex) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}
