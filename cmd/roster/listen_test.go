package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnixSocket: a server listens at a socket, in the place of one that a crash left, and
// takes neither one that is in use nor a file.
func TestUnixSocket(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "roster.sock")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	c := newConsole(ctx, func(string) string { return "" }, strings.NewReader(""), io.Discard, io.Discard)
	left, err := (&net.ListenConfig{}).Listen(ctx, "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	left.(*net.UnixListener).SetUnlinkOnClose(false)
	left.Close()
	l, err := listen(c, "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if is, err := os.Stat(path); err != nil || is.Mode().Perm() != 0o660 {
		t.Errorf("%v %v", is, err)
	}
	if _, err := listen(c, "unix:"+path); err == nil || !strings.Contains(err.Error(), "in use already") {
		t.Errorf("once more: %v", err)
	}
	file := filepath.Join(dir, "file")
	write(t, file, "precious")
	if _, err := listen(c, "unix:"+file); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("in the place of a file: %v", err)
	}
	seen := make(chan string, 1)
	srv := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen <- r.RemoteAddr })}
	go srv.Serve(l)
	defer srv.Close()
	client := &http.Client{
		Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}}}
	answer, err := client.Get("http://roster/")
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if from := <-seen; from != "127.0.0.1:0" {
		t.Errorf("who comes by the socket is %q", from)
	}
}

// TestListenMisuse: what contradicts itself, or would be read by strangers, is refused.
func TestListenMisuse(t *testing.T) {
	t.Chdir(t.TempDir())
	for args, says := range map[string]string{
		"--tls-cert a":                                                      "belong together",
		"--tls-cert a --tls-key b":                                          "The certificate cannot be used",
		"--acme-email a@example.com":                                        "--acme-hosts is missing",
		"--acme-hosts a.example --tls-cert a":                               "",
		"--acme-hosts a.example --acme-directory x":                         "--acme-directory",
		"--acme-hosts a.example --db postgres://a/b":                        "--acme-cache is missing",
		"--acme-hosts a.example --acme-key-id 1":                            "belong together",
		"--acme-hosts *.example":                                            "each is named by itself",
		"--acme-hosts a.example --trusted-proxy 127.0.0.1/32 --addr unix:s": "the authority asks at a port",
		"--metrics-addr :9":                                                 "0.0.0.0:9",
		"--pprof-addr 0.0.0.0:9":                                            "this machine alone",
		"--pprof-addr example.com:9":                                        "this machine alone",
	} {
		a := environment{}.roster(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, strings.Fields(args)...)...)
		if a.code == 0 || !strings.Contains(a.errors, says) {
			t.Errorf("%s: %+v, want %q", args, a, says)
		}
	}
	if left, _ := os.ReadDir("."); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestSocketsHaveAProxyInFront: who comes by a Unix socket has one address, and one limit, unless
// somebody there is believed.
func TestSocketsHaveAProxyInFront(t *testing.T) {
	c := newConsole(t.Context(), func(string) string { return "" }, strings.NewReader(""), io.Discard, io.Discard)
	l, err := listen(c, "unix:"+filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	tcp, err := listen(c, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer tcp.Close()
	for _, c := range []struct {
		at      net.Listener
		proxies string
		starts  bool
	}{{l, "", false}, {l, "10.0.0.0/8", false}, {l, "127.0.0.1/32", true}, {l, "127.0.0.0/8", true}, {tcp, "", true}} {
		var proxies []netip.Prefix
		if c.proxies != "" {
			proxies = append(proxies, netip.MustParsePrefix(c.proxies))
		}
		err := heardBehind(proxies, c.at)
		if (err == nil) != c.starts || err != nil && !strings.Contains(err.Error(), "--trusted-proxy=127.0.0.1/32") {
			t.Errorf("%s behind %q: %v", c.at.Addr(), c.proxies, err)
		}
	}
}
