package gateway

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"roster"
	"roster/internal/store/storetest"
)

// weighing is what a scale says to all of a text.
func weighing(s scale, text string) error {
	for _, c := range []byte(text) {
		if err := s.next(c); err != nil {
			return err
		}
	}
	return nil
}

// weigh weighs JSON.
func weigh(raw []byte) error { return (&jsonScale{weight: new(int64)}).weigh(raw) }

// mask is a packed mask that says that it unpacks to so many values.
func mask(values uint32, more ...string) string {
	head := fmt.Sprintf("%d,%d,%d,%d", values>>24, values>>16&255, values>>8&255, values&255)
	return "[" + strings.Join(append([]string{head}, more...), ",") + "]"
}

// TestMasksUnpackToLittle: a mask says in four numbers how much room the upstream makes for
// it. Those of one result count together.
func TestMasksUnpackToLittle(t *testing.T) {
	const most, half = 1_000_000_000, 500_000_000
	region := func(rle string) string { return `{"value":{"format":"rle","rle":` + rle + `}}` }
	for text, want := range map[string]bool{
		`{"result":[` + region(mask(48_000_000, "3", "0")) + `]}`:                                    true,
		`{"result":[` + region(mask(most)) + `]}`:                                                    true,
		`{"result":[` + region(mask(most+1)) + `]}`:                                                  false,
		`{"result":[` + region(mask(half)) + `,` + region(mask(half)) + `]}`:                         true,
		`{"result":[` + region(mask(half)) + `,` + region(mask(half)) + `,` + region(mask(9)) + `]}`: false,
		`[{"result":[` + region(mask(most)) + `]},{"result":[` + region(mask(most)) + `]}]`:          true, // two results
		`{"result":[` + region(mask(half)) + `,{"result":[]},` + region(mask(half+1)) + `]}`:         false,
		`{"result":[{"value":{"r\u006ce":` + mask(most+1) + `}}]}`:                                   false,
		`{"result":[{"value":{"rle" : [ 255 , 255 , 255 , 255 ]}}]}`:                                 false,
		// as their last eight bits
		`{"result":[{"value":{"rle":[-1,true,99999999999999999999999,0]}}]}`: false,
		// which is unpacked by nobody
		`{"result":[{"value":{"rle":[2.5,255,255,255]}}]}`:                                              true,
		`{"result":[{"value":{"rle":["255",255,255,255,255]}}]}`:                                        true,
		`{"result":[{"value":{"rle":"\u007f\u007f\u007f\u007f"}}]}`:                                     false,
		`{"result":[{"value":{"rle":"zzzz"}}]}`:                                                         false,
		`{"result":[{"value":{"rle":"1 2 3"}}]}`:                                                        true,
		`{"result":[{"value":{"rle":[0,0,0,1],"x":[255,255,255,255],"rle":[255,255,255,255]}}]}`:        false,
		`{"data":{"boxes":{"rle":[255,255,255,255]}}}`:                                                  false,
		`{"data":{"text":"\"rle\":[255,255,255,255]","rle":{"counts":[255,255,255,255]},"list":[255]}}`: true,
	} {
		if err := weigh([]byte(text)); (err == nil) != want {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// TestValuesWeigh: what the upstream would make more than a gibibyte of is too much, however
// short it is written.
func TestValuesWeigh(t *testing.T) {
	storetest.Long(t)
	for name, c := range map[string]struct {
		text string
		want bool
	}{
		"empty objects": {"[" + strings.Repeat("{},", 6_000_000) + "{}]", false},
		"fewer":         {"[" + strings.Repeat("{},", 4_000_000) + "{}]", true},
		"numbers":       {"[" + strings.Repeat("1,", 20_000_000) + "1]", false},
		"fewer numbers": {"[" + strings.Repeat("1,", 15_000_000) + "1]", true},
		"texts":         {"[" + strings.Repeat(`"",`, 6_000_000) + `""]`, false},
		"colons":        {"[" + strings.Repeat(":", 20_000_000) + strings.Repeat("{},", 6_000_000) + "{}]", false},
		"one long text": {`{"text":"` + strings.Repeat(`[{,":\"`, 20<<20/7) + `"}`, true},
		"an hour's words": {
			"[" + strings.Repeat(`{"id":"a1b2","value":{"start":1.25,"end":2.5,"text":["word"]},"type":"labels"},`,
				30<<20/80) + "{}]", true},
	} {
		if err := weigh([]byte(c.text)); (err == nil) != c.want || err != nil && roster.KindOf(err) != roster.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// uploaded is a form with one file.
func uploaded(t *testing.T, disposition, content string, more ...string) (boundary, form string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	header := textproto.MIMEHeader{"Content-Disposition": {disposition}}
	for _, line := range more {
		name, value, _ := strings.Cut(line, ": ")
		header.Set(name, value)
	}
	part, err := w.CreatePart(header)
	if err == nil {
		_, err = part.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return w.Boundary(), out.String()
}

// TestFilesWeigh: the files of a form weigh what the upstream makes of them, by the names
// that it may see.
func TestFilesWeigh(t *testing.T) {
	storetest.Long(t)
	objects := "[" + strings.Repeat("{},", 6_000_000) + "{}]"
	rows := "a\n" + strings.Repeat("1\n", 2_000_000)
	wide := strings.Repeat("a,", 20_000) + "a\n" + strings.Repeat("1\n", 20_000)
	const called = `form-data; name="file"; filename=`
	for name, c := range map[string]struct {
		disposition, content string
		more                 []string
		want                 bool
	}{
		"JSON":                {disposition: called + `"a.json"`, content: objects},
		"JSON in capitals":    {disposition: called + `"a.JSON"`, content: objects},
		"a picture":           {disposition: called + `"a.png"`, content: objects, want: true},
		"a picture of a bird": {disposition: called + `"Ein Vögelchen, (1).jpeg"`, content: objects + rows, want: true},
		"without quotes":      {disposition: called + `a.json`, content: objects},
		"two names":           {disposition: called + `"a.png"; filename*=UTF-8''a.json`, content: objects},
		"an entity":           {disposition: called + `"a&#46;json;.png"`, content: objects},
		"no name":             {disposition: `form-data; name="file"`, content: objects},
		"no ending":           {disposition: called + `"json"`, content: objects},
		"base64": {disposition: called + `"a.json"`, content: "W10=",
			more: []string{"Content-Transfer-Encoding: base64"}},
		"binary": {disposition: called + `"a.json"`, content: "[]",
			more: []string{"Content-Transfer-Encoding: binary"}, want: true},
		"rows":                  {disposition: called + `"a.csv"`, content: rows},
		"lines":                 {disposition: called + `"a.txt"`, content: rows},
		"lines of Unicode":      {disposition: called + `"a.txt"`, content: strings.Repeat("\u2028", 2_000_000)},
		"few rows":              {disposition: called + `"a.tsv"`, content: rows[:500_000], want: true},
		"a wide table":          {disposition: called + `"a.csv"`, content: wide},
		"wide, with semicolons": {disposition: called + `"a.csv"`, content: strings.ReplaceAll(wide, ",", ";")},
		"wide, after a blank":   {disposition: called + `"a.csv"`, content: "\n\r\n" + wide},
		"wide, in quotes":       {disposition: called + `"a.csv"`, content: "\"a\nb\"," + wide},
		"wide, a quote within":  {disposition: called + `"a.csv"`, content: "x\"y,\"a\n\"," + wide},
		"wide, in quotes for ;": {disposition: called + `"a.csv"`, content: ";\",\";\n\"," + wide},
		"quoted, and narrow": {disposition: called + `"a.csv"`, content: "\"a\",\"b \"\" c\"\n" +
			strings.Repeat("1,\"long, long, long\"\n", 100_000), want: true},
		"text with many commas": {disposition: called + `"a.csv"`, content: "text\n" +
			strings.Repeat("\"one, two, three, four, five, six\"\n", 100_000), want: true},
		"a boundary in the file": {disposition: called + `"a.png"`,
			content: "BOUNDARY\r\nContent-Disposition: form-data; filename=\"a.json\"\r\n\r\n" + objects},
		"masks": {disposition: called + `"a.json"`,
			content: `[{"annotations":[{"result":[{"value":{"rle":[255,255,255,255]}}]}]}]`},
	} {
		boundary, form := uploaded(t, c.disposition, c.content, c.more...)
		form = strings.ReplaceAll(form, "BOUNDARY", "x--"+boundary)
		if err := weighing(newFormScale(boundary), form); (err == nil) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzScale: any JSON can be weighed, and its masks are found as a tree finds them.
func FuzzScale(f *testing.F) {
	f.Add(`{"result":[{"value":{"rle":[255,255,255,255]}}]}`)
	f.Add(`[{"rle":[1,[2],3]},{"r\u006ce":"abcd"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		if json.Unmarshal([]byte(text), &v) != nil {
			return
		}
		if weigh([]byte(text)) == nil && dense(v) {
			t.Errorf("%q is let through", text)
		}
	})
}

// dense reports whether there is a mask of whole numbers that is too large by itself.
func dense(v any) bool {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			if dense(item) {
				return true
			}
		}
	case map[string]any:
		for name, item := range v {
			if name == "rle" && tooLarge(item) || dense(item) {
				return true
			}
		}
	}
	return false
}

func tooLarge(rle any) bool {
	list, _ := rle.([]any)
	if len(list) < 4 {
		return false
	}
	sum := uint64(0)
	for _, item := range list[:4] {
		n, isNumber := item.(float64)
		if !isNumber || n != float64(int64(n)) || n < 0 || n > 255 {
			return false
		}
		sum = sum<<8 | uint64(n)
	}
	return sum > maxMask
}
