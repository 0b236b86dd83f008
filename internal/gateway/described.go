package gateway

import (
	"net/http"
	"sync"
	"time"

	"roster/internal/limit"
)

// The upstream makes the description of its API anew for everybody who asks, and takes
// nearly a second of all it has for that. So it makes one at a time, and so many for one
// person.
var descriptions = limit.Rate{N: 20, Per: time.Minute}

// oneDescription waits until no other is made.
func oneDescription(_ http.ResponseWriter, f *flight) (done bool, err error) {
	if err := f.gate.readers.charge(f.name(), "descriptions of the API"); err != nil {
		return false, err
	}
	release, err := f.gate.describe.take(f.r.Context())
	if err != nil {
		return false, err
	}
	f.described = sync.OnceFunc(release)
	return false, nil
}

// nextDescription lets the next be made: this one is, however slowly it is read.
func nextDescription(f *flight, _ *http.Response) error {
	f.letNext()
	return nil
}

// letNext gives back the slot that the answer took to make, if it did.
func (f *flight) letNext() {
	if f.described != nil {
		f.described()
	}
}
