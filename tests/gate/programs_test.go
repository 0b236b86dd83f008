package gate

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
)

// coded is a labeling configuration whose annotations would be made up by a schema.
func coded(schema string) string {
	return `<View><Text name="text" value="$text"/><ReactCode name="r" toName="text" value="$text" outputs='` +
		schema + `'/></View>`
}

// TestNothingRunsForASample: past the gate, Label Studio runs the Python in a schema, and
// fetches what that refers to, for a sample of a task. Nobody has it do so through the gate.
func TestNothingRunsForASample(t *testing.T) {
	g := need(t)
	at, asked := neighbor(t)
	s := g.newScene(t, "mia")
	computes := coded(fmt.Sprintf(
		`{"type":"object","properties":{"f":{"type":"string","$provider":"lambda: `+
			`str(__import__(\"urllib.request\").request.urlopen(\"%s\"))"}},"required":["f"]}`, at))
	fetches := coded(fmt.Sprintf(`{"type":"object","properties":{"f":{"$ref":"%s/x.json#/x"}},"required":["f"]}`, at))
	const plain = `<View><Text name="text" value="$text"/></View>`
	sample := func(p *person, config string, more bool) answer {
		t.Helper()
		body := map[string]any{"label_config": config}
		if more {
			body["include_annotation_and_prediction"] = true
		}
		a, err := p.ask("POST", s.path("/api/projects/%d/sample-task/"), body)
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, config := range []string{computes, fetches} {
		before := asked.Load()
		if a := sample(behind(), config, true); asked.Load() == before {
			t.Fatalf("past the gate nothing ran, so this test shows nothing: %v", a)
		}
	}
	before := asked.Load()
	for _, name := range []string{"mia", "owner"} {
		for _, config := range []string{computes, fetches} {
			if a := sample(g.who(t, name), config, true); a.status != 400 {
				t.Errorf("%s: %v", name, a)
			}
		}
		if a := sample(g.who(t, name), plain, false); a.status != 200 {
			t.Errorf("%s, a plain one: %v", name, a)
		}
	}
	// A configuration with a schema that is stored all the same is read, and runs nothing.
	if a, err := g.who(t, "mia").ask("PATCH", s.path("/api/projects/%d/"),
		map[string]any{"label_config": fetches}); err != nil || a.status != 400 {
		t.Error("stored by a manager:", a, err)
	}
	behind().must(t, "PATCH", s.path("/api/projects/%d/"), map[string]any{"label_config": fetches}, nil)
	task := s.task()
	for _, read := range []string{
		s.path("/api/projects/%d/"), s.path("/api/projects/%d/validate/"), s.path("/api/projects/%d/next/"),
		s.path("/api/projects/%d/export?exportType=JSON"),
		s.path("/api/projects/%d/export?exportType=JSON_MIN"), s.path("/api/dm/columns/?project=%d"),
		s.path("/api/dm/actions/?project=%d"),
		s.path("/api/dm/actions/cache_labels/form/?project=%d"), s.path("/api/dm/actions/rename_labels/form/?project=%d"),
		fmt.Sprintf("/api/tasks/%d/", task),
	} {
		if got := g.who(t, "mia").status(t, "GET", read, nil); got >= 500 {
			t.Errorf("%s: %d", read, got)
		}
	}
	g.who(t, "mia").status(t, "POST", fmt.Sprintf("/api/tasks/%d/annotations/", task), map[string]any{"result": []any{
		map[string]any{"id": "x", "from_name": "r", "to_name": "text", "type": "reactcode", "value": map[string]any{
			"reactcode": map[string]any{"f": "x"}}}}})
	g.who(t, "mia").status(t, "POST", s.path("/api/dm/actions/?id=cache_labels&project=%d"),
		map[string]any{"selectedItems": map[string]any{"all": true, "excluded": []any{}}})
	g.who(t, "mia").status(t, "POST", s.path("/api/projects/%d/import"),
		[]any{map[string]any{"data": map[string]any{"text": "x"}, "predictions": []any{map[string]any{"result": []any{}}}}})
	if a := sample(g.who(t, "owner"), computes, false); a.status != 200 {
		t.Errorf("without annotations: %v", a)
	}
	if asked.Load() != before {
		t.Errorf("fetched %d times", asked.Load()-before)
	}
}

// inChunks sends JSON as somebody, in chunks, on a connection of its own.
func (p *person) inChunks(t *testing.T, method, path string, body any) int {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	connection, err := net.Dial("tcp", strings.TrimPrefix(p.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	fmt.Fprintf(connection,
		"%s %s HTTP/1.1\r\nHost: x\r\nAuthorization: Token %s\r\nContent-Type: application/json\r\nTransfer-Encoding: "+
			"chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n",
		method, path, p.token, len(raw), raw)
	got, err := http.ReadResponse(bufio.NewReader(connection), nil)
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	return got.StatusCode
}

// TestChunksArriveWhole: Label Studio's own server reads no body in chunks, and deleted all
// tasks where one was named. Through the gate it gets the body, with its length.
func TestChunksArriveWhole(t *testing.T) {
	g := need(t)
	s := g.newScene(t)
	tasks := []int64{s.task(), s.task(), s.task()}
	owner := &person{name: "owner by token", base: g.url, token: upstream.token, client: http.DefaultClient}
	for i := range 2 {
		if got := owner.inChunks(t, "POST", s.path("/api/dm/actions/?id=delete_tasks&project=%d"), map[string]any{
			"selectedItems": map[string]any{"all": false, "included": []int64{tasks[i]}}}); got != 200 {
			t.Errorf("deleting one: %d", got)
		}
	}
	var left struct{ Tasks []struct{ ID int64 } }
	behind().must(t, "GET", s.path("/api/tasks/?project=%d"), nil, &left)
	if len(left.Tasks) != 1 || left.Tasks[0].ID != tasks[2] {
		t.Errorf("left are %v", left.Tasks)
	}
	if got := owner.inChunks(t, "PATCH", s.path("/api/projects/%d/"), map[string]any{"title": "By chunks"}); got != 200 {
		t.Errorf("a new title: %d", got)
	}
	var project struct{ Title string }
	behind().must(t, "GET", s.path("/api/projects/%d/"), nil, &project)
	if project.Title != "By chunks" {
		t.Errorf("called %q", project.Title)
	}
	if got := owner.inChunks(t, "POST", s.path("/api/projects/%d/import"),
		[]any{map[string]any{"text": "x"}}); got != 411 {
		t.Errorf("an upload: %d", got)
	}
	for range 20 { // on the gate's connections nothing is left over
		if got := owner.status(t, "GET", s.path("/api/projects/%d/"), nil); got != 200 {
			t.Errorf("afterwards: %d", got)
		}
	}
}

// TestLittleStaysLittle: what Label Studio would work on for hours, or take for everything, is
// refused; what people do all day is not.
func TestLittleStaysLittle(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia", "ann")
	mia, ann := g.who(t, "mia"), g.who(t, "ann")
	task := s.task()
	region := func(more string) map[string]any {
		return map[string]any{"result": []any{map[string]any{
			"id": "x", "from_name": "label", "to_name": "text", "type": "choices", "value": map[string]any{
				"choices": []string{"Good"}}, "note": more}}}
	}
	config := func(name string) map[string]any {
		return map[string]any{
			"label_config": `<View><Repeater on="$pages" indexFlag="{{idx}}"><Text name="t_{{idx}}" ` +
				`value="$pages[{{idx}}].text"/>` +
				`<Choices name="` + name + `" toName="t_{{idx}}"><Choice value="Good"/></Choices></Repeater></View>`}
	}
	for _, c := range []struct {
		who          *person
		method, path string
		body         any
		status       int
	}{
		{mia, "POST", s.path("/api/projects/%d/validate/"), config("(a+)+b{{idx}}"), 400},
		{mia, "PATCH", s.path("/api/projects/%d/"), config("{{idx}}{{idx}}b"), 400},
		{mia, "POST", "/api/projects/validate/", config("c_{{idx}}"), 204},
		{ann, "POST", fmt.Sprintf("/api/tasks/%d/annotations/", task),
			map[string]any{"result": `[{"value":{"rle":[255,255,255,255]}}]`}, 400},
		{ann, "POST", fmt.Sprintf("/api/tasks/%d/annotations/", task), region("as the screens send it"), 201},
		{mia, "GET", s.path("/api/projects/%d/export?exportType=CSV"), nil, 200},
		{mia, "GET", s.path("/api/projects/%d/export?exportType=TSV&ids[]=") + fmt.Sprint(task), nil, 200},
		{mia, "POST", s.path("/api/dm/actions/?id=delete_tasks&project=%d"), map[string]any{}, 400},
		{mia, "GET", fmt.Sprintf("/api/tasks/%d/", task), nil, 200},
	} {
		if got := c.who.status(t, c.method, c.path, c.body); got != c.status {
			t.Errorf("%s %s: %d", c.method, c.path, got)
		}
	}
}

// TestWhatAddsUpStaysLittle: what Label Studio lists for each region that does not fit, and reads
// for each kind of result, is refused where it adds up; what people send is not.
func TestWhatAddsUpStaysLittle(t *testing.T) {
	g := need(t)
	s := g.newScene(t, "mia", "ann")
	mia, ann := g.who(t, "mia"), g.who(t, "ann")
	task := s.task()
	var list struct {
		Config string `json:"label_config"`
		Fit    []any  `json:"fit"`
		Misfit []any  `json:"misfit"`
	}
	raw, err := os.ReadFile("../../internal/gateway/testdata/fitting.json")
	if err == nil {
		err = json.Unmarshal(raw, &list)
	}
	if err != nil {
		t.Fatal(err)
	}
	// created is how many of predictions of one region each the upstream itself takes.
	created := func(regions []any) (n int) {
		all := []any{}
		for _, region := range regions {
			all = append(all, map[string]any{"task": task, "result": []any{region}})
		}
		var got struct{ Created int }
		behind().must(t, "POST", s.path("/api/projects/%d/import/predictions"), all, &got)
		return got.Created
	}
	behind().must(t, "PATCH", s.path("/api/projects/%d/"), map[string]any{"label_config": list.Config}, nil)
	if fit, misfit := created(list.Fit), created(list.Misfit); fit != len(list.Fit) || misfit != 0 {
		t.Errorf("the upstream takes %d of %d that fit, and %d that do not", fit, len(list.Fit), misfit)
	}

	var choices strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&choices, `<Choice value="label number %d"/>`, i)
	}
	large := map[string]any{"label_config": `<View><Text name="text" value="$text"/><Choices name="kind" toName="text">` +
		`<Choice value="Good"/>` + choices.String() + `</Choices></View>`}
	predictions := func(n int, choice string) []any {
		region := map[string]any{"from_name": "kind", "to_name": "text", "type": "choices",
			"value": map[string]any{"choices": []string{choice}}}
		return []any{map[string]any{"task": task, "result": slices.Repeat([]any{region}, n),
			"data":        map[string]any{"text": "a"},
			"predictions": []any{map[string]any{"result": slices.Repeat([]any{region}, n)}}}}
	}
	kinds := func(from, to int) map[string]any {
		items := []any{}
		for i := from; i < to; i++ {
			items = append(items, map[string]any{"from_name": fmt.Sprintf("m%d", i), "to_name": "text", "type": "choices",
				"value": map[string]any{"choices": []string{"Good"}}})
		}
		return map[string]any{"result": items}
	}
	annotations := fmt.Sprintf("/api/tasks/%d/annotations/", task)
	var foreign struct{ ID int64 }
	for _, c := range []struct {
		who          *person
		method, path string
		body         any
		status       int
	}{
		{mia, "PATCH", s.path("/api/projects/%d/"), large, 200},
		{mia, "POST", s.path("/api/projects/%d/import/predictions"), predictions(2000, "label number 7"), 201},
		{mia, "POST", s.path("/api/projects/%d/import/predictions"), predictions(5, "Q"), 201},
		{mia, "POST", s.path("/api/projects/%d/import/predictions"), predictions(500, "Q"), 400},
		{mia, "POST", s.path("/api/projects/%d/import"), predictions(500, "label number 7"), 201},
		{mia, "POST", s.path("/api/projects/%d/import"), predictions(500, "Q"), 400},
		{mia, "POST", s.path("/api/projects/%d/import?preannotated_from_fields=kind"),
			[]any{map[string]any{"text": "a", "kind": "Good"}}, 201},
		{mia, "POST", s.path("/api/projects/%d/import?preannotated_from_fields=kind"),
			slices.Repeat([]any{map[string]any{"text": "a", "kind": "Good"}}, 500), 400},
		{ann, "POST", annotations, map[string]any{"result": chosen("Good")}, 201},
		{ann, "POST", annotations, kinds(0, 21), 400},
		{ann, "POST", fmt.Sprintf("/api/tasks/%d/drafts", task), kinds(0, 21), 400},
		{mia, "PATCH", s.path("/api/projects/%d/"), large, 200},
	} {
		if got := c.who.status(t, c.method, c.path, c.body); got != c.status {
			t.Errorf("%s %s: %d", c.method, c.path, got)
		}
	}
	ann.must(t, "POST", annotations, kinds(0, 20), &foreign)
	for _, c := range []struct {
		method, path string
		body         any
		status       int
	}{
		{"PATCH", fmt.Sprintf("/api/annotations/%d/", foreign.ID), kinds(0, 20), 200},
		{"POST", annotations, kinds(20, 21), 400},
		{"POST", annotations, map[string]any{"result": chosen("Good")}, 201},
		{"DELETE", fmt.Sprintf("/api/annotations/%d/", foreign.ID), nil, 204},
	} {
		if got := ann.status(t, c.method, c.path, c.body); got != c.status {
			t.Errorf("%s %s: %d", c.method, c.path, got)
		}
	}
	if got := mia.status(t, "PATCH", s.path("/api/projects/%d/"), large); got != 200 {
		t.Errorf("the configuration afterwards: %d", got)
	}

	// Labels that nothing gives are kept for good, and those that something gives are not refused.
	labels := func(from, to int) map[string]any {
		said := []string{"Good"}
		for i := from; i < to; i++ {
			said = append(said, fmt.Sprintf("foreign %d", i))
		}
		return map[string]any{"result": []any{map[string]any{"from_name": "kind", "to_name": "text", "type": "choices",
			"value": map[string]any{"choices": said}}}}
	}
	for _, c := range []struct {
		path   string
		body   any
		status int
	}{
		{annotations, labels(0, 10_001), 400},
		{annotations, labels(0, 9000), 201},
		{annotations, labels(9000, 9900), 201},
		{annotations, labels(9900, 11_000), 400},
		{fmt.Sprintf("/api/tasks/%d/drafts", task), labels(9900, 11_000), 400},
		{annotations, labels(0, 100), 201}, // which are there
		{annotations, labels(0, 0), 201},
	} {
		if got := ann.status(t, "POST", c.path, c.body); got != c.status {
			t.Errorf("%s with %.80v…: %d", c.path, c.body, got)
		}
	}
	var summary struct {
		Labels map[string]map[string]int `json:"created_labels"`
	}
	behind().must(t, "GET", s.path("/api/projects/%d/summary/"), nil, &summary)
	if n := len(summary.Labels["kind"]); n != 9901 {
		t.Errorf("the upstream keeps %d labels", n)
	}
}
