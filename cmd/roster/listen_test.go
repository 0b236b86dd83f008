package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// issue writes a certificate for 127.0.0.1 with this number, and its key, into dir.
func issue(t *testing.T, dir string, number int64) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "127.0.0.1"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, cert, string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})))
	write(t, key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
	return cert, key
}

// greeted asks a server for its health over TLS, and returns the number of its certificate.
func greeted(t *testing.T, address string) (number int64, answer *http.Response) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, DisableKeepAlives: true,
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // the number is what is asked for
	answer, err := client.Get(address + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	io.Copy(io.Discard, answer.Body)
	return answer.TLS.PeerCertificates[0].SerialNumber.Int64(), answer
}

// TestTLS: a server speaks TLS and HTTP/2 by itself, and takes a renewed certificate
// without a restart; half of a new one changes nothing.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, dir, 1)
	e := environment{"ROSTER_DATA": filepath.Join(dir, "store")}
	s := e.serve(t, "--tls-cert", cert, "--tls-key", key)
	number, answer := greeted(t, s.address)
	if number != 1 || answer.ProtoMajor != 2 || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("certificate %d over %s: %v", number, answer.Proto, answer.Header)
	}
	pair := &certificate{cert: cert, key: key}
	now := time.Now()
	serial := func(now time.Time) int64 {
		t.Helper()
		got, err := pair.current(now)
		if err != nil {
			t.Fatal(err)
		}
		return got.Leaf.SerialNumber.Int64()
	}
	if got := serial(now); got != 1 {
		t.Errorf("at first %d", got)
	}
	write(t, cert, "half of")
	later := now.Add(time.Minute)
	os.Chtimes(cert, later, later)
	if got := serial(later); got != 1 {
		t.Errorf("with half of a new one %d", got)
	}
	issue(t, dir, 2)
	later = later.Add(time.Minute)
	os.Chtimes(cert, later, later)
	if got := serial(later); got != 2 {
		t.Errorf("with a new one %d", got)
	}
}

// TestUnixSocket: a server listens at a socket, in the place of one that a crash left, and
// takes neither one that is in use nor a file.
func TestUnixSocket(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "roster.sock")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := newConsole(ctx, func(string) string { return "" }, strings.NewReader(""), io.Discard, io.Discard)
	left, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()
	l, err := listen(c, "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if is, err := os.Stat(path); err != nil || is.Mode().Perm() != 0o660 {
		t.Errorf("%v %v", is, err)
	}
	if _, err := listen(c, "unix:"+path); err == nil || !strings.Contains(err.Error(), "in use already") {
		t.Errorf("once more: %v", err)
	}
	file := filepath.Join(dir, "file")
	write(t, file, "precious")
	if _, err := listen(c, "unix:"+file); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("in the place of a file: %v", err)
	}
	seen := make(chan string, 1)
	srv := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.RemoteAddr })}
	go srv.Serve(l)
	defer srv.Close()
	client := &http.Client{
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}}}
	answer, err := client.Get("http://roster/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if from := <-seen; from != "127.0.0.1:0" {
		t.Errorf("who comes by the socket is %q", from)
	}
}

// TestListenMisuse: what contradicts itself, or would be read by strangers, is refused.
func TestListenMisuse(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, says := range map[string]string{
		"--tls-cert a":                               "belong together",
		"--tls-cert a --tls-key b":                   "The certificate cannot be used",
		"--acme-email a@example.com":                 "--acme-hosts is missing",
		"--acme-hosts a.example --tls-cert a":        "",
		"--acme-hosts a.example --acme-directory x":  "--acme-directory",
		"--acme-hosts a.example --db postgres://a/b": "--acme-cache is missing",
		"--metrics-addr :9":                          "0.0.0.0:9",
		"--pprof-addr 0.0.0.0:9":                     "this machine alone",
		"--pprof-addr example.com:9":                 "this machine alone",
	} {
		a := environment{}.roster(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, strings.Fields(args)...)...)
		if a.code == 0 || !strings.Contains(a.errors, says) {
			t.Errorf("%s: %+v, want %q", args, a, says)
		}
	}
	if left, _ := os.ReadDir("."); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestSocketsHaveAProxyInFront: who comes by a Unix socket has one address, and one limit, unless
// somebody there is believed.
func TestSocketsHaveAProxyInFront(t *testing.T) {
	c := newConsole(t.Context(), func(string) string { return "" }, strings.NewReader(""), io.Discard, io.Discard)
	l, err := listen(c, "unix:"+filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tcp, err := listen(c, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	for _, c := range []struct {
		at      net.Listener
		proxies string
		starts  bool
	}{{l, "", false}, {l, "10.0.0.0/8", false}, {l, "127.0.0.1/32", true}, {l, "127.0.0.0/8", true}, {tcp, "", true}} {
		var proxies []netip.Prefix
		if c.proxies != "" {
			proxies = append(proxies, netip.MustParsePrefix(c.proxies))
		}
		err := heardBehind(proxies, c.at)
		if (err == nil) != c.starts || err != nil && !strings.Contains(err.Error(), "--trusted-proxy=127.0.0.1/32") {
			t.Errorf("%s behind %q: %v", c.at.Addr(), c.proxies, err)
		}
	}
}
