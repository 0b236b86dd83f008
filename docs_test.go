package roster_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// longestLine is how many characters a line of a page has at most.
const longestLine = 100

// TestPagesAreWrapped: a page is read beside the code, so its lines end where an editor
// does. Tables, code, addresses and what is generated go on.
func TestPagesAreWrapped(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, file fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file.IsDir() && strings.HasPrefix(file.Name(), ".") && file.Name() != "." && file.Name() != ".github":
			return fs.SkipDir
		case file.IsDir() || !strings.HasSuffix(path, ".md") || path == "docs/compatibility.md":
			return nil
		}
		text, err := os.ReadFile(path)
		wrapped(t, path, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func wrapped(t *testing.T, path, text string) {
	code := false
	for n, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "```") {
			code = !code
		}
		goesOn := code || strings.HasPrefix(line, "|") || strings.Contains(line, "](") || strings.Contains(line, "://")
		if length := utf8.RuneCountInString(line); length > longestLine && !goesOn {
			t.Errorf("%s:%d has %d characters", path, n+1, length)
		}
	}
}
