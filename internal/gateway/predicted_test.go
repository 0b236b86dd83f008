package gateway

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestWhatFitsIsKnown: by a list that the upstream itself is asked about in tests/gate.
func TestWhatFitsIsKnown(t *testing.T) {
	raw, err := os.ReadFile("testdata/fitting.json")
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Config string            `json:"label_config"`
		Fit    []json.RawMessage `json:"fit"`
		Misfit []json.RawMessage `json:"misfit"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	listed := func(region json.RawMessage) int {
		count := &fitting{by: labelingOf(list.Config)}
		s := &jsonScale{weight: new(int64), likely: &predictions{fitting: count, always: true}}
		if err := s.weigh(fmt.Appendf(nil, `{"result":[%s]}`, region)); err != nil || count.regions != 1 {
			t.Fatal(err, count.regions)
		}
		return count.listed
	}
	for _, region := range list.Fit {
		if n := listed(region); n != 0 {
			t.Errorf("%s is taken not to fit: %d characters", region, n)
		}
	}
	for _, region := range list.Misfit {
		if n := listed(region); n == 0 {
			t.Errorf("%s is taken to fit", region)
		}
	}
}

// TestLabelsAreComparedWithShapes: labels fit by the shape that has their id, whose fields are others.
func TestLabelsAreComparedWithShapes(t *testing.T) {
	const config = `<View><Image name="i" value="$i"/><Rectangle name="r" toName="i"/>` +
		`<Labels name="l" toName="i"><Label value="A"/></Labels></View>`
	label := `{"id":"x","from_name":"l","to_name":"i","type":"labels","value":{"start":1,"end":2,"labels":["A"]}}`
	shape := `{"id":"x","from_name":"r","to_name":"i","type":"Rectangle","value":{"x":1,"y":1,"width":1,"height":1}}`
	for result, want := range map[string]int{
		label:               0,
		label + "," + shape: labelingOf(config).controls["l"].listed,
		shape + "," + label: labelingOf(config).controls["l"].listed,
	} {
		count := &fitting{by: labelingOf(config)}
		s := &jsonScale{weight: new(int64), likely: &predictions{fitting: count}}
		body := `[{"predictions":[{"result":[` + result + `]},{"result":[]}]},{"result":[` + label + `]}]`
		if err := s.weigh([]byte(body)); err != nil {
			t.Fatal(err)
		}
		if count.listed != want {
			t.Errorf("%s: %d characters, want %d", result, count.listed, want)
		}
	}
}

// TestMisfitsAreCountedAsTheyAreWritten: with what Python makes of characters, and with what a
// control is for.
func TestMisfitsAreCountedAsTheyAreWritten(t *testing.T) {
	for config, want := range map[string]int{
		`<Choice value="abc"/>`:                           12,
		`<Choice value="abc"/><Choice value="abc"/>`:      12,
		`<Choice value="x" alias="abc"/>`:                 12,
		`<View><View><Choice value="abc"/></View></View>`: 12,
		`<Choice/>`:                  5,
		`<Choice value="&#x200b;"/>`: 5 + 4 + 10,
		`<Chat name="x" value="$m"><Label value="abc"/></Chat>`: 12,
	} {
		l := labelingOf(`<View><Text name="t" value="$t"/><Choices name="c" toName="t">` + config + `</Choices></View>`)
		if got := l.controls["c"].listed; got != want {
			t.Errorf("%s: %d, want %d", config, got, want)
		}
	}
	l := labelingOf(`<View><Choices name="c" toName="` + strings.Repeat("t,", 999) + `t"/></View>`)
	if got := l.controls["c"].listed; got != 5000 {
		t.Errorf("many names: %d", got)
	}
}

// TestNestedLabelsAreFew: for each label the upstream looks at all the elements around it.
func TestNestedLabelsAreFew(t *testing.T) {
	const choices = `<Text name="t" value="$t"/><Choices name="c" toName="t">%s</Choices>`
	for inner, want := range map[string]bool{
		strings.Repeat("<View>", 47) + `<Choice value="a"/>` + strings.Repeat("</View>", 47): true,
		strings.Repeat("<View>", 48) + `<Choice value="a"/>` + strings.Repeat("</View>", 48): false,
		strings.Repeat(`<View indexFlag="X"/>`, 20):                                          true,
		strings.Repeat(`<View indexFlag="X"/>`, 21):                                          false,
		`<Choices name="d" toName="` + strings.Repeat("t,", 998) + `t"/>`:                    true,
		`<Choices name="d" toName="` + strings.Repeat("t,", 999) + `t"/>`:                    false,
	} {
		if err := plainNames("<View>" + fmt.Sprintf(choices, inner) + "</View>"); (err == nil) != want {
			t.Errorf("%.80s: %v", inner, err)
		}
	}
}

// TestNamesAreTexts: what the upstream makes a name of is one, whatever a list of names would say.
func TestNamesAreTexts(t *testing.T) {
	for item, want := range map[string]bool{
		`{"from_name":"c","to_name":["a|b"],"type":"choices"}`:                       false,
		`{"from_name":["c"],"to_name":"t","type":"choices"}`:                         false,
		`{"from_name":"c","to_name":"t","type":["choices"]}`:                         false,
		`{"from_name":"c","to_name":"t","to_name":["x"],"type":"choices"}`:           false,
		`{"from_name":"c","to_name":7,"type":"choices"}`:                             false,
		`{"from_name":"c","to_name":["x"],"to_name":"t","type":"choices"}`:           true,
		`{"value":{"to_name":["x"]},"to_name":"t","from_name":"c","type":"choices"}`: true,
	} {
		if err := weigh([]byte(`{"result":[` + item + `]}`)); (err == nil) != want {
			t.Errorf("%s: %v", item, err)
		}
	}
}
