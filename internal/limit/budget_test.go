package limit

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"roster"
)

// body is a body of n bytes, held for name.
func body(b *Budget, name string, n int) *Held {
	return b.Hold(name, io.NopCloser(bytes.NewReader(make([]byte, n))))
}

func fits(t *testing.T, h *Held, want bool) {
	t.Helper()
	_, err := io.Copy(io.Discard, h)
	if !want && roster.KindOf(err) != roster.Busy {
		t.Errorf("%v, want to be told to try again", err)
	}
	if want && err != nil {
		t.Error(err)
	}
}

// TestBudget: everybody together holds so much, and each so much of it, until
// they give it back.
func TestBudget(t *testing.T) {
	b := &Budget{All: 300 << 10, Each: 200 << 10}
	first := body(b, "ana", Free+150<<10)
	fits(t, first, true)
	second := body(b, "ana", Free+60<<10)
	fits(t, second, false) // beyond what is one person's
	second.Release()
	third := body(b, "bo", Free+149<<10)
	fits(t, third, true)
	fits(t, body(b, "cy", Free+2<<10), false) // beyond what is everybody's
	fits(t, body(b, "cy", Free), true)        // small ones always fit
	first.Release()
	first.Release() // twice gives nothing twice
	fits(t, body(b, "cy", Free+149<<10), true)
	fits(t, body(b, "di", Free+4<<10), false)
}

// TestNoBudget: the zero one refuses nothing.
func TestNoBudget(t *testing.T) {
	h := body(&Budget{}, "ana", 1<<20)
	fits(t, h, true)
	h.Release()
}

// TestBudgetPassesErrorsOn: what broke the body off is what is said.
func TestBudgetPassesErrorsOn(t *testing.T) {
	broken := errors.New("broken")
	h := (&Budget{}).Hold("ana", io.NopCloser(io.MultiReader(bytes.NewReader([]byte("x")), readerOf(broken))))
	if _, err := io.ReadAll(h); !errors.Is(err, broken) {
		t.Error(err)
	}
}

type failing struct{ error }

func readerOf(err error) io.Reader           { return failing{err} }
func (f failing) Read(p []byte) (int, error) { return 0, f.error }

// TestWhatIsMadeOfABodyCounts: [{},{},{}] takes many times its bytes once it was read, so
// that is counted before, and given back with them.
func TestWhatIsMadeOfABodyCounts(t *testing.T) {
	b := &Budget{All: 300 << 10, Each: 200 << 10}
	r := httptest.NewRequest("POST", "/", nil)
	weigh := func(name string, n, values int) (*Held, roster.Kind) {
		h := body(b, name, n)
		fits(t, h, true)
		r.Body = h
		return h, roster.KindOf(Weigh(r, values))
	}
	if _, kind := weigh("ana", 30<<10, 8_000); kind != roster.TooLarge { // 280 KiB: never
		t.Errorf("more than there is room for: %v", kind)
	}
	first, kind := weigh("ana", 30<<10, 7_000) // takes 185 KiB
	if kind != roster.Internal {
		t.Errorf("what there is room for: %v", kind)
	}
	if _, kind := weigh("bo", 30<<10, 7_000); kind != roster.Busy {
		t.Errorf("what there is room for later: %v", kind)
	}
	if _, kind := weigh("bo", 30<<10, 1_000); kind != roster.Internal {
		t.Errorf("a small one: %v", kind)
	}
	first.Release()
	if _, kind := weigh("bo", 30<<10, 7_000); kind != roster.Internal {
		t.Errorf("when there is room again: %v", kind)
	}
	r.Body = http.NoBody
	if err := Weigh(r, 1<<40); err != nil {
		t.Errorf("of nobody's body: %v", err)
	}
}
