package lsapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"roster"
	"roster/internal/app"
	"roster/internal/core"
)

// once answers a request that carries an idempotency key: the first time by
// doing the work, recorded with the answer in the same transaction; after that
// with the recorded answer. A refused request changed nothing and leaves the
// key free.
func (c *call) once(key string) error {
	if key == "" || len(key) > 255 || !utf8.ValidString(key) ||
		strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return roster.InvalidField("Idempotency-Key",
			"Must be one key of 1 to 255 printable characters. Nothing was changed.")
	}
	if _, err := c.bytes(); err != nil {
		return err
	}
	var answer *core.Answer
	w := c.w
	err := c.app.Update(c.r.Context(), func(tx *app.App) error {
		recorded, err := tx.ClaimKey(c.r.Context(), key, c.fingerprint())
		if err != nil {
			return err
		}
		if recorded != nil {
			answer = recorded
			w.Header().Set("Idempotency-Replayed", "true")
			return nil
		}
		buffer := &bufferedResponse{header: http.Header{}}
		c.app, c.w = tx, buffer
		if err := c.answered(); err != nil {
			return err
		}
		if answer = buffer.answer(); answer.Status >= http.StatusBadRequest {
			return errRefused
		}
		if len(answer.Body) > maxKept {
			return roster.Errorf(roster.TooLarge,
				"The answer would be too large to keep for the Idempotency-Key (%d MiB). Name fewer people, or leave the key "+
					"out. Nothing was changed.", maxKept>>20)
		}
		return tx.RecordAnswer(c.r.Context(), key, *answer)
	})
	c.w = w
	if err != nil && err != errRefused {
		return err
	}
	return replay(w, *answer)
}

// unlessRepeated answers a bulk removal without a key: as the same one was answered just
// now, or would have been if the store had confirmed it, where it is a client's own
// repetition.
func (c *call) unlessRepeated() error {
	project, err := c.id("id")
	if err != nil {
		return err
	}
	if _, err := c.bytes(); err != nil {
		return err
	}
	w := c.w
	answer, again, err := c.app.Removed(c.r.Context(), project, c.fingerprint(), func() (core.Answer, int64, error) {
		buffer := &bufferedResponse{header: http.Header{}}
		c.w = buffer
		defer func() { c.w = w }()
		err := c.answered()
		operation, _ := strconv.ParseInt(buffer.header.Get("Roster-Operation"), 10, 64) // 0: refused
		return *buffer.answer(), operation, err
	})
	if err != nil {
		return err
	}
	if again {
		w.Header().Set("Idempotency-Replayed", "true")
	}
	return replay(w, answer)
}

// maxKept is the largest answer that is kept for a key, in bytes: one that names
// as many people as a list may.
const maxKept = 4 << 20

// errRefused takes back the claim of a key whose request was answered with a
// refusal that is not an error inside (a bare 400).
var errRefused = errors.New("refused")

// fingerprint tells one request from another under the same key.
func (c *call) fingerprint() []byte {
	h := sha256.New()
	for _, part := range []string{c.r.Method, c.r.URL.Path, c.r.URL.RawQuery, c.r.Header.Get("If-Match")} {
		h.Write([]byte(part + "\n"))
	}
	h.Write(c.raw)
	return h.Sum(nil)
}

// bufferedResponse keeps an answer until its transaction is committed.
type bufferedResponse struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (b *bufferedResponse) Header() http.Header         { return b.header }
func (b *bufferedResponse) WriteHeader(status int)      { b.status = status }
func (b *bufferedResponse) Write(p []byte) (int, error) { return b.body.Write(p) }

func (b *bufferedResponse) answer() *core.Answer {
	header, _ := json.Marshal(b.header)
	return &core.Answer{Status: b.status, Header: string(header), Body: append([]byte{}, b.body.Bytes()...)}
}

func replay(w http.ResponseWriter, a core.Answer) error {
	var header http.Header
	if err := json.Unmarshal([]byte(a.Header), &header); err != nil {
		return err
	}
	for name, values := range header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.Status)
	if len(a.Body) == 0 { // a 204 takes no body, not even an empty one
		return nil
	}
	_, err := w.Write(a.Body)
	return err
}
