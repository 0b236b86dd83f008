package store_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestAccessIsSaidOnce: no statement says for itself what an active row is, which roles
// open every project, or what a row that gives access holds when it begins.
func TestAccessIsSaidOnce(t *testing.T) {
	itself := regexp.MustCompile(
		`removed_by IS NULL|'OW', 'AD'|'AD', 'OW'|INSERT INTO (project|workspace|organization)_members\b`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if file == "access.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if found := itself.Find(text); found != nil {
			t.Errorf("%s says %q for itself: access.go has a word for it", file, found)
		}
	}
}
