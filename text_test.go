package roster_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"roster"
)

// TestTextsAreTakenApart: whatever fills a text comes out of it again, also when it was kept.
func TestTextsAreTakenApart(t *testing.T) {
	nasty := "a:1\x00{b}|%s"
	text := roster.Counted(3, "One of {a}", "%s of {a}").With("a", nasty, "b", roster.Name{Text: nasty, URL: "/x"},
		"c", roster.Verbatim(nasty), "d", 7)
	want := roster.Parts{Message: "%s of {a}", One: "One of {a}", N: 3, Fills: []roster.Fill{{Place: "a", Value: nasty},
		{Place: "b", Value: roster.Name{Text: nasty, URL: "/x"}}, {Place: "c", Value: roster.Verbatim(nasty)},
		{Place: "d", Value: 7}}}
	kept, _ := json.Marshal(text)
	var again roster.Text
	if err := json.Unmarshal(kept, &again); err != nil {
		t.Fatal(err)
	}
	for _, text := range []roster.Text{text, again} {
		if got := text.Parts(); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v", got)
		}
	}
	if p := roster.Verbatim(nasty).Parts(); !p.Verbatim || p.Message != roster.Text(nasty) || roster.Verbatim("") != "" {
		t.Errorf("%+v", p)
	}
}

// FuzzTextParts: what is no text of ours is said as far as it can be read.
func FuzzTextParts(f *testing.F) {
	f.Add("m\x00s21:a9:b")
	f.Add("m\x00c93:one1:3")
	f.Fuzz(func(_ *testing.T, text string) { roster.Text(text).Parts() })
}
