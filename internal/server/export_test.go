package server

import (
	"net/http"

	"roster"
	"roster/internal/app"
	"roster/internal/lsapi"
)

// Guarded puts next where the faces are, so that a test can be the face.
func Guarded(a *app.App, version string, next http.Handler) http.Handler {
	return around(a, lsapi.New(a, version), next)
}

// Unstalled cuts off who takes nothing for as long as stall.
var Unstalled = unstalled

// SignedIn is next after who signed in.
func SignedIn(who roster.Actor, next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(*recorder).who = who
		next(w, r)
	})
}
