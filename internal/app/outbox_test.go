package app_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// A test mail says in words what became of it, and goes to whoever asked.
func TestTestMail(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	var got []roster.Mail
	var answer error
	a := w.Configured(func(c *core.Config) {
		c.Transport = core.Transport{Words: "by pigeon", Send: func(_ context.Context, m roster.Mail) error {
			got = append(got, m)
			return answer
		}}
	})
	if words, err := a.MailTransport(w.As(w.Owner)); err != nil || words != "by pigeon" {
		t.Errorf("%q %v", words, err)
	}
	words, err := a.TestMail(w.As(w.Owner))
	if err != nil || !strings.Contains(string(words), "owner@example.com") || len(got) != 1 ||
		got[0].Recipient != "owner@example.com" {
		t.Errorf("%q %v %+v", words, err, got)
	}
	answer = errors.New("535 wrong\r\npassword")
	if _, err := a.TestMail(w.As(w.Owner)); roster.KindOf(err) != roster.Invalid ||
		!strings.HasSuffix(err.Error(), "535 wrong password") {
		t.Error(err)
	}
	if _, err := a.TestMail(w.As(w.Person("MA"))); roster.KindOf(err) != roster.Forbidden || len(got) != 2 {
		t.Errorf("a Manager: %v, %d letters", err, len(got))
	}
}

// The outbox is one organization's, and only what waits can be hurried.
func TestOutboxList(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := apptest.New(t, db)
		if err := w.App.InvitePeople(w.As(w.Owner), roster.Invite{Emails: []string{"a@example.com", "b@example.com"},
			Role: "AN"}); err != nil {
			t.Fatal(err)
		}
		page := roster.Page{Number: 1, Size: 1}
		list, total, err := w.App.Outbox(w.As(w.Owner), page)
		if err != nil || total != 2 || len(list) != 1 || list[0].NextAt.IsZero() {
			t.Fatalf("%+v %d %v", list, total, err)
		}
		if err := w.App.RevokeInvitation(w.As(w.Owner), list[0].Recipient); err != nil {
			t.Fatal(err)
		}
		if err := w.App.RetryMail(w.As(w.Owner), list[0].ID); roster.KindOf(err) != roster.NotAllowed {
			t.Errorf("a letter that was taken back: %v", err)
		}
		manager := w.As(w.Person("MA"))
		if _, _, err := w.App.Outbox(manager, page); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("a Manager reads it: %v", err)
		}
		if err := w.App.RetryMail(manager, list[0].ID); roster.KindOf(err) != roster.Forbidden {
			t.Errorf("a Manager hurries it: %v", err)
		}
	})
}
