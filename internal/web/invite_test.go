package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestInvitePages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		p := b.Project("<b>Signs</b>", b.Workspace("Vision"))
		b.page("Nobody is waiting", "/people/invitations")
		form := b.form(b.page("&lt;b&gt;Signs&lt;/b&gt;", "/people/invite"), "/people/invite", "role", "RE", "emails",
			"noor@example.com; <x>")
		bad := b.must(409, "This is not an e-mail address.", "POST", "/people/invite", form).Body.String()
		if !strings.Contains(bad, "noor@example.com; &lt;x&gt;") || !strings.Contains(bad, `value="RE" selected`) {
			t.Errorf("what was typed is lost:\n%s", bad)
		}
		form.Set("emails", "noor@example.com,\r\n uma@example.com noor@example.com")
		form["projects"] = []string{"999"}
		b.must(400, "object does not exist", "POST", "/people/invite", form)
		form.Del("projects")
		for role, want := range map[string]string{"OW": "cannot be given by an invitation", "": "required",
			"DI": "cannot be given by an invitation"} {
			form.Set("role", role)
			b.must(400, want, "POST", "/people/invite", form)
		}
		form.Set("role", "VO")
		form["projects"] = []string{fmt.Sprint(p)}
		b.must(303, "", "POST", "/people/invite", form)
		b.must(303, "", "POST", "/people/invite", form)
		b.page("2 people are invited, and were not mailed", "/people/invitations")
		letters := 0
		if _, err := b.App.DeliverMail(context.Background(),
			func(context.Context, roster.Mail) error { letters++; return nil }); err != nil || letters != 2 {
			t.Errorf("%d letters, %v", letters, err)
		}
		b.page("View Only", "/people/invitations")

		before := b.page("/user/signup/?token=", "/people/invite")
		b.must(303, "", "POST", "/people/invite/link", b.form(before, "/people/invite/link"))
		link := func(page string) string {
			_, rest, _ := strings.Cut(page, "/user/signup/?token=")
			return rest[:10]
		}
		if link(b.page("has a new link", "/people/invite")) == link(before) {
			t.Error("the same link")
		}

		b.signIn("MA")
		page := b.page("Invite people", "/people/invite")
		b.without(page, `value="AD"`)
		b.without(page, "Signs")
		b.must(403, "permission", "POST", "/people/invite", b.form(page, "/people/invite", "role", "AD", "emails",
			"x@example.com"))
		b.without(b.page("Nobody is waiting", "/people/invitations"), "noor@example.com") // not theirs to see
		b.signIn("AN")
		b.must(403, "permission", "GET", "/people/invite", nil)
		b.must(403, "permission", "GET", "/people/invitations", nil)
	})
}
