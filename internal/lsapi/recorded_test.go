package lsapi_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"roster/internal/app/apptest"
	"roster/internal/lsapi"
)

// TestGoldenExamples: what the page shows of an operation is the first exchange of it
// that went well. It is kept apart from the exchanges, which are not in the binary; -update
// writes it from them.
func TestGoldenExamples(t *testing.T) {
	const file = "reference/examples.json"
	exchanges, err := lsapi.ReadExchanges(os.DirFS("testdata/exchanges"))
	if err != nil {
		t.Fatal(err)
	}
	var want bytes.Buffer
	to := json.NewEncoder(&want)
	to.SetEscapeHTML(false)
	to.SetIndent("", " ")
	if err := to.Encode(lsapi.RecordedExamples(lsapi.Families(), exchanges)); err != nil {
		t.Fatal(err)
	}
	if apptest.Updates() {
		if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what was recorded: run this with -update (%v)", file, err)
	}
}
