package app_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"roster"
	"roster/internal/app"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/identity"
	"roster/internal/limit"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// personal makes a personal access token for user.
func personal(t *testing.T, w *apptest.World, user int64) roster.PersonalToken {
	t.Helper()
	made, err := w.App.CreatePersonalToken(t.Context(), user)
	must(t, err)
	return made
}

// access exchanges a personal access token.
func access(t *testing.T, w *apptest.World, text string) string {
	t.Helper()
	got, err := w.App.AccessToken(t.Context(), text, "192.0.2.1:5000")
	must(t, err)
	return got
}

// unsigned checks that a credential is refused, with this in the message.
func unsigned(t *testing.T, err error, message string) {
	t.Helper()
	if roster.KindOf(err) != roster.Unsigned || !strings.Contains(err.Error(), message) {
		t.Errorf("got %v, want a refusal that says %q", err, message)
	}
}

// said is a JWT's header and payload, read as anybody can.
func said(t *testing.T, text string) (header, payload map[string]any) {
	t.Helper()
	for i, into := range []*map[string]any{&header, &payload} {
		raw, err := base64.RawURLEncoding.DecodeString(strings.Split(text, ".")[i])
		must(t, err)
		must(t, json.Unmarshal(raw, into))
	}
	return header, payload
}

func TestPersonalTokensLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ann := w.Person("AN")
		made := personal(t, w, ann)
		header, payload := said(t, made.Text)
		if header["alg"] != "HS256" || payload["token_type"] != "refresh" || payload["user_id"] != float64(ann) ||
			payload["jti"] == "" || len(payload) != 5 {
			t.Errorf("it says %v %v", header, payload)
		}
		if until := w.Clock.AddDate(0, 0, 73000); !made.ExpiresAt.Equal(until) ||
			payload["exp"] != float64(until.Unix()) || payload["iat"] != float64(w.Clock.Unix()) {
			t.Errorf("it lives until %v, says %v, want %v", made.ExpiresAt, payload["exp"], until)
		}
		list, err := w.App.MyPersonalTokens(w.As(ann))
		must(t, err)
		if len(list) != 1 || list[0].Text != made.Text[:strings.LastIndex(made.Text, ".")] ||
			list[0].CreatedAt != made.CreatedAt || list[0].ExpiresAt != made.ExpiresAt {
			t.Errorf("listed %+v, made %+v", list, made)
		}
		if others, err := w.App.MyPersonalTokens(w.As(w.Owner)); err != nil || len(others) != 0 {
			t.Errorf("somebody else sees %v %v", others, err)
		}
		who, err := w.App.AuthenticateAccess(t.Context(), access(t, w, made.Text))
		must(t, err)
		if who.UserID != ann || who.OrganizationID != w.Org || who.Role != "AN" ||
			who.Credential != roster.CredentialPersonal {
			t.Errorf("it is %+v", who)
		}
		if who.Source() != roster.SourceAPI {
			t.Errorf("its changes come from %q", who.Source())
		}
	})
}

// An access token lives five minutes, and no longer than what it was got for.
func TestAccessTokensEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		_, err := w.App.SetTokenSettings(w.As(w.Owner), identity.TokenSettingsChange{TTLDays: 1})
		must(t, err)
		made := personal(t, w, w.Owner)
		got := access(t, w, made.Text)
		w.Clock = w.Clock.Add(5*time.Minute - time.Second)
		_, err = w.App.AuthenticateAccess(t.Context(), got)
		must(t, err)
		w.Clock = w.Clock.Add(time.Second)
		_, err = w.App.AuthenticateAccess(t.Context(), got)
		unsigned(t, err, "expired")

		w.Clock = made.ExpiresAt.Add(-time.Minute)
		got = access(t, w, made.Text)
		if _, payload := said(t, got); payload["exp"] != float64(made.ExpiresAt.Unix()) {
			t.Errorf("an access token ends at %v, after its source", payload["exp"])
		}
		w.Clock = made.ExpiresAt
		_, err = w.App.AuthenticateAccess(t.Context(), got)
		unsigned(t, err, "expired")
		_, err = w.App.AccessToken(t.Context(), made.Text, "")
		unsigned(t, err, "expired")
		if list, err := w.App.MyPersonalTokens(w.As(w.Owner)); err != nil || len(list) != 0 {
			t.Errorf("an expired token is listed: %v %v", list, err)
		}
		w.Swept()
		personal(t, w, w.Owner)
	})
}

func TestOneLivePersonalToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ann := w.Person("AN")
		var wait sync.WaitGroup
		errs := make([]error, 5)
		for i := range errs {
			wait.Go(func() { _, errs[i] = w.App.CreatePersonalToken(t.Context(), ann) })
		}
		wait.Wait()
		made := 0
		for _, err := range errs {
			if err == nil {
				made++
			} else if roster.KindOf(err) != roster.Exists {
				t.Error(err)
			}
		}
		if list, err := w.App.MyPersonalTokens(w.As(ann)); err != nil || made != 1 || len(list) != 1 {
			t.Errorf("five at once made %d; %d live; %v", made, len(list), err)
		}
	})
}

func TestRotateAndRevoke(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ann, bo := w.Person("AN"), w.Person("AN")
		first, foreign := personal(t, w, ann), personal(t, w, bo)
		old := access(t, w, first.Text)
		second, err := w.App.RotatePersonalToken(w.As(ann), first.Text)
		must(t, err)
		_, err = w.App.AccessToken(t.Context(), first.Text, "")
		unsigned(t, err, "revoked")
		_, err = w.App.AuthenticateAccess(t.Context(), old)
		unsigned(t, err, "revoked")
		for name, text := range map[string]string{"a dead one": first.Text, "somebody else's": foreign.Text} {
			if _, err := w.App.RotatePersonalToken(w.As(ann), text); roster.KindOf(err) != roster.NotFound {
				t.Errorf("rotating %s: %v", name, err)
			}
			if err := w.App.RevokePersonalToken(w.As(ann), text); roster.KindOf(err) != roster.NotFound {
				t.Errorf("revoking %s: %v", name, err)
			}
		}
		truncated := second.Text[:strings.LastIndex(second.Text, ".")]
		if _, err := w.App.RotatePersonalToken(w.As(ann), truncated); roster.KindOf(err) != roster.Invalid {
			t.Errorf("rotating without a signature: %v", err)
		}
		now := access(t, w, second.Text)
		must(t, w.App.RevokePersonalToken(w.As(ann), truncated))
		_, err = w.App.AuthenticateAccess(t.Context(), now)
		unsigned(t, err, "revoked")
		access(t, w, foreign.Text)
		third, err := w.App.ResetPersonalToken(t.Context(), bo)
		must(t, err)
		_, err = w.App.AccessToken(t.Context(), foreign.Text, "")
		unsigned(t, err, "revoked")
		must(t, w.App.RevokePersonalToken(w.As(bo), third.Text))
	})
}

// Nothing but what this server signed, the way it signs, is believed.
func TestForgedTokens(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		made := personal(t, w, w.Owner)
		got := access(t, w, made.Text)
		parts := strings.Split(got, ".")
		b64 := base64.RawURLEncoding.EncodeToString
		signed := func(head, body, key string) string {
			mac := hmac.New(sha256.New, []byte(key))
			mac.Write([]byte(head + "." + body))
			return head + "." + body + "." + b64(mac.Sum(nil))
		}
		flipped := "A"
		if parts[2][0] == 'A' {
			flipped = "B"
		}
		for name, text := range map[string]string{
			"no signature":          parts[0] + "." + parts[1] + ".",
			"two parts":             parts[0] + "." + parts[1],
			"another signature":     parts[0] + "." + parts[1] + "." + flipped + parts[2][1:],
			"algorithm none":        b64([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + ".",
			"algorithm none, named": b64([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "." + parts[2],
			"another algorithm":     signed(b64([]byte(`{"alg":"HS512","typ":"JWT"}`)), parts[1], "a secret for tests"),
			"the secret as key":     signed(parts[0], parts[1], "a secret for tests"),
			"an empty key":          signed(parts[0], parts[1], ""),
			"nothing":               "", "dots": "..", "words": "a.b.c",
			"padding":  got + "=",
			"a novel":  got + strings.Repeat("A", 1<<20),
			"a legacy": strings.Repeat("0", 40),
		} {
			_, err := w.App.AuthenticateAccess(t.Context(), text)
			unsigned(t, err, "invalid")
			if t.Failed() {
				t.Fatal(name)
			}
		}
		_, err := w.App.AuthenticateAccess(t.Context(), made.Text)
		unsigned(t, err, "wrong type")
		_, err = w.App.AccessToken(t.Context(), got, "")
		unsigned(t, err, "wrong type")
		_, err = w.App.AuthenticateAccess(t.Context(), got)
		must(t, err)
	})
}

// A store under another server key has no live personal access tokens: they
// are refused, not listed, and in nobody's way.
func TestAnotherServerKey(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	made := personal(t, w, w.Owner)
	other, err := app.New(w.DB, core.DefaultConfig(), []byte("another secret"))
	must(t, err)
	_, err = other.AccessToken(t.Context(), made.Text, "")
	unsigned(t, err, "invalid")
	if list, err := other.MyPersonalTokens(w.As(w.Owner)); err != nil || len(list) != 0 {
		t.Errorf("%v %v", list, err)
	}
	_, err = other.CreatePersonalToken(t.Context(), w.Owner)
	must(t, err)
}

// Whoever loses their place in the organization is refused from the next
// request on, with the tokens they have, and let in again with it.
func TestTokensFollowThePerson(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ann := w.Person("AN")
		made := personal(t, w, ann)
		got := access(t, w, made.Text)
		refused := func(message string) {
			t.Helper()
			_, err := w.App.AuthenticateAccess(t.Context(), got)
			unsigned(t, err, message)
			_, err = w.App.AccessToken(t.Context(), made.Text, "")
			unsigned(t, err, message)
		}
		for _, role := range []roster.Role{"DI", "NO"} {
			must(t, setRole(w, ann, role))
			refused("inactive or deleted")
			must(t, setRole(w, ann, "RE"))
			who, err := w.App.AuthenticateAccess(t.Context(), got)
			if err != nil || who.Role != "RE" {
				t.Errorf("after %s: %+v %v", role, who, err)
			}
		}
		m, err := db.Membership(t.Context(), w.Org, ann)
		must(t, err)
		must(t, db.DeleteMemberships(t.Context(), m.OrganizationID, []int64{m.UserID}, 1, w.Clock))
		refused("inactive or deleted")
	})
}

func setRole(w *apptest.World, user int64, role roster.Role) error {
	m, err := w.DB.Membership(context.Background(), w.Org, user)
	m.Role = role
	return errors.Join(err, w.DB.SetMembership(context.Background(), m))
}

func TestTokenSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		ann, yes, no := w.Person("AN"), true, false
		legacy, err := w.App.Token(t.Context(), ann)
		must(t, err)
		made := personal(t, w, ann)
		got := access(t, w, made.Text)
		set := func(change identity.TokenSettingsChange) roster.TokenSettings {
			t.Helper()
			change.TTLDays = 30
			s, err := w.App.SetTokenSettings(w.As(w.Owner), change)
			must(t, err)
			if kept, err := w.App.TokenSettings(w.As(w.Owner)); err != nil || kept != s {
				t.Errorf("kept %+v %v, answered %+v", kept, err, s)
			}
			return s
		}
		if s, err := w.App.TokenSettings(w.As(w.Owner)); err != nil ||
			s != (roster.TokenSettings{Personal: true, Legacy: true, TTLDays: 73000}) {
			t.Errorf("usually %+v %v", s, err)
		}
		if s := set(identity.TokenSettingsChange{Legacy: &no}); s != (roster.TokenSettings{Personal: true, TTLDays: 30}) {
			t.Errorf("%+v", s)
		}
		_, err = w.App.Authenticate(t.Context(), legacy)
		unsigned(t, err, "legacy token authentication has been disabled")
		_, err = w.App.AuthenticateAccess(t.Context(), got)
		must(t, err)

		if s := set(identity.TokenSettingsChange{Legacy: &yes, Personal: &no}); s != (roster.TokenSettings{
			Legacy: true, TTLDays: 30}) {
			t.Errorf("%+v", s)
		}
		_, err = w.App.Authenticate(t.Context(), legacy)
		must(t, err)
		_, err = w.App.AuthenticateAccess(t.Context(), got)
		unsigned(t, err, "personal access tokens have been disabled")
		_, err = w.App.AccessToken(t.Context(), made.Text, "")
		unsigned(t, err, "personal access tokens have been disabled")
		if _, err := w.App.ResetPersonalToken(t.Context(), ann); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("making one that would not work: %v", err)
		}
		set(identity.TokenSettingsChange{Personal: &yes})
		access(t, w, made.Text) // the refused reset ended nothing
		next, err := w.App.RotatePersonalToken(w.As(ann), made.Text)
		must(t, err)
		if next.ExpiresAt != w.Clock.AddDate(0, 0, 30) {
			t.Errorf("a new one lives until %v", next.ExpiresAt)
		}
		for _, days := range []int{-1, 0, 73001} {
			if _, err := w.App.SetTokenSettings(w.As(w.Owner), identity.TokenSettingsChange{
				TTLDays: days}); roster.KindOf(err) != roster.Invalid {
				t.Errorf("%d days: %v", days, err)
			}
		}
	})
}

// Rates bind a token and an address each by themselves, and give back with time.
func TestRefreshRate(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	a := w.Configured(func(c *core.Config) { c.RefreshRate = limit.Rate{N: 3, Per: time.Minute} })
	mine, theirs := personal(t, w, w.Owner).Text, personal(t, w, w.Person("AN")).Text
	try := func(text, from string) roster.Kind {
		_, err := a.AccessToken(t.Context(), text, from)
		return kindOf(err)
	}
	for i, step := range []struct {
		text, from string
		want       roster.Kind
	}{
		{mine, "192.0.2.1:1", ""}, {mine, "192.0.2.2:1", ""}, {mine, "192.0.2.3:1", ""},
		{mine, "192.0.2.4:1", roster.TooMany},     // the token, from wherever
		{theirs, "192.0.2.4:1", ""},               // and no other
		{"x.y.z", "192.0.2.4:2", roster.Unsigned}, // guesses count against their address
		{theirs, "192.0.2.4:3", roster.TooMany},
		{theirs, "192.0.2.5:1", ""},
		// and not against whom they guess
		{strings.TrimRight(theirs, "=")[:len(theirs)-1] + "!", "192.0.2.6:1", roster.Unsigned},
		{theirs, "192.0.2.7:1", ""},
	} {
		if got := try(step.text, step.from); got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
	var e *roster.Error
	if _, err := a.AccessToken(t.Context(), mine, "192.0.2.8:1"); !errors.As(err, &e) || e.RetryAfter != 20*time.Second {
		t.Errorf("%v, want to wait 20s", err)
	}
	w.Clock = w.Clock.Add(e.RetryAfter)
	if got := try(mine, "192.0.2.8:1"); got != "" {
		t.Errorf("after waiting: %q", got)
	}
}
