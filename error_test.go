package roster_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"roster"
)

// TestErrorsCarryTheirKey: a page in another language finds its words by what a message was
// made by, whichever way the error was made.
func TestErrorsCarryTheirKey(t *testing.T) {
	for _, c := range []struct {
		err  error
		key  string
		args []any
	}{
		{roster.Errorf(roster.NotFound, "No tag is called %s.", "x"), "No tag is called %s.", []any{"x"}},
		{roster.InvalidField("role", "%q is no role.", "XX"), "%q is no role.", []any{"XX"}},
		{&roster.Error{Kind: roster.NotFound, Message: "Not found."}, "Not found.", nil},
		{roster.Error{Kind: roster.Busy, Err: errors.New("disk")}.Says("Wait %d s.", 3), "Wait %d s.", []any{3}},
	} {
		e, _ := errors.AsType[*roster.Error](c.err)
		if key, args := e.Text(); key != c.key || !reflect.DeepEqual(args, c.args) {
			t.Errorf("%v: %q %v", c.err, key, args)
		}
	}
}

// TestNoMessageHidesItsKey: nobody writes a message out before it is an error's.
func TestNoMessageHidesItsKey(t *testing.T) {
	written := regexp.MustCompile(`roster\.Error\{.*Message: (fmt\.|.*" \+ [a-z])`)
	err := filepath.WalkDir(".", func(path string, file fs.DirEntry, err error) error {
		if err != nil || file.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if found := written.Find(text); found != nil {
			t.Errorf("%s: %s", path, found)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
