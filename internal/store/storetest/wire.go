package storetest

import (
	"encoding/binary"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
)

// Wire is a way to a PostgreSQL server that tests can break. It reads the protocol's
// messages, so that it breaks where a test says.
type Wire struct {
	URL string

	to       string
	listener net.Listener

	mu      sync.Mutex
	conns   map[net.Conn]bool
	fates   []Fate        // of the next COMMITs, in turn
	between func()        // what happens after the next Conflict, before the server says so
	warns   bool          // the next answer, whatever to
	silence chan struct{} // closed when what is held goes on; nil: nothing is held
	away    bool          // nothing passes
}

// Fate is what becomes of the next COMMIT on a Wire.
type Fate int

// The fates.
const (
	Kept        Fate = iota // it is passed on, and so is its answer
	Severed                 // it is passed on, and the connection is cut before its answer
	Lost                    // the connection is cut before it arrives
	Unconfirmed             // it is passed on, and the server says that its standbys did not confirm
	Gone                    // as Severed, and nothing passes any more, until Back
	Dropped                 // as Lost, and nothing passes any more, until Back
	Doubtful                // as Unconfirmed, and the connection is cut before the answer
	Conflict                // the server ends the transaction instead, as for the sake of another
)

// NewWire is a way to the server of a store's URL.
func NewWire(t testing.TB, to string) *Wire {
	t.Helper()
	u, err := url.Parse(Pooled(t, to))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{to: u.Host, listener: l, conns: map[net.Conn]bool{}}
	u.Host = l.Addr().String()
	w.URL = u.String()
	go w.accept()
	t.Cleanup(w.Close)
	return w
}

// Next says what becomes of the next COMMITs.
func (w *Wire) Next(fates ...Fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fates = fates
}

// Conflict has the next COMMIT end in a conflict, after which between happens.
func (w *Wire) Conflict(between func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fates, w.between = []Fate{Conflict}, between
}

// Warn has the server say before its next answer, whatever that is to, that its standbys
// did not confirm.
func (w *Wire) Warn() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.warns = true
}

// Hold passes nothing on from the server, until the returned function is called.
func (w *Wire) Hold() (release func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silence = make(chan struct{})
	silence := w.silence
	return sync.OnceFunc(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		close(silence)
		w.silence = nil
	})
}

// Break cuts every connection, and lets new ones in.
func (w *Wire) Break() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for conn := range w.conns {
		conn.Close()
	}
}

// leave cuts every connection and lets no more in, until Back.
func (w *Wire) leave() {
	w.mu.Lock()
	w.away = true
	w.mu.Unlock()
	w.Break()
}

// Back lets connections in again.
func (w *Wire) Back() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.away = false
}

// Close cuts every connection and lets no more in.
func (w *Wire) Close() {
	w.listener.Close()
	w.Break()
}

func (w *Wire) accept() {
	for {
		client, err := w.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", w.to)
		if err != nil {
			client.Close()
			continue
		}
		if !w.keep(client, server) {
			continue
		}
		l := &line{wire: w, client: client, server: server}
		go l.up()
		go l.down()
	}
}

// keep keeps a connection to cut it, or cuts it now.
func (w *Wire) keep(client, server net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.away {
		client.Close()
		server.Close()
		return false
	}
	w.conns[client], w.conns[server] = true, true
	return true
}

// line is one connection.
type line struct {
	wire           *Wire
	client, server net.Conn
	mu             sync.Mutex
	fate           Fate // of the COMMIT whose answer comes next
}

func (l *line) sever() {
	l.client.Close()
	l.server.Close()
}

// up passes on what the client says. Its first message has no type.
func (l *line) up() {
	defer l.sever()
	asItIs := func(_ byte, body []byte) ([]byte, bool) { return body, true }
	if err := pass(l.client, l.server, false, asItIs); err != nil {
		return
	}
	for {
		err := pass(l.client, l.server, true, func(kind byte, body []byte) ([]byte, bool) {
			if kind != 'Q' || string(body) != "commit\x00" {
				return body, true
			}
			return l.committing(body)
		})
		if err != nil {
			return
		}
	}
}

// conflicting is sent in place of a COMMIT.
const conflicting = "DO $$ BEGIN RAISE EXCEPTION 'in the way of another' USING ERRCODE = '40P01'; END $$\x00"

// committing takes the fate of a COMMIT, and returns what is passed on, if anything is.
func (l *line) committing(commit []byte) ([]byte, bool) {
	fate := l.wire.next()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fate = fate
	if fate == Conflict {
		return []byte(conflicting), true
	}
	if fate == Dropped {
		l.wire.leave()
	}
	return commit, fate != Lost && fate != Dropped
}

// next is the fate of a COMMIT.
func (w *Wire) next() (fate Fate) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.fates) > 0 {
		fate, w.fates = w.fates[0], w.fates[1:]
	}
	return fate
}

// down passes on what the server says.
func (l *line) down() {
	defer l.sever()
	for {
		err := pass(l.server, l.client, true, func(_ byte, body []byte) ([]byte, bool) { return body, l.answering() })
		if err != nil {
			return
		}
	}
}

// answering reports whether an answer of the server's is passed on.
func (l *line) answering() bool {
	l.wire.mu.Lock()
	silence, warns := l.wire.silence, l.wire.warns
	l.wire.warns = false
	l.wire.mu.Unlock()
	if warns {
		l.warn()
	}
	if silence != nil {
		<-silence
	}
	l.mu.Lock()
	fate := l.fate
	l.fate = Kept
	l.mu.Unlock()
	switch fate {
	case Gone:
		l.wire.leave()
		return false
	case Severed:
		return false
	case Conflict:
		l.wire.between()
	case Unconfirmed, Doubtful:
		l.warn()
	}
	return fate != Doubtful
}

func (l *line) warn() {
	l.client.Write(notice("SWARNING", "C01000", "Mcanceling wait for synchronous replication due to user request",
		"RSyncRepWaitForLSN"))
}

// pass passes on what becomes of one message, if it goes on; io.EOF if not.
func pass(from io.Reader, to io.Writer, typed bool, become func(kind byte, body []byte) (is []byte,
	goesOn bool)) error {
	head := make([]byte, 4, 5)
	if typed {
		head = head[:5]
	}
	if _, err := io.ReadFull(from, head); err != nil {
		return err
	}
	body := make([]byte, binary.BigEndian.Uint32(head[len(head)-4:])-4)
	if _, err := io.ReadFull(from, body); err != nil {
		return err
	}
	body, goesOn := become(head[0], body)
	if !goesOn {
		return io.EOF
	}
	binary.BigEndian.PutUint32(head[len(head)-4:], uint32(len(body)+4))
	_, err := to.Write(append(head, body...))
	return err
}

// notice is a NoticeResponse with these fields.
func notice(fields ...string) []byte {
	var body []byte
	for _, f := range fields {
		body = append(append(body, f...), 0)
	}
	body = append(body, 0)
	return append(binary.BigEndian.AppendUint32([]byte{'N'}, uint32(len(body)+4)), body...)
}
