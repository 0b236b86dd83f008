package main

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"syscall"

	"github.com/coreos/go-systemd/v22/activation"

	"roster"
)

// listen takes an address: a host and a port, unix: and the path of a socket, or systemd
// for the socket that systemd holds, systemd:NAME for one of several.
func listen(c *console, address string) (net.Listener, error) {
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		return listenUnix(c.ctx, path)
	}
	if name, ok := strings.CutPrefix(address, "systemd"); ok && (name == "" || name[0] == ':') {
		return listenSystemd(strings.TrimPrefix(name, ":"))
	}
	if _, _, err := net.SplitHostPort(address); err != nil {
		return nil, misuse("--addr: %q is not a host and a port such as 127.0.0.1:8080, unix: and a path, or systemd",
			address)
	}
	l, err := (&net.ListenConfig{}).Listen(c.ctx, "tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, roster.Errorf(roster.Invalid, "The address %s is in use already.", address)
	}
	return l, err
}

// listenUnix takes the socket at a path: in the place of one that nobody listens at any
// more, and of nothing else.
func listenUnix(ctx context.Context, path string) (net.Listener, error) {
	if is, err := os.Lstat(path); err == nil && is.Mode().Type() != fs.ModeSocket {
		return nil, roster.Errorf(roster.Invalid, "%s is there already, and no socket.", path)
	} else if err == nil {
		there, err := (&net.Dialer{}).DialContext(ctx, "unix", path)
		if err == nil {
			there.Close()
		}
		if !errors.Is(err, syscall.ECONNREFUSED) { // or somebody listens, and has much to do
			return nil, roster.Errorf(roster.Invalid, "The address unix:%s is in use already.", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := listenPrivately(ctx, path)
	if err != nil {
		return nil, err
	}
	return local{l}, nil
}

// listenPrivately makes a socket that is of mode 0660 from its beginning: who may is the folder's
// and the group's to say. What else the process makes meanwhile is as closed.
func listenPrivately(ctx context.Context, path string) (net.Listener, error) {
	defer shutToOthers()()
	return (&net.ListenConfig{}).Listen(ctx, "unix", path)
}

// listenSystemd takes a socket that systemd opened: the only one, or one by its name.
func listenSystemd(name string) (net.Listener, error) {
	all, err := activation.ListenersWithNames()
	if err != nil {
		return nil, err
	}
	var found []net.Listener
	for called, list := range all {
		if name == "" || called == name {
			found = append(found, list...)
		}
	}
	switch {
	case len(found) == 0:
		return nil, roster.Errorf(roster.Invalid,
			"systemd gave no such socket; is there a .socket unit, and did it start this?")
	case len(found) > 1:
		return nil, roster.Errorf(roster.Invalid, "systemd gave %d sockets; say which by name: systemd:NAME.", len(found))
	}
	if found[0].Addr().Network() == "unix" {
		return local{found[0]}, nil
	}
	return found[0], nil
}

// local is a Unix socket. Who reaches it is on this machine, and counts as 127.0.0.1, so
// that a proxy there is believed by the same word.
type local struct{ net.Listener }

func (l local) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return localConn{conn}, nil
}

type localConn struct{ net.Conn }

// localAddress is what that is.
var localAddress = netip.AddrFrom4([4]byte{127, 0, 0, 1})

func (localConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.AddrPortFrom(localAddress, 0))
}

// heardBehind refuses a Unix socket with nobody to believe. All that comes by it comes from one
// address, and who guesses passwords there would have nobody sign in.
func heardBehind(proxies []netip.Prefix, l net.Listener) error {
	if _, isLocal := l.(local); !isLocal ||
		slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(localAddress) }) {
		return nil
	}
	return misuse("whoever comes by a Unix socket counts as %[1]s, and all of them share one limit on signing in: add "+
		"--trusted-proxy=%[1]s/32, and have the proxy in front of it set X-Forwarded-For to whom it heard", localAddress)
}

// listening is where a server listens, and how it speaks there.
type listening struct {
	net.Listener
	speaks speaking
}

// overTLS has a listener speak TLS.
func overTLS(l net.Listener, config *tls.Config) net.Listener {
	if config == nil {
		return l
	}
	return tls.NewListener(l, config)
}
