package server

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Behind lets next see the address of the client where the request came
// through proxies in the given networks, as X-Forwarded-For tells it. What
// others write there is not believed.
func Behind(proxies []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if peer, err := netip.ParseAddrPort(r.RemoteAddr); err != nil || !within(proxies, peer.Addr()) {
			r.Header.Del("X-Forwarded-Proto") // whether it came over TLS, likewise
		}
		if client := clientOf(r, proxies); client.IsValid() {
			clone := *r
			clone.RemoteAddr = net.JoinHostPort(client.String(), "0")
			r = &clone
		}
		next.ServeHTTP(w, r)
	})
}

// clientOf is the nearest address that is not a proxy's: every proxy appends
// whom it heard, so the end of the list is what ours saw and the beginning is
// what anybody may have made up. Invalid when the request came directly.
func clientOf(r *http.Request, proxies []netip.Prefix) (client netip.Addr) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !within(proxies, peer.Addr()) {
		return client
	}
	heard := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for _, text := range slices.Backward(heard) {
		ip, err := netip.ParseAddr(strings.TrimSpace(text))
		if err != nil {
			return client
		}
		if client = ip.Unmap(); !within(proxies, client) {
			return client
		}
	}
	return client
}

func within(networks []netip.Prefix, ip netip.Addr) bool {
	return slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(ip.Unmap().WithZone("")) })
}
