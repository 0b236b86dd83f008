package limit

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"roster"
)

// Budget bounds how many bytes of request bodies, and of what is made of them, are held
// in memory at once: by everybody together, and by each. The zero Budget sets no bound.
// It is safe for concurrent use.
type Budget struct {
	All, Each int64 // bytes; 0 of All sets no bound

	mu   sync.Mutex
	held map[string]int64
	sum  int64
}

// Free is how much of each body, in bytes, counts for nobody. Nearly all bodies
// are smaller, and who fills the budget keeps none of those out.
const Free = 64 << 10

// errFull refuses what the budget has no room for.
var errFull = &roster.Error{
	Kind: roster.Busy, Message: "Too many large requests are being read at once. Nothing was changed; try " +
		"again in a moment."}

// Hold counts what is read of a body for name, until Release. Reading more than
// there is room for is an error of the kind Busy.
func (b *Budget) Hold(name string, body io.ReadCloser) *Held {
	return &Held{ReadCloser: body, budget: b, name: name}
}

// Held is a body whose bytes are counted as they are read. It is read by one
// goroutine at a time.
type Held struct {
	io.ReadCloser
	budget *Budget
	name   string
	bytes  int64 // that were read, and that are made of it
	taken  int64
}

// Read reads on, and counts it.
func (h *Held) Read(p []byte) (int, error) {
	n, err := h.ReadCloser.Read(p)
	if full := h.count(int64(n)); full != nil {
		return 0, full
	}
	return n, err
}

func (h *Held) count(n int64) error {
	h.bytes += n
	if more := h.bytes - Free - h.taken; more > 0 {
		if !h.budget.take(h.name, more) {
			return errFull
		}
		h.taken += more
	}
	return nil
}

// valueWeight is how many bytes each value counts that is made of a body. [{},{},{}] is
// three bytes a value, and some ten times as many once it was read.
const valueWeight = 32

// Weigh counts the values that will be made of a request's body, once it was read and
// before they are made: TooLarge where there are more than one person has room for, Busy
// where there is no room for them now. A body that nobody holds counts nothing.
func Weigh(r *http.Request, values int) error {
	h, held := r.Body.(*Held)
	if !held {
		return nil
	}
	weight := int64(values) * valueWeight
	if most := h.budget.Each + Free; h.budget.All > 0 && h.bytes+weight > most {
		return roster.Errorf(roster.TooLarge,
			"The request holds %d fields and values, which are too many to be read at once. "+
				"Send it in parts. Nothing was changed.", values)
	}
	return h.count(weight)
}

// Make counts n bytes that are to be made for name of what was read already, before they
// are made, until they are released: TooLarge and Busy as of Weigh.
func (b *Budget) Make(name string, n int64) (*Held, error) {
	if b.All > 0 && n > b.Each {
		return nil, roster.Errorf(roster.TooLarge,
			"This is too much to be read at once. Send it in parts. Nothing was changed.")
	}
	if !b.take(name, n) {
		return nil, errFull
	}
	return &Held{budget: b, name: name, taken: n}, nil
}

// Release gives back what was counted: nothing holds the body's bytes any more.
func (h *Held) Release() {
	h.budget.give(h.name, h.taken)
	h.taken = 0
}

func (b *Budget) take(name string, n int64) bool {
	if b.All == 0 {
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sum+n > b.All || b.held[name]+n > b.Each {
		return false
	}
	if b.held == nil {
		b.held = map[string]int64{}
	}
	b.sum += n
	b.held[name] += n
	return true
}

func (b *Budget) give(name string, n int64) {
	if b.All == 0 || n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.sum -= n
	if b.held[name] -= n; b.held[name] <= 0 {
		delete(b.held, name)
	}
}

// Plain refuses a body that was compressed on its way: Unsupported. What it holds is
// not known before all of it is, and nothing that people send needs it.
func Plain(r *http.Request) error {
	coding := strings.TrimSpace(strings.Join(r.Header.Values("Content-Encoding"), ","))
	if coding == "" || strings.EqualFold(coding, "identity") {
		return nil
	}
	return roster.Errorf(roster.Unsupported,
		"The request body is encoded as %q. Send it as it is. Nothing was changed.", coding)
}

// ReadAll reads a request's whole body, of at most so many bytes: TooLarge beyond,
// Busy where the budget has no room, Invalid where it broke off, Unsupported where it
// is compressed.
func ReadAll(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	if err := Plain(r); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, roster.Errorf(roster.TooLarge, "The request body is larger than %s. Nothing was changed.",
			size(tooLarge.Limit))
	}
	if err != nil && roster.KindOf(err) == roster.Internal {
		err = &roster.Error{Kind: roster.Invalid,
			Message: "The request body did not arrive whole. Nothing was changed.", Err: err}
	}
	return raw, err
}

// size writes a number of bytes for people.
func size(n int64) string {
	if n >= 1<<20 {
		return strconv.FormatInt(n>>20, 10) + " MiB"
	}
	return strconv.FormatInt(n>>10, 10) + " KiB"
}
