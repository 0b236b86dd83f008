package store_test

import (
	"context"
	"testing"

	"roster"
	"roster/internal/app/apptest"
)

// TestAddressesOfBefore: a store of an older Roster gets the keys of mailboxes. Two who
// have one stay, each found by the spelling of their own, and are named.
func TestAddressesOfBefore(t *testing.T) {
	apptest.Before(t, func(t *testing.T, w *apptest.World) {
		ctx, db := context.Background(), w.DB
		for email, want := range map[string]int64{
			"hans@xn--mller-kva.example": 1021, "Hans@Müller.example": 1022, "hans@XN--mller-kva.example": 1021,
			"ａnn@example.com": 1023, "ａNN@example.com": 1023, "Ａnn@example.com": 0, "ann@example.com": 0,
			"annotator@example.com": 1008, "Annotator@example.com": 1008,
			"x@strasse.example": 1025, "x@straße.example": 0, "y@straße.example": 1026, "y@strasse.example": 0,
			"OWNER@example.com": 1001,
		} {
			if u, err := db.UserByEmail(ctx, email); u.ID != want || (err == nil) != (want != 0) {
				t.Errorf("%s is %d, want %d: %v", email, u.ID, want, err)
			}
			found, err := db.LockPeople(ctx, 1001, []string{email})
			if err != nil || found[email].User.ID != want {
				t.Errorf("%s is %+v among many: %v", email, found, err)
			}
		}
		if _, err := db.LastInvitation(ctx, 1001, "Z@straße.example"); err != nil {
			t.Error(err)
		}
		if _, err := db.LastInvitation(ctx, 1001, "z@strasse.example"); roster.KindOf(err) != roster.NotFound {
			t.Error("an invitation to another mailbox:", err)
		}
		odd, err := db.OddAddresses(ctx, 1001)
		if err != nil || len(odd) != 3 || odd[0].User.ID != 1022 || odd[0].Owner.ID != 1021 || odd[0].Why != "" ||
			odd[1].User.ID != 1023 || odd[1].Owner.ID != 0 || odd[1].Why == "" || odd[2].User.ID != 1024 ||
			odd[2].Owner.ID != 1008 {
			t.Errorf("%+v %v", odd, err)
		}
		if n, err := db.CountOrganizationMembers(ctx, 1001, roster.MemberFilter{Search: "ZOE"}); n != 6 || err != nil {
			t.Errorf("%d people are found by the names they had: %v", n, err)
		}
		// whose key is another's
		fine(t, db.RenameUser(ctx, roster.User{ID: 1022, Email: "hans@müller.example", Username: "hans", FirstName: "Hans"}))
		if u, err := db.UserByEmail(ctx, "hans@müller.example"); u.FirstName != "Hans" {
			t.Errorf("%+v %v", u, err)
		}
		for _, taken := range []string{"hans@xn--mller-kva.example", "HANS@müller.example", "ａnn@example.com"} {
			if err := db.RenameUser(ctx, roster.User{ID: 1025, Email: taken}); roster.KindOf(err) != roster.Exists {
				t.Errorf("somebody got %s: %v", taken, err)
			}
		}
	})
}
