package lsapi

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"roster"
)

// sending is a request with a query and a JSON body.
func sending(query, body string) *request {
	r := httptest.NewRequest(http.MethodPost, "/?"+query, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for _, name := range []string{"id", "user_pk", "pause_pk", "tag_pk", "made_pk", "import_pk", "task",
		"permission_key"} {
		r.SetPathValue(name, "1")
	}
	return &request{call: &call{w: httptest.NewRecorder(), r: r, head: http.Header{}}}
}

// What a request declares is what is read: nothing is described that the decoder passes
// over, and nothing is read that is not described.
func TestWhatIsDeclaredIsRead(t *testing.T) {
	for _, rt := range routes() {
		query, body := declaredIn(rt, "query"), declaredIn(rt, "body")
		r := sending(everything(query).Encode(), everythingJSON(body))
		for _, part := range rt.do.parts {
			part.read(r, reflect.New(fieldType(rt, part)).Interface())
		}
		if rt.method == "PATCH" && rt.path == "/api/tasks/{id}" {
			continue // its body is held against the task, when that is read
		}
		for where, c := range map[string]struct{ declared, read map[string]bool }{
			"parameter": {query, r.query().read}, "field": {body, r.body().read},
		} {
			for _, name := range unread(c.declared, c.read) {
				t.Errorf("%s %s: nothing reads the %s %s", rt.method, rt.path, where, name)
			}
			for _, name := range undeclared(c.declared, c.read) {
				t.Errorf("%s %s reads the %s %s, which it does not declare", rt.method, rt.path, where, name)
			}
		}
	}
}

func unread(declared, read map[string]bool) (out []string) {
	// what stays as it is shown is read when the request is complete
	later := []string{"", "created_by", "organization", "task_data_password"}
	for name, heeded := range declared {
		if heeded && !read[name] && !slices.Contains(later, name) {
			out = append(out, name)
		}
	}
	return out
}

func undeclared(declared, read map[string]bool) (out []string) {
	refused := "email" // of an account, which cannot be changed
	for name := range read {
		if _, ok := declared[name]; !ok && name != refused && !isSetting(name) {
			out = append(out, name)
		}
	}
	return out
}

// fieldType is the type of the field that a part reads.
func fieldType(rt route, p part) reflect.Type { return rt.do.in.FieldByIndex(p.index).Type }

// declaredIn is the names that a route declares, and whether each has an effect.
func declaredIn(rt route, in string) map[string]bool {
	out := map[string]bool{}
	for _, part := range rt.do.parts {
		_, idle := reflect.Zero(fieldType(rt, part)).Interface().(interface{ like() reflect.Type })
		for _, f := range part.fields {
			if f.in == in {
				out[f.name] = !idle || in == "body"
			}
		}
	}
	return out
}

func everything(names map[string]bool) url.Values {
	out := url.Values{}
	for name := range names {
		out.Set(name, "1")
	}
	return out
}

func everythingJSON(names map[string]bool) string {
	fields := map[string]any{}
	for name := range names {
		fields[name] = 1
	}
	raw, _ := json.Marshal(fields)
	return string(raw)
}

// isSetting reports whether a field is one of the settings of a project, which are
// described together.
func isSetting(name string) bool {
	return slices.ContainsFunc(slices.Concat(projectSettings, createdSettings),
		func(s setting) bool { return s.name == name })
}

// Contract 8: every write under /members, and an undo, takes an idempotency key. What only
// reads does not.
func TestWritesOfMembersAreDoneOnce(t *testing.T) {
	for _, rt := range routes() {
		reads := rt.method == http.MethodGet || strings.HasSuffix(rt.path, "/search") ||
			strings.HasSuffix(rt.path, "/preview")
		promised := !reads && (strings.Contains(rt.path, "/members") || strings.HasSuffix(rt.path, "/undo"))
		if rt.once != promised {
			t.Errorf("%s %s: once is %v", rt.method, rt.path, rt.once)
		}
	}
}

// Whoever sends a large body into a project or a workspace is asked first whether they
// see it.
func TestBodiesHaveARule(t *testing.T) {
	for _, rt := range routes() {
		path := strings.Replace(rt.path, "/roster/", "/", 1)
		inside := strings.HasPrefix(path, "/api/projects/{id}") || strings.HasPrefix(path, "/api/workspaces/{id}")
		if inside && rt.do.rule == nil {
			t.Errorf("%s %s reads whatever a stranger sends", rt.method, rt.path)
		}
	}
}

// specimen has each kind of tag once.
type specimen struct {
	Both    []int64     `query:"both" body:"both"`
	Wanted  int64       `query:"wanted,required"`
	Word    string      `query:"word" codes:"a b c"`
	Role    roster.Role `query:"role"`
	Count   int         `query:"count" default:"7"`
	Label   string      `body:"label,required" most:"3"`
	Filled  string      `body:"filled,filled"`
	Seat    roster.Role `body:"seat,some"`
	Cleared *string     `body:"cleared,null"`
	Kept    *string     `body:"kept"`
	Days    int         `body:"days" from:"1" to:"9"`
	On      bool        `body:"on" default:"true"`
}

const right = `"label":"abc","filled":"x"`

// A refusal names every field that is wrong, with one text for each thing that is wrong.
func TestRequestsNameWhatIsWrong(t *testing.T) {
	for _, c := range []struct{ query, body, field, text string }{
		{"wanted=1", `{` + right + `}`, "", ""},
		{"", `{` + right + `}`, "wanted", "This field is required."},
		{"wanted=x", `{` + right + `}`, "wanted", "A valid integer is required."},
		{"wanted=0", `{` + right + `}`, "wanted", "Ensure this value is greater than or equal to 1."},
		{"wanted=1&word=d", `{` + right + `}`, "word", `Must be "a", "b" or "c".`},
		{"wanted=1&role=XX", `{` + right + `}`, "role", `"XX" is not a valid choice.`},
		{"wanted=1&count=-1", `{` + right + `}`, "count", "Ensure this value is greater than or equal to 0."},
		{"wanted=1&both=1", `{"both":[2],` + right + `}`, "both",
			"The query and the body say different things. Nothing was changed."},
		{"wanted=1&both=1,2", `{"both":[1,2],` + right + `}`, "", ""},
		{"wanted=1&both=x", `{` + right + `}`, "both", "A valid integer is required."},
		{"wanted=1", `{"filled":"x"}`, "label", "This field is required."},
		{"wanted=1", `{"filled":"x","label":null}`, "label", "This field may not be null."},
		{"wanted=1", `{"filled":"x","label":"abcd"}`, "label", "Ensure this field has no more than 3 characters."},
		{"wanted=1", `{"filled":"x","label":{}}`, "label", "Not a valid string."},
		{"wanted=1", `{"filled":"","label":"a"}`, "filled", "This field may not be blank."},
		{"wanted=1", `{"seat":null,` + right + `}`, "seat", "This field may not be null."},
		{"wanted=1", `{"seat":"",` + right + `}`, "seat", "This field may not be null."},
		{"wanted=1", `{"seat":"XX",` + right + `}`, "seat", `"XX" is not a valid choice.`},
		{"wanted=1", `{"days":10,` + right + `}`, "days", "Ensure this value is less than or equal to 9."},
		{"wanted=1", `{"on":"perhaps",` + right + `}`, "on", "Must be a valid boolean."},
		{"wanted=1", `[]`, "non_field_errors", "Invalid data. Expected a JSON object."},
		{"wanted=1", `{"label":"a","label":"b"}`, "label", "Comes twice in the body. Nothing was changed."},
	} {
		var in specimen
		err := sending(c.query, c.body).call.read(partsOf(reflect.TypeOf(in)), &in)
		refused, _ := err.(*roster.Error)
		switch {
		case c.field == "" && err == nil:
		case refused == nil || len(refused.Fields) != 1 || !slices.Equal(refused.Fields[c.field], []string{c.text}):
			t.Errorf("?%s %s: %v, not %s: %s", c.query, c.body, err, c.field, c.text)
		}
	}
}

func TestRequestsAreRead(t *testing.T) {
	var in specimen
	r := sending("wanted=7.0&word=b&role=AN&both=2&both=3",
		`{"label":"abc","filled":"x","cleared":null,"kept":null,"days":"9"}`)
	if err := r.call.read(partsOf(reflect.TypeOf(in)), &in); err != nil {
		t.Fatal(err)
	}
	want := specimen{
		Both: []int64{2, 3}, Wanted: 7, Word: "b", Role: "AN", Count: 7, Label: "abc", Filled: "x",
		Cleared: new(string), Days: 9, On: true,
	}
	if !reflect.DeepEqual(in, want) {
		t.Errorf("%+v", in)
	}
}

// All that is wrong is said at once, in the query and in the body.
func TestRequestsAreRefusedAsAWhole(t *testing.T) {
	var in specimen
	err := sending("word=d&count=x", `{"days":0}`).call.read(partsOf(reflect.TypeOf(in)), &in)
	refused, ok := err.(*roster.Error)
	if !ok {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(refused.Fields)); !slices.Equal(got,
		[]string{"count", "days", "filled", "label", "wanted", "word"}) {
		t.Error(got)
	}
}

// A declaration that nothing can read ends the program when it starts, not a request.
func TestWrongDeclarationsAreFound(t *testing.T) {
	for _, in := range []any{
		struct{ Text string }{},
		struct {
			Filter roster.MemberFilter `list:"nobody"`
		}{},
		struct {
			Page roster.Page `page:"many"`
		}{},
		struct {
			Label string `body:"label" most:"few"`
		}{},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T is taken", in)
				}
			}()
			partsOf(reflect.TypeOf(in))
		}()
	}
}

// What a path names is declared by the request, and nothing else is of the path.
func TestPathsAreDeclared(t *testing.T) {
	for _, rt := range routes() {
		var named []string
		for segment := range strings.SplitSeq(rt.path, "/") {
			if name, ok := strings.CutPrefix(segment, "{"); ok {
				named = append(named, strings.TrimSuffix(name, "}"))
			}
		}
		slices.Sort(named)
		if got := slices.Sorted(maps.Keys(declaredIn(rt, "path"))); !slices.Equal(got, named) {
			t.Errorf("%s %s declares %v", rt.method, rt.path, got)
		}
	}
}

// A tag holds no constant, so this holds the two together.
func TestTokensLiveAsLongAsTheStoreSays(t *testing.T) {
	for _, part := range partsOf(reflect.TypeFor[tokenSettingsRequest]()) {
		for _, f := range part.fields {
			if f.name == "api_token_ttl_days" && f.to != roster.MaxTokenDays {
				t.Error(f.to)
			}
		}
	}
}
