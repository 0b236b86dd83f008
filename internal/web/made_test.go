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

// TestWhatLivesOn: the question before a removal names what of theirs would be
// disabled, and asks whether it should; the operation tells how far Label Studio
// is, and a page of the project lists it all.
func TestWhatLivesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		project := b.Project("Signs", 0)
		list := fmt.Sprintf("/projects/%d/members", project)
		made := fmt.Sprintf("/projects/%d/made", project)
		b.must(404, "There is no such page", "GET", made, nil)
		if _, err := db.SetSettingOnce(t.Context(), "upstream_organization", fmt.Append(nil, b.Org)); err != nil {
			t.Fatal(err)
		}
		b.must(200, "Nothing was set up here", "GET", made, nil)
		maker := b.Person("MA")
		b.Assign(project, maker)
		hook := roster.Made{ProjectID: project, Kind: roster.MadeWebhook, UpstreamID: 901,
			Location: "https://maker.example.com", Works: true}
		if err := b.App.KeepMade(b.As(maker), hook, true, true); err != nil {
			t.Fatal(err)
		}
		b.must(200, "Running", "GET", made, nil)
		only := url.Values{"only": {fmt.Sprint(maker)}}
		page := b.must(200, "One thing they set up in Label Studio is disabled", "POST", list+"/unassign", only).Body.String()
		form := fields(page)
		if !strings.Contains(page, "https://maker.example.com") || !strings.Contains(page, `name="keep_made" value="1">`) {
			t.Error(page)
		}
		form.Set("only", fmt.Sprint(maker))
		kept := url.Values{}
		for name, values := range form {
			kept[name] = values
		}
		kept.Set("keep_made", "1")
		b.must(303, "", "POST", list+"/unassign/apply", kept)
		b.must(200, "Left running", "GET", "/history/2", nil)
		b.Assign(project, maker)
		form = fields(b.must(200, "", "POST", list+"/unassign", only).Body.String())
		form.Del("keep_made")
		form.Set("only", fmt.Sprint(maker))
		b.must(303, "", "POST", list+"/unassign/apply", form)
		b.must(200, "Label Studio has not confirmed one of them yet", "GET", "/history/4", nil)
		page = b.must(200, "Pending", "GET", made, nil).Body.String()
		enable := url.Values{"key": {fields(page).Get("key")}, "action": {"enable"}}
		b.must(303, "", "POST", made+"/1", enable)
		if m, err := db.MadeByID(t.Context(), 1); err != nil || m.Disabled || m.MakerID == maker {
			t.Errorf("%+v %v", m, err)
		}
		b.must(200, "Changed again before Label Studio was told", "GET", "/history/4", nil)
	})
}

// TestWhoSwitchesWhatLivesOn: the page offers what the reader may do, and says of the rest
// who may.
func TestWhoSwitchesWhatLivesOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b, _ := enter(t, db, "AD")
		if _, err := db.SetSettingOnce(t.Context(), "upstream_organization", fmt.Append(nil, b.Org)); err != nil {
			t.Fatal(err)
		}
		project := b.Project("Signs", 0)
		for id, kind := range map[int64]roster.MadeKind{901: roster.MadeWebhook, 902: roster.MadeModel} {
			if err := b.App.KeepMade(b.As(b.Owner), roster.Made{
				ProjectID: project, Kind: kind, UpstreamID: id, Location: "https://x.example.com", Works: true,
			}, true, true); err != nil {
				t.Fatal(err)
			}
		}
		made := fmt.Sprintf("/projects/%d/made", project)
		page := b.must(200, "Only the Owner may switch this.", "GET", made, nil).Body.String()
		if strings.Count(page, `value="disable"`) != 1 || strings.Contains(page, `value="enable"`) {
			t.Error("one is offered to be disabled:", page)
		}
		hook, err := db.MadeThing(t.Context(), roster.MadeWebhook, "", 901)
		if err != nil {
			t.Fatal(err)
		}
		disable := url.Values{"key": {fields(page).Get("key")}, "action": {"disable"}}
		b.must(303, "", "POST", fmt.Sprintf("%s/%d", made, hook.ID), disable)
		page = b.must(200, "so only the Owner enables it.", "GET", made, nil).Body.String()
		if strings.Contains(page, `name="action"`) {
			t.Error("what is refused is offered:", page)
		}
	})
}
