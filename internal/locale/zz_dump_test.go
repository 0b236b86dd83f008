package locale

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestDump(t *testing.T) {
	a, _ := filepath.Glob("../web/templates/*.html")
	b, _ := filepath.Glob("../web/templates/shared/*.html")
	n := 0
	for _, f := range append(a, b...) {
		s, _ := os.ReadFile(f)
		fmt.Println("==", filepath.Base(f))
		trees, err := Trees(filepath.Base(f), string(s))
		if err != nil {
			fmt.Println("ERR", err)
		}
		for _, tr := range trees {
			Constants(tr, func(one, m string) { n++; fmt.Println("  ", one, "|", m) }, func(l string) { fmt.Println(" LOOSE", l) })
		}
	}
	fmt.Println(n)
}
