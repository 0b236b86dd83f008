package main

import (
	"cmp"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"roster"
)

// healthCommand asks a server whether it can do its work, where there is no curl: an image
// holds nothing but this program.
type healthCommand struct {
	URL string `arg:"" optional:"" help:"Where the server listens (default: on this machine, as the settings say)."`
}

// Run ends with an error unless the server is ready.
func (h *healthCommand) Run(c *console) error {
	at, err := h.address(c.settings)
	if err != nil {
		return err
	}
	ask, err := http.NewRequestWithContext(c.ctx, http.MethodGet, at+"/health/ready", nil)
	if err != nil {
		return misuse("%s is no address", at)
	}
	answer, err := http.DefaultClient.Do(ask)
	if err != nil {
		return roster.Errorf(roster.Busy, "%s does not answer: %v", at, err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return roster.Errorf(roster.Busy, "%s is not ready: it answers %s", at, answer.Status)
	}
	c.say("%s is ready.", at)
	return nil
}

// address is where to ask: as --addr says, below the path of --url.
func (h *healthCommand) address(s *settings) (string, error) {
	if h.URL != "" {
		return strings.TrimSuffix(h.URL, "/"), nil
	}
	addr, err := s.lookUp("addr")
	if err != nil {
		return "", err
	}
	outside, err := s.lookUp("url")
	if err != nil {
		return "", err
	}
	host, port, err := net.SplitHostPort(cmp.Or(addr.value, "127.0.0.1:8080"))
	if err != nil {
		return "", misuse("%s names no port to ask at; say where the server listens", addr.by)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	below, err := url.Parse(outside.value)
	if err != nil {
		return "", misuse("%s is no address", outside.by)
	}
	return "http://" + net.JoinHostPort(host, port) + strings.TrimSuffix(below.EscapedPath(), "/"), nil
}
