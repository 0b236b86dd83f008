package gateway

import (
	"context"
	"crypto/sha256"
	"net/http"
	"strings"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/auth"
	"roster/internal/limit"
	"roster/internal/metrics"
)

// caller is who sent a request, and how the upstream is told.
type caller struct {
	who roster.Actor
	// header is the Authorization that goes on; "" when the gate's own sign-in
	// of the person does instead.
	header string
	// at is what they are to the project that the address names, as the statement read
	// it that found out who they are; of no project where it names none.
	at roster.Standing
	// again asks the store whether the credential still stands, and by the same
	// statement what the person is to the project that in names, if it is given.
	again recognize
}

type recognize func(ctx context.Context, in ...*roster.Standing) (roster.Actor, error)

// identities finds out whose credential a request comes with.
type identities struct {
	app      *app.App
	upstream *Upstream
	known    *cache[[sha256.Size]byte, int64] // credentials of the upstream, by hash, to the person
	logins   *cache[int64, string]            // what people are signed in to the upstream with
	// refreshed is whose sign-in was replaced by a newer one lately.
	refreshed *cache[int64, struct{}]

	misses misses
	// vouched is the tokens of the upstream's that were somebody's lately. To ask
	// again whose they are counts against nobody.
	vouched *cache[[sha256.Size]byte, struct{}]
}

// The bounds of what is remembered about credentials. A token that somebody
// ends past the gate, on the upstream itself, lives so long at most.
const (
	identitiesHeld = 20_000
	identitiesFor  = 30 * time.Second
	vouchedFor     = 24 * time.Hour
)

func newIdentities(a *app.App, u *Upstream, m misses) *identities {
	return &identities{
		app: a, upstream: u, known: newCache[[sha256.Size]byte, int64](identitiesHeld, identitiesFor),
		logins:    newCache[int64, string](identitiesHeld, identitiesFor),
		refreshed: newCache[int64, struct{}](identitiesHeld, refreshEvery), misses: m,
		vouched: newCache[[sha256.Size]byte, struct{}](identitiesHeld, vouchedFor),
	}
}

// credential is the one that a request comes with: a session, or a token as
// Authorization spells it.
type credential struct{ session, scheme, token string }

// authorization is how a token is written in the header.
func (c credential) authorization() string { return c.scheme + " " + c.token }

func (c credential) hash() [sha256.Size]byte { return sha256.Sum256([]byte(c.authorization())) }

// one reads the credential of a request. A second one is refused: the upstream
// would prefer another than the gate here, and another there. Below a root another server
// of the same host may have given the browser a session, too: the first is for the longer
// path, and so ours (RFC 6265, 5.4). None goes on as it came.
func one(r *http.Request, root string) (c credential, err error) {
	authorization, key := r.Header.Values("Authorization"), r.Header.Values("X-Api-Key")
	sessions := r.CookiesNamed(auth.SessionCookie)
	if root != "" {
		sessions = sessions[:min(1, len(sessions))]
	}
	switch n := len(authorization) + len(key) + len(sessions); {
	case n == 0:
		return c, unsigned
	case n > 1:
		return c, roster.Errorf(roster.Invalid,
			"The request comes with %d credentials. Send one: the session's cookie, Authorization, or X-API-Key.", n)
	case len(sessions) == 1:
		return credential{session: sessions[0].Value}, nil
	case len(key) == 1:
		c = credential{scheme: "Token", token: strings.TrimSpace(key[0])}
		if strings.Count(c.token, ".") == 2 {
			c.scheme = "Bearer"
		}
	default:
		scheme, token, _ := strings.Cut(strings.TrimSpace(authorization[0]), " ")
		c = credential{scheme: map[string]string{"token": "Token", "bearer": "Bearer"}[strings.ToLower(scheme)],
			token: strings.TrimSpace(token)}
	}
	if c.scheme == "" || c.token == "" || len(c.token) > maxToken || strings.ContainsAny(c.token, " ,\t") {
		return c, roster.Errorf(roster.Unsigned, "Invalid token header. Send Authorization: Token or Bearer, and one token.")
	}
	return c, nil
}

// maxToken is the longest token that is looked at, in bytes.
const maxToken = 4096

var unsigned = roster.Errorf(roster.Unsigned, "Authentication credentials were not provided.")

// caller is who a request comes from. Sessions and Roster's own tokens are
// asked of the store each time; tokens of the upstream's are remembered a
// while, but not what their person may do. A token that is remembered as the
// upstream's is none of Roster's.
//
// project is what the address names; 0: none.
func (i *identities) caller(r *http.Request, project int64) (caller, error) {
	c, err := one(r, i.app.Root())
	if err != nil {
		return caller{}, err
	}
	if c.session != "" || !i.remembers(c) {
		found, err := i.ours(c).caller(r.Context(), project)
		if c.session != "" || err == nil || roster.KindOf(err) != roster.Unsigned {
			return found, err
		}
	}
	found, err := i.theirs(c, limit.Address(r.RemoteAddr)).caller(r.Context(), project)
	found.header = c.authorization()
	return found, err
}

// caller is who a credential is of, and what they are to a project; 0: to none.
func (again recognize) caller(ctx context.Context, project int64) (c caller, err error) {
	c.again, c.at.ProjectID = again, project
	if project == 0 {
		c.who, err = again(ctx)
	} else {
		c.who, err = again(ctx, &c.at)
	}
	return c, err
}

// remembers reports whether c is known to be a token of the upstream's.
func (i *identities) remembers(c credential) bool {
	_, known := i.known.get(c.hash(), i.app.Now())
	return known
}

// ours reads the credential as one of Roster's.
func (i *identities) ours(c credential) recognize {
	return func(ctx context.Context, in ...*roster.Standing) (roster.Actor, error) {
		switch {
		case c.session != "":
			return i.app.AuthenticateSession(ctx, c.session, in...)
		case c.scheme == "Bearer":
			return i.app.AuthenticateAccess(ctx, c.token, in...)
		}
		return i.app.Authenticate(ctx, c.token, in...)
	}
}

// theirs reads it as one of the upstream's, which says whose it is. from is the
// address that it came from.
func (i *identities) theirs(c credential, from string) recognize {
	return func(ctx context.Context, in ...*roster.Standing) (roster.Actor, error) {
		user, known := i.known.get(c.hash(), i.app.Now())
		metrics.Remembered(known)
		if !known {
			var err error
			if user, err = i.introduce(ctx, c, from); err != nil {
				return roster.Actor{}, err
			}
		}
		if c.scheme == "Bearer" {
			return i.app.RecognizeAccess(ctx, user, c.token, in...)
		}
		return i.app.Recognize(ctx, user, roster.CredentialToken, in...)
	}
}

// introduce asks the upstream whose a token is, and remembers it. One that nobody
// has counts against the address that it came from.
func (i *identities) introduce(ctx context.Context, c credential, from string) (int64, error) {
	key, now := c.hash(), i.app.Now()
	_, good := i.vouched.get(key, now)
	if !good {
		if err := i.misses.charge(from, "requests from your address came with tokens that nobody has"); err != nil {
			return 0, err
		}
	}
	user, err := i.see(ctx, http.Header{"Authorization": {c.authorization()}})
	switch {
	case roster.KindOf(err) == roster.Unsigned:
		i.vouched.drop(key)
		return 0, err
	case !good:
		i.misses.Refund(from)
	}
	if err == nil {
		i.known.put(key, user, now)
		i.vouched.put(key, struct{}{}, now)
	}
	return user, err
}

// see asks the upstream whose credential header holds, and makes Roster know
// that person.
func (i *identities) see(ctx context.Context, header http.Header) (int64, error) {
	var p Person
	if err := i.upstream.askAs(ctx, http.MethodGet, "/api/current-user/whoami", nil, header, nil, &p); err != nil {
		return 0, err
	}
	if p.ID == 0 {
		return 0, unsigned
	}
	if known, err := i.app.KnowsPerson(ctx, p.user()); known || err != nil {
		return p.ID, err
	}
	return p.ID, i.app.MirrorPeople(ctx, []roster.User{p.user()})
}

// login is what a person is signed in to the upstream with.
func (i *identities) login(ctx context.Context, user int64) (string, error) {
	if login, ok := i.logins.get(user, i.app.Now()); ok {
		return login, nil
	}
	login, err := i.app.UpstreamLogin(ctx, user)
	if err == nil {
		i.logins.put(user, login, i.app.Now())
	}
	return login, err
}

// keep replaces it by a newer one.
func (i *identities) keep(ctx context.Context, user int64, login string) error {
	i.logins.put(user, login, i.app.Now())
	return i.app.KeepUpstreamLogin(ctx, user, login)
}
