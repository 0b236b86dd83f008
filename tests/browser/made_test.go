package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"roster"
)

// TestWhatLivesOn: the page of what people set up, and the question that names it, in
// both themes and on a phone.
func TestWhatLivesOn(t *testing.T) {
	s := open(t)
	project, _ := s.crew(3)
	manager := s.PersonNamed(roster.NewUser{Email: "maximiliane.schwarzenberg@example.com",
		FirstName: "Maximiliane-Henriette", LastName: "von und zu Schwarzenberg", Role: "MA"})
	s.Assign(project, manager)
	ctx := t.Context()
	if err := s.DB.SetSetting(ctx, "upstream_organization", []byte("1")); err != nil {
		t.Fatal(err)
	}
	for i, place := range []string{"https://hooks.example.com/labels?from=a-rather-long-address-that-nobody-reads",
		"s3://bucket prefix"} {
		m := roster.Made{ProjectID: project, Kind: roster.MadeWebhook, UpstreamID: int64(i + 1), Location: place, Works: true}
		if i == 1 {
			m.Kind, m.Type, m.Title = roster.MadeImport, "s3", "写真 und مرحبا"
		}
		if err := s.App.KeepMade(s.As(manager), m, true, true); err != nil {
			t.Fatal(err)
		}
	}
	unknown := roster.Made{ProjectID: project, Kind: roster.MadeWebhook, UpstreamID: 9,
		Location: "https://old.example.com", Works: true}
	if err := s.App.DiscoverMade(ctx, project, []roster.Made{unknown}); err != nil {
		t.Fatal(err)
	}
	s.signIn(s.Owner, fmt.Sprintf("/projects/%d/made", project))
	s.says("hooks.example.com")
	s.looks("made")
	s.visit(s.members(project, fmt.Sprintf("included=%d", manager)))
	s.click("[data-bar] .btn-danger")
	s.until("document.querySelector('#dialog').open")
	s.says("hooks.example.com")
	s.looks("made-unassign")
}

// TestPausedAreShownWhy: the page that a paused person gets.
func TestPausedAreShownWhy(t *testing.T) {
	s := open(t)
	project, people := s.crew(1)
	if _, err := s.App.PauseMember(s.As(s.Owner), project, people[0], roster.PauseManual,
		"Please read the guide on partly hidden signs again."); err != nil {
		t.Fatal(err)
	}
	s.signIn(people[0], fmt.Sprintf("/projects/%d/members", project))
	s.says("partly hidden signs")
	s.looks("paused")
}

// looks checks a page, wide and on a phone, and keeps pictures of it where it is told
// a folder.
func (s *site) looks(name string) {
	s.T.Helper()
	for _, width := range []int64{1200, 400} {
		s.width(width)
		s.accessible(fmt.Sprintf("%s, %d wide", name, width))
		if eval[bool](s, "document.documentElement.scrollWidth > innerWidth + 1") {
			s.T.Errorf("%s is wider than %d", name, width)
		}
		if dir := os.Getenv("ROSTER_LOOKS"); dir != "" {
			for _, theme := range []string{"light", "dark"} {
				s.theme(theme)
				s.picture(filepath.Join(dir, fmt.Sprintf("%s-%s-%d.png", name, theme, width)))
			}
		}
	}
}
