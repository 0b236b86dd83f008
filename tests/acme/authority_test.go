// Package acme_test has the built server get its certificates from pebble, a real ACME
// certificate authority for tests. It is a module of its own, so that what pebble needs
// stays out of Roster.
package acme_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/letsencrypt/challtestsrv"
	"github.com/letsencrypt/pebble/v2/ca"
	"github.com/letsencrypt/pebble/v2/db"
	"github.com/letsencrypt/pebble/v2/va"
	"github.com/letsencrypt/pebble/v2/wfe"
)

// TestMain: pebble validates at once, and each time anew.
func TestMain(m *testing.M) {
	os.Setenv("PEBBLE_VA_NOSLEEP", "1")
	os.Setenv("PEBBLE_AUTHZREUSE", "0")
	os.Setenv("PEBBLE_WFE_NONCEREJECT", "0") // one in twenty, and it would be asked once more
	os.Exit(m.Run())
}

// The addresses of pebble's directory that tests look at.
const (
	directory  = "/dir"
	newAccount = "/sign-me-up"
	newOrder   = "/order-plz"
)

// keyID and key are of an account that a pebble may want one's own to be bound to.
const (
	keyID = "kid-1"
	key   = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"
)

// authority is a pebble. It resolves every name to this machine, and asks at a gate of
// the test's for the port 443 of a name.
type authority struct {
	t        *testing.T
	url      string
	itsRoots string         // a file: whom to trust to talk to it
	roots    *x509.CertPool // of the certificates that it issues
	front    *gate

	mu      sync.Mutex
	asked   map[string]int
	account string // what the last new account was made of
	refuse  http.Handler
}

// newAuthority starts a pebble whose certificates last for so many seconds, 0 is long, and
// which may want to know one by keyID.
func newAuthority(t *testing.T, lasts uint64, binds bool) *authority {
	t.Helper()
	quiet := log.New(io.Discard, "", 0)
	a := &authority{t: t, front: newGate(t), asked: map[string]int{}, roots: x509.NewCertPool()}
	store := db.NewMemoryStore()
	issuer := ca.New(quiet, store, "", "ecdsa", 0, 1, map[string]ca.Profile{"default": {ValidityPeriod: lasts}})
	checks := va.New(quiet, 0, a.front.port, true, names(t, quiet), store)
	front := wfe.New(quiet, store, checks, issuer, []string{"ca.example"}, true, binds, 1, 1)
	a.must(store.AddExternalAccountKeyByID(keyID, key))
	pebble := front.Handler()
	served := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refuse := a.note(r); refuse != nil {
			refuse.ServeHTTP(w, r)
			return
		}
		pebble.ServeHTTP(w, r)
	}))
	t.Cleanup(served.Close)
	a.url = served.URL + directory
	a.itsRoots = filepath.Join(t.TempDir(), "roots.pem")
	a.must(os.WriteFile(a.itsRoots,
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: served.Certificate().Raw}), 0o600))
	a.roots.AddCert(issuer.GetRootCert(0).Cert)
	return a
}

// note counts a request; what it returns, unless it is nil, answers it.
func (a *authority) note(r *http.Request) http.Handler {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked[r.URL.Path]++
	if r.URL.Path == newAccount {
		var signed struct{ Payload string }
		body, _ := io.ReadAll(r.Body)
		json.Unmarshal(body, &signed)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		payload, _ := base64.RawURLEncoding.DecodeString(signed.Payload)
		a.account = string(payload)
	}
	if r.Method == http.MethodHead {
		return nil
	}
	return a.refuse
}

// times is how often something was asked for.
func (a *authority) times(path string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked[path]
}

// all is how often it was asked at all.
func (a *authority) all() (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, times := range a.asked {
		n += times
	}
	return n
}

// refuses has it answer what it is asked so from now on, but for who wants a nonce; problem is of
// RFC 8555, section 6.7.
func (a *authority) refuses(status int, problem, detail string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refuse = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(status)
		json.NewEncoder(w).Encode(map[string]any{
			"type": "urn:ietf:params:acme:error:" + problem, "detail": detail, "status": status})
	})
}

func (a *authority) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// names starts a name server, by which every name is this machine, and returns its address.
func names(t *testing.T, quiet *log.Logger) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	l.Close() // it takes no listener, only an address
	s, err := challtestsrv.New(challtestsrv.Config{Log: quiet, DNSAddrs: []string{at}})
	if err != nil {
		t.Fatal(err)
	}
	s.SetDefaultDNSIPv6("")
	s.SetDefaultDNSIPv4("127.0.0.1")
	go s.Run()
	t.Cleanup(s.Shutdown)
	return at
}

// gate is what stands where the port 443 of a name is: it leads on to a server.
type gate struct {
	port int

	mu   sync.Mutex
	to   string
	shut bool // it leads nowhere
}

func newGate(t *testing.T) *gate {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	g := &gate{port: l.Addr().(*net.TCPAddr).Port}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go g.lead(conn)
		}
	}()
	return g
}

// leads has it lead to a server at this address.
func (g *gate) leads(to string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.to = to
}

func (g *gate) lead(from net.Conn) {
	defer from.Close()
	g.mu.Lock()
	to, shut := g.to, g.shut
	g.mu.Unlock()
	if shut {
		return
	}
	on, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer on.Close()
	go io.Copy(on, from)
	io.Copy(from, on)
}
