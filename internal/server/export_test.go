package server

import (
	"net/http"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/lsapi"
)

// Guarded puts next where the faces are, so that a test can be the face.
func Guarded(a *app.App, version string, next http.Handler) http.Handler {
	return around(a, lsapi.New(a, version), next)
}

// Takes is how many bytes clients take in a second in tests: more than a connection holds in
// its buffers, which are as good as taken.
const Takes = 32 << 20

// Left is how long a client may be waited for now that took so many bytes while it was waited
// for so long.
func Left(taken int64, waited time.Duration) time.Duration {
	return usual.left(taken, usual.takes, waited)
}

// Unstalled cuts off who takes nothing, or sends nothing, for as long as stall, or takes
// longer than arrival for what it has to say, or for what it is answered.
func Unstalled(stall, arrival time.Duration, next http.Handler) http.Handler {
	return unstalled(pace{stall, arrival, 1 << 20, Takes}, next)
}

// InAHurry gives clients less time, until it is called back.
func InAHurry(stall, arrival time.Duration) (back func()) {
	before := usual
	usual = pace{stall, arrival, 1 << 20, Takes}
	return func() { usual = before }
}

// SignedIn is next after who signed in.
func SignedIn(who roster.Actor, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		roster.RequestIn(r.Context()).Note(func(f *roster.RequestFacts) { f.Actor = who })
		next(w, r)
	})
}

// Waits has a server that is to stop wait by another clock, until it is called back.
func Waits(clock func(time.Duration) <-chan time.Time) (back func()) {
	before := after
	after = clock
	return func() { after = before }
}
