package roster_test

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// longestGoLine is how many characters a line of Go has at most, and longText from how
// many on a text may make it longer.
const longestGoLine, longText = 120, 40

// TestGoLinesEnd: code is read beside other code. Only a long text in it goes on.
func TestGoLinesEnd(t *testing.T) {
	err := filepath.WalkDir(".", func(path string, file fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case file.IsDir() && strings.HasPrefix(file.Name(), ".") && file.Name() != ".":
			return fs.SkipDir
		case file.IsDir() || !strings.HasSuffix(path, ".go"):
			return nil
		}
		text, err := os.ReadFile(path)
		endsInTime(t, path, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func endsInTime(t *testing.T, path string, source []byte) {
	texts := linesOfTexts(source)
	for i, line := range strings.Split(string(source), "\n") {
		if length := utf8.RuneCountInString(line); length > longestGoLine && !texts[i+1] {
			t.Errorf("%s:%d has %d characters", path, i+1, length)
		}
	}
}

// linesOfTexts are the lines on which a long text stands.
func linesOfTexts(source []byte) map[int]bool {
	lines, files := map[int]bool{}, token.NewFileSet()
	file := files.AddFile("", files.Base(), len(source))
	var s scanner.Scanner
	s.Init(file, source, nil, 0)
	for {
		at, kind, text := s.Scan()
		switch {
		case kind == token.EOF:
			return lines
		case kind == token.STRING && len(text) > longText:
			for n := range 1 + strings.Count(text, "\n") {
				lines[file.Line(at)+n] = true
			}
		}
	}
}
