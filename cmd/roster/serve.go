package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/limit"
	"roster/internal/mail"
	"roster/internal/metrics"
	"roster/internal/mirror"
	"roster/internal/server"
	"roster/internal/store"
	"roster/internal/tracing"
)

type serveCommand struct {
	storeFlags
	poolFlags
	oidcFlags
	watchFlags
	tlsFlags
	scheduleFlags
	Addr              string          `default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Where to listen: a host and a port, of which 0 is a free one; unix: and the path of a socket; or systemd, for the socket that systemd holds (default: ${default})."`
	Demo              bool            `help:"Fill an empty store with a realistic organization, and say how to try it."`
	Migrate           bool            `help:"Bring PostgreSQL's schema up to date first. SQLite's always is."`
	ReadOnly          bool            `help:"Answer what only reads, and refuse every change with 503, for maintenance. Who is signed in stays so, and nobody signs in or out. The gate lets reading through as usual."`
	Checkpoints       bool            `negatable:"" default:"true" help:"Move SQLite's log into the database, and keep it short; --no-checkpoints leaves that to a replicator such as Litestream."`
	UndoWindow        span            `default:"30d" placeholder:"DURATION" help:"How long an operation can be undone, such as 72h or 30d (default: ${default})."`
	ActivityRetention span            `default:"90d" placeholder:"DURATION" help:"How long the activity log is kept (default: ${default})."`
	StoreTimeout      span            `default:"20s" placeholder:"DURATION" help:"How long the store may take for each step of a request before it is refused, such as 20s or 2m; exports and imports have other limits, or none (default: ${default})."`
	ExportTimeout     span            `default:"30m" placeholder:"DURATION" help:"How long an export may take, however slowly it is read, before it is cut off, such as 30m or 2h (default: ${default})."`
	Replay            bool            `negatable:"" default:"true" help:"A bulk removal that comes again within a minute, without an Idempotency-Key, is taken for a repetition by the client and answered as the first time: nobody who was added in between is taken. With --no-replay it is carried out again."`
	DrainDelay        time.Duration   `default:"0s" placeholder:"DURATION" help:"How long a server that is told to stop goes on taking requests while /health/ready says that it is not ready, so that balancers send nobody any more, such as 5s (default: ${default})."`
	ConfirmShare      int             `default:"25" placeholder:"PERCENT" help:"The share of a project's members from which the console has a removal confirmed by typing the project's name, for 20 people and more; 0 never asks (default: ${default})."`
	OwnerEmail        string          `placeholder:"EMAIL" help:"The owner whom an empty store gets (default: owner@example.com)."`
	Organization      string          `placeholder:"TITLE" help:"The title of the organization that an empty store gets (default: Roster)."`
	RefreshRate       limit.Rate      `name:"rate-limit-refresh" default:"300/min" placeholder:"RATE" help:"How often one personal access token, and one client address, may ask for an access token, such as 300/min, or off (default: ${default})."`
	CallRate          limit.Rate      `name:"rate-limit-calls" default:"off" placeholder:"RATE" help:"How often one credential may call the API, such as 50/s, or off (default: ${default})."`
	TrustedProxy      []netip.Prefix  `placeholder:"NETWORK,..." help:"Proxies whose X-Forwarded-For, X-Forwarded-Proto, X-Forwarded-Prefix and traceparent are believed, such as 127.0.0.0/8,::1/128 for one on this machine (default: none)."`
	CORSOrigin        []origin        `name:"cors-origin" placeholder:"ORIGIN,..." help:"Pages of these origins, such as https://app.example.com, may call the API from a browser, with a token and never with a session (default: none)."`
	SignInRate        limit.Rate      `name:"rate-limit-sign-in" default:"20/h" placeholder:"RATE" help:"How often one client address may try to sign in with one e-mail, such as 20/h, or off; thirty times as often with all e-mails together (default: ${default})."`
	MissRate          limit.Rate      `name:"rate-limit-misses" default:"120/min" placeholder:"RATE" help:"With --upstream, how often one person may name what is not there or not theirs and Label Studio has to be asked about, and one client address come with tokens that nobody has, such as 120/min, or off (default: ${default})."`
	URL               string          `name:"url" placeholder:"URL" help:"Where people reach this server, such as https://roster.example.com, for links. With a path, as in https://example.com/labels, everything lies below it (default: where it listens)."`
	Mail              string          `placeholder:"log|URL" secret:"" help:"How mail goes out: log prints it instead, smtp://user:password@host:587?from=roster@example.com sends it (default: log)."`
	Upstream          string          `placeholder:"URL" help:"Stand in front of the Label Studio Community Edition at this address, such as http://127.0.0.1:8081, and let people see their own projects only."`
	UpstreamToken     string          `placeholder:"TOKEN" secret:"" help:"An API token of that Label Studio's owner."`
	UpstreamFiles     string          `placeholder:"DIR" help:"The folder from which that Label Studio serves local files, exactly its LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT (default: local files stay shut)."`
	UpstreamHooks     string          `placeholder:"URL" help:"With --upstream: where that Label Studio reaches this server, such as http://127.0.0.1:8080, so that it tells at once what was changed past the gate (default: it is compared every minute). Its SSRF_PROTECTION_ENABLED refuses private addresses."`
	Adopt             mirror.Adoption `enum:"creators,all-members,none" default:"creators" help:"With --upstream, on an empty store: who becomes a member of the projects that Label Studio has already: creators of their own, as Managers; all-members of all; none (default: ${default}). It is one operation, which can be undone."`
	MembersLink       bool            `negatable:"" default:"true" help:"With --upstream: put a link to the members onto its project pages (--no-members-link leaves it out)."`
	LogLevel          string          `enum:"debug,info,warn,error" default:"info" help:"What to log on stderr: debug, info, warn or error (default: ${default})."`
}

// span is a duration that may be said in days.
type span time.Duration

// longestSpan is a hundred years, in days: longer ones do not fit a duration.
const longestSpan = 36525

// UnmarshalText reads a Go duration, or whole days.
func (s *span) UnmarshalText(text []byte) error {
	days, isDays := strings.CutSuffix(string(text), "d")
	d, err := time.ParseDuration(string(text))
	if isDays {
		var n int
		n, err = strconv.Atoi(days)
		d = time.Duration(min(n, longestSpan+1)) * 24 * time.Hour
	}
	if err != nil || d <= 0 || d > longestSpan*24*time.Hour {
		return fmt.Errorf("%q is not a duration such as 72h or 30d, of %d days at most", text, longestSpan)
	}
	*s = span(d)
	return nil
}

// String is the span as UnmarshalText reads it.
func (s span) String() string {
	d := time.Duration(s)
	if days := d / (24 * time.Hour); days > 0 && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", days)
	}
	return d.String()
}

// origin is where a page comes from, as a browser says it: a scheme, a host, and a port
// that is not the scheme's own.
type origin string

// UnmarshalText reads an address with nothing after its port. A pattern is none.
func (o *origin) UnmarshalText(text []byte) error {
	u, err := url.Parse(string(text))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" ||
		strings.ContainsAny(u.Host, "* ") || string(text) != u.Scheme+"://"+u.Host {
		return fmt.Errorf("%q is not the origin of a page, such as https://app.example.com or http://localhost:3000; "+
			"each is named, by no pattern", text)
	}
	host := strings.ToLower(u.Host)
	if own := map[string]string{"http": ":80", "https": ":443"}[u.Scheme]; u.Port() != "" {
		host = strings.TrimSuffix(host, own)
	}
	*o = origin(u.Scheme + "://" + host)
	return nil
}

// Validate refuses flags that contradict each other.
func (s *serveCommand) Validate() error {
	if u, err := url.Parse(s.URL); s.URL != "" && (err != nil || (u.Scheme != "http" && u.Scheme != "https") ||
		u.Host == "" || u.RawQuery+u.Fragment != "" || !plainRoot(u)) {
		return misuse("--url: %q is not an address such as https://roster.example.com or "+
			"https://example.com/roster", s.URL)
	}
	if s.ConfirmShare < 0 || s.ConfirmShare > 100 {
		return misuse("--confirm-share: %d is not a percentage from 0 to 100", s.ConfirmShare)
	}
	if s.DrainDelay < 0 || s.DrainDelay > time.Hour {
		return misuse("--drain-delay: %s is not from 0s to 1h", s.DrainDelay)
	}
	if s.ReadOnly && (s.Demo || s.Migrate) {
		return misuse("--read-only changes nothing; leave out --demo and --migrate")
	}
	if s.Demo && s.OwnerEmail+s.Organization != "" {
		return misuse("--demo brings its own owner and organization; leave out --owner-email and --organization")
	}
	if err := s.validUpstream(); err != nil {
		return err
	}
	for _, wrong := range []error{
		s.poolFlags.check(), s.watchFlags.check(), s.tlsFlags.check(), s.scheduleFlags.check(), s.oidcFlags.check(),
	} {
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

// log has what is said from the level on go to stderr.
func (s *serveCommand) log(c *console) error {
	var level slog.Level
	err := level.UnmarshalText([]byte(s.LogLevel))
	if err == nil {
		c.logTo(level)
	}
	return err
}

// rootShape is a path of letters and digits, that no two programs write differently.
var rootShape = regexp.MustCompile(`^(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*/?$`)

func plainRoot(u *url.URL) bool { return rootShape.MatchString(u.EscapedPath()) }

// Run serves until it is told to stop. It listens first, so that a taken
// address costs nothing.
func (s *serveCommand) Run(c *console) error {
	if err := s.log(c); err != nil {
		return err
	}
	flush, err := tracing.Start(c.ctx, version)
	if err != nil {
		return misuse("%w", err)
	}
	defer flush()
	listener, err := s.hear(c)
	if err != nil {
		return err
	}
	defer listener.Close()
	watchers, err := s.listen(c)
	if err != nil {
		return err
	}
	defer watchers.close()
	return s.answer(c, listener, watchers)
}

// hear listens, where those who come can be told apart.
func (s *serveCommand) hear(c *console) (net.Listener, error) {
	l, err := listen(c, s.Addr)
	if err != nil {
		return nil, err
	}
	if err := heardBehind(s.TrustedProxy, l); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// answer opens the store, and serves what is in it.
func (s *serveCommand) answer(c *console, l net.Listener, w watchers) error {
	send, err := s.mailer(c)
	if err != nil {
		return err
	}
	store, err := s.location(c)
	if err != nil {
		return err
	}
	speaks, err := s.tls(store.dir, l.Addr())
	if err != nil {
		return err
	}
	address := reachable(l.Addr(), speaks.config != nil)
	config := s.config(address, send)
	a, db, err := s.openStore(c, config)
	if err != nil {
		return err
	}
	defer db.Close()
	handler, err := s.ready(c, a, db, address+config.Root())
	if err != nil {
		return err
	}
	backups, err := s.schedule(c.ctx, db, time.Now())
	if err != nil {
		return err
	}
	return s.serve(c, a, listening{l, speaks}, w, send, backups, handler)
}

// openStore opens the store that the settings name, as they say, and tells of addresses in
// it that would be refused today.
func (s *serveCommand) openStore(c *console, config core.Config) (*app.App, *store.DB, error) {
	past, err := s.past(c.settings, s.locationFlags)
	if err != nil {
		return nil, nil, err
	}
	a, db, err := s.openApp(c, config, opening{
		create: true, migrate: s.Migrate, serve: true, leave: !s.Checkpoints, pool: s.pool(), past: past.value,
		reading: s.ReadOnly})
	if err != nil {
		return nil, nil, err
	}
	if err := a.TellOddAddresses(c.ctx); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return a, db, nil
}

// config is what the flags say of the operations.
func (s *serveCommand) config(address string, send mail.Sender) core.Config {
	config := core.DefaultConfig()
	config.UndoWindow, config.ActivityRetention = time.Duration(s.UndoWindow), time.Duration(s.ActivityRetention)
	config.ConfirmShare = s.ConfirmShare
	config.DrainDelay = s.DrainDelay
	config.StoreTimeout, config.ExportTimeout = time.Duration(s.StoreTimeout), time.Duration(s.ExportTimeout)
	if !s.Replay {
		config.ReplayFor = 0
	}
	config.RefreshRate, config.CallRate, config.SignInRate = s.RefreshRate, s.CallRate, s.SignInRate
	for _, of := range s.CORSOrigin {
		config.Origins = append(config.Origins, string(of))
	}
	config.Links = strings.TrimSuffix(s.URL, "/")
	if strings.HasPrefix(address, "unix:") {
		address = "http://localhost" // whatever stands in front of the socket: --url says
	}
	config.URL = cmp.Or(config.Links, address)
	s.oidcFlags.use(&config)
	config.Transport = core.Transport{Words: mail.Describe(s.how()), Prints: s.how() == "log", Send: send}
	return config
}

// ready sets up an empty store, says where the server is, and is what answers.
func (s *serveCommand) ready(c *console, a *app.App, db *store.DB, address string) (http.Handler, error) {
	switch {
	case s.Upstream != "":
		return s.gate(c, a, address)
	case s.ReadOnly:
		c.say("Roster %s is ready on %s, read only", version, address)
		return server.Handler(a, version), nil
	case s.Demo:
		return server.Handler(a, version), s.welcomeDemo(c, a, db, address)
	}
	return server.Handler(a, version), s.welcome(c, a, address)
}

// how mail goes out.
func (s *serveCommand) how() string { return cmp.Or(s.Mail, "log") }

func (s *serveCommand) mailer(c *console) (mail.Sender, error) {
	send, err := mail.Parse(s.how(), c.stderr)
	if err != nil {
		return nil, misuse("--mail: %w", err)
	}
	return send, nil
}

// serve answers requests and sends mail, until it is told to stop.
func (s *serveCommand) serve(c *console, a *app.App, l listening, w watchers, send mail.Sender,
	backups *schedule, h http.Handler) error {
	ctx, stop := context.WithCancel(context.WithoutCancel(c.ctx)) // until the last request is done
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	metrics.Built(version, store.Version())
	w.serve(ctx, a, work.Go)
	if l.speaks.keep != nil {
		work.Go(func() { l.speaks.keep(ctx) })
	}
	if !s.ReadOnly {
		work.Go(func() { server.DeliverMail(ctx, a, send) })
	}
	if backups != nil {
		work.Go(func() { backups.at(ctx, time.Now()); backups.watch(ctx, time.Tick(time.Minute)) })
	}
	if front, ok := h.(*server.Front); ok {
		work.Go(func() { front.Watch(ctx, time.Tick(server.CompareEvery)) })
	}
	return server.Serve(c.ctx, overTLS(l.Listener, l.speaks.config), a, server.Behind(s.TrustedProxy, h))
}

// reachable is how this machine reaches a listener.
func reachable(at net.Addr, secure bool) string {
	tcp, ok := at.(*net.TCPAddr)
	if !ok {
		return "unix:" + at.String()
	}
	host, scheme := tcp.IP.String(), "http://"
	if tcp.IP.IsUnspecified() {
		host = "127.0.0.1"
	}
	if secure {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// welcome sets up an empty store and says where the server is.
func (s *serveCommand) welcome(c *console, a *app.App, address string) error {
	owner := roster.NewUser{Email: s.OwnerEmail, Password: rand.Text()}
	if owner.Email == "" {
		owner.Email = "owner@example.com"
	}
	title := s.Organization
	if title == "" {
		title = "Roster"
	}
	made, err := a.Setup(c.ctx, title, owner)
	if err != nil {
		return err
	}
	c.say("Roster %s is ready on %s", version, address)
	if made {
		p, _ := s.location(c)
		c.say("\n  Organization  %s\n  Owner         %s\n  Password      %s  (shown this once)", title, owner.Email,
			owner.Password)
		c.say("\nThe owner's API token:\n\n  roster token create --user %s %s", owner.Email, p.flag())
	}
	return nil
}

// welcomeDemo fills an empty store with the demo and says how to try it.
func (s *serveCommand) welcomeDemo(c *console, a *app.App, db *store.DB, address string) error {
	tour, err := c.demo(a, db, demoFlags{})
	if err != nil {
		return err
	}
	owner, err := a.Owner(c.ctx)
	if err != nil {
		return err
	}
	token, err := a.Token(c.ctx, owner.UserID)
	if err != nil {
		return err
	}
	tour.show(c, address, owner.Email, token)
	return nil
}
