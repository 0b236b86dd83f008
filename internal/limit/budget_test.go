package limit

import (
	"bytes"
	"errors"
	"io"
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
