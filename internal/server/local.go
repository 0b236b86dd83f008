package server

import (
	"fmt"
	"io"
	"net/http"
	"sync"

	"roster"
)

// Local carries requests to h in this process, as who: the command line calls
// a store through the same wire as it calls a server. Answers stream, so that
// an export holds no more in memory here than over a network.
func Local(h http.Handler, who roster.Actor) http.RoundTripper { return local{h, who} }

type local struct {
	handler http.Handler
	who     roster.Actor
}

// RoundTrip answers once the handler begins to, while it goes on.
func (l local) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(roster.WithActor(r.Context(), l.who))
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), "local", r.URL.Host
	if in.Body == nil {
		in.Body = http.NoBody
	}
	body, pipe := io.Pipe()
	answer := &localAnswer{header: http.Header{}, pipe: pipe, begun: make(chan struct{})}
	failed := make(chan error, 1)
	go func() {
		defer in.Body.Close()
		err := answer.from(l.handler, in)
		failed <- err
		pipe.CloseWithError(err)
	}()
	select {
	case <-answer.begun:
	case err := <-failed:
		if err != nil { // it failed before it began
			return nil, err
		}
		answer.WriteHeader(http.StatusOK)
	}
	return &http.Response{
		StatusCode: answer.status, Status: fmt.Sprintf("%d %s", answer.status, http.StatusText(answer.status)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.sent, Body: body, ContentLength: -1, Request: r,
	}, nil
}

// localAnswer is a response under way through a pipe.
type localAnswer struct {
	header http.Header
	sent   http.Header // header as it was when the answer began
	status int
	once   sync.Once
	begun  chan struct{}
	pipe   *io.PipeWriter
}

// from lets h answer r. A handler that cuts the connection is an error to the
// reader, as over a network.
func (a *localAnswer) from(h http.Handler, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the answer broke off: %v", p)
		}
	}()
	h.ServeHTTP(a, r)
	return nil
}

func (a *localAnswer) Header() http.Header { return a.header }

func (a *localAnswer) WriteHeader(status int) {
	a.once.Do(func() {
		a.status, a.sent = status, a.header.Clone()
		close(a.begun)
	})
}

func (a *localAnswer) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.pipe.Write(b)
}
