package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mholt/acmez/v3/acme"
	"go.uber.org/zap"
)

// signed is a certificate for 127.0.0.1 with this number, which is valid for an hour until
// then, and its key, both as the text of files.
func signed(t *testing.T, number int64, until time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "127.0.0.1"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: until.Add(-time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, leaf, leaf, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
}

// issue writes a certificate that lasts half an hour from now, and its key, into dir.
func issue(t *testing.T, dir string, number int64) (cert, key string) {
	t.Helper()
	pair, secret := signed(t, number, time.Now().Add(30*time.Minute))
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	write(t, cert, pair)
	write(t, key, secret)
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

// TestTLS: a server speaks TLS and HTTP/2 by itself, nothing older than TLS 1.2, and tells
// browsers to come back so. Who speaks plain HTTP to it is told.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, dir, 1)
	e := environment{"ROSTER_DATA": filepath.Join(dir, "store")}
	s := e.serve(t, "--tls-cert", cert, "--tls-key", key)
	number, answer := greeted(t, s.address)
	if number != 1 || answer.ProtoMajor != 2 || answer.Header.Get("Strict-Transport-Security") == "" {
		t.Errorf("certificate %d over %s: %v", number, answer.Proto, answer.Header)
	}
	at := strings.TrimPrefix(s.address, "https://")
	conn, err := tls.Dial("tcp", at, &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10,
		MaxVersion: tls.VersionTLS11})
	if err == nil {
		conn.Close()
		t.Error("it speaks TLS 1.1")
	}
	plain, err := http.Get("http://" + at + "/health")
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Body.Close()
	if text, _ := io.ReadAll(plain.Body); plain.StatusCode != 400 || !strings.Contains(string(text), "HTTPS server") {
		t.Errorf("over plain HTTP %d %s", plain.StatusCode, text)
	}
}

// TestPlainHTTPPromisesNothing: a server that does not speak TLS does not have browsers
// insist on it: whoever terminates TLS says that.
func TestPlainHTTPPromisesNothing(t *testing.T) {
	s := environment{"ROSTER_DATA": t.TempDir()}.serve(t)
	answer, err := http.Get(s.address + "/health")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if got := answer.Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("Strict-Transport-Security: %s", got)
	}
}

// renewed is a pair of files as a server has it, whose clock goes on when it is asked.
type renewed struct {
	*certificate
	t    *testing.T
	now  time.Time
	told *bytes.Buffer // the log
}

func openPair(t *testing.T, cert, key string) *renewed {
	t.Helper()
	told, before := &bytes.Buffer{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(told, nil)))
	t.Cleanup(func() { slog.SetDefault(before) })
	pair := &renewed{&certificate{cert: cert, key: key, served: served{name: "--tls-cert"}}, t, time.Now(), told}
	if err := pair.open(pair.now); err != nil {
		t.Fatal(err)
	}
	return pair
}

// serves fails the test unless the certificate of this number is served some seconds on.
func (r *renewed) serves(number int64, when string) {
	r.t.Helper()
	r.now = r.now.Add(2 * lookAgain)
	if got := r.current(r.now).Leaf.SerialNumber.Int64(); got != number {
		r.t.Errorf("%s: certificate %d, want %d; log: %s", when, got, number, r.told)
	}
}

// times is how often the log says something.
func (r *renewed) times(says string) int { return strings.Count(r.told.String(), says) }

// TestCertificateReplaced: what renews certificates replaces one file after the other, or
// both at once by a link, as Kubernetes does. What cannot be used in between leaves the
// one before, and is said once.
func TestCertificateReplaced(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, dir, 1)
	pair := openPair(t, cert, key)
	pair.serves(1, "at first")

	next, secret := signed(t, 2, time.Now().Add(30*time.Minute))
	const unusable = "the new certificate cannot be used; the one before stays"
	for n, half := range []string{next[:len(next)/2], next} {
		write(t, cert, half)
		for range 3 {
			pair.serves(1, "with the new one, or half of it, and the old key")
		}
		if got := pair.times(unusable); got != n+1 {
			t.Errorf("said %d times, want %d: %s", got, n+1, pair.told)
		}
	}
	write(t, key, secret)
	pair.serves(2, "with the new key")

	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	pair.serves(2, "without a key")
	pair.serves(2, "still without a key")
	if got := pair.times("no such file"); got != 1 {
		t.Errorf("said %d times: %s", got, pair.told)
	}
	write(t, key, secret)
	pair.serves(2, "with the key again")
	if pair.times("a certificate is in use") != 2 {
		t.Errorf("%s", pair.told)
	}
}

// TestCertificateOfOneTime: two certificates whose files have the same times and sizes, as
// those of an archive may, are told apart.
func TestCertificateOfOneTime(t *testing.T) {
	dir, once := t.TempDir(), time.Now()
	cert, key := issue(t, dir, 1)
	same := func() {
		t.Helper()
		for _, file := range []string{cert, key} {
			if err := os.Chtimes(file, once, once); err != nil {
				t.Fatal(err)
			}
		}
	}
	same()
	pair := openPair(t, cert, key)
	issue(t, dir, 2)
	same()
	pair.serves(2, "with the same times")
}

// TestCertificateByLink: a folder that is a link to another is swapped, as Kubernetes does
// with secrets.
func TestCertificateByLink(t *testing.T) {
	dir := t.TempDir()
	for i, version := range []string{"v1", "v2"} {
		if err := os.Mkdir(filepath.Join(dir, version), 0o700); err != nil {
			t.Fatal(err)
		}
		issue(t, filepath.Join(dir, version), int64(i+1))
	}
	link := func(name, to string) {
		t.Helper()
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	link("..data", "v1")
	link("tls.crt", "..data/cert.pem")
	link("tls.key", "..data/key.pem")
	pair := openPair(t, filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key"))
	pair.serves(1, "at first")
	link("..new", "v2")
	if err := os.Rename(filepath.Join(dir, "..new"), filepath.Join(dir, "..data")); err != nil {
		t.Fatal(err)
	}
	pair.serves(2, "after the swap")
}

// TestCertificateEnded: a certificate that has ended is served all the same, and the log
// says loudly that nobody will believe it; but never instead of one that is valid.
func TestCertificateEnded(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, dir, 1)
	put := func(number int64, until time.Time) {
		t.Helper()
		pair, secret := signed(t, number, until)
		write(t, cert, pair)
		write(t, key, secret)
	}
	put(1, time.Now().Add(-time.Minute))
	pair := openPair(t, cert, key)
	const ended = "level=ERROR msg=\"the certificate is not valid now"
	pair.serves(1, "though it has ended")
	if pair.times(ended) != 1 {
		t.Errorf("at the start: %s", pair.told)
	}
	put(2, time.Now().Add(-time.Second))
	pair.serves(2, "in the place of one that has ended, too")
	put(3, time.Now().Add(20*time.Minute))
	pair.serves(3, "when it is valid")
	put(4, time.Now().Add(-time.Second))
	pair.serves(3, "when the new one has ended")
	put(5, time.Now().Add(48*time.Hour))
	pair.serves(3, "when the new one has not begun")
	if got := pair.times("the new certificate is not valid now; the one before stays"); got != 2 ||
		pair.times(ended) != 2 {
		t.Errorf("%s", pair.told)
	}
	pair.now = pair.now.Add(47 * time.Hour)
	pair.serves(5, "when it has begun")
	pair.now = pair.now.Add(time.Hour)
	pair.serves(5, "when it has ended")
	if got := pair.times(ended); got != 3 {
		t.Errorf("said %d times: %s", got, pair.told)
	}
}

// TestCertificateAtStart: files that are no pair are refused before anything is done.
func TestCertificateAtStart(t *testing.T) {
	dir := t.TempDir()
	cert, _ := issue(t, dir, 1)
	_, other := signed(t, 2, time.Now())
	write(t, filepath.Join(dir, "other.pem"), other)
	for second, says := range map[string]string{
		filepath.Join(dir, "other.pem"): "does not match",
		filepath.Join(dir, "none.pem"):  "no such file",
		cert:                            "The certificate cannot be used",
	} {
		a := environment{}.roster(t, "serve", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "store"),
			"--tls-cert", cert, "--tls-key", second)
		if a.code == 0 || !strings.Contains(a.errors, says) {
			t.Errorf("%s: %+v, want %q", second, a, says)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "store")); err == nil {
		t.Error("a store was made")
	}
}

// TestCertificatesHaveNoPlace: where certificates could not be kept, none is asked for.
func TestCertificatesHaveNoPlace(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	write(t, file, "precious")
	a := environment{}.roster(t, "serve", "--addr", "127.0.0.1:0", "--data", filepath.Join(dir, "store"),
		"--acme-hosts", "roster.example.com", "--acme-cache", file)
	if a.code != 1 || !strings.Contains(a.errors, "--acme-cache cannot be used") {
		t.Errorf("%+v", a)
	}
}

// TestConfigCheckCertificate: "roster config check" says until when a certificate is good,
// and that one has ended.
func TestConfigCheckCertificate(t *testing.T) {
	dir := t.TempDir()
	cert, key := issue(t, dir, 1)
	e := environment{"ROSTER_DATA": dir, "ROSTER_TLS_CERT": cert, "ROSTER_TLS_KEY": key}
	if a := e.roster(t, "config", "check"); a.code != 0 || !strings.Contains(a.out, "cert.pem is valid until") {
		t.Errorf("%+v", a)
	}
	pair, secret := signed(t, 2, time.Now().Add(-time.Minute))
	write(t, cert, pair)
	if a := e.roster(t, "config", "check"); a.code != 1 || !strings.Contains(a.out, "does not match") {
		t.Errorf("%+v", a)
	}
	write(t, key, secret)
	if a := e.roster(t, "config", "check"); a.code != 1 || !strings.Contains(a.out, "and not now") {
		t.Errorf("%+v", a)
	}
}

// TestRestoreBesideCertificates: where a server kept certificates, a store is restored
// without force, and they stay.
func TestRestoreBesideCertificates(t *testing.T) {
	dir := t.TempDir()
	file, next := filepath.Join(dir, "backup.db"), filepath.Join(dir, "next")
	e := environment{}
	e.ok(t, "demo", "--data", filepath.Join(dir, "first"), "--people", "20")
	e.ok(t, "backup", file, "--data", filepath.Join(dir, "first"))
	if err := os.MkdirAll(filepath.Join(next, acmeFolder), 0o700); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join(next, acmeFolder, "certificate")
	write(t, kept, "precious")
	e.ok(t, "restore", file, "--data", next)
	if text, err := os.ReadFile(kept); err != nil || string(text) != "precious" {
		t.Errorf("%q %v", text, err)
	}
}

// TestCertificateMistakes: each attempt that failed is one line of the log, whoever wraps
// it on its way, and for several hosts at once.
func TestCertificateMistakes(t *testing.T) {
	told, before := &bytes.Buffer{}, slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(told, nil)))
	defer slog.SetDefault(before)
	logger := zap.New(&certificateLog{})
	taken := acme.Problem{Type: acme.ProblemTypeRateLimited, Detail: "too many"}
	lost := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("refused")}
	for range 2 {
		logger.Named(".acme_client").Error("challenge failed", zap.Error(taken))
		logger.Error("could not get certificate", zap.String("identifier", "a.example"), zap.Error(taken))
		logger.Error("could not get certificate", zap.String("identifier", "b.example"), zap.Error(lost))
		logger.Error("will retry", zap.Error(fmt.Errorf("[a.example] Obtain: %w", taken)))
		logger.Error("job failed", zap.Error(fmt.Errorf("[b.example] %v", lost)))
		logger.Info("started")
	}
	logger.Error("storage is misconfigured")
	for says, times := range map[string]int{"level=WARN": 5, "host=a.example": 2, "host=b.example": 2,
		"the authority takes no more requests for now": 2, "the authority cannot be reached": 2,
		`error="storage is misconfigured"`: 1} {
		if got := strings.Count(told.String(), says); got != times {
			t.Errorf("%q %d times, want %d:\n%s", says, got, times, told)
		}
	}
}
