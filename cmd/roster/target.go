package main

import (
	"cmp"
	"errors"
	"fmt"

	"roster"
	"roster/client"
	"roster/internal/app"
	"roster/internal/core"
	"roster/internal/server"
	"roster/internal/store"
)

// locationFlags say which store a command works on.
type locationFlags struct {
	Data string `placeholder:"DIR" help:"Directory of the SQLite store (default: data)."`
	DB   string `name:"db" placeholder:"URL" secret:"" help:"Address of the PostgreSQL store, postgres://…"`
}

// location is a store: a directory, or an address.
type location struct{ dir, url string }

func (p location) String() string {
	if p.dir != "" {
		return p.dir
	}
	return "the PostgreSQL database" // its address may hold a password
}

// flag is how a command line names the location.
func (p location) flag() string {
	if p.dir != "" {
		return "--data " + p.dir
	}
	return "--db …"
}

// location reads the flags, the environment where they say nothing, and the
// configuration file where that says nothing either.
func (f locationFlags) location(c *console) (location, error) {
	dir, url, err := f.given(c.settings)
	return location{dir.value, url.value}, err
}

// given is where the store is, and what says so: one of the two.
func (f locationFlags) given(s *settings) (dir, url setting, err error) {
	if f.Data != "" && f.DB != "" {
		return dir, url, misuse("--data and --db contradict each other; give one of them")
	}
	if f.Data+f.DB != "" {
		return setting{f.Data, "--data"}, setting{f.DB, "--db"}, nil
	}
	for _, look := range s.sources() {
		dir, errDir := look("data")
		url, errURL := look("db")
		switch err := errors.Join(errDir, errURL); {
		case err != nil:
			return dir, url, err
		case dir.by != "" && url.by != "":
			return dir, url, misuse("%s and %s are both set; say which with --data or --db", dir.by, url.by)
		case dir.by+url.by != "":
			return dir, url, nil
		}
	}
	return setting{value: "data"}, url, nil
}

// storeFlags are for commands that work with the store's secrets.
type storeFlags struct {
	locationFlags
	SecretKeyFile string `placeholder:"FILE" help:"File with the key that encrypts tokens (or the key itself in $$ROSTER_SECRET_KEY; default: one that Roster keeps with the store)."`
}

// opening says how a store is opened.
type opening struct {
	create  bool // make a SQLite store that is missing
	migrate bool // bring PostgreSQL's schema up to date; SQLite's always is
	serve   bool // keep other servers off a SQLite store
	leave   bool // the log of a SQLite store to somebody else
	pool    store.Pool
	reading bool   // nothing is changed
	past    string // the address past PostgreSQL's pooler, if there is one
}

// openStore opens a store whose schema this Roster works with.
func (c *console) openStore(p location, o opening) (*store.DB, error) {
	db, err := p.connect(o)
	if err != nil {
		return nil, err
	}
	if err := c.prepare(db, o); err != nil {
		err = db.Damaged(err)
		db.Close() // what this says of a damaged store says less
		return nil, err
	}
	return db, nil
}

// prepare claims a store before anything of it is changed, and brings it up to date.
func (c *console) prepare(db *store.DB, o opening) error {
	if o.leave {
		if err := db.LeaveLog(); err != nil {
			return err
		}
	}
	if o.serve {
		if err := db.Claim(c.ctx); err != nil {
			return err
		}
	}
	if o.reading {
		db.ReadOnly()
		return db.CheckSchema(c.ctx)
	}
	if db.Engine() == "sqlite" {
		_, err := db.Migrate(c.ctx)
		return err
	}
	if o.migrate {
		if err := c.migrate(db, o.past); err != nil {
			return err
		}
	}
	if err := db.Ping(c.ctx); err != nil {
		return err
	}
	if err := db.CheckSchema(c.ctx); err != nil {
		return err
	}
	_, err := db.Refresh(c.ctx)
	return err
}

// migrate brings PostgreSQL's schema up to date, past its pooler if there is one.
func (c *console) migrate(db *store.DB, past string) error {
	if past != "" {
		direct, err := store.OpenURL(past)
		if err != nil {
			return err
		}
		defer direct.Close()
		db = direct
	}
	_, err := db.Migrate(c.ctx)
	return err
}

func (p location) open(create bool) (*store.DB, error) { return p.connect(opening{create: create}) }

func (p location) connect(o opening) (*store.DB, error) {
	if p.dir == "" {
		return store.OpenPool(p.url, o.pool)
	}
	if there, err := store.HasStore(p.dir); err != nil || (!there && !o.create) {
		return nil, orElse(err,
			roster.Errorf(roster.NotFound, "There is no store in %s; \"roster serve --data %s\" makes one.", p.dir, p.dir))
	}
	return store.OpenDir(p.dir)
}

// openApp opens a store with everything above it. The caller closes the store.
func (f storeFlags) openApp(c *console, config core.Config, o opening) (*app.App, *store.DB, error) {
	p, err := f.location(c)
	if err != nil {
		return nil, nil, err
	}
	db, err := c.openStore(p, o)
	if err != nil {
		return nil, nil, err
	}
	secret, err := c.secret(p, f, db)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	a, err := app.New(db, config, secret)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return a, db, nil
}

// actorFlags are for commands that somebody does, on the store.
type actorFlags struct {
	storeFlags
	As string `placeholder:"EMAIL" help:"Act as this person (default: the organization's owner)."`
}

// actor is who a command acts as.
func (f actorFlags) actor(c *console, a *app.App) (roster.Actor, error) {
	if f.As != "" {
		who, err := a.ActAs(c.ctx, f.As)
		if roster.KindOf(err) == roster.NotFound {
			err = roster.Errorf(roster.NotFound, "There is nobody with the e-mail %s.", f.As)
		}
		return who, err
	}
	who, err := a.Owner(c.ctx)
	if roster.KindOf(err) == roster.NotFound {
		err = roster.Errorf(roster.NotFound,
			"The store is empty: \"roster serve\" sets up an organization, and \"roster demo\" a large one to try.")
	}
	return who, err
}

// session is a conversation with a server, or with a store through the same wire.
type session struct {
	*console
	*client.Client
	organization int64
	close        func() error
}

// connect begins a session on a store, in this process.
func (f actorFlags) connect(c *console) (*session, error) {
	a, db, err := f.openApp(c, core.DefaultConfig(), opening{})
	if err != nil {
		return nil, err
	}
	who, err := f.actor(c, a)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	api, err := client.New("http://store", "")
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	api.Transport = server.Local(server.Handler(a, version), who)
	return &session{c, api, who.OrganizationID, db.Close}, nil
}

// remoteFlags are for commands that work on a store or on a running server.
type remoteFlags struct {
	actorFlags
	Server string `placeholder:"URL" help:"Address of a running server, to work there."`
	Token  string `placeholder:"TOKEN" secret:"" help:"API token for the server."`
}

// connect begins a session on a server where the flags or the environment name
// one, else on a store. A flag counts before the environment, and an
// environment that names both is refused: the wrong one would be changed.
func (f remoteFlags) connect(c *console) (*session, error) {
	local := f.Data + f.DB + f.SecretKeyFile + f.As
	if f.Server+f.Token != "" && local != "" {
		return nil, misuse("--server and --token contradict --data, --db, --secret-key-file and --as")
	}
	server, tokens := f.Server, c.settings.inEnvironment
	if server == "" && local == "" {
		var err error
		if server, tokens, err = c.settings.server(); err != nil {
			return nil, err
		}
	}
	if server == "" {
		if f.Token != "" {
			return nil, misuse("--token needs --server")
		}
		return f.actorFlags.connect(c)
	}
	token := f.Token
	if token == "" {
		found, err := tokens("token")
		if err != nil {
			return nil, err
		}
		token = found.value
	}
	return c.dial(server, token)
}

// server is the running server to work on, as far as the environment or else the
// configuration file names one, and no store beside it; "" when neither does. The file's token
// is for the file's server, and is sent to no other.
func (s *settings) server() (server string, tokens func(name string) (setting, error), err error) {
	tokens = s.inEnvironment
	for _, look := range s.sources() {
		server, err := look("server")
		dir, errDir := look("data")
		url, errURL := look("db")
		store := cmp.Or(dir.by, url.by)
		switch err := errors.Join(err, errDir, errURL); {
		case err != nil:
			return "", nil, err
		case server.by != "" && store != "":
			return "", nil, misuse("both a server and a store are named, by %s and %s; say which with --server, --data or --db",
				server.by, store)
		case server.by+store != "":
			return server.value, tokens, nil
		}
		tokens = s.lookUp
	}
	return "", s.inEnvironment, nil
}

// dial begins a session on a running server.
func (c *console) dial(server, token string) (*session, error) {
	if token == "" {
		return nil, misuse("a server needs a token: --token, or ROSTER_TOKEN")
	}
	api, err := client.New(server, token)
	if err != nil {
		return nil, misuse("--server: %w", err)
	}
	who, err := api.Whoami(c.ctx)
	if err != nil {
		return nil, err
	}
	return &session{c, api, who.Membership.OrganizationID, func() error { return nil }}, nil
}

// with runs fn in a session and ends that.
func with(s *session, err error, fn func(s *session) error) error {
	if err != nil {
		return err
	}
	return errors.Join(fn(s), s.close())
}

// called is a person or a project in words.
func called(kind string, id int64, name string) string {
	return fmt.Sprintf("%s %d (%s)", kind, id, cell(name))
}
