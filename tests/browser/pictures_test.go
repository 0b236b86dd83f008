package browser

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"roster/internal/demo"
)

// TestPictures takes the pictures of docs/images, from the demo organization
// (make pictures); it does so only where it is told a folder.
func TestPictures(t *testing.T) {
	dir := os.Getenv("ROSTER_PICTURES")
	if dir == "" {
		t.Skip("it takes pictures when it is told where to: make pictures")
	}
	s := open(t)
	made, err := demo.Fill(t.Context(), s.App, s.DB, demo.Options{Now: s.Clock})
	if err != nil {
		t.Fatal(err)
	}
	members := "/projects/1/members"
	if made.ProjectID != 1 {
		t.Fatal("the demo's large project is another one: ", made.ProjectID)
	}
	s.signIn(s.Owner, "/projects")
	for _, theme := range []string{"light", "dark"} {
		s.theme(theme)
		for name, path := range map[string]string{
			"projects": "/projects", "members": members + "?role=AN", "people": "/people", "person": "/people/40",
			"history": "/projects/1/history",
		} {
			s.visit(path)
			s.picture(filepath.Join(dir, name+"-"+theme+".png"))
		}
		s.visit(members + "?role=AN&active=90")
		s.click("[data-row] input[type=checkbox]")
		s.click("[data-select-all]")
		s.until("!document.querySelector('[data-select-all]')")
		s.click(".btn-danger[formaction$='/unassign']")
		s.until("document.querySelector('dialog[open]')")
		eval[any](s, "scrollTo(0, 0)")
		s.picture(filepath.Join(dir, "unassign-"+theme+".png"))
	}
	s.theme("light")
	s.language("ar") // from right to left; the names stay as their people write them
	s.visit(members + "?role=AN")
	s.picture(filepath.Join(dir, "members-arabic.png"))
}

// picture keeps what the window shows, once nothing loads any more.
func (s *site) picture(file string) {
	s.T.Helper()
	s.until("document.readyState === 'complete' && !document.querySelector('.htmx-request')")
	png := value(s, chromedp.CaptureScreenshot())
	if err := os.WriteFile(file, png, 0o644); err != nil {
		s.T.Fatal(err)
	}
}
