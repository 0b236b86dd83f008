package main

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"roster"
)

// tlsFlags say how a server speaks TLS itself.
type tlsFlags struct {
	TLSCert       string   `name:"tls-cert" placeholder:"FILE" help:"Speak TLS with this certificate and its chain, in PEM; read again when it changes (default: plain HTTP)."`
	TLSKey        string   `name:"tls-key" placeholder:"FILE" help:"The certificate's private key, in PEM."`
	ACMEHosts     []string `name:"acme-hosts" placeholder:"NAME,..." help:"Speak TLS with certificates for these names that are got by ACME, and renewed, from Let's Encrypt unless --acme-directory says otherwise. Port 443 of the names must lead here."`
	ACMEEmail     string   `name:"acme-email" placeholder:"EMAIL" help:"Whom the certificate authority may write to."`
	ACMEDirectory string   `name:"acme-directory" placeholder:"URL" help:"Another certificate authority's ACME directory."`
	ACMECache     string   `name:"acme-cache" placeholder:"DIR" help:"Where the certificates are kept (default: acme in the directory of --data)."`
}

// check refuses flags that contradict each other.
func (f *tlsFlags) check() error {
	acme := len(f.ACMEHosts) > 0
	switch {
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return misuse("--tls-cert and --tls-key belong together")
	case acme && f.TLSCert != "":
		return misuse("--acme-hosts and --tls-cert contradict each other")
	case !acme && f.ACMEEmail+f.ACMEDirectory+f.ACMECache != "":
		return misuse("--acme-hosts is missing; the other --acme flags need it")
	}
	if u, err := url.Parse(f.ACMEDirectory); f.ACMEDirectory != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		return misuse("--acme-directory: %q is not an address that begins with https://", f.ACMEDirectory)
	}
	return nil
}

// tls is how a server speaks TLS; nil: it does not. What is got is kept below dir.
func (f *tlsFlags) tls(dir string) (*tls.Config, error) {
	switch {
	case f.TLSCert != "":
		pair := &certificate{cert: f.TLSCert, key: f.TLSKey}
		if _, err := pair.current(time.Now()); err != nil {
			return nil, roster.Errorf(roster.Invalid, "The certificate cannot be used: %v.", err)
		}
		return &tls.Config{
			MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return pair.current(time.Now()) },
		}, nil
	case len(f.ACMEHosts) > 0:
		return f.acme(dir)
	}
	return nil, nil
}

func (f *tlsFlags) acme(dir string) (*tls.Config, error) {
	cache := f.ACMECache
	if cache == "" && dir != "" {
		cache = filepath.Join(dir, "acme")
	}
	if cache == "" {
		return nil, misuse("--acme-cache is missing: without --data it has to be said where certificates are kept")
	}
	manager := &autocert.Manager{Prompt: autocert.AcceptTOS, HostPolicy: autocert.HostWhitelist(f.ACMEHosts...),
		Cache: autocert.DirCache(cache), Email: f.ACMEEmail}
	if f.ACMEDirectory != "" {
		manager.Client = &acme.Client{DirectoryURL: f.ACMEDirectory}
	}
	config := manager.TLSConfig()
	config.MinVersion = tls.VersionTLS12
	return config, nil
}

// lookAgain is how often it is looked whether a certificate has changed.
const lookAgain = time.Second

// certificate is a pair of files that somebody else renews.
type certificate struct {
	cert, key string

	mu      sync.Mutex
	looked  time.Time
	changed [2]time.Time // of the files that pair was read from
	pair    *tls.Certificate
}

// current is the certificate as the files have it. Where they cannot be read, or do not
// fit each other yet, the one before stays.
func (c *certificate) current(now time.Time) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pair != nil && now.Sub(c.looked) < lookAgain {
		return c.pair, nil
	}
	c.looked = now
	changed, err := modified(c.cert, c.key)
	if err == nil && c.pair != nil && changed == c.changed {
		return c.pair, nil
	}
	var pair tls.Certificate
	if err == nil {
		pair, err = tls.LoadX509KeyPair(c.cert, c.key)
	}
	switch {
	case err == nil:
		c.pair, c.changed = &pair, changed
		tellOf(pair.Leaf, now)
	case c.pair != nil:
		slog.Warn("the new certificate cannot be used; the one before stays", "file", c.cert, "error", err)
		return c.pair, nil
	}
	return c.pair, err
}

// tellOf warns of a certificate that nobody will believe.
func tellOf(leaf *x509.Certificate, now time.Time) {
	if leaf != nil && now.After(leaf.NotAfter) {
		slog.Warn("the certificate has expired; clients will refuse it", "expired", leaf.NotAfter)
	}
}

func modified(files ...string) (times [2]time.Time, err error) {
	for i, file := range files {
		is, err := os.Stat(file)
		if err != nil {
			return times, err
		}
		times[i] = is.ModTime()
	}
	return times, nil
}
