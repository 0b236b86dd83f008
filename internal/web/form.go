package web

import (
	"slices"
	"strconv"
	"strings"
)

// maxSearch is the longest text that is searched for, in characters.
const maxSearch = 1000

// shortened is the first characters of a text.
func shortened(text string, most int) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, text))
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most])
	}
	return text
}

// ids reads a field that may be there several times, or hold several ids with
// commas between, and whose shape is known. Ascending, each once.
func (v *visit) ids(name string) []int64 {
	var out []int64
	for _, value := range v.r.Form[name] {
		for item := range strings.SplitSeq(value, ",") {
			if id, err := strconv.ParseInt(strings.TrimSpace(item), 10, 64); err == nil && id > 0 {
				out = append(out, id)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// id64 is a field that is one id; 0 when it is blank.
func (v *visit) id64(name string) int64 {
	id, _ := strconv.ParseInt(v.field(name), 10, 64) // its shape is known
	return id
}

// texts is ids as an address holds them.
func texts(ids []int64) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = strconv.FormatInt(id, 10)
	}
	return out
}

// pushURL has the browser show the address of a view that htmx asked for. What
// is typed and chosen in the filters is one step of the history, not many.
func (v *visit) pushURL(address string) {
	if !v.inPage() {
		return
	}
	header := "HX-Push-Url"
	if v.r.Header.Get("HX-Trigger") == "filters" {
		header = "HX-Replace-Url"
	}
	v.w.Header().Set(header, address)
}
