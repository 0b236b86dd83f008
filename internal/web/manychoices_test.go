package web_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

// However many projects and tags there are, each can be chosen, and what is chosen is shown.
func TestChoicesOfMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, me := enter(t, db, "OW")
		var last int64
		for i := range 120 {
			last = b.Project(fmt.Sprintf("Project %03d", i), 0)
		}
		option := func(id int64, checked string) string { return fmt.Sprintf(`value="%d"%s`, id, checked) }
		page := b.page("Find a project", "/history")
		b.without(page, "Project 119")
		page = b.page("Project 119", "/history?projectfind=119")
		b.with(page, option(last, ""))
		page = b.page("Project 119", fmt.Sprintf("/history?project=%d", last))
		b.with(page, option(last, " checked"))
		b.with(b.page("Project 000", "/history?project=1&projectfind=zzz"), option(1, " checked"))
		b.must(400, "cannot be", "GET", "/history?project=99999", nil)

		page = b.page("Find a project", "/settings/scim")
		b.without(page, "Project 119")
		b.with(b.page("Find a project", "/settings/scim?projectfind=119"), fmt.Sprintf(`value="project %d"`, last))
		form := url.Values{"key": {"m"}, "group": {"late"}, "gives": {fmt.Sprintf("project %d", last)}}
		b.must(303, "", "POST", "/settings/scim", form)
		b.page("The project \u2068Project 119\u2069", "/settings/scim")

		var labels []string
		for i := range 510 {
			labels = append(labels, fmt.Sprintf("tag %03d", i))
		}
		if _, err := b.App.CreateTags(b.As(me), b.Org, labels); err != nil {
			t.Fatal(err)
		}
		tags, _, err := b.App.Tags(b.As(me), b.Org, "tag 509", roster.Page{Number: 1, Size: 1})
		if err != nil {
			t.Fatal(err)
		}
		person := fmt.Sprint(b.Person("AN"))
		ask := func(more ...string) string {
			form := url.Values{"included": {person}}
			for i := 0; i < len(more); i += 2 {
				form.Add(more[i], more[i+1])
			}
			return b.must(200, "Tags of one person", "POST", "/people/tags", form).Body.String()
		}
		b.without(ask(), "tag 509")
		b.with(ask("tagfind", "509"), "tag 509")
		page = ask("tagfind", `"tag 00"`, "add", fmt.Sprint(tags[0].ID))
		b.with(page, fmt.Sprintf(`name="add" value="%d" checked`, tags[0].ID))
		if n := strings.Count(page, `name="add"`); n != 11 {
			t.Errorf("%d tags are offered, not the ten that are called so and the chosen one", n)
		}
		b.with(ask("tagfind", "zzz"), "No tag is called so.")
		if _, err := b.App.DeleteTag(b.As(me), b.Org, tags[0].ID); err != nil {
			t.Fatal(err)
		}
		b.without(ask("add", fmt.Sprint(tags[0].ID)), "tag 509")
	})
}
