package app_test

import (
	"strings"
	"testing"

	"roster"
	"roster/internal/app/apptest"
	"roster/internal/core"
	"roster/internal/provision"
	"roster/internal/store/storetest"
)

// Addresses that everybody reads as one are not two: letters that only look like
// others are refused wherever an address comes in, with the reason.
func TestLookalikeEmailsAreRefused(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	as := w.As(w.Owner)
	const reason = "look like the usual ones"
	for _, email := range []string{"ａnn@example.com", "ann＠example.com", "ann@ｅxample.com",
		"oﬃce@example.com", "\u212aim@example.com", "ann@example．com", "ⅸ@example.com"} {
		for what, try := range map[string]func() error{
			"user":   func() error { _, err := w.App.CreateUser(as, roster.NewUser{Email: email}); return err },
			"invite": func() error { return w.App.InvitePeople(as, roster.Invite{Emails: []string{email}, Role: "AN"}) },
			"contact": func() error {
				_, err := w.App.UpdateOrganization(as, w.Org, roster.OrganizationPatch{ContactInfo: &email})
				return err
			},
			"scim": func() error { _, err := w.App.CreateSCIMUser(as, roster.SCIMUserChange{Email: &email}); return err },
			"import": func() error {
				_, err := w.App.Import(as, strings.NewReader("email\n"+email+"\n"), provision.ImportOptions{})
				return err
			},
		} {
			if err := try(); err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%s, %q: %v", what, email, err)
			}
		}
	}
	for _, email := range []string{"Ann@Example.com", "éva@example.com", "ан@пример.рф",
		"田@example.com", "e\u0301va@example.com"} {
		if _, err := core.CleanEmail(email); err != nil {
			t.Errorf("%q: %v", email, err)
		}
	}
}

// People who have such an address from before keep it, and can be looked after.
func TestLookalikeEmailsStay(t *testing.T) {
	w := apptest.New(t, storetest.SQLite(t))
	as, email, name := w.As(w.Owner), "ａnn@example.com", "Ann"
	id := w.PersonNamed(roster.NewUser{Email: email, Role: "AN"})
	if _, err := w.App.Import(as, strings.NewReader("email,first_name\n"+email+",Ann\n"),
		provision.ImportOptions{}); err != nil {
		t.Error(err)
	}
	u, err := w.App.UpdateSCIMUser(as, id, roster.SCIMUserChange{Email: &email, FirstName: &name}, nil)
	if err != nil || u.User.Email != email {
		t.Errorf("%+v, %v", u.User, err)
	}
}
