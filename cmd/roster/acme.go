package main

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3/acme"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"roster"
	"roster/internal/metrics"
)

// acmeFolder is where certificates are kept, in the directory of the store.
const acmeFolder = "acme"

// acme speaks TLS with certificates that are got from an authority, and renewed, for a
// server that listens at an address.
func (f *tlsFlags) acme(dir string, at net.Addr) (speaking, error) {
	folder := f.ACMECache
	if folder == "" && dir != "" {
		folder = filepath.Join(dir, acmeFolder)
	}
	if folder == "" {
		return speaking{}, misuse("--acme-cache is missing: without --data it has to be said where certificates are kept")
	}
	if at.Network() != "tcp" {
		return speaking{}, misuse("--acme-hosts: the authority asks at a port, and %s is none", at)
	}
	if f.ACMECache != "" { // or it is the store's, which is tried anyway
		if err := os.MkdirAll(f.ACMECache, 0o700); err != nil {
			return speaking{}, roster.Errorf(roster.Invalid, "--acme-cache cannot be used: %v.", err)
		}
	}
	certmagic.UserAgent = "Roster/" + version
	logger := zap.New(&certificateLog{})
	var config *certmagic.Config
	cache := certmagic.NewCache(certmagic.CacheOptions{Logger: logger, RenewCheckInterval: lookAgain,
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return config, nil }})
	config = certmagic.New(cache, certmagic.Config{Logger: logger,
		Storage: &certmagic.FileStorage{Path: folder}, DefaultServerName: f.ACMEHosts[0]})
	config.Issuers = []certmagic.Issuer{f.issuer(config, at.(*net.TCPAddr))}
	keep := func(ctx context.Context) {
		f.keep(ctx, config, cache)
		cache.Stop()
		certmagic.CleanUpOwnLocks(context.WithoutCancel(ctx), logger)
	}
	return speaking{config.TLSConfig(), keep}, nil
}

// issuer is the authority. Port 443 of the names leads to where the server listens, so
// whoever checks a name is answered there, and not at a port that is opened for it.
func (f *tlsFlags) issuer(config *certmagic.Config, at *net.TCPAddr) certmagic.Issuer {
	template := certmagic.ACMEIssuer{CA: f.ACMEDirectory, Email: f.ACMEEmail, Agreed: true,
		DisableHTTPChallenge: true, AltTLSALPNPort: at.Port, Logger: config.Logger}
	if !at.IP.IsUnspecified() {
		template.ListenHost = at.IP.String()
	}
	if f.ACMEKeyID != "" {
		template.ExternalAccount = &acme.EAB{KeyID: f.ACMEKeyID, MACKey: f.ACMEKey}
	}
	return certmagic.NewACMEIssuer(config, template)
}

// keep gets what certificates are missing, and says which there are, until ctx ends. The
// cache renews those that it has.
func (f *tlsFlags) keep(ctx context.Context, config *certmagic.Config, cache *certmagic.Cache) {
	var all sync.WaitGroup
	defer all.Wait()
	shown := make([]served, len(f.ACMEHosts))
	for i, host := range f.ACMEHosts {
		shown[i].name = host
		metrics.Certified(host, time.Time{}, time.Time{})
		all.Go(func() { obtain(ctx, config, host) })
	}
	for tick := time.Tick(lookAgain); ; {
		for i := range shown {
			shown[i].take(newest(cache.AllMatchingCertificates(shown[i].name)), time.Now())
		}
		select {
		case <-ctx.Done():
			return
		case <-tick:
		}
	}
}

// startOver is how long after it was given up a certificate is asked for anew. Until then
// it is tried after a minute, and ever more seldom, unless there is no use in it.
const startOver = time.Hour

// obtain puts a certificate into the cache: the one that was kept, or a new one.
func obtain(ctx context.Context, config *certmagic.Config, host string) {
	for {
		err := config.ObtainCertAsync(ctx, host)
		if err == nil {
			_, err = config.CacheManagedCertificate(ctx, host)
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		slog.Error("there is no certificate; it is tried anew later", "host", host, "after", startOver, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(startOver):
		}
	}
}

// newest is the leaf of those that lasts longest; nil: there are none.
func newest(all []certmagic.Certificate) (leaf *x509.Certificate) {
	for _, one := range all {
		if leaf == nil || one.Leaf.NotAfter.After(leaf.NotAfter) {
			leaf = one.Leaf
		}
	}
	return leaf
}

// certificateLog has what is said about certificates logged in plain words: mistakes as
// warnings, each once.
type certificateLog struct {
	mu   sync.Mutex
	told []string // the last mistakes, of all hosts
}

// toldAtMost is how many mistakes are known again.
const toldAtMost = 32

// Enabled leaves out what is no mistake.
func (*certificateLog) Enabled(level zapcore.Level) bool { return level >= zapcore.ErrorLevel }

// With leaves out fields that entries have in common.
func (l *certificateLog) With([]zapcore.Field) zapcore.Core { return l }

// Check has a mistake written.
func (l *certificateLog) Check(e zapcore.Entry, to *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if l.Enabled(e.Level) && !strings.HasSuffix(e.LoggerName, "acme_client") { // whose caller says it again
		return to.AddCore(e, l)
	}
	return to
}

// Write logs a mistake.
func (l *certificateLog) Write(e zapcore.Entry, fields []zapcore.Field) error {
	all := zapcore.NewMapObjectEncoder()
	err := errors.New(e.Message)
	for _, field := range fields {
		if field.Type == zapcore.ErrorType {
			err = field.Interface.(error)
		}
		field.AddTo(all)
	}
	if text := err.Error(); !l.again(text) {
		slog.Warn("no new certificate was got; it is tried again", "host", all.Fields["identifier"],
			"step", e.Message, "why", whyNot(err), "error", text)
	}
	return nil
}

// again is whether a mistake is one that was logged before and is only wrapped by now. The
// same one once more is another attempt.
func (l *certificateLog) again(text string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, before := range l.told {
		if text != before && strings.Contains(text, before) {
			return true
		}
	}
	if !slices.Contains(l.told, text) {
		l.told = append(l.told, text)
		l.told = l.told[max(0, len(l.told)-toldAtMost):]
	}
	return false
}

// Sync has nothing to do.
func (*certificateLog) Sync() error { return nil }

// whyNot is what a person can make of an error of an authority's; "" is nothing more than
// it says itself.
func whyNot(err error) string {
	var untrusted x509.UnknownAuthorityError
	var network net.Error
	var problem acme.Problem
	switch {
	case errors.As(err, &untrusted):
		return "the authority's own certificate is not trusted here; SSL_CERT_FILE names a file of roots"
	case errors.As(err, &problem):
		return refused[strings.TrimPrefix(problem.Type, acme.ProblemTypeNamespace)]
	case errors.As(err, &network):
		return "the authority cannot be reached"
	}
	return ""
}

const elsewhere = "the authority did not find this server at port 443 of the name, which has to lead here"

// refused is what an authority means by its problems.
var refused = map[string]string{
	"rateLimited":             "the authority takes no more requests for now",
	"connection":              elsewhere,
	"tls":                     elsewhere,
	"unauthorized":            elsewhere,
	"incorrectResponse":       elsewhere,
	"dns":                     "the authority does not find the name",
	"caa":                     "the name's owner forbids this authority (a CAA record)",
	"rejectedIdentifier":      "the authority issues nothing for this name",
	"externalAccountRequired": "the authority wants an account to be bound: --acme-key-id and --acme-key",
	"invalidContact":          "the authority does not take the address of --acme-email",
	"serverInternal":          "the authority has a fault",
}
