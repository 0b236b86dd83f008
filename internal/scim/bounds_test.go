package scim_test

import (
	"net/http"
	"strings"
	"testing"

	"roster"
)

// What a body may bring has a bound in depth and in length.
func TestBodiesHaveBounds(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		deep := strings.Repeat(`{"a":`, roster.MostNested) + "1" + strings.Repeat("}", roster.MostNested)
		for path, body := range map[string]string{
			"/scim/v2/Users": `{"userName":"a@example.com","name":` + deep + `}`,
			"/scim/v2/Groups": `{"displayName":"all","members":[` + strings.Repeat(`{"value":"1"},`, roster.MostIDs) +
				`{"value":"1"}]}`,
		} {
			if answer := w.send("POST", path, 1, http.Header{}, body); answer.Code != http.StatusBadRequest {
				t.Errorf("%s: %d %.200s", path, answer.Code, answer.Body)
			}
		}
	})
}

// A compressed body is refused as that.
func TestCompressedBodiesAreRefused(t *testing.T) {
	onWire(t, func(t *testing.T, w *wire) {
		answer := w.send("POST", "/scim/v2/Users", 1, http.Header{"Content-Encoding": {"gzip"}}, "\x1f\x8b\x08\x00")
		if answer.Code != http.StatusUnsupportedMediaType || !strings.Contains(answer.Body.String(), "encoded as") {
			t.Errorf("%d %s", answer.Code, answer.Body)
		}
	})
}
