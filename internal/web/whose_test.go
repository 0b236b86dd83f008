package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"roster/internal/store"
	"roster/internal/store/storetest"
)

// TestWhoseSessionItWasIsForgotten: an old cookie, which a browser or who took it may have, keeps
// no forms for its person.
func TestWhoseSessionItWasIsForgotten(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	_, email := b.account("AD")
	b.back(email)
	b.end()
	form := url.Values{"emails": {"someone@example.com"}, "give": {"AN"}}
	to := func() string { return b.posted("/people/invite", form).Header().Get("Location") }
	if got := to(); !strings.Contains(got, "sent") {
		t.Fatalf("at once: %s", got)
	}
	b.Clock = b.Clock.Add(90 * 24 * time.Hour)
	if got := to(); strings.Contains(got, "sent") {
		t.Errorf("after three months: %s", got)
	}
}

// TestSentFormsPushOutOnlyEachOther: who has no session cannot have a person's questions
// forgotten.
func TestSentFormsPushOutOnlyEachOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := open(t, db)
		me, email := b.account("AD")
		token, err := b.App.KeepPage(b.As(me), "/people/invite", []byte("a=b"))
		if err != nil {
			t.Fatal(err)
		}
		b.back(email)
		b.end()
		sent := ""
		for i := range store.MostKept + 1 {
			answer := b.posted("/people/invite", url.Values{"emails": {fmt.Sprintf("p%d@example.com", i)}})
			if sent == "" {
				sent = answer.Header().Get("Location")
			}
		}
		body, release, err := b.App.KeptPage(b.As(me), "/people/invite", token)
		release()
		if err != nil || string(body) != "a=b" {
			t.Errorf("%q, %v", body, err)
		}
		at, err := url.Parse(sent)
		if err != nil {
			t.Fatal(err)
		}
		b.back(email)
		b.must(http.StatusNotFound, "", "GET", at.Query().Get("next"), nil) // the first is forgotten
	})
}

// TestKeptFormsAreCounted: what is unpacked counts as what its person sent.
func TestKeptFormsAreCounted(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	me, _ := b.account("AD")
	token, err := b.App.KeepPage(b.As(me), "x", []byte(strings.Repeat("a", 8<<20)))
	if err != nil {
		t.Fatal(err)
	}
	var all []func()
	for range 10 {
		_, release, err := b.App.KeptPage(b.As(me), "x", token)
		all = append(all, release)
		if err != nil {
			break
		}
	}
	if len(all) < 2 || len(all) > 4 {
		t.Errorf("%d of 10 at once", len(all))
	}
	for _, release := range all {
		release()
	}
	if _, release, err := b.App.KeptPage(b.As(me), "x", token); err != nil {
		t.Error("afterwards:", err)
	} else {
		release()
	}
}
