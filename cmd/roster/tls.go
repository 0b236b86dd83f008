package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/url"
	"strings"
	"time"

	"roster"
)

// tlsFlags say how a server speaks TLS itself.
type tlsFlags struct {
	TLSCert       string   `name:"tls-cert" placeholder:"FILE" help:"Speak TLS with this certificate and its chain, in PEM; read again when it changes (default: plain HTTP)."`
	TLSKey        string   `name:"tls-key" placeholder:"FILE" help:"The certificate's private key, in PEM."`
	ACMEHosts     []string `name:"acme-hosts" placeholder:"NAME,..." help:"Speak TLS with certificates for these names that are got by ACME, and renewed, from Let's Encrypt unless --acme-directory says otherwise; its terms are agreed to. Port 443 of the names must lead here. Who asks for no name gets the first."`
	ACMEEmail     string   `name:"acme-email" placeholder:"EMAIL" help:"Whom the certificate authority may write to."`
	ACMEDirectory string   `name:"acme-directory" placeholder:"URL" help:"Another certificate authority's ACME directory. Where its own certificate is not one that this machine trusts, SSL_CERT_FILE names a file with its root."`
	ACMEKeyID     string   `name:"acme-key-id" placeholder:"ID" help:"The account at the certificate authority, where it wants one to be bound (EAB)."`
	ACMEKey       string   `name:"acme-key" placeholder:"KEY" secret:"" help:"That account's key, in base64 as the authority gives it."`
	ACMECache     string   `name:"acme-cache" placeholder:"DIR" help:"Where the certificates, their keys and the account's are kept; servers of one name share it (default: acme in the directory of --data)."`
}

// check refuses flags that contradict each other.
func (f *tlsFlags) check() error {
	acme := len(f.ACMEHosts) > 0
	switch {
	case (f.TLSCert == "") != (f.TLSKey == ""):
		return misuse("--tls-cert and --tls-key belong together")
	case acme && f.TLSCert != "":
		return misuse("--acme-hosts and --tls-cert contradict each other")
	case !acme && f.ACMEEmail+f.ACMEDirectory+f.ACMECache+f.ACMEKeyID+f.ACMEKey != "":
		return misuse("--acme-hosts is missing; the other --acme flags need it")
	case (f.ACMEKeyID == "") != (f.ACMEKey == ""):
		return misuse("--acme-key-id and --acme-key belong together")
	}
	for _, host := range f.ACMEHosts {
		if host == "" || strings.ContainsAny(host, "*/: ") {
			return misuse("--acme-hosts: %q is not a name such as roster.example.com; each is named by itself", host)
		}
	}
	if u, err := url.Parse(f.ACMEDirectory); f.ACMEDirectory != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
		return misuse("--acme-directory: %q is not an address that begins with https://", f.ACMEDirectory)
	}
	return nil
}

// speaking is how a server speaks TLS; its zero value does not.
type speaking struct {
	config *tls.Config
	keep   func(ctx context.Context) // sees to the certificates, until ctx ends
}

// tls is how a server that listens at an address speaks TLS. What is got is kept below dir.
func (f *tlsFlags) tls(dir string, at net.Addr) (speaking, error) {
	var s speaking
	var err error
	switch {
	case f.TLSCert != "":
		s, err = fromFiles(f.TLSCert, f.TLSKey)
	case len(f.ACMEHosts) > 0:
		s, err = f.acme(dir, at)
	default:
		return s, nil
	}
	if err != nil {
		return s, err
	}
	s.config.MinVersion = tls.VersionTLS12
	s.config.NextProtos = append([]string{"h2", "http/1.1"}, s.config.NextProtos...)
	return s, nil
}

// fromFiles speaks TLS with a pair of files that somebody else renews.
func fromFiles(cert, key string) (speaking, error) {
	pair := &certificate{cert: cert, key: key, served: served{name: "--tls-cert"}}
	if err := pair.open(time.Now()); err != nil {
		return speaking{}, roster.Errorf(roster.Invalid, "The certificate cannot be used: %v.", err)
	}
	config := &tls.Config{GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		return pair.current(time.Now()), nil
	}}
	return speaking{config, pair.keep}, nil
}
