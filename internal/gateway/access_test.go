package gateway_test

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"roster/internal/gateway"
	"roster/internal/limit"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// signature is the one that the fake upstream makes.
const signature = ".c2ln"

// jwt is a token of the upstream's, as far as anybody can read one.
func jwt(kind, id string, user int64) string {
	return "e30." + base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil,
		`{"token_type":%q,"jti":%q,"user_id":"%d"}`, kind, id, user)) + signature
}

// personal is a personal access token of somebody's.
func personal(id string, user int64) string { return jwt("refresh", id, user) }

var exchanges atomic.Int64

// exchanged is what the upstream gives for a personal access token; "" for one that it has
// not signed. The gate's own says of nobody that it is theirs.
func exchanged(token string) string {
	middle, signed := strings.CutSuffix(token, signature)
	user := userOf(middle)
	switch {
	case !signed:
		return ""
	case user == 0:
		return serviceToken
	}
	return jwt("access", fmt.Sprint("access", exchanges.Add(1)), user)
}

// userOf is whose a token says it is.
func userOf(token string) (id int64) {
	parts := strings.Split(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(parts[min(1, len(parts)-1)])
	_, named, says := strings.Cut(string(raw), `"user_id":"`)
	if err != nil || !says {
		return 0
	}
	fmt.Sscan(strings.SplitN(named, `"`, 2)[0], &id)
	return id
}

// exchange has the gate exchange a personal access token.
func (w *world) exchange(id string, user int64) reply {
	w.t.Helper()
	return w.send("", "POST", "/api/token/refresh/", `{"refresh":"`+personal(id, user)+`"}`)
}

// access is an access token that was got through the gate.
func (w *world) access(id, who string) string {
	w.t.Helper()
	got := w.exchange(id, people[who])
	if got.status != 200 {
		w.t.Fatal(got)
	}
	return got.json(w.t).(map[string]any)["access"].(string)
}

// takes is how the gate answers an access token.
func (w *world) takes(access string) int {
	w.t.Helper()
	return w.send("", "GET", "/api/version/", "", "Authorization", "Bearer "+access).status
}

// TestAccessEndsWithItsToken: the upstream takes an access token until it runs out; here it
// ends with what it was got for, and no other does.
func TestAccessEndsWithItsToken(t *testing.T) {
	w := newWorld(t)
	for _, way := range []string{"/api/token/blacklist/", "/api/token/rotate/"} {
		for _, spelt := range []string{"whole", "without its signature"} {
			id := way + spelt
			access, other := w.access(id, "mia"), w.access(id+" other", "mia")
			token := personal(id, people["mia"])
			if spelt != "whole" {
				token = strings.TrimSuffix(token, signature)
			}
			if w.takes(access) != 200 {
				t.Fatal(id)
			}
			if got := w.send("mia", "POST", way, `{"refresh":"`+token+`"}`); got.status != 200 {
				t.Fatal(got)
			}
			if ended, lives := w.takes(access), w.takes(other); ended != 401 || lives != 200 {
				t.Errorf("%s: its own is %d, another %d", id, ended, lives)
			}
		}
	}
}

// TestAccessEndsEverywhere: on every gate of one store, and on one that starts later.
func TestAccessEndsEverywhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := worldOn(t, db)
		access := w.access("one", "mia")
		other := w.replica()
		if w.takes(access) != 200 || other.takes(access) != 200 {
			t.Fatal("it is refused")
		}
		if got := other.send("mia", "POST", "/api/token/blacklist/", `{"refresh":"`+personal("one", people["mia"])+
			`"}`); got.status != 200 {
			t.Fatal(got)
		}
		if after := w.replica(); w.takes(access) != 401 || other.takes(access) != 401 || after.takes(access) != 401 {
			t.Error("a gate takes what was ended at another")
		}
	})
}

// TestAnAccessTokenIsGotHere: of one that was not, nobody can say what it would end with.
func TestAnAccessTokenIsGotHere(t *testing.T) {
	w := newWorld(t)
	if got := w.takes(exchanged(personal("past", people["mia"]))); got != 401 {
		t.Error(got)
	}
}

// TestSweptAccess: what has run out is forgotten, and that a token was ended not before.
func TestSweptAccess(t *testing.T) {
	w := newWorld(t)
	access := w.access("one", "mia")
	w.send("mia", "POST", "/api/token/blacklist/", `{"refresh":"`+personal("one", people["mia"])+`"}`)
	w.late.Store(int64(30 * time.Minute))
	ok(t, w.app.Sweep(t.Context()))
	if got := w.takes(access); got != 401 {
		t.Error("it is back:", got)
	}
	w.late.Store(int64(2 * time.Hour))
	ok(t, w.app.Sweep(t.Context()))
	if got := w.takes(access); got != 401 {
		t.Error("it is back:", got)
	}
}

// TestNobodyRotatesAnothersToken: the upstream ends any, and gives who asks one of their own.
func TestNobodyRotatesAnothersToken(t *testing.T) {
	w := newWorld(t)
	access := w.access("one", "mia")
	w.fake.taken()
	if got := w.send("ann", "POST", "/api/token/rotate/", `{"refresh":"`+personal("one", people["mia"])+
		`"}`); got.status != 400 || len(w.fake.taken()) > 0 {
		t.Error(got)
	}
	if got := w.takes(access); got != 200 {
		t.Error("it has ended:", got)
	}
}

// TestStrangersEndFewTokens: the upstream writes down whatever it is told, by anybody.
func TestStrangersEndFewTokens(t *testing.T) {
	w := newWorld(t, func(c *gateway.Config) { c.Misses = limit.Rate{N: 3, Per: time.Hour} })
	for n, want := range []int{200, 200, 200, 429} {
		if got := w.send("", "POST", "/api/token/blacklist/", `{"refresh":"`+personal(strconv.Itoa(n), people["mia"])+
			`"}`); got.status != want {
			t.Error(n, got)
		}
	}
}

// TestUnreadableTokensAreNotEnded: what the gate cannot read, the upstream could.
func TestUnreadableTokensAreNotEnded(t *testing.T) {
	w := newWorld(t)
	whole := personal("one", people["mia"])
	for _, token := range []string{"x", "", strings.Replace(whole, ".", ".=", 1), "e30.e30.c2ln"} {
		w.fake.taken()
		for _, way := range []string{"/api/token/blacklist/", "/api/token/rotate/"} {
			if got := w.send("mia", "POST", way, `{"refresh":"`+token+`"}`); got.status != 400 || len(w.fake.taken()) > 0 {
				t.Error(way, token, got)
			}
		}
	}
}

// TestNoAccessForTheDeactivated: the upstream would exchange their token all the same.
func TestNoAccessForTheDeactivated(t *testing.T) {
	w := newWorld(t)
	access := w.access("one", "ann")
	w.setRole(people["ann"], "DI")
	if got := w.exchange("one", people["ann"]); got.status != 401 || strings.Contains(got.body, "access") {
		t.Error(got)
	}
	if got := w.takes(access); got != 401 {
		t.Error("the one from before:", got)
	}
}

// TestAForgedTokenTellsNothing: by what the gate answers to a token that the upstream has
// not signed, nobody learns who is deactivated, or who there is.
func TestAForgedTokenTellsNothing(t *testing.T) {
	w := newWorld(t)
	w.setRole(people["ann"], "DI")
	forged := func(user int64) reply {
		return w.send("", "POST", "/api/token/refresh/", `{"refresh":"`+strings.TrimSuffix(personal("forged", user),
			signature)+`.Zm9yZ2Vk"}`)
	}
	want := forged(people["mia"])
	for who, user := range map[string]int64{"deactivated": people["ann"], "nobody": 4711,
		"the owner": people["owner"], "no id": 0} {
		if got := forged(user); got.status != want.status || got.body != want.body {
			t.Errorf("%s: %d %s, and of others %d %s", who, got.status, got.body, want.status, want.body)
		}
	}
	if want.status != 401 {
		t.Error(want)
	}
}

// TestAccessEndsWhereItsTokenEndedBefore: the answer to the first request was lost.
func TestAccessEndsWhereItsTokenEndedBefore(t *testing.T) {
	w := newWorld(t)
	access := w.access("one", "mia")
	w.fake.answering(answers{"api/token/blacklist": says(404, "application/json",
		`{"detail":"Token is invalid or already blacklisted."}`)}.serve)
	w.send("mia", "POST", "/api/token/blacklist/", `{"refresh":"`+personal("one", people["mia"])+`"}`)
	if got := w.takes(access); got != 401 {
		t.Error(got)
	}
}
