package locale_test

import (
	"strings"
	"testing"
	"time"

	"roster"
	"roster/internal/locale"
)

func TestCounting(t *testing.T) {
	for _, c := range []struct {
		code string
		n    int
		want string
	}{
		{"en", 1, "One person"}, {"en", 0, "0 people"}, {"en", 12345, "12,345 people"},
		{"de", 1, "Eine Person"}, {"de", 12345, "12.345 Personen"},
		{"ja", 1, "1 人"}, {"ja", 12345, "12,345 人"},
		{"ar", 0, "0 شخص"}, {"ar", 1, "شخص واحد"}, {"ar", 2, "شخصان"}, {"ar", 3, "3 أشخاص"}, {"ar", 11, "11 شخصًا"},
		{"ar", 100, "100 شخص"}, {"ar", 12345, "12,345 شخصًا"},
	} {
		if got := locale.Find(c.code).Say(roster.Counted(c.n, "One person", "%s people")); got != c.want {
			t.Errorf("%s, %d: %q, want %q", c.code, c.n, got, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	at := time.Date(2026, 3, 5, 14, 7, 0, 0, time.UTC)
	for code, want := range map[string]string{
		"en": "5 March 2026, 14:07 UTC", "de": "5. März 2026, 14:07 UTC", "ja": "2026年3月5日 14:07 UTC",
		"ar": "\u20685\u2069 مارس \u20682026\u2069، \u206814:07\u2069 \u2068UTC\u2069",
	} {
		if got := locale.Find(code).Say(locale.Minute(at)); got != want {
			t.Errorf("%s: %q, want %q", code, got, want)
		}
	}
}

// What people wrote is nobody's message, place or format, and keeps its direction.
func TestWhatPeopleWrote(t *testing.T) {
	nasty := "{name} %s One person|%s people\x00c205:One p1:1 <b>"
	for _, l := range append(locale.Languages(), locale.Pseudo()) {
		for _, text := range []roster.Text{roster.Verbatim(nasty),
			roster.Text("The tag {label} was deleted.").With("label", nasty),
			roster.Counted(2, "One person was added to {place}.", "%s people were added to {place}.").With("place", nasty),
			roster.Formatted("%s has this role already. Nothing was changed.", nasty),
			roster.Text("{first} {second}").With("first", roster.Verbatim(nasty), "second", roster.Name{Text: nasty}),
		} {
			if got := l.Say(text); !strings.Contains(got, nasty) {
				t.Errorf("%s: %q", l.Code, got)
			}
		}
	}
	if got := locale.English().Say(roster.Text("The tag {label} was deleted.").With("label", "نور")); got !=
		"The tag \u2068نور\u2069 was deleted." {
		t.Errorf("%q", got)
	}
	if locale.English().Say(roster.Verbatim("Settings")) != "Settings" ||
		locale.Find("de").Say(roster.Verbatim("Settings")) != "Settings" {
		t.Error("a name is translated")
	}
}

func TestAccepted(t *testing.T) {
	for header, want := range map[string]string{
		"": "en", "de": "de", "de-CH, fr;q=0.9": "de", "fr, ja;q=0.5": "ja", "fr": "en", "ar-MA": "ar", "nonsense;;q=": "en",
		"en-GB, de": "en", strings.Repeat("de,", 1000): "en",
	} {
		if got := locale.Accepted(header); got.Code != want {
			t.Errorf("%.20q: %s, want %s", header, got.Code, want)
		}
	}
	if locale.Find("tlh") != nil || locale.Find("") != nil {
		t.Error("a language that is not there")
	}
}

func TestTemplates(t *testing.T) {
	de := map[string]string{
		"Saved by {1} on {2}": "Am {2} von {1} gespeichert", "in the <1>history</1>": "im <1>Verlauf</1>",
		`Say {1} "now"`: `{1} "jetzt"`, "Yes": "Ja",
	}
	say := func(message string) string { return de[message] }
	for source, want := range map[string]string{
		"<p>Saved by <bdi>{{.By}}</bdi>\n on {{.Day}}</p>":       "<p>Am {{.Day}} von <bdi>{{.By}}</bdi> gespeichert</p>",
		`<p>in the <a href="{{link "/a"}}">history</a></p>`:      `<p>im <a href="{{link "/a"}}">Verlauf</a></p>`,
		`<i title="Say {{.X}} "></i>`:                            `<i title=""></i>`,
		`<b>{{if .A}}Yes{{else}}<kbd>No</kbd>{{end}}</b>`:        `<b>{{if .A}}Ja{{else}}<kbd>No</kbd>{{end}}</b>`,
		`<pre translate="no">Yes</pre><td>{{.N}} · {{.M}}</td>`:  `<pre translate="no">Yes</pre><td>{{.N}} · {{.M}}</td>`,
		`<a class="x"{{if .B}} title="{{.C}}"{{end}}>{{.D}}</a>`: `<a class="x"{{if .B}} title="{{.C}}"{{end}}>{{.D}}</a>`,
	} {
		got, err := locale.Translate(source, say)
		if err != nil || got != want {
			t.Errorf("%s: %s, want %s (%v)", source, got, want, err)
		}
	}
	for _, source := range []string{"{{if", "<a href=", `<p title="No{{if .A}} way{{end}}">`} {
		if _, err := locale.Translate(source, say); err == nil {
			t.Errorf("%s is taken", source)
		}
	}
}
