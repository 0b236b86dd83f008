package gateway

import (
	"fmt"
	"strings"
	"testing"
)

// TestShapesHaveFewLabels: the upstream makes a brush or a polygon once for each of its labels.
func TestShapesHaveFewLabels(t *testing.T) {
	labels := func(n int) string { return "[" + strings.TrimSuffix(strings.Repeat(`"A",`, n), ",") + "]" }
	region := func(value string) string {
		return `{"result":[{"from_name":"p","to_name":"i","type":"polygonlabels","value":{"points":[[1,2],[3,4]],` +
			value + `}}]}`
	}
	for text, want := range map[string]bool{
		region(`"polygonlabels":` + labels(20)):                           true,
		region(`"polygonlabels":` + labels(21)):                           false,
		region(`"brushlabels":` + labels(21)):                             false,
		region(`"brush\u006cabels":` + labels(21)):                        false,
		region(`"polygonlabels":["A"],"polygonlabels":` + labels(21)):     false,
		region(`"polygonlabels":{` + strings.Repeat(`"A":1,`, 20) + `}`):  false, // its names are
		region(`"polygonlabels":"AAAAAAAAAAAAAAAAAAAAA"`):                 false, // its letters are
		region(`"polygonlabels":"Car"`):                                   true,
		region(`"choices":` + labels(5000)):                               true, // which make no shape
		`{"data":{"polygonlabels":` + labels(5000) + `}}`:                 true,
		`[{"predictions":[` + region(`"brushlabels":`+labels(21)) + `]}]`: false,
	} {
		if err := weigh([]byte(text)); (err == nil) != want {
			t.Errorf("%.200s: %v", text, err)
		}
	}
}

// TestNoResultInAText: the upstream reads a result out of a text, in which nothing is weighed.
func TestNoResultInAText(t *testing.T) {
	for text, want := range map[string]bool{
		`{"result":"[{\"value\":{\"rle\":[255,255,255,255]}}]"}`:           false,
		`{"result":" \n\t [] "}`:                                           false,
		`{"result":"\u005b]"}`:                                             false,
		`{"result":"` + strings.Repeat(" ", 500) + `[]"}`:                  false,
		`{"re\u0073ult":"[]"}`:                                             false,
		`{"data":{"result":"positive"}}`:                                   true,
		`{"data":{"result":""}}`:                                           true,
		`{"result":[{"value":{"text":["[1]"]},"from_name":null}]}`:         false, // see TestResultsAreCounted
		`{"result":[{"value":{"text":["[1]"]},"type":"relation"}]}`:        true,
		`{"result":[{"value":{"text":["[1]"],"result":"[1]"}}],"x":"[1]"}`: false,
	} {
		if err := weigh([]byte(text)); (err == nil) != want {
			t.Errorf("%.200s: %v", text, err)
		}
	}
}

// TestResultsAreCounted: what a table has a column for is what the upstream counts.
func TestResultsAreCounted(t *testing.T) {
	for item, want := range map[string]bool{
		`{"from_name":"c","to_name":"t","type":"choices","value":{"choices":["A"]}}`: true,
		`{"value":{"choices":["A"]},"type":"choices","to_name":"t","from_name":"c"}`: true,
		`{"from_name":"c","type":"chatmessage","value":{"text":"x","to_name":"t"}}`:  false,
		`{"from_name":"c","to_name":"t","value":{"type":"choices"}}`:                 false,
		`{"from_name":"c","to_name":"t","type":null,"value":{}}`:                     false,
		`{"from_name":"c","to_name":"t","type":"relation","value":{}}`:               false,
		`{"from_name":"c","to_name":"t","type":""}`:                                  false,
		// which it takes apart at bars
		`{"from_name":"a|b","to_name":"t","type":"choices"}`:                                        false,
		`{"from_name":"a","to_name":"t\u007c","type":"choices"}`:                                    false,
		`{"from_name":"a","to_name":"t","type":"choices|"}`:                                         false,
		`{"from_name":"` + strings.Repeat("a", 129) + `","to_name":"t","type":"choices"}`:           false,
		`{"from_name":"a","to_name":"t","type":"choices","value":{"from_name":"a|b"},"note":"a|b"}`: true,
		`{"from_id":"1","to_id":"2","type":"relation","direction":"right"}`:                         true,
		`{"id":"1","value":{"from_name":"c"}}`:                                                      true,
	} {
		if err := weigh([]byte(`{"result":[` + item + `,{}]}`)); (err == nil) != want {
			t.Errorf("%s: %v", item, err)
		}
	}
}

// TestResultsComeFromFewNames: each is a column of a table, and is compared with a
// configuration.
func TestResultsComeFromFewNames(t *testing.T) {
	for n, want := range map[int]bool{300: true, 301: false} {
		var items []string
		for i := range n {
			items = append(items, fmt.Sprintf(`{"result":[{"from_name":"c%d","to_name":"t","type":"choices"}]}`, i))
		}
		if err := weigh([]byte("[" + strings.Join(append(items, items...), ",") + "]")); (err == nil) != want {
			t.Errorf("%d: %v", n, err)
		}
	}
}

// TestNamesAreNoPatterns: the upstream takes the names in a labeling configuration for
// patterns, and one that repeats a repetition holds everybody's requests for hours.
func TestNamesAreNoPatterns(t *testing.T) {
	choices := func(name, to string) string {
		return `<View><Text name="text" value="$text"/><Choices name="` + name + `" toName="` + to +
			`"><Choice value="Good (a+)+?"/></Choices></View>`
	}
	repeater := func(flag, name string) string {
		return `<View><Repeater on="$images" indexFlag="` + flag + `"><Image name="page_{{idx}}" value="$images"/>` +
			`<RectangleLabels name="` + name + `" toName="page_{{idx}}"><Label value="A"/></RectangleLabels></Repeater></View>`
	}
	for config, want := range map[string]bool{
		choices("sentiment", "text"):                                                 true,
		choices("Größe (m) [x] 1.5 {cm}", "text,text"):                               true,
		choices("(a+)+b", "text"):                                                    false,
		choices("(a&#43;)&#x2b;b", "text"):                                           false,
		choices("c", "(a*)*"):                                                        false,
		choices("c", "text,(a|a)b"):                                                  false,
		choices("a?a?aa", "text"):                                                    false,
		choices("(a{2,}){,9}", "text"):                                               false,
		strings.ReplaceAll(choices("a+", "text"), `"`, `'`):                          false,
		"<?xml version='1.0' encoding='latin-1'?>" + choices("a+", "text"):           false,
		`<View><x:Choices xmlns:x="y" x:name="a+" toName="t"/></View>`:               false,
		`<View><Choices name="a" toName="t"`:                                         false,
		repeater("{{idx}}", "labels_{{idx}}"):                                        true,
		repeater("{{idx}}", "{{idx}}{{idx}}b"):                                       false,
		repeater("", "labels"):                                                       false,
		repeater("*", "labels"):                                                      false,
		repeater("X", "X"+strings.Repeat("a", 127)):                                  true,
		repeater("X", "X"+strings.Repeat("a", 128)):                                  false,
		repeater(strings.Repeat("X", 129), "labels"):                                 false,
		choices(`(a)\\1`, "text"):                                                    false,
		"<View>" + strings.Repeat(`<Text name="t" value="$t"/>`, 300) + "</View>":    true,
		"<View>" + strings.Repeat(`<Text name="t" value="$t"/>`, 301) + "</View>":    false,
		"<View>" + strings.Repeat(`<Choices name="c" toName="t"/>`, 301) + "</View>": false,
		repeater("l", "labels"):                                                      false,
		`<View/>`:                                                                    true,
		``:                                                                           true,
		`<View><KeyPointLabels name="k" toName="i">` + strings.Repeat(`<Label value="a"/>`, 200) +
			`</KeyPointLabels><Label/></View>`: true,
		`<View><KeyPointLabels name="k" toName="i"><View>` + strings.Repeat(`<Label value="a"/>`, 200) +
			`</View></KeyPointLabels></View>`: false,
		`<View>` + strings.Repeat(`<KeyPointLabels name="k" toName="i">`+strings.Repeat(`<Label value="a"/>`, 101)+
			`</KeyPointLabels>`, 2) + `</View>`: false,
	} {
		if err := plainNames(config); (err == nil) != want {
			t.Errorf("%.200s: %v", config, err)
		}
	}
}
