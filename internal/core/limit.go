package core

import (
	"context"
	"io"
	"strconv"
	"time"

	"roster"
	"roster/internal/limit"
	"roster/internal/mailbox"
	"roster/internal/metrics"
)

// limits is who asked for what how often, in this process.
type limits struct{ refreshes, calls, signIns, addresses *limit.Limiter }

func newLimits(c Config) limits {
	perAddress := limit.Rate{N: c.SignInRate.N * signInsPerAddress, Per: c.SignInRate.Per}
	return limits{limit.New(c.RefreshRate), limit.New(c.CallRate), limit.New(c.SignInRate), limit.New(perAddress)}
}

// HoldBody counts what is read of a request's body for the actor of ctx, until it
// is released: in memory, bodies have one bound for each and one for everybody.
func (a *App) HoldBody(ctx context.Context, body io.ReadCloser) *limit.Held {
	who, _ := roster.ActorFrom(ctx)
	return a.bodies.Hold(strconv.FormatInt(who.UserID, 10), body)
}

// HoldMade counts bytes that are to be made of what the actor of ctx sent, by the same
// bounds, until it is released. A part of a file has many times its bytes once it was read.
func (a *App) HoldMade(ctx context.Context, bytes int64) (*limit.Held, error) {
	who, _ := roster.ActorFrom(ctx)
	return a.bodies.Make(strconv.FormatInt(who.UserID, 10), bytes)
}

// Refresh holds a token, or an address, to the rate of exchanging tokens.
func (l limits) Refresh(name string, now time.Time) error {
	return inTime("refresh", l.refreshes.Wait(name, now))
}

// AllowCall holds the credential of the actor of ctx to the rate of calls.
func (a *App) AllowCall(ctx context.Context) error {
	who, err := ActorOf(ctx)
	if err != nil {
		return err
	}
	return inTime("calls", a.Limits.calls.Wait(string(who.Credential)+" "+strconv.FormatInt(who.UserID, 10), a.Now()))
}

// inTime refuses who has to wait.
func inTime(limit string, wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	metrics.Limited(limit)
	seconds := (wait + time.Second - 1) / time.Second
	return roster.Error{Kind: roster.TooMany, RetryAfter: seconds * time.Second}.Says(
		"Request was throttled. Expected available in %d seconds.", seconds)
}

// SignIn holds whoever tries to sign in to a rate, for each address and e-mail
// together, and for each address however many e-mails it tries. There is none
// for an e-mail alone: it would let anybody lock its owner out.
func (l limits) SignIn(email, from string, now time.Time) error {
	address := limit.Address(from)
	if err := l.Address(from, now); err != nil {
		return err
	}
	return inTime("sign-in", l.signIns.Wait(address+" "+Shortened(mailbox.Key(email), 254), now))
}

// signInsPerAddress is how many e-mails' worth of attempts an address has: an
// office behind one address comes to work at nine.
const signInsPerAddress = 30

// Address holds a client address to what it may try to sign in and to join.
func (l limits) Address(from string, now time.Time) error {
	return inTime("address", l.addresses.Wait(limit.Address(from), now))
}
