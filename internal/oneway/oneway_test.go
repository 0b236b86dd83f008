package oneway

import (
	"errors"
	"strings"
	"testing"
)

func TestFieldsComeOnce(t *testing.T) {
	for text, twice := range map[string]string{
		`{}`: "", `[]`: "", `1`: "", `{"a":1,"b":[{"a":2},{"a":2}]}`: "", `[{"a":1},{"a":1}]`: "",
		`{"a":1,"a":1}`: "a", `{"all":false,"all":true}`: "all", `{"b":[{"a":2,"a":3}]}`: "a",
		`{"a":1,"\u0061":2}`: "a", `[[{"x":{"y":1,"y":1}}]]`: "y",
	} {
		var found Twice
		if err := Check([]byte(text)); errors.As(err, &found) != (twice != "") || string(found) != twice {
			t.Errorf("%s: %v, want %q", text, err, twice)
		}
	}
}

func TestValuesStayAsWritten(t *testing.T) {
	fields, err := NewReader([]byte(` { "a" : [1.0, 12345678901234567890] , "b":"\u00e9" } `)).Object()
	if err != nil || len(fields) != 2 || string(fields[0].Value) != `[1.0, 12345678901234567890]` ||
		string(fields[1].Value) != `"\u00e9"` {
		t.Errorf("%q %v", fields, err)
	}
}

func TestDepthHasABound(t *testing.T) {
	for depth, fine := range map[int]bool{100: true, 102: false, 9000: false} {
		if err := Check([]byte(strings.Repeat("[", depth) + strings.Repeat("]", depth))); (err == nil) != fine {
			t.Errorf("%d levels: %v", depth, err)
		}
	}
}
