package server

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// unbelieved is what counts from trusted proxies only.
var unbelieved = []string{"X-Forwarded-Proto", prefixHeader, "Traceparent", "Tracestate"}

// Behind lets next see the address of the client, whether it came over TLS, what was
// taken off its path, and which trace it is of, where the request came through proxies in
// the given networks. What others write about that is not believed.
func Behind(proxies []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err != nil || !within(proxies, peer.Addr()) {
			for _, name := range unbelieved {
				r.Header.Del(name)
			}
			next.ServeHTTP(w, r)
			return
		}
		if client := clientOf(r, proxies); client.IsValid() {
			clone := *r
			clone.RemoteAddr = net.JoinHostPort(client.String(), "0")
			r = &clone
		}
		if r.Header.Get("X-Forwarded-Proto") == "" {
			if hops := forwarded(r.Header, "proto"); len(hops) > 0 && strings.EqualFold(hops[len(hops)-1], "https") {
				r.Header.Set("X-Forwarded-Proto", "https")
			}
		}
		next.ServeHTTP(w, r)
	})
}

// clientOf is whom the proxies say that they heard; invalid where they do not say,
// or not in a way that can be read. A proxy writes one of the two headers and may
// pass on a client's own other one, so two that differ say nothing.
func clientOf(r *http.Request, proxies []netip.Prefix) (client netip.Addr) {
	for name, hops := range map[string][]string{"X-Forwarded-For": listed(r.Header),
		"Forwarded": forwarded(r.Header, "for")} {
		if len(hops) == 0 {
			continue
		}
		said, ok := nearest(hops, proxies)
		if !ok || (client.IsValid() && client != said) {
			slog.WarnContext(r.Context(),
				"a trusted proxy does not say clearly whom it heard; the request counts as the proxy's own",
				"proxy", r.RemoteAddr, "header", name, "entry", brief(hops[len(hops)-1]))
			return netip.Addr{}
		}
		client = said
	}
	return client
}

// nearest is the last address that is not a proxy's: every proxy appends whom it
// heard, so the end of the list is what ours saw and the beginning is what anybody
// may have made up. Not ok where an entry before it cannot be read.
func nearest(hops []string, proxies []netip.Prefix) (client netip.Addr, ok bool) {
	for _, hop := range slices.Backward(hops) {
		if client, ok = readAddress(hop); !ok || !within(proxies, client) {
			return client, ok
		}
	}
	return client, true
}

// hiddenPort is a port that RFC 7239 lets a proxy give another name.
var hiddenPort = regexp.MustCompile(`:_[A-Za-z0-9._-]+$`)

// readAddress reads an address in every spelling of RFC 7239 and of the common
// proxies: with a port or without, an IPv6 one in brackets or bare.
func readAddress(text string) (netip.Addr, bool) {
	text = hiddenPort.ReplaceAllString(text, "")
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(text, "["), "]"))
	return ip.Unmap().WithZone(""), err == nil
}

// listed is the entries of X-Forwarded-For, in order.
func listed(h http.Header) (hops []string) {
	for _, text := range h.Values("X-Forwarded-For") {
		for hop := range strings.SplitSeq(text, ",") {
			hops = append(hops, strings.Trim(hop, "\" \t"))
		}
	}
	return hops
}

// forwarded is what each element of Forwarded (RFC 7239) says under a name, "" where
// it says nothing; nil where no element does.
func forwarded(h http.Header, name string) (hops []string) {
	said := false
	for _, element := range split(strings.Join(h.Values("Forwarded"), ","), ',') {
		hop := ""
		for _, pair := range split(element, ';') {
			if key, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.EqualFold(key, name) {
				hop, said = unquote(value), true
			}
		}
		hops = append(hops, hop)
	}
	if !said {
		return nil
	}
	return hops
}

// split cuts text at a separator, but not within quotes.
func split(text string, separator byte) (parts []string) {
	start, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case text[i] == separator && !quoted:
			parts, start = append(parts, text[start:i]), i+1
		}
	}
	return append(parts, text[start:])
}

// unquote reads a token or a quoted string.
func unquote(value string) string {
	inner, ok := strings.CutPrefix(value, `"`)
	if !ok {
		return value
	}
	var out strings.Builder
	for i := 0; i < len(inner) && inner[i] != '"'; i++ {
		if inner[i] == '\\' && i+1 < len(inner) {
			i++
		}
		out.WriteByte(inner[i])
	}
	return out.String()
}

// brief is the beginning of a text, for the log.
func brief(text string) string { return text[:min(len(text), 80)] }

func within(networks []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(ip.Unmap().WithZone("")) })
}
