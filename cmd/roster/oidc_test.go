package main

import (
	"net/http"
	"strings"
	"testing"
)

func TestSignOnFlagsThatCannotWork(t *testing.T) {
	for _, c := range []struct{ args, says string }{
		{"--oidc-client-id x", "--oidc-issuer is missing"},
		{"--oidc-issuer https://id.example.com", "--oidc-client-id is missing"},
		{"--oidc-issuer id.example.com --oidc-client-id x", "is not an address"},
		{"--oidc-issuer http://id.example.com --oidc-client-id x", "http:// is for this machine only"},
		{"--oidc-issuer http://localhost.evil.example --oidc-client-id x", "http:// is for this machine only"},
		{"--oidc-issuer https://id.example.com?a=b --oidc-client-id x", "is not an address"},
		{"--oidc-trust-email", "--oidc-issuer is missing"},
		{"--oidc-issuer https://login.microsoftonline.com/common/v2.0 --oidc-client-id x --oidc-trust-email",
			"people of any organization"},
		{"--oidc-issuer https://login.microsoftonline.com/{tenantid}/v2.0 --oidc-client-id x --oidc-trust-email",
			"people of any organization"},
		{"--oidc-issuer https://accounts.google.com --oidc-client-id x --oidc-trust-email", "people of any organization"},
		{"--oidc-issuer https://id.example.com --oidc-client-id x --oidc-scopes email", "openid must be among them"},
		{"--oidc-issuer https://id.example.com --oidc-client-id x --oidc-name=", "--oidc-name must not be blank"},
		{"--oidc-issuer https://id.example.com --oidc-client-id x --upstream http://127.0.0.1:1 --upstream-token t",
			"Label Studio accounts"},
	} {
		a := environment{"ROSTER_DATA": t.TempDir()}.roster(t, append([]string{"serve", "--addr", "127.0.0.1:0"},
			strings.Fields(c.args)...)...)
		if a.code != 2 || !strings.Contains(a.errors, c.says) {
			t.Errorf("%s: %+v", c.args, a)
		}
	}
}

// Roster starts without its provider, and says so to who wants to sign in.
func TestServeWithoutItsProvider(t *testing.T) {
	e := environment{"ROSTER_DATA": t.TempDir()}
	s := e.serve(t, "--oidc-issuer", "http://127.0.0.1:1", "--oidc-client-id", "x", "--oidc-name", "Acme ID")
	answer, err := http.Get(s.address + "/user/oidc/")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusServiceUnavailable {
		t.Error(answer.Status)
	}
	s.stop()
	if a := e.roster(t, "user", "unlink", "owner@example.com"); a.code != 1 ||
		!strings.Contains(a.errors, "nothing to forget") {
		t.Errorf("%+v", a)
	}
}
