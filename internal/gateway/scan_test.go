package gateway

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// TestImportScanReadsAsJSONDoes: about random imports, the scan says what reading
// them whole says.
func TestImportScanReadsAsJSONDoes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	refused := 0
	for range 20_000 {
		text := randomValue(r, 4)
		var whole any
		if err := json.Unmarshal([]byte(text), &whole); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		scan := importScan{}
		for i := range len(text) {
			scan.next(text[i])
		}
		if wanted := saysFile(whole); (scan.named != "") != wanted {
			t.Fatalf("%s: %q, and there is one: %v", text, scan.named, wanted)
		}
		if scan.named != "" {
			refused++
		}
	}
	if refused < 500 {
		t.Errorf("only %d of them named a file", refused)
	}
}

// saysFile reports whether a task of an import says of which file it is.
func saysFile(whole any) bool {
	tasks, list := whole.([]any)
	if !list {
		tasks = []any{whole}
	}
	for _, task := range tasks {
		if o, _ := task.(map[string]any); o["file_upload_id"] != nil {
			return true
		}
	}
	return false
}

// randomValue writes JSON, with blanks and escapes wherever they may stand.
func randomValue(r *rand.Rand, depth int) string {
	blank := strings.Repeat(" ", r.IntN(2)) + strings.Repeat("\n\t", r.IntN(2))
	kind := r.IntN(7)
	if depth == 4 {
		kind = r.IntN(2)
	}
	switch {
	case kind == 0 && depth > 0:
		var items []string
		for range r.IntN(4) {
			items = append(items, randomValue(r, depth-1))
		}
		return blank + "[" + strings.Join(items, ",") + "]" + blank
	case kind <= 2 && depth > 0:
		var fields []string
		for i, name := range r.Perm(4)[:r.IntN(4)] {
			fields = append(fields, blank+randomName(r, name, i)+blank+":"+randomValue(r, depth-1))
		}
		return blank + "{" + strings.Join(fields, ",") + blank + "}"
	case kind <= 4:
		return blank + []string{"null", "true", "0", "-1.5e3", "12"}[r.IntN(5)] + blank
	}
	return blank + []string{`""`, `"file_upload_id"`, `"{\"file_upload_id\":1}"`, `"\\"`, `"]},{"`, `"\u005c\""`,
		`","`}[r.IntN(7)]
}

// randomName is the name of a field, each once.
func randomName(r *rand.Rand, which, i int) string {
	if which > 0 {
		return fmt.Sprintf(`"%s%d"`, []string{`a\"`, `file_upload_idx`, `}\\`, strings.Repeat("long", 50)}[r.IntN(4)], i)
	}
	return []string{`"file_upload_id"`, `"file\u005fupload_id"`, `"\u0066ile_upload\u005F\u0069d"`}[r.IntN(3)]
}
