package lsapi

import (
	"encoding/json"
	"net/http"
)

// listWriter answers with a bare list as it is read, holding none of it. Until the first
// item, or the end, an error can still be answered.
type listWriter struct {
	w     http.ResponseWriter
	begun bool
}

func (l *listWriter) add(item any) error {
	mark := byte(',')
	if !l.begun {
		l.w.Header().Set("Content-Type", "application/json")
		mark = '['
	}
	l.begun = true
	if _, err := l.w.Write([]byte{mark}); err != nil {
		return err
	}
	enc := json.NewEncoder(l.w)
	enc.SetEscapeHTML(false)
	return enc.Encode(item)
}

// end finishes the list, or says what kept it from being read. A list that was begun and
// cannot be finished is cut off, which alone tells the client that it is not whole.
func (l *listWriter) end(err error) error {
	switch {
	case err != nil && l.begun:
		panic(http.ErrAbortHandler)
	case err != nil:
		return err
	case !l.begun:
		writeJSON(l.w, http.StatusOK, []any{})
		return nil
	}
	l.w.Write([]byte("]\n")) // a client that hung up cannot be told about it
	return nil
}
