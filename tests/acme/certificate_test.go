package acme_test

import (
	"crypto/tls"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// got is what the log says when there is a certificate.
const got = "a certificate is in use"

// TestCertificate: a server gets a certificate by TLS-ALPN at the port that it serves at,
// speaks HTTP/2 with it, keeps it where nobody else reads it, and asks for no other one
// when it starts again.
func TestCertificate(t *testing.T) {
	t.Parallel()
	a, data := newAuthority(t, 0, false), t.TempDir()
	s := a.serve(t, data)
	s.logs(got, host)
	first, answer := s.greets(s.client(host))
	if answer.ProtoMajor != 2 || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("%s %v", answer.Proto, answer.Header)
	}
	if !strings.Contains(a.account, `"termsOfServiceAgreed":true`) ||
		!strings.Contains(a.account, "mailto:olga@example.com") {
		t.Errorf("the account is made of %s", a.account)
	}
	s.stop()
	before := a.all()
	s = a.serve(t, data)
	s.logs(got, host)
	if again, _ := s.greets(s.client(host)); again.SerialNumber.Cmp(first.SerialNumber) != 0 {
		t.Fatalf("after a restart %v", again.SerialNumber)
	}
	if n := a.times(newOrder); n != 1 {
		t.Errorf("%d orders, and of %d requests %d before the restart", n, a.all(), before)
	}
	folder, files := filepath.Join(data, "acme"), 0
	a.must(filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		is, err := d.Info()
		if err != nil {
			return err
		}
		if is.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has the mode %v", path, is.Mode())
		}
		if !d.IsDir() {
			files++
		}
		return nil
	}))
	if files < 5 { // a certificate, its key and what it is; an account and its key
		t.Errorf("only %d files", files)
	}
}

// TestSocketOfSystemd: the authority is answered at a socket that systemd holds as well, by
// a server that may not take such a port itself.
func TestSocketOfSystemd(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, 0, false)
	l, err := net.Listen("tcp", ":0") // every address, as ListenStream=443 is
	a.must(err)
	defer l.Close()
	held, err := l.(*net.TCPListener).File()
	a.must(err)
	defer held.Close()
	s := a.start(t, held, "--addr", "systemd", "--data", t.TempDir())
	s.logs(got, host)
	s.greets(s.client(host))
}

// TestOtherNames: who asks for another name is refused, without a word to the authority;
// who names none gets the first.
func TestOtherNames(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, 0, false)
	s := a.serve(t, t.TempDir())
	s.logs(got, host)
	before := a.times(newOrder)
	for range 20 {
		if conn, err := tls.Dial("tcp", s.address,
			&tls.Config{RootCAs: s.roots, ServerName: "other.example.com"}); err == nil {
			conn.Close()
			t.Fatal("another name was answered")
		}
	}
	s.logs("TLS handshake error", "no certificate available for 'other.example.com'")
	conn, err := tls.Dial("tcp", s.address, &tls.Config{InsecureSkipVerify: true}) // an address is sent as no name
	a.must(err)
	defer conn.Close()
	if names := conn.ConnectionState().PeerCertificates[0].DNSNames; names[0] != host {
		t.Errorf("without a name %v", names)
	}
	if n := a.times(newOrder); n != before {
		t.Errorf("%d orders, before %d", n, before)
	}
}

// TestRenewal: a certificate is replaced before it ends, and a connection goes on.
func TestRenewal(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, 20, false)
	s := a.serve(t, t.TempDir())
	s.logs(got, host)
	kept := s.client(host)
	first, _ := s.greets(kept)
	s.logs(got, host)
	if now := time.Now(); now.After(first.NotAfter) {
		t.Errorf("renewed at %v, after %v", now, first.NotAfter)
	}
	if same, _ := s.greets(kept); same.SerialNumber.Cmp(first.SerialNumber) != 0 {
		t.Error("the connection did not go on")
	}
	if next, _ := s.greets(s.client(host)); next.SerialNumber.Cmp(first.SerialNumber) == 0 {
		t.Error("the old one is still served")
	}
}

// TestRenewalFails: where the authority is gone when a certificate has to be renewed, the
// log says so, the old one is served, and the authority is asked once, not all the time.
func TestRenewalFails(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, 20, false)
	s := a.serve(t, t.TempDir())
	s.logs(got, host)
	a.refuses(503, "serverInternal", "out of order")
	s.logs("no new certificate was got; it is tried again", host, "the authority has a fault", "out of order")
	before := a.all()
	s.greets(s.client(host))
	s.logs("the certificate is not valid now") // it is looked every second whether it has to be renewed
	if n := a.all(); n > before {
		t.Errorf("asked %d times more", n-before)
	}
	if conn, err := tls.Dial("tcp", s.address, &tls.Config{InsecureSkipVerify: true, ServerName: host}); err != nil {
		t.Errorf("it is not served any more: %v", err)
	} else {
		conn.Close()
	}
}

// TestRefusals: where no certificate can be got, the log says why and what to do about it,
// people are told at once instead of kept waiting, and that they come costs the authority
// nothing.
func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil func(*authority)
		says  []string
	}{
		"too many": {
			func(a *authority) { a.refuses(429, "rateLimited", "too many certificates") },
			[]string{"the authority takes no more requests for now", "too many certificates"}},
		"rejected": {
			func(a *authority) { a.refuses(400, "rejectedIdentifier", "policy forbids it") },
			[]string{"the authority issues nothing for this name", "policy forbids it"}},
		"unreachable": {
			func(a *authority) { a.url = "https://127.0.0.1:1/dir" },
			[]string{"the authority cannot be reached", "connection refused"}},
		"untrusted": {
			func(a *authority) { a.itsRoots = "/dev/null" },
			[]string{"SSL_CERT_FILE names a file of roots"}},
		"port 443 leads elsewhere": {
			func(a *authority) { a.front.shut = true },
			[]string{"port 443 of the name, which has to lead here"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAuthority(t, 0, false)
			c.spoil(a)
			s := a.serve(t, t.TempDir())
			s.logs(append(c.says, "no new certificate was got; it is tried again", host)...)
			before, began := a.all(), time.Now()
			for range 50 {
				if conn, err := tls.Dial("tcp", s.address, &tls.Config{ServerName: host}); err == nil {
					conn.Close()
					t.Fatal("it answered")
				}
			}
			if n := a.all(); n != before || time.Since(began) > patience/2 {
				t.Errorf("%d more requests, after %v", n-before, time.Since(began))
			}
			s.logs("no certificate available for '" + host + "'")
			s.stop()
			if n := strings.Count(s.heard(), "no new certificate"); n > 0 {
				t.Errorf("said %d times more", n)
			}
		})
	}
}

// TestBoundAccount: an authority that wants an account of its own gets it.
func TestBoundAccount(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, 0, true)
	s := a.serve(t, t.TempDir())
	s.logs("no new certificate was got; it is tried again", "--acme-key-id and --acme-key")
	s.stop()
	s = a.serve(t, t.TempDir(), "--acme-key-id", keyID, "--acme-key", key)
	s.logs(got, host)
}

// TestServersShare: servers with one folder of certificates ask for one, whichever of them
// is asked by the authority.
func TestServersShare(t *testing.T) {
	t.Parallel()
	a, cache := newAuthority(t, 0, false), t.TempDir()
	first := a.serve(t, t.TempDir(), "--acme-cache", cache)
	second := a.serve(t, t.TempDir(), "--acme-cache", cache) // which the authority asks
	first.logs(got, host)
	second.logs(got, host)
	one, _ := first.greets(first.client(host))
	two, _ := second.greets(second.client(host))
	if one.SerialNumber.Cmp(two.SerialNumber) != 0 || a.times(newOrder) != 1 || a.times(newAccount) != 1 {
		t.Errorf("%v and %v, %v", one.SerialNumber, two.SerialNumber, a.asked)
	}
}

// TestAuthorityTried: "roster config check" asks the authority who it is, and says what to
// do where that cannot be.
func TestAuthorityTried(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, 0, false)
	tried := func(roots string) string {
		t.Helper()
		command := exec.Command(os.Getenv("ROSTER_BIN"), "config", "check", "--data", t.TempDir(), "--acme-hosts", host,
			"--acme-directory", a.url)
		command.Env = append(os.Environ(), "SSL_CERT_FILE="+roots)
		said, _ := command.CombinedOutput() // of the two one fails
		return string(said)
	}
	if said := tried(a.itsRoots); !strings.Contains(said, a.url+" answers.") {
		t.Error(said)
	}
	if said := tried(os.DevNull); !strings.Contains(said, "SSL_CERT_FILE names a file of roots") {
		t.Error(said)
	}
}
