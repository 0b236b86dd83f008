package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/alecthomas/kong"
	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3/acme"

	"roster"
	"roster/internal/gateway"
	"roster/internal/mail"
	"roster/internal/oidc"
)

// configCommands are about the settings of serve. They take its flags, so that what is
// shown and tried is what it would do.
type configCommands struct {
	Show  configShow  `cmd:"" default:"withargs" help:"List the settings of serve: what counts, and what says so."`
	Check configCheck `cmd:"" help:"Try the store, mail, the certificate, the identity provider and the Label Studio that serve would use, and change nothing."`
}

type configShow struct {
	serveCommand
	JSON bool `name:"json" help:"Print JSON."`
}

// shown is a setting as people see it: no secret.
type shown struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	By    string `json:"by"`
}

// Run lists every setting, its value and where it comes from.
func (s *configShow) Run(c *console, k *kong.Context) error {
	all, err := s.settings(c, k)
	if err != nil {
		return err
	}
	if s.JSON {
		return c.json(all)
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SETTING\tVALUE\tFROM")
	for _, one := range all {
		fmt.Fprintf(table, "%s\t%s\t%s\n", one.Name, cell(one.Value), cell(one.By))
	}
	return table.Flush()
}

func (s *configShow) settings(c *console, k *kong.Context) (all []shown, err error) {
	dir, address, err := s.given(c.settings)
	if err != nil {
		return nil, err
	}
	key, err := s.secretKey(c.settings)
	if err != nil {
		return nil, err
	}
	past, err := s.past(c.settings, s.locationFlags)
	if err != nil {
		return nil, err
	}
	read := map[string]setting{"data": dir, "db": address, "db-direct": past, "secret-key-file": key}
	for _, flag := range k.Flags() {
		found, isRead := read[flag.Name]
		switch {
		case c.settings.flags[flag.Name] == nil || flag.Name == "config":
			continue
		case !isRead:
			if found, err = c.settings.counts(k, flag); err != nil {
				return nil, err
			}
		}
		if c.settings.isSecret(flag.Name) && found.value != "" {
			found.value = "(not shown)"
		}
		if u, err := url.Parse(found.value); err == nil && u.User != nil {
			found.value = u.Redacted()
		}
		all = append(all, shown{flag.Name, found.value, orDefault(found.by)})
	}
	return all, nil
}

func orDefault(by string) string {
	if by == "" {
		return "default"
	}
	return by
}

// counts is what a flag has come to, and what says so.
func (s *settings) counts(k *kong.Context, flag *kong.Flag) (setting, error) {
	found := setting{value: plain(k.FlagValue(flag))}
	for _, step := range k.Path {
		if step.Flag != nil && step.Flag.Name == flag.Name && !step.Resolved {
			found.by = "--" + flag.Name
			return found, nil
		}
	}
	said, err := s.lookUp(flag.Name)
	found.by = said.by
	return found, err
}

// plain is a flag's value as one would write it.
func plain(value any) string {
	list := reflect.ValueOf(value)
	if list.Kind() != reflect.Slice {
		return fmt.Sprint(value)
	}
	var all []string
	for i := range list.Len() {
		all = append(all, fmt.Sprint(list.Index(i)))
	}
	return strings.Join(all, ",")
}

type configCheck struct{ serveCommand }

// trial is one thing to try. It says what it found.
type trial struct {
	name string
	try  func(ctx context.Context) (found string, err error)
}

// triedFor is how long one trial may take.
const triedFor = 10 * time.Second

// Run tries everything that serve would use, and fails when something does not work.
func (s *configCheck) Run(c *console) error {
	trials := []trial{
		{"store", func(ctx context.Context) (string, error) { return s.tryStore(ctx, c) }}, {"mail", s.tryMail},
	}
	if s.OIDCIssuer != "" {
		trials = append(trials, trial{"identity provider", s.tryIssuer})
	}
	if s.Upstream != "" {
		trials = append(trials, trial{"Label Studio", s.tryUpstream})
	}
	if s.TLSCert != "" {
		trials = append(trials, trial{"certificate", s.tryCertificate})
	}
	if len(s.ACMEHosts) > 0 {
		trials = append(trials, trial{"ACME authority", s.tryAuthority})
	}
	failed := 0
	for _, one := range trials {
		ctx, cancel := context.WithTimeout(c.ctx, triedFor)
		found, err := one.try(ctx)
		cancel()
		if err != nil {
			failed++
			c.say("failed  %-18s %s", one.name, sentence(err))
			continue
		}
		c.say("ok      %-18s %s", one.name, found)
	}
	if failed > 0 {
		return roster.Errorf(roster.Invalid, "%s.", count(failed, "of these does not work", "of these do not work"))
	}
	return nil
}

// tryStore reads the store's schema. An empty directory is fine: serve makes a store in it.
func (s *configCheck) tryStore(ctx context.Context, c *console) (string, error) {
	p, err := s.location(c)
	if err != nil {
		return "", err
	}
	key, err := s.secretKey(c.settings)
	if err == nil && key.value != "" {
		_, err = readSecret(key.value)
	}
	if err != nil {
		return "", err
	}
	db, err := p.open(false)
	if roster.KindOf(err) == roster.NotFound {
		return fmt.Sprintf("There is none in %s yet; serve makes one.", p), nil
	}
	if err != nil {
		return "", err
	}
	defer db.Close()
	if err := db.Ping(ctx); err != nil {
		return "", err
	}
	if err := db.CheckSchema(ctx); err != nil && !(s.Migrate || db.Engine() == "sqlite") {
		return "", err
	}
	return fmt.Sprintf("%s answers (%s).", p, db.Engine()), nil
}

func (s *configCheck) tryMail(ctx context.Context) (string, error) {
	return mail.Check(ctx, s.how())
}

func (s *configCheck) tryIssuer(ctx context.Context) (string, error) {
	err := oidc.New(oidc.Config{Issuer: s.OIDCIssuer, Name: s.OIDCName}).Check(ctx)
	return s.OIDCIssuer + " describes itself as it should.", err
}

func (s *configCheck) tryCertificate(context.Context) (string, error) {
	pair, err := tls.LoadX509KeyPair(s.TLSCert, s.TLSKey)
	if err != nil {
		return "", err
	}
	if !valid(pair.Leaf, time.Now()) {
		return "", roster.Errorf(roster.Invalid, "%s is valid from %s until %s, and not now", s.TLSCert,
			pair.Leaf.NotBefore.Format(time.RFC3339), pair.Leaf.NotAfter.Format(time.RFC3339))
	}
	return fmt.Sprintf("%s is valid until %s.", s.TLSCert, pair.Leaf.NotAfter.Format(time.RFC3339)), nil
}

// tryAuthority asks for no certificate: only serve answers the authority.
func (s *configCheck) tryAuthority(ctx context.Context) (string, error) {
	address := cmp.Or(s.ACMEDirectory, certmagic.LetsEncryptProductionCA)
	_, err := (&acme.Client{Directory: address}).GetDirectory(ctx)
	if err == nil {
		return address + " answers.", nil
	}
	text := err.Error()
	if why := whyNot(err); why != "" {
		text = why + " (" + text + ")"
	}
	return "", roster.Errorf(roster.Invalid, "%s cannot be used: %s", address, text)
}

func (s *configCheck) tryUpstream(ctx context.Context) (string, error) {
	if s.UpstreamToken == "" {
		return "", misuse("--upstream needs --upstream-token, a token of the Label Studio's owner")
	}
	base, err := url.Parse(s.Upstream)
	if err != nil {
		return "", err
	}
	found, err := gateway.NewUpstream(base, s.UpstreamToken, time.Now).Organization(ctx)
	return fmt.Sprintf("%s answers %s, of %q.", s.Upstream, found.Owner.Email, found.Title), err
}
