package core

import (
	"sync/atomic"
)

// intents tells the server that the upstream is to be told something, once the
// transaction that says what is there for everybody.
type intents struct {
	wanted atomic.Bool
	Bell   chan struct{}
}

// Want remembers that there are n more things to tell, until the transaction is over.
func (i *intents) Want(n int) {
	if n > 0 {
		i.wanted.Store(true)
	}
}

func (i *intents) ring() {
	if !i.wanted.Swap(false) {
		return
	}
	select {
	case i.Bell <- struct{}{}:
	default: // it rings already
	}
}
