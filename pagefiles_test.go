package roster_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	fileNamed = regexp.MustCompile("`([a-z0-9_/]+\\.(?:go|sql))`")
	testNamed = regexp.MustCompile(`\bTest[A-Z]\w+`)
)

// TestPagesNameWhatIsThere: the files of Go and SQL, and the tests, that a page names are
// there. The change log tells of what was.
func TestPagesNameWhatIsThere(t *testing.T) {
	pages, files, tests := map[string]string{}, []string{}, map[string]bool{}
	err := filepath.WalkDir(".", func(path string, file fs.DirEntry, err error) error {
		if err == nil && file.IsDir() && strings.HasPrefix(file.Name(), ".") && file.Name() != "." {
			return fs.SkipDir
		}
		isPage, isTest := strings.HasSuffix(path, ".md") && path != "CHANGELOG.md", strings.HasSuffix(path, "_test.go")
		if err != nil || file.IsDir() {
			return err
		}
		files = append(files, "/"+filepath.ToSlash(path))
		if !isPage && !isTest {
			return nil
		}
		text, err := os.ReadFile(path)
		if isPage {
			pages[path] = string(text)
		} else {
			for _, name := range testNamed.FindAllString(string(text), -1) {
				tests[name] = true
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range pages {
		for _, named := range fileNamed.FindAllStringSubmatch(text, -1) {
			if !slices.ContainsFunc(files, func(f string) bool { return strings.HasSuffix(f, "/"+named[1]) }) {
				t.Errorf("%s names the file %s, which is not there", path, named[1])
			}
		}
		for _, name := range testNamed.FindAllString(text, -1) {
			if !tests[name] {
				t.Errorf("%s names the test %s, which is not there", path, name)
			}
		}
	}
}
