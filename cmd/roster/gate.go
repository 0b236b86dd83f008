package main

import (
	"cmp"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"

	"roster"
	"roster/internal/app"
	"roster/internal/gateway"
	"roster/internal/mirror"
	"roster/internal/server"
)

// validUpstream refuses an address that is none, what only an own organization
// has, and what says something of an upstream where there is none.
func (s *serveCommand) validUpstream() error {
	if s.Upstream == "" {
		if s.UpstreamToken+s.UpstreamFiles+s.UpstreamHooks != "" {
			return misuse("--upstream is missing; the other --upstream flags need it")
		}
		return nil
	}
	if !isBase(s.Upstream) {
		return misuse("--upstream: %q is not an address such as http://127.0.0.1:8081", s.Upstream)
	}
	if f := s.UpstreamFiles; f != "" && (!strings.HasPrefix(f, "/") || path.Clean(f) != f) {
		return misuse("--upstream-files: %q is not the absolute path of a folder, such as /srv/label-studio/files", f)
	}
	if s.UpstreamFiles == "/" {
		return misuse("--upstream-files: / would let administrators open every file of the Label Studio's machine, its " +
			"database too; give it a folder of its own")
	}
	if s.UpstreamHooks != "" && !isBase(s.UpstreamHooks) {
		return misuse("--upstream-hooks: %q is not an address such as http://127.0.0.1:8080", s.UpstreamHooks)
	}
	if s.Demo || s.OwnerEmail+s.Organization != "" {
		return misuse("--upstream brings its own people; leave out --demo, --owner-email and --organization")
	}
	if s.OIDCIssuer != "" {
		return misuse("--upstream has people sign in with their Label Studio accounts, and single sign-on would make " +
			"others; leave out --oidc-issuer and the other --oidc flags")
	}
	return nil
}

// isBase reports whether text is the address of a server, without a path.
func isBase(text string) bool {
	u, err := url.Parse(text)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery+u.Fragment == "" &&
		(u.Path == "" || u.Path == "/")
}

// gate is Roster in front of the upstream, once that was asked who it is.
func (s *serveCommand) gate(c *console, a *app.App, address string) (http.Handler, error) {
	if s.UpstreamToken == "" {
		return nil, misuse("--upstream needs --upstream-token, a token of the Label Studio's owner")
	}
	u, err := url.Parse(s.Upstream)
	if err != nil {
		return nil, err
	}
	public, err := s.public()
	if err != nil {
		return nil, err
	}
	config := gateway.Config{Upstream: u, Token: s.UpstreamToken, Version: version, MembersLink: s.MembersLink,
		Adopt: s.Adopt, Misses: s.MissRate, Files: s.UpstreamFiles, Public: public}
	if s.UpstreamHooks != "" {
		if config.Hooks, err = url.Parse(s.UpstreamHooks); err != nil {
			return nil, err
		}
	}
	front := server.NewFront(a, config)
	made, err := front.Start(c.ctx)
	if err != nil {
		return nil, err
	}
	c.say("Roster %s is ready on %s, in front of the Label Studio at %s", version, address, s.Upstream)
	if made {
		c.say("\nIts projects %s. Sign in there as the owner, and assign people under %s/roster/", adopted[s.Adopt], address)
	}
	return front, nil
}

// public is where people reach the server; nil when it was not said.
func (s *serveCommand) public() (*url.URL, error) {
	if s.URL == "" {
		return nil, nil
	}
	return url.Parse(s.URL)
}

// adopted says who sees the projects now.
var adopted = map[mirror.Adoption]string{
	mirror.AdoptNone:     "have no members yet",
	mirror.AdoptCreators: "have those who made them as members",
	mirror.AdoptAll:      "have everybody as members, as before",
}

// gateCommands are about the gate's policy.
type gateCommands struct {
	Routes  routesCommand  `cmd:"" help:"List the gate's policy: what may pass, and who."`
	Formats formatsCommand `cmd:"" help:"List the formats of exports: what each makes Label Studio do, and who may have it."`
}

type routesCommand struct {
	JSON  bool   `name:"json" xor:"form" help:"List it as JSON."`
	Check string `xor:"form" placeholder:"FILE" help:"Compare with the list of routes that Label Studio ships, label_studio/core/all_urls.json, and fail when it has routes without a rule."`
}

// Run lists the policy, or compares it with a release's routes.
func (r *routesCommand) Run(c *console) error {
	switch {
	case r.JSON:
		return c.json(gateway.Routes())
	case r.Check != "":
		return c.check(r.Check, "route", gateway.Unrouted)
	}
	for _, route := range gateway.Routes() {
		c.say("%-12s %-62s %s", strings.Join(route.Methods, " "), route.Path, route.Who)
	}
	return nil
}

type formatsCommand struct {
	JSON  bool   `name:"json" xor:"form" help:"List them as JSON."`
	Check string `xor:"form" placeholder:"FILE" help:"Compare with what Label Studio answers to GET /api/projects/{id}/export/formats, and fail when it has formats without a rule."`
}

// Run lists the formats, or compares them with a release's.
func (f *formatsCommand) Run(c *console) error {
	switch {
	case f.JSON:
		return c.json(gateway.Formats())
	case f.Check != "":
		return c.check(f.Check, "format", gateway.UnknownFormats)
	}
	for _, format := range gateway.Formats() {
		c.say("%-22s %-66s %s", format.Name, cmp.Or(string(format.Who), "nobody"), format.Note)
	}
	return nil
}

// check compares a part of the policy with what a release lists in a file, and
// fails when that has things, each a what, that the policy says nothing about.
func (c *console) check(name, what string, unknown func(io.Reader) ([]string, error)) error {
	file, err := c.input(name)
	if err != nil {
		return err
	}
	defer file.Close()
	missing, err := unknown(file)
	if err != nil {
		return misuse("%s is not a list of %ss: %w", name, what, err)
	}
	if len(missing) == 0 {
		c.say("The policy has a rule for every %s.", what)
		return nil
	}
	for _, one := range missing {
		c.say("%s", one)
	}
	return roster.Errorf(roster.Invalid, "%s without a rule. The gate refuses them.", count(len(missing), what, what+"s"))
}
