package web_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"roster"
	"roster/internal/store"
	"roster/internal/store/storetest"
)

func TestTagPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		b.page("No tags yet", "/tags")
		form := b.form(b.page("Create the tag", "/tags/new"), "/tags", "label", "Night")
		b.must(303, "", "POST", "/tags", form)
		b.must(303, "", "POST", "/tags", form)
		b.page("The tag Night was created.", "/tags")
		form = b.form(b.page("Create the tag", "/tags/new"), "/tags", "label", "NIGHT")
		b.must(400, "already exists", "POST", "/tags", form)
		form.Set("label", strings.Repeat("x", 300))
		b.must(400, "no more than 255", "POST", "/tags", form)

		tag := b.Tag(`"><b>`)
		_, err := b.App.AssignTags(b.As(b.Owner), b.Org, roster.TagAssignment{Selector: roster.Selector{All: true},
			Tags: []int64{tag}})
		if err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("/tags/%d", tag)
		rename := b.form(b.page("Rename", at+"/edit"), at+"/edit", "label", "night")
		b.must(400, "already exists", "POST", at+"/edit", rename)
		rename.Set("label", "مناوبة")
		b.must(303, "", "POST", at+"/edit", rename)
		b.page("مناوبة", "/tags?order=-member_count")
		gone := b.form(b.page("One person has it", at+"/delete"), at+"/delete")
		b.must(303, "", "POST", at+"/delete", gone)
		b.must(303, "", "POST", at+"/delete", gone)
		b.must(404, "no such tag", "POST", at+"/edit", b.form(b.page("Create the tag", "/tags/new"), "/tags", "label", "x"))
		b.must(404, "no such tag", "GET", at+"/delete", nil)

		b.signIn("MA")
		page := b.page("Night", "/tags")
		b.without(page, "Rename")
		b.without(page, "Import")
		b.must(403, "permission", "GET", "/tags/new", nil)
		b.must(403, "permission", "GET", "/tags/import", nil)
		b.must(403, "permission", "POST", "/tags", url.Values{"key": {"x"}, "label": {"Mine"}})
		b.signIn("AN")
		b.must(403, "permission", "GET", "/tags", nil)
	})
}

// sendFile sends a form with a file.
func (b *browser) sendFile(target string, fields url.Values, file string) *httptest.ResponseRecorder {
	b.T.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, values := range fields {
		form.WriteField(name, values[0])
	}
	part, _ := form.CreateFormFile("file", "tags.csv")
	part.Write([]byte(file))
	form.Close()
	return b.raw("POST", target, form.FormDataContentType(), body.String())
}

func TestTagImportPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		b.form(b.page("A CSV file", "/tags/import"), "/tags/import/check")
		const good = "sep=;\r\nE-Mail;Tags;;\r\nowner@example.com;<b>,Night;;\r\nnobody@example.com;x\r\n"
		checked := b.sendFile("/tags/import/check", url.Values{"bulk_tags": {"batch 7"}}, good).Body.String()
		for _, text := range []string{"Tags for 2 people", "4 different tags.",
			"read as UTF-8, with a semicolon between cells", "<bdi>owner@example.com</bdi>", "<bdi>&lt;b&gt;</bdi>",
			"One e-mail belongs to nobody in the organization and will be skipped.",
			`name="bulk_tags" value="batch 7"`, "sep=;"} {
			if !strings.Contains(checked, text) {
				t.Errorf("%q is not in %s", text, checked)
			}
		}
		wide := "\xff\xfee\x00m\x00a\x00i\x00l\x00\n\x00a\x00@\x00b\x00.\x00e\x00x\x00a\x00m\x00p\x00l\x00e\x00\n\x00"
		if read := b.sendFile("/tags/import/check", url.Values{}, wide).Body.String(); !strings.Contains(read,
			"read as UTF-16") {
			t.Error("a file in UTF-16:", read)
		}
		key := func() url.Values { return b.form(checked, "/tags/import", "key", fmt.Sprint(rand.Int()), "text", good) }
		for file, text := range map[string]string{
			"":                               "Choose a file, or paste its lines.",
			"name\nx":                        `There is no column &#34;name&#34;`,
			"email,tags\nnobody,x\n":         "line 2: email: Enter a valid email address.",
			"email,tags\na@example.com,x,y":  "line 2: There are 3 cells, and 2 columns.",
			"email,tags\n\"open,x":           "This is not CSV",
			"\x00\xff\xfe":                   "Nothing was imported.",
			"email,tags\n<script>@x.y,<b>\n": "line 2: email: Enter a valid email address.",
		} {
			for _, path := range []string{"/tags/import", "/tags/import/check"} {
				form := key()
				form.Del("text")
				if answer := b.sendFile(path, form, file); answer.Code != 400 || !strings.Contains(answer.Body.String(), text) {
					t.Errorf("%s of %q: %d, want %q in\n%s", path, file, answer.Code, text, answer.Body)
				}
			}
		}
		form := key()
		to := b.sendFile("/tags/import", form, "email,tags\nowner@example.com,<b>\nnobody@example.com,x\n").Header().
			Get("Location")
		if again := b.sendFile("/tags/import", form, "email,tags\nowner@example.com,<b>\nnobody@example.com,x\n").
			Header().Get("Location"); again != to || to == "" {
			t.Fatalf("leads to %q and %q", to, again)
		}
		select {
		case <-b.App.JobsWait():
		default:
			t.Error("nobody was told that a job waits")
		}
		b.page(`hx-trigger="every 1s"`, to)
		if err := b.App.RunJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
		done := b.page("nobody@example.com", to)
		b.without(done, "every 1s")
		b.page("&lt;b&gt;", "/tags")
		b.must(404, "no such import", "GET", "/imports/999", nil)
		pasted := key()
		pasted.Set("text", "email,tags\nowner@example.com,pasted")
		b.must(303, "", "POST", "/tags/import", pasted)
		b.signIn("MA")
		b.must(403, "permission", "GET", to, nil)
	})
}

// TestTagsInTheHistory: a change of tags says whom it changed and who had them, its record
// tells the tags, and its undo is a click away; a person's history and a deleted tag alike.
func TestTagsInTheHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := signedIn(t, db, "OW")
		one := b.Person("AN")
		two := b.PersonNamed(roster.NewUser{Email: "tia@example.com", FirstName: "Tia", Role: "AN"})
		night := b.Tag("Night")
		if _, err := b.App.AssignTags(b.As(b.Owner), b.Org,
			roster.TagAssignment{Selector: roster.Selector{Included: []int64{one}}, Tags: []int64{night}}); err != nil {
			t.Fatal(err)
		}
		chosen := url.Values{"included": {fmt.Sprint(one), fmt.Sprint(two)}}
		ask := b.must(200, "Tags of 2 people", "POST", "/people/tags", chosen).Body.String()
		b.must(303, "", "POST", "/people/tags/apply", b.form(ask, "/people/tags/apply", "add", fmt.Sprint(night)))
		page := b.page("\u2068Tia\u2069 got the tag. One person had it already.", "/people")
		if !strings.Contains(page, "/undo") {
			t.Error("the notice offers no undo")
		}
		history := b.page("put the tag <bdi>Night</bdi> on <a href", "/history")
		b.without(history, "2 people")
		ops, _, err := b.App.Operations(b.As(b.Owner), roster.OperationFilter{Kind: roster.OpTag},
			roster.Page{Number: 1, Size: 1})
		if err != nil {
			t.Fatal(err)
		}
		record := b.page("Had the tag already: 1", fmt.Sprintf("/history/%d", ops[0].ID))
		if !strings.Contains(record, "Tag put on: 1") || !strings.Contains(record, "<bdi>Night</bdi>") {
			t.Errorf("the record says\n%s", record)
		}
		b.page("Was to be given the tag Night, but had it already.", fmt.Sprintf("/people/%d/history", one))
		b.page("Was given the tag Night.", fmt.Sprintf("/people/%d/history", two))
		b.page("One person has their earlier tags again.", fmt.Sprintf("/history/%d/undo", ops[0].ID))

		gone := b.form(b.page("It can be undone", fmt.Sprintf("/tags/%d/delete", night)),
			fmt.Sprintf("/tags/%d/delete", night))
		b.must(303, "", "POST", fmt.Sprintf("/tags/%d/delete", night), gone)
		b.page("/undo", "/tags")
		ops, _, err = b.App.Operations(b.As(b.Owner), roster.OperationFilter{Kind: roster.OpTagDelete},
			roster.Page{Number: 1, Size: 1})
		if err != nil {
			t.Fatal(err)
		}
		at := fmt.Sprintf("/history/%d", ops[0].ID)
		b.page("Deleted tags", at)
		b.must(303, "", "POST", fmt.Sprintf("/operations/%d/undo", ops[0].ID),
			b.form(b.page("on 2 people", at+"/undo"), fmt.Sprintf("/operations/%d/undo", ops[0].ID)))
		b.page("Undone: 2 people are as they were before.", "/tags")
		b.page("Night", "/tags")
	})
}
